// What outlives a reload: the token, the drafts, the outbox, the settings. One key per thing, so
// that two tabs never overwrite each other. Where storage is refused, memory stands in.

import type { Participant } from "../../../js/types/protocol.js";
import { base, parsed, type Pending } from "./outbox.js";

const PREFIX = "deskside.console.";

const memory = new Map<string, string>();

/** False once the browser refused to keep something: it is then gone when the page is. */
export let isDurable = true;

function read(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key) ?? memory.get(key) ?? null;
  } catch {
    isDurable = false;
    return memory.get(key) ?? null;
  }
}

function write(key: string, value: string | null): void {
  memory.delete(key);
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, value);
  } catch {
    isDurable = false;
    if (value !== null) memory.set(key, value);
  }
}

function keysUnder(prefix: string): string[] {
  const keys = new Set([...memory.keys()].filter((key) => key.startsWith(prefix)));
  try {
    for (let at = 0; at < localStorage.length; at++) {
      const key = localStorage.key(at);
      if (key?.startsWith(PREFIX + prefix)) keys.add(key.slice(PREFIX.length));
    }
  } catch {
    isDurable = false;
  }
  return [...keys].sort();
}

function readJson(key: string): unknown {
  try {
    return JSON.parse(read(key) ?? "null") as unknown;
  } catch {
    return null;
  }
}

export interface Credentials {
  token: string;
  agent: Participant;
}

export function credentials(): Credentials | null {
  const value = readJson("credentials");
  if (typeof value !== "object" || value === null) return null;
  const { token, agent } = value as Partial<Credentials>;
  if (typeof token !== "string" || typeof agent?.id !== "string") return null;
  return { token, agent };
}

export function keepCredentials(value: Credentials | null): void {
  write("credentials", value === null ? null : JSON.stringify(value));
}

/** What is being written in a conversation, or of a survey. */
export function draft(agentId: string, of: string): unknown {
  return readJson(`draft.${agentId}.${of}`);
}

export function keepDraft(agentId: string, of: string, value: object | null): void {
  write(`draft.${agentId}.${of}`, value === null ? null : JSON.stringify(value));
}

export function outbox(agentId: string): Pending[] {
  return keysUnder(`outbox.${agentId}.`).flatMap((key) => parsed(readJson(key)) ?? []);
}

export function keepPending(agentId: string, pending: Pending): void {
  write(`outbox.${agentId}.${pending.cmid}`, JSON.stringify(base(pending)));
}

export function dropPending(agentId: string, cmid: string): void {
  write(`outbox.${agentId}.${cmid}`, null);
}

export interface Settings {
  language: string;
  theme: "system" | "light" | "dark";
  sound: boolean;
  desktop: boolean;
  email: string;
}

const SETTINGS_DEFAULT: Settings = { language: "", theme: "system", sound: true, desktop: false, email: "" };

export function settings(): Settings {
  const value = readJson("settings");
  const kept = typeof value === "object" && value !== null ? (value as Partial<Settings>) : {};
  return {
    language: typeof kept.language === "string" ? kept.language : SETTINGS_DEFAULT.language,
    theme: kept.theme === "light" || kept.theme === "dark" ? kept.theme : "system",
    sound: typeof kept.sound === "boolean" ? kept.sound : SETTINGS_DEFAULT.sound,
    desktop: typeof kept.desktop === "boolean" ? kept.desktop : SETTINGS_DEFAULT.desktop,
    email: typeof kept.email === "string" ? kept.email : SETTINGS_DEFAULT.email,
  };
}

export function keepSettings(value: Settings): void {
  write("settings", JSON.stringify(value));
}
