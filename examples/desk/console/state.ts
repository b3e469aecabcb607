// What the console knows, as plain values: every function takes a state and gives the next one.
// No clock, no socket, no page in here; what must be asked of the desk is read off the state.

import type {
  AgentConnected,
  Colleague,
  Delta,
  Event,
  HistoryPage,
  InboxItem,
  Marks,
  Participant,
  Receipt,
  Role,
  SubState,
  SurveyResponse,
  TypingNotice,
  WireLimits,
} from "../../../js/types/protocol.js";
import type { Pending } from "./outbox.js";

/** How many conversations keep their events; the one looked at longest ago goes first. */
export const CONVERSATIONS_HELD_MAX = 30;
export const HISTORY_PAGE_EVENTS_MAX = 100;
export const TYPING_SHOWN_MS_MAX = 7_000;
/** A bot that falls silent in the middle of an answer. */
export const STREAM_SHOWN_MS_MAX = 60_000;

/** The events held of a conversation: without a hole from `first` to `cursor`. */
export interface Conversation {
  conv: string;
  epoch: string;
  /** The lowest `seq` held, or the next to come where none is held; 1 means from the start. */
  first: number;
  /** The highest `seq` applied. */
  cursor: number;
  /** The highest `seq` that the desk has spoken of. */
  top: number;
  events: readonly Event[];
  participants: readonly Participant[];
  visitorMarks: Marks;
  /** An author took part whom we cannot name: watching again names everybody. */
  strangers: boolean;
}

export interface Typist {
  by: Participant;
  until: number;
}

/** What a bot is still writing. */
export interface Stream {
  delta: Delta;
  until: number;
}

export interface State {
  agent: Participant | null;
  colleagues: readonly Colleague[];
  /** What the desk takes; none before it has said so. */
  limits: WireLimits | null;
  inbox: ReadonlyMap<string, InboxItem>;
  conversations: ReadonlyMap<string, Conversation>;
  typists: ReadonlyMap<string, Typist>;
  streams: ReadonlyMap<string, Stream>;
  /** How many bytes of a file on its way the desk has, by upload. */
  uploaded: ReadonlyMap<string, number>;
  outbox: readonly Pending[];
  open: string | null;
  /** In the open conversation: the first event that was unread when it was opened; 0 if none. */
  unreadFrom: number;
  filter: Filter;
  /** What is looked for in the inbox. */
  query: string;
}

export const FILTERS = ["waiting", "mine", "all", "resolved", "tickets"] as const;
export type Filter = (typeof FILTERS)[number];

export function emptyState(): State {
  return {
    agent: null,
    colleagues: [],
    limits: null,
    inbox: new Map(),
    conversations: new Map(),
    typists: new Map(),
    streams: new Map(),
    uploaded: new Map(),
    outbox: [],
    open: null,
    unreadFrom: 0,
    filter: "waiting",
    query: "",
  };
}

// ---- the inbox

export function isWaiting(item: InboxItem): boolean {
  return item.state === "new" || item.state === "queued" || item.state === "reopened";
}

export function isOver(item: InboxItem): boolean {
  return item.state === "resolved" || item.state === "closed";
}

/** The desk's list is its newest conversations: what it leaves out is older, not gone. */
export function withConnected(state: State, connected: AgentConnected): State {
  const { agent, colleagues, limits } = connected;
  let next: State = { ...state, agent, colleagues, limits };
  for (const item of connected.inbox) next = withInboxItem(next, item);
  return next;
}

export function withInboxItem(state: State, item: InboxItem): State {
  let next: State = { ...state, inbox: new Map(state.inbox).set(item.conv, item) };
  const held = next.conversations.get(item.conv);
  if (held !== undefined) {
    next = withConversation(next, {
      ...held,
      top: Math.max(held.top, item.top),
      participants: named(held.participants, [item.visitor, item.assignee]),
    });
  }
  return next;
}

function belongs(item: InboxItem, filter: Filter, agentId: string | undefined): boolean {
  switch (filter) {
    case "waiting":
      return isWaiting(item);
    case "mine":
      return item.assignee?.id === agentId && !isOver(item);
    case "resolved":
      return isOver(item);
    case "all":
      return true;
    case "tickets":
      return item.ticket !== undefined && !isOver(item);
  }
}

