// From a log of events to what is shown: days, groups of messages, lines, notes, ratings, unsent commands.

import type { Author, Content, Delta, Event, Participant, SurveyResponse } from "../../../js/types/protocol.js";
import { startOfDay } from "./i18n.js";
import type { Pending } from "./outbox.js";
import { ratings, type Conversation, type State } from "./state.js";

export type Mark = "queued" | "sending" | "sent" | "delivered" | "read" | "failed";

export interface MessageEntry {
  kind: "message";
  key: string;
  /** Its place in the log; 0 while it has none. */
  seq: number;
  author: Author;
  /** The visitor on one side; agents, assistant and desk on the other. */
  side: "visitor" | "team";
  content: Content;
  /** Which of its quick replies the visitor chose. */
  chosen?: number;
  /** What was asked, of a message that answers a form: the labels by the fields' names. */
  asked?: Readonly<Record<string, string>>;
  ts: number;
  /** First and last of a run of messages of one author. */
  head: boolean;
  tail: boolean;
  mark?: Mark;
  /** The mark differs from the next message's, or there is none. */
  marked: boolean;
  pending?: Pending;
  /** An edit or a redaction of it that is on its way, or has failed. */
  change?: Pending;
}

export type Entry =
  | { kind: "start"; key: string }
  | { kind: "day"; key: string; ts: number }
  | { kind: "new"; key: string }
  | MessageEntry
  | { kind: "line"; key: string; event: Event }
  | { kind: "note"; key: string; author: Author; text: string; ts: number; pending?: Pending }
  | { kind: "stream"; key: string; delta: Delta }
  | { kind: "rating"; key: string; ts: number; response: SurveyResponse; scale: number; agent?: Participant }
  | { kind: "pending"; key: string; pending: Pending };

const GROUP_GAP_MS_MAX = 5 * 60_000;
const SCALE_DEFAULT = 5;

export function timeline(conversation: Conversation, state: Pick<State, "outbox" | "streams" | "unreadFrom">, agent: Participant): Entry[] {
  const { outbox, unreadFrom } = state;
  const own = outbox.filter(({ conv }) => conv === conversation.conv);
  const entries: Entry[] = [];
  const reading: Reading = {
    conversation,
    now: contentsNow(conversation.events, own),
    newest: new Set(ratings(conversation).map(({ event }) => event.seq)),
    changes: new Map(own.flatMap((pending) => (isChange(pending) ? [[pending.seq, pending] as const] : []))),
    chosen: choices(conversation.events),
  };
  let day = 0;
  let isNewShown = unreadFrom === 0;
  if (conversation.first === 1) entries.push({ kind: "start", key: "start" });

  const beginDay = (ts: number) => {
    if (startOfDay(ts) === day) return;
    day = startOfDay(ts);
    entries.push({ kind: "day", key: `day:${day}`, ts });
  };

  for (const event of conversation.events) {
    const entry = entryOf(event, reading);
    if (entry === undefined) continue;
    beginDay(event.ts);
    if (!isNewShown && event.seq >= unreadFrom && event.author.role === "visitor") {
      isNewShown = true;
      entries.push({ kind: "new", key: "new" });
    }
    entries.push(entry);
  }
  for (const pending of own) {
    if (isChange(pending)) continue;
    beginDay(pending.createdAt);
    entries.push(pendingEntry(pending, agent));
  }
  const stream = state.streams.get(conversation.conv);
  if (stream !== undefined) entries.push({ kind: "stream", key: `stream:${stream.delta.id}`, delta: stream.delta });
  group(entries);
  return entries;
}

interface Reading {
  conversation: Conversation;
  /** What messages say since they were edited or taken back, by their seq. */
  now: ReadonlyMap<number, Content>;
  /** The events whose ratings count. */
  newest: ReadonlySet<number>;
  changes: ReadonlyMap<number, Pending>;
  chosen: ReadonlyMap<number, number>;
}

/** Shown at the message that it changes. */
function isChange(pending: Pending): pending is Pending & { seq: number } {
  return (pending.kind === "edit" || pending.kind === "redact") && pending.seq !== undefined;
}

function contentsNow(events: readonly Event[], outbox: readonly Pending[]): Map<number, Content> {
  const now = new Map<number, Content>();
  for (const { body } of events) {
    if (body.edit !== undefined) now.set(body.edit.seq, body.edit.content);
    if (body.redact !== undefined) now.set(body.redact.seq, { text: "", redacted: true });
  }
  for (const pending of outbox) {
    if (pending.kind !== "edit" || pending.seq === undefined) continue;
    const said = now.get(pending.seq) ?? events.find(({ seq }) => seq === pending.seq)?.body.content;
    if (said?.redacted !== true) now.set(pending.seq, { ...said, text: pending.text, edited: true });
  }
  return now;
}

