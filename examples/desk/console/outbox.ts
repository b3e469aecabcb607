// Commands that must not be lost: kept on the device until the desk has committed them, sent one at
// a time per conversation, and sent again under the same cmid for as long as the answer is missing.

import type { AgentCommand } from "../../../js/types/protocol.js";

export type Kind = "send" | "assign" | "resolve";

interface Command {
  kind: Kind;
  conv: string;
  cmid: string;
  /** What is said; empty for the other kinds. */
  text: string;
  createdAt: number;
}

export type Pending = Command &
  (
    | { status: "queued"; attempts: number; notBefore: number }
    | { status: "sending"; attempts: number }
    | { status: "sent"; seq: number }
    | { status: "failed"; code: string; message: string }
  );

export function queued(command: Command): Pending {
  return { ...command, status: "queued", attempts: 0, notBefore: 0 };
}

/** The next command of every conversation. */
function heads(outbox: readonly Pending[]): Pending[] {
  const taken = new Set<string>();
  return outbox.filter((pending) => {
    // What failed for good leaves the chain; what is sent no longer holds up the next.
    if (pending.status === "failed" || pending.status === "sent" || taken.has(pending.conv)) return false;
    taken.add(pending.conv);
    return true;
  });
}

/** What may go out now: one command per conversation at a time. */
export function due(outbox: readonly Pending[], now: number): Pending[] {
  return heads(outbox).filter((pending) => pending.status === "queued" && pending.notBefore <= now);
}

/** When to look again; undefined if nothing waits for the clock. */
export function dueAt(outbox: readonly Pending[]): number | undefined {
  const times = heads(outbox).flatMap((pending) => (pending.status === "queued" ? [pending.notBefore] : []));
  return times.length === 0 ? undefined : Math.min(...times);
}

export function replaced(outbox: readonly Pending[], next: Pending): readonly Pending[] {
  return outbox.map((pending) => (pending.cmid === next.cmid ? next : pending));
}

export function without(outbox: readonly Pending[], cmid: string): readonly Pending[] {
  return outbox.filter((pending) => pending.cmid !== cmid);
}

/** The connection is gone, and with it the answers: what was on its way may or may not be there. */
export function requeued(outbox: readonly Pending[]): readonly Pending[] {
  return outbox.map((pending) => {
    if (pending.status !== "sending" && pending.status !== "queued") return pending;
    return { ...base(pending), status: "queued", attempts: 0, notBefore: 0 };
  });
}

export function sending(pending: Pending): Pending {
  const attempts = pending.status === "queued" ? pending.attempts + 1 : 1;
  return { ...base(pending), status: "sending", attempts };
}

export function sent(pending: Pending, seq: number): Pending {
  return { ...base(pending), status: "sent", seq };
}

export function failed(pending: Pending, code: string, message: string): Pending {
  return { ...base(pending), status: "failed", code, message };
}

export function postponed(pending: Pending, notBefore: number): Pending {
  const attempts = pending.status === "sending" ? pending.attempts : 0;
  return { ...base(pending), status: "queued", attempts, notBefore };
}

export function base(pending: Pending): Command {
  const { kind, conv, cmid, text, createdAt } = pending;
  return { kind, conv, cmid, text, createdAt };
}

export function wire(pending: Pending): AgentCommand {
  const { conv, cmid, text } = pending;
  switch (pending.kind) {
    case "send":
      return { send: { conv, cmid, body: { text } } };
    case "assign":
      return { assign: { conv, cmid } };
    case "resolve":
      return { resolve: { conv, cmid } };
  }
}

const KEYS: readonly string[] = ["send", "assign", "resolve"];

/** Reads a stored command back; undefined if it is not one. */
export function parsed(value: unknown): Pending | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, conv, cmid, text, createdAt } = value as Record<string, unknown>;
  if (typeof kind !== "string" || !KEYS.includes(kind)) return undefined;
  if (typeof conv !== "string" || typeof cmid !== "string") return undefined;
  if (typeof text !== "string" || typeof createdAt !== "number") return undefined;
  return queued({ kind: kind as Kind, conv, cmid, text, createdAt });
}