/** Since when somebody waits to be taken. */
export function waitsSince(item: InboxItem): number {
  return item.waitingSince ?? item.updatedAt;
}

/** Waiting: who waits longest comes first. Otherwise: what moved last comes first. */
export function inboxView(state: State, filter: Filter): InboxItem[] {
  const words = folded(state.query).split(/\s+/u).filter(Boolean);
  const items = [...state.inbox.values()].filter(
    (item) => belongs(item, filter, state.agent?.id) && (words.length === 0 || holds(state, item, words)),
  );
  return items.sort((a, b) =>
    filter === "waiting"
      ? waitsSince(a) - waitsSince(b) || compare(a.conv, b.conv)
      : b.updatedAt - a.updatedAt || compare(a.conv, b.conv),
  );
}

/** Whether every word is in what is known of a conversation: who, where, and what was said as far as it is here. */
function holds(state: State, item: InboxItem, words: readonly string[]): boolean {
  const { visitor, identity, assignee, page, preview, ticket } = item;
  const events = state.conversations.get(item.conv)?.events ?? [];
  const said = events.flatMap(({ body: { content, note } }) => [content?.text, note?.text, content?.ticket?.name, content?.ticket?.replyTo]);
  const number = ticket === undefined ? undefined : `#${ticket}`;
  const all = [visitor.name, visitor.id.slice(-4), identity?.subject, identity?.email, assignee?.name, page, preview, number, ...said];
  const text = folded(all.join("\n"));
  return words.every((word) => text.includes(word));
}

function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a new message of this conversation concerns this agent. */
export function concerns(state: State, item: InboxItem): boolean {
  return item.assignee === undefined || item.assignee.id === state.agent?.id || isWaiting(item);
}

/** Unread messages in what waits or is this agent's. */
export function unreadTotal(state: State): number {
  let total = 0;
  for (const item of state.inbox.values()) if (concerns(state, item)) total += item.unread;
  return total;
}

// ---- the log of a conversation

function withConversation(state: State, conversation: Conversation): State {
  return { ...state, conversations: new Map(state.conversations).set(conversation.conv, conversation) };
}

/**
 * The answer to `watch`: the newest events. They continue what is held if the epoch is the same
 * and there is no hole; otherwise they replace it, and what is older is read on scrolling back.
 */
export function withWatched(state: State, sub: SubState): State {
  const held = state.conversations.get(sub.conv);
  const events = dense(sub.events);
  const oldest = events[0]?.seq ?? sub.top + 1;
  const continues = held !== undefined && held.epoch === sub.epoch && oldest <= held.cursor + 1;
  const base: Conversation = continues
    ? held
    : {
        conv: sub.conv,
        epoch: sub.epoch,
        first: oldest,
        cursor: oldest - 1,
        top: 0,
        events: [],
        participants: [],
        visitorMarks: { deliveredSeq: 0, readSeq: 0 },
        strangers: false,
      };
  const item = state.inbox.get(sub.conv);
  let conversation: Conversation = {
    ...base,
    participants: named(base.participants, [...sub.participants, item?.visitor, item?.assignee, state.agent]),
    visitorMarks: furthest(base.visitorMarks, sub.visitorMarks),
    top: Math.max(base.top, sub.top),
  };
  for (const event of events) conversation = applied(conversation, event);
  let next = withConversation(state, { ...conversation, strangers: false });
  if (item !== undefined && item.state !== sub.state) {
    next = withInboxItem(next, { ...item, state: sub.state });
  }
  return settled(evicted(next, sub.conv));
}

/** An unbroken run of the newest events, whatever the desk sent. */
function dense(events: readonly Event[]): Event[] {
  const sorted = [...events].sort((a, b) => a.seq - b.seq);
  let start = sorted.length - 1;
  while (start > 0 && sorted[start - 1]?.seq === (sorted[start]?.seq ?? 0) - 1) start -= 1;
  return sorted.slice(Math.max(start, 0));
}

/** Applies the event at cursor + 1; a lower one is a repeat, a higher one leaves a gap to fetch. */
function applied(conversation: Conversation, event: Event): Conversation {
  const top = Math.max(conversation.top, event.seq);
  if (event.seq !== conversation.cursor + 1) {
    return top === conversation.top ? conversation : { ...conversation, top };
  }
  const participants = named(conversation.participants, [event.body.agent]);
  // Who writes notes takes no part; the colleagues are known anyway.
  const known = event.author.id === "" || event.type === "note" || participants.some((p) => isSame(p, event.author));
  return {
    ...conversation,
    top,
    cursor: event.seq,
    events: [...conversation.events, event],
    participants,
    strangers: conversation.strangers || !known,
  };
}