/** The quick reply that the visitor took up with the next message, by the seq of what offered it. */
function choices(events: readonly Event[]): Map<number, number> {
  const chosen = new Map<number, number>();
  let offer: Event | undefined;
  for (const event of events) {
    const { content } = event.body;
    if (event.type !== "message" || content === undefined) continue;
    const replies = offer?.body.content?.quickReplies ?? [];
    if (event.author.role === "visitor" && offer !== undefined) {
      const index = replies.findIndex(({ title, payload }) => title === content.text && payload === content.payload);
      if (index >= 0) chosen.set(offer.seq, index);
    }
    offer = content.quickReplies === undefined ? undefined : event;
  }
  return chosen;
}

function entryOf(event: Event, reading: Reading): Entry | undefined {
  const { body } = event;
  const key = `event:${event.seq}`;
  switch (event.type) {
    case "message":
      if (body.content === undefined) return undefined;
      // What the desk itself says is no side's.
      return event.author.role === "system" ? { kind: "line", key, event } : messageEntry(event, body.content, reading);
    case "note":
      return body.note && { kind: "note", key: noteKey(event.author, event.cmid ?? key), author: event.author, text: body.note.text, ts: event.ts };
    case "assignment":
    case "invitation":
    case "handoff":
      return { kind: "line", key, event };
    case "state":
      return saysSomething(event) ? { kind: "line", key, event } : undefined;
    case "survey":
      return body.response !== undefined && reading.newest.has(event.seq) ? ratingEntry(event, body.response, reading.conversation) : undefined;
    default:
      return undefined;
  }
}

/** "Assigned" is told by the assignment, and every conversation begins by waiting or with the bot. */
function saysSomething(event: Event): boolean {
  const state = event.body.state;
  if (state === undefined || state === "assigned" || state === "new") return false;
  return (state !== "queued" && state !== "selfService") || event.seq > 2;
}

function messageEntry(event: Event, first: Content, { conversation, now, changes, chosen }: Reading): MessageEntry {
  const { author, ts, seq } = event;
  const { visitorMarks, events } = conversation;
  const content = now.get(seq) ?? first;
  const entry: MessageEntry = {
    kind: "message",
    key: messageKey(author, event.cmid ?? String(seq)),
    seq,
    author,
    side: author.role === "visitor" ? "visitor" : "team",
    content,
    ts,
    head: true,
    tail: true,
    marked: false,
  };
  const change = changes.get(seq);
  if (change !== undefined) entry.change = change;
  const choice = chosen.get(seq);
  if (choice !== undefined) entry.chosen = choice;
  if (content.answers !== undefined) {
    const form = events.find((asking) => asking.seq === content.answers?.form)?.body.content?.form;
    entry.asked = Object.fromEntries(form?.fields.map(({ name, label }) => [name, label]) ?? []);
  }
  if (entry.side === "team") {
    entry.mark = visitorMarks.readSeq >= seq ? "read" : visitorMarks.deliveredSeq >= seq ? "delivered" : "sent";
  }
  return entry;
}

/** The same for a message on its way and for its event, so that it stays the same element. */
function messageKey({ role, id }: { role: string; id: string }, cmid: string): string {
  return `message:${role}:${id}:${cmid}`;
}

function noteKey({ id }: { id: string }, cmid: string): string {
  return `note:${id}:${cmid}`;
}

function pendingEntry(pending: Pending, agent: Participant): Entry {
  const author: Author = { role: agent.role, id: agent.id };
  if (pending.kind === "note") {
    return { kind: "note", key: noteKey(author, pending.cmid), author, text: pending.text, ts: pending.createdAt, pending };
  }
  if (pending.kind !== "send") return { kind: "pending", key: `pending:${pending.cmid}`, pending };
  return {
    kind: "message",
    key: messageKey(author, pending.cmid),
    seq: 0,
    author,
    side: "team",
    content: pending.file === undefined ? { text: pending.text } : { text: pending.text, attachments: [pending.file] },
    ts: pending.createdAt,
    head: true,
    tail: true,
    mark: pending.status,
    marked: false,
    pending,
  };
}

function ratingEntry(event: Event, response: SurveyResponse, conversation: Conversation): Entry {
  const invitation = conversation.events.find(
    ({ body }) => body.invitation?.responseId === response.responseId,
  )?.body.invitation;
  const entry: Entry = {
    kind: "rating",
    key: `rating:${response.responseId}`,
    ts: event.ts,
    response,
    scale: invitation?.scale ?? Math.max(SCALE_DEFAULT, response.rating ?? 0),
  };
  if (invitation?.agent) entry.agent = invitation.agent;
  return entry;
}

function group(entries: Entry[]): void {
  let next: MessageEntry | undefined;
  let after: Entry | undefined;
  for (const entry of [...entries].reverse()) {
    if (entry.kind === "message") {
      if (after?.kind === "message" && isRun(entry, after)) {
        entry.tail = false;
        after.head = false;
      }
      entry.marked = entry.mark !== undefined && (entry.tail || next?.mark !== entry.mark);
      if (entry.side === "team") next = entry;
    }
    after = entry;
  }
}

function isRun(a: MessageEntry, b: MessageEntry): boolean {
  return a.author.role === b.author.role && a.author.id === b.author.id && b.ts - a.ts < GROUP_GAP_MS_MAX;
}
