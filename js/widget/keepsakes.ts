import { markOf } from "../loader/unfinished.js";

/**
 * The few words that the widget itself leaves in localStorage, and only after the visitor has begun
 * something. Where there is no storage, they are forgotten.
 */

/**
 * Leaves a mark while something is open or unsent: the launcher of the next page sees it and loads
 * the widget by itself.
 */
export function markUnfinished(site: string, user: string, unfinished: boolean): void {
  write(markOf(site, user), unfinished ? "1" : null);
}

const typedOf = (place: string): string => `${place}:typed`;

/** What was written in this tab before there was a conversation; empty where nothing was. */
export function readTyped(place: string): string {
  try {
    return sessionStorage.getItem(typedOf(place)) ?? "";
  } catch {
    return "";
  }
}

/** Keeps it over a reload; empty text removes it. */
export function keepTyped(place: string, text: string): void {
  try {
    if (text) sessionStorage.setItem(typedOf(place), text);
    else sessionStorage.removeItem(typedOf(place));
  } catch {
    // Refused or full.
  }
}

/** What the visitor chose for `name`; `null` where nothing was chosen. */
export function readChoice(name: string): boolean | null {
  try {
    const value = localStorage.getItem(`deskside:choice:${name}`);
    return value === null ? null : value === "1";
  } catch {
    return null;
  }
}

export function keepChoice(name: string, value: boolean): void {
  write(`deskside:choice:${name}`, value ? "1" : "0");
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Refused or full.
  }
}