export function withEvent(state: State, event: Event): State {
  const held = state.conversations.get(event.conv);
  if (held === undefined) return state;
  let next = withConversation(state, applied(held, event));
  if (next.streams.get(event.conv)?.delta.id === event.cmid) next = withoutStream(next, event.conv);
  const typist = next.typists.get(event.conv);
  if (typist !== undefined && isSame(typist.by, event.author)) next = withoutTypist(next, event.conv);
  return settled(next);
}

/** A range asked for with `after` goes on at the cursor; one asked for with `before` goes in front. */
export function withHistory(state: State, page: HistoryPage): State {
  const held = state.conversations.get(page.conv);
  if (held === undefined) return state;
  if (held.epoch !== page.epoch) {
    // The desk's log was replaced: nothing held fits any more; watching again loads it anew.
    const conversations = new Map(state.conversations);
    conversations.delete(page.conv);
    return { ...state, conversations };
  }
  let conversation: Conversation = { ...held, top: Math.max(held.top, page.top) };
  const older: Event[] = [];
  let below = held.first - 1;
  for (const event of [...page.events].sort((a, b) => b.seq - a.seq)) {
    if (event.seq !== below) continue;
    older.unshift(event);
    below -= 1;
  }
  if (older.length > 0) {
    conversation = { ...conversation, first: below + 1, events: [...older, ...conversation.events] };
  }
  for (const event of [...page.events].sort((a, b) => a.seq - b.seq)) {
    if (event.seq > conversation.cursor) conversation = applied(conversation, event);
  }
  return settled(withConversation(state, conversation));
}

/** Whether events are missing between what is held and what the desk has. */
export function hasGap(conversation: Conversation): boolean {
  return conversation.cursor < conversation.top;
}

function evicted(state: State, used: string): State {
  const conversations = new Map(state.conversations);
  const conversation = conversations.get(used);
  if (conversation !== undefined) {
    conversations.delete(used);
    conversations.set(used, conversation);
  }
  for (const conv of conversations.keys()) {
    if (conversations.size <= CONVERSATIONS_HELD_MAX) break;
    if (conv !== state.open) conversations.delete(conv);
  }
  return { ...state, conversations };
}

// ---- people

function isSame(a: { role: Role; id: string }, b: { role: Role; id: string }): boolean {
  return a.role === b.role && a.id === b.id;
}

/** Later knowledge of somebody replaces earlier. */
function named(
  known: readonly Participant[],
  more: readonly (Participant | null | undefined)[],
): readonly Participant[] {
  let result = known;
  for (const person of more) {
    if (!person) continue;
    const old = result.find((p) => isSame(p, person));
    if (old?.name === person.name && old.avatar === person.avatar) continue;
    result = [...result.filter((p) => !isSame(p, person)), person];
  }
  return result;
}

export function participant(
  conversation: Conversation,
  author: { role: Role; id: string },
): Participant | undefined {
  return conversation.participants.find((p) => isSame(p, author));
}

export function withTyping(state: State, notice: TypingNotice, now: number): State {
  if (state.agent !== null && isSame(notice.by, state.agent)) return state;
  if (!notice.active) return withoutTypist(state, notice.conv);
  const typists = new Map(state.typists);
  typists.set(notice.conv, { by: notice.by, until: now + TYPING_SHOWN_MS_MAX });
  return { ...state, typists };
}

function withoutTypist(state: State, conv: string): State {
  if (!state.typists.has(conv)) return state;
  const typists = new Map(state.typists);
  typists.delete(conv);
  return { ...state, typists };
}

/** Each delta has all of the text so far; an empty one says that nothing comes of it. */
export function withDelta(state: State, delta: Delta, now: number): State {
  const held = state.conversations.get(delta.conv);
  const isDone = held?.events.some(({ cmid }) => cmid === delta.id) ?? false;
  if (delta.text === "" || isDone) return withoutStream(state, delta.conv);
  const streams = new Map(state.streams).set(delta.conv, { delta, until: now + STREAM_SHOWN_MS_MAX });
  return withoutTypist({ ...state, streams }, delta.conv);
}

