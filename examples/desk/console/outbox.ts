// Commands that must not be lost: kept on the device until the desk has committed them, sent one at
// a time per conversation, and sent again under the same cmid for as long as the answer is missing.

import type { AgentCommand, Attachment } from "../../../js/types/protocol.js";

const KINDS = ["send", "note", "edit", "redact", "assign", "transfer", "resolve"] as const;
export type Kind = (typeof KINDS)[number];

export interface Command {
  kind: Kind;
  conv: string;
  cmid: string;
  /** What is said, noted, or said instead; of a transfer, its note. Else empty. */
  text: string;
  createdAt: number;
  /** Which message is edited or taken back. */
  seq?: number;
  /** Who is given the conversation; absent where it goes back to the queue. */
  to?: string;
  /** The file that a `send` carries; its bytes go first. */
  file?: Attachment;
}

export type Pending = Command &
  (
    | { status: "queued"; attempts: number; notBefore: number }
    | { status: "sending"; attempts: number }
    | { status: "sent"; seqSent: number }
    | { status: "failed"; code: string; message: string }
  );

export function queued(command: Command): Pending {
  return { ...command, status: "queued", attempts: 0, notBefore: 0 };
}

/** A file holds up no words, only the files after it. */
function lane({ conv, file }: Command): string {
  return file === undefined ? conv : "files";
}

/** The next command of every lane. */
function heads(outbox: readonly Pending[]): Pending[] {
  const taken = new Set<string>();
  return outbox.filter((pending) => {
    // What failed for good leaves the chain; what is sent no longer holds up the next.
    if (pending.status === "failed" || pending.status === "sent" || taken.has(lane(pending))) return false;
    taken.add(lane(pending));
    return true;
  });
}

/** What may go out now: one command per lane at a time. */
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

export function sent(pending: Pending, seqSent: number): Pending {
  return { ...base(pending), status: "sent", seqSent };
}

export function failed(pending: Pending, code: string, message: string): Pending {
  return { ...base(pending), status: "failed", code, message };
}

export function postponed(pending: Pending, notBefore: number): Pending {
  const attempts = pending.status === "sending" ? pending.attempts : 0;
  return { ...base(pending), status: "queued", attempts, notBefore };
}

export function base({ kind, conv, cmid, text, createdAt, seq, to, file }: Pending): Command {
  const command: Command = { kind, conv, cmid, text, createdAt };
  if (seq !== undefined) command.seq = seq;
  if (to !== undefined) command.to = to;
  if (file !== undefined) command.file = file;
  return command;
}

export function wire({ kind, conv, cmid, text, seq = 0, to, file }: Pending): AgentCommand {
  switch (kind) {
    case "send":
      return { send: { conv, cmid, body: file === undefined ? { text } : { text, attachments: [file] } } };
    case "note":
      return { note: { conv, cmid, note: { text } } };
    case "edit":
      return { edit: { conv, cmid, edit: { seq, content: { text } } } };
    case "redact":
      return { redact: { conv, cmid, redact: { seq } } };
    case "assign":
      return { assign: { conv, cmid } };
    case "transfer":
      return { transfer: to === undefined ? { conv, cmid, note: text } : { conv, cmid, to, note: text } };
    case "resolve":
      return { resolve: { conv, cmid } };
  }
}

/** Reads a stored command back; undefined if it is not one. */
export function parsed(value: unknown): Pending | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, conv, cmid, text, createdAt, seq, to, file } = value as Partial<Command>;
  if (kind === undefined || !KINDS.includes(kind)) return undefined;
  if (typeof conv !== "string" || typeof cmid !== "string") return undefined;
  if (typeof text !== "string" || typeof createdAt !== "number") return undefined;
  if ((kind === "edit" || kind === "redact") && typeof seq !== "number") return undefined;
  const command: Command = { kind, conv, cmid, text, createdAt };
  if (typeof seq === "number") command.seq = seq;
  if (typeof to === "string") command.to = to;
  if (typeof file?.uploadId === "string" && typeof file.size === "number") command.file = file;
  return queued(command);
}
