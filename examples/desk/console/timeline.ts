// From a log of events to what is shown: days, groups of messages, lines, ratings, unsent commands.

import type { Attachment, Author, Content, Event, Participant, SurveyResponse } from "../../../js/types/protocol.js";
import { startOfDay } from "./i18n.js";
import type { Pending } from "./outbox.js";
import { ratings, type Conversation } from "./state.js";

export type Mark = "queued" | "sending" | "sent" | "delivered" | "read" | "failed";

export interface MessageEntry {
  kind: "message";
  key: string;
  author: Author;
  /** The visitor on one side; agents, assistant and desk on the other. */
  side: "visitor" | "team";
  text: string;
  files: readonly Attachment[];
  /** It is not what was said first; or nothing is left of it. */
  changed?: "edited" | "redacted";
  ts: number;
  /** First and last of a run of messages of one author. */
  head: boolean;
  tail: boolean;
  mark?: Mark;
  /** The mark differs from the next message's, or there is none. */
  marked: boolean;
  pending?: Pending;
}

export type Entry =
  | { kind: "start"; key: string }
  | { kind: "day"; key: string; ts: number }
  | { kind: "new"; key: string }
  | MessageEntry
  | { kind: "line"; key: string; event: Event }
  | { kind: "rating"; key: string; ts: number; response: SurveyResponse; scale: number; agent?: Participant }
  | { kind: "pending"; key: string; pending: Pending };

const GROUP_GAP_MS_MAX = 5 * 60_000;
const SCALE_DEFAULT = 5;

export function timeline(
  conversation: Conversation,
  outbox: readonly Pending[],
  agent: Participant,
  unreadFrom: number,
): Entry[] {
  const entries: Entry[] = [];
  const now = contentsNow(conversation.events);
  const newest = new Set(ratings(conversation).map(({ event }) => event.seq));
  let day = 0;
  let isNewShown = unreadFrom === 0;
  if (conversation.first === 1) entries.push({ kind: "start", key: "start" });

  const beginDay = (ts: number) => {
    if (startOfDay(ts) === day) return;
    day = startOfDay(ts);
    entries.push({ kind: "day", key: `day:${day}`, ts });
  };

  for (const event of conversation.events) {
    const entry = entryOf(event, conversation, newest, now);
    if (entry === undefined) continue;
    beginDay(event.ts);
    if (!isNewShown && event.seq >= unreadFrom && event.author.role === "visitor") {
      isNewShown = true;
      entries.push({ kind: "new", key: "new" });
    }
    entries.push(entry);
  }
  for (const pending of outbox) {
    if (pending.conv !== conversation.conv) continue;
    beginDay(pending.createdAt);
    entries.push(pendingEntry(pending, agent));
  }
  group(entries);
  return entries;
}

/** What messages say since they were edited or taken back, by their seq. */
function contentsNow(events: readonly Event[]): Map<number, Content> {
  const now = new Map<number, Content>();
  for (const { body } of events) {
    if (body.edit !== undefined) now.set(body.edit.seq, body.edit.content);
    if (body.redact !== undefined) now.set(body.redact.seq, { text: "", redacted: true });
  }
  return now;
}

function entryOf(
  event: Event,
  conversation: Conversation,
  newest: ReadonlySet<number>,
  now: ReadonlyMap<number, Content>,
): Entry | undefined {
  const { body } = event;
  const key = `event:${event.seq}`;
  switch (event.type) {
    case "message":
      return body.content === undefined ? undefined : messageEntry(event, now.get(event.seq) ?? body.content, conversation);
    case "assignment":
    case "invitation":
      return { kind: "line", key, event };
    case "state":
      return saysSomething(event) ? { kind: "line", key, event } : undefined;
    case "survey":
      return body.response !== undefined && newest.has(event.seq) ? ratingEntry(event, body.response, conversation) : undefined;
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

function messageEntry(event: Event, content: Content, { visitorMarks }: Conversation): MessageEntry {
  const { author, ts, seq } = event;
  const entry: MessageEntry = {
    kind: "message",
    key: messageKey(author, event.cmid ?? String(seq)),
    author,
    side: author.role === "visitor" ? "visitor" : "team",
    text: content.text,
    files: content.attachments ?? [],
    ts,
    head: true,
    tail: true,
    marked: false,
  };
  if (content.redacted === true) entry.changed = "redacted";
  else if (content.edited === true) entry.changed = "edited";
  if (entry.side === "team") {
    entry.mark = visitorMarks.readSeq >= seq ? "read" : visitorMarks.deliveredSeq >= seq ? "delivered" : "sent";
  }
  return entry;
}

/** The same for a message on its way and for its event, so that it stays the same element. */
function messageKey({ role, id }: Author, cmid: string): string {
  return `message:${role}:${id}:${cmid}`;
}

function pendingEntry(pending: Pending, agent: Participant): Entry {
  if (pending.kind !== "send") return { kind: "pending", key: `pending:${pending.cmid}`, pending };
  const author: Author = { role: agent.role, id: agent.id };
  return {
    kind: "message",
    key: messageKey(author, pending.cmid),
    author,
    side: "team",
    text: pending.text,
    files: [],
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