function withoutStream(state: State, conv: string): State {
  if (!state.streams.has(conv)) return state;
  const streams = new Map(state.streams);
  streams.delete(conv);
  return { ...state, streams };
}

/** Who fell silent neither types nor goes on writing. */
export function expired(state: State, now: number): State {
  let next = state;
  for (const [conv, typist] of state.typists) if (typist.until <= now) next = withoutTypist(next, conv);
  for (const [conv, stream] of state.streams) if (stream.until <= now) next = withoutStream(next, conv);
  return next;
}

/** How much of a file the desk has; `undefined` once it is whole, or gone. */
export function withUploaded(state: State, uploadId: string, bytes: number | undefined): State {
  const uploaded = new Map(state.uploaded);
  if (bytes === undefined) uploaded.delete(uploadId);
  else uploaded.set(uploadId, bytes);
  return { ...state, uploaded };
}

// ---- marks

/** Marks never move backwards. */
function furthest(a: Marks, b: Marks): Marks {
  return {
    deliveredSeq: Math.max(a.deliveredSeq, b.deliveredSeq),
    readSeq: Math.max(a.readSeq, b.readSeq),
  };
}

export function withReceipt(state: State, receipt: Receipt): State {
  if (receipt.by === "agent") return withAgentMarks(state, receipt.conv, receipt.marks);
  const held = state.conversations.get(receipt.conv);
  if (receipt.by !== "visitor" || held === undefined) return state;
  return withConversation(state, { ...held, visitorMarks: furthest(held.visitorMarks, receipt.marks) });
}

export function withAgentMarks(state: State, conv: string, marks: Marks): State {
  const item = state.inbox.get(conv);
  if (item === undefined) return state;
  const agentMarks = furthest(item.agentMarks, marks);
  const unread = agentMarks.readSeq >= item.top ? 0 : item.unread;
  return withInboxItem(state, { ...item, agentMarks, unread });
}

/**
 * The marks to report: what has come in is delivered; what is open before the agent's eyes is read.
 * Empty once the desk's own marks say the same.
 */
export function marksOwed(state: State, looking: boolean): { conv: string; marks: Marks }[] {
  const owed: { conv: string; marks: Marks }[] = [];
  for (const item of state.inbox.values()) {
    const cursor = state.conversations.get(item.conv)?.cursor ?? 0;
    const isRead = looking && state.open === item.conv;
    const marks = furthest(item.agentMarks, {
      deliveredSeq: Math.max(item.top, cursor),
      readSeq: isRead ? cursor : 0,
    });
    if (marks.deliveredSeq > item.agentMarks.deliveredSeq || marks.readSeq > item.agentMarks.readSeq) {
      owed.push({ conv: item.conv, marks });
    }
  }
  return owed;
}

// ---- what is open

export function withOpen(state: State, conv: string | null): State {
  if (conv === state.open) return state;
  const item = conv === null ? undefined : state.inbox.get(conv);
  const unreadFrom = item !== undefined && item.unread > 0 ? item.agentMarks.readSeq + 1 : 0;
  return { ...state, open: conv, unreadFrom };
}

/** The ratings of a conversation, oldest first, each with its highest revision. */
export function ratings(conversation: Conversation): { event: Event; response: SurveyResponse }[] {
  const newest = new Map<string, { event: Event; response: SurveyResponse }>();
  for (const event of conversation.events) {
    const response = event.type === "survey" ? event.body.response : undefined;
    if (response === undefined) continue;
    const old = newest.get(response.responseId);
    if (old === undefined || response.revision >= old.response.revision) {
      newest.set(response.responseId, { event, response });
    }
  }
  return [...newest.values()];
}

// ---- the outbox

/** Drops the commands whose effect is in the log, or will be read from it. */
export function settled(state: State): State {
  if (state.outbox.length === 0) return state;
  const outbox = state.outbox.filter((pending) => {
    const held = state.conversations.get(pending.conv);
    if (pending.status === "sent") return held !== undefined && held.cursor < pending.seqSent;
    return held === undefined || !held.events.some((event) => event.cmid === pending.cmid && made(pending, event));
  });
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
}

function made(pending: Pending, event: Event): boolean {
  return pending.kind !== "send" || event.type === "message";
}
