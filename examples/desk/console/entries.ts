// Draws one entry of the timeline. Text from people is set as text; links are built as elements.

import type { Author, Event, HandoffContext, Participant } from "../../../js/types/protocol.js";
import { el, type Child, type Row } from "./dom.js";
import type { I18n, Key } from "./i18n.js";
import { icon, type IconName } from "./icons.js";
import type { Pending } from "./outbox.js";
import { failure, messageRow, reasonOf } from "./message.js";
import { nameOf, stars } from "./people.js";
import { richNodes } from "./rich-nodes.js";
import { participant, type Conversation } from "./state.js";
import type { Entry, MessageEntry } from "./timeline.js";
import type { Workspace } from "./workspace.js";

export interface EntryHost {
  i18n: I18n;
  workspace: Workspace;
  conversation(): Conversation | undefined;
  /** Whether anything can still be said here. */
  canWrite(): boolean;
  /** Gives a discarded text back to the composer. */
  edit(of: Pending, text: string): void;
  /** Takes a message into the composer, to say it otherwise. */
  editMessage(seq: number, text: string): void;
}

export function entryRow(host: EntryHost, entry: Entry): Row<Entry> {
  const node = el("li", { class: `entry is-${entry.kind}` });
  if (entry.kind === "message") return messageRow(host, node);
  let shown = "";
  return {
    node,
    update: (next) => {
      const look = JSON.stringify([next, host.i18n.formatDay(Date.now(), Date.now())]);
      if (look === shown || next.kind === "message") return;
      shown = look;
      node.replaceChildren(drawn(host, next));
    },
  };
}

function drawn(host: EntryHost, entry: Exclude<Entry, MessageEntry>): Node {
  const { t } = host.i18n;
  switch (entry.kind) {
    case "start":
      return el("span", { class: "rule-text" }, t("conversation.start"));
    case "day":
      return el("span", { class: "rule-text" }, host.i18n.formatDay(entry.ts, Date.now()));
    case "new":
      return el("span", { class: "rule-text" }, t("conversation.newMessages"));
    case "line":
      return line(host, entry.event);
    case "note":
      return noteCard(host, entry);
    case "stream":
      return streamBubble(host, entry);
    case "rating":
      return ratingCard(host, entry);
    case "pending":
      return pendingLine(host, entry.pending);
  }
}

// ---- lines

function line(host: EntryHost, event: Event): Node {
  const { symbol, text } = said(host, event);
  return el(
    "span",
    { class: `line is-${event.body.state ?? event.type}` },
    icon(symbol),
    el("span", { dir: "auto" }, text),
    el("time", { datetime: new Date(event.ts).toISOString(), title: host.i18n.formatMoment(event.ts) }, host.i18n.formatTime(event.ts)),
    event.body.handoff !== undefined && handoffDetails(host.i18n, event.body.handoff),
  );
}

function said(host: EntryHost, event: Event): { symbol: IconName; text: string } {
  const { i18n } = host;
  const { type, author, body } = event;
  const name = nameIn(host, author);
  const isMine = isMe(host, author);
  if (type === "message") return { symbol: "info", text: body.content?.redacted === true ? i18n.t("message.redacted") : (body.content?.text ?? "") };
  if (type === "handoff") return { symbol: "hand", text: handoffText(i18n, body.handoff?.reason ?? "", author.role === "bot" ? "bot" : "visitor", name) };
  if (type === "assignment") return { symbol: author.id === body.agent?.id ? "user" : "handoff", text: assignmentText(host, event) };
  if (type === "invitation") {
    const visitor = host.conversation()?.participants.find(({ role }) => role === "visitor");
    return { symbol: "star", text: i18n.t("line.invited", { name: nameOf(i18n, visitor, "visitor") }) };
  }
  const by = isMine ? "you" : author.role === "system" ? "desk" : "other";
  switch (body.state) {
    case "resolved":
      return { symbol: "check", text: i18n.t(({ you: "line.resolvedYou", desk: "line.resolvedAuto", other: "line.resolved" } as const)[by], { name }) };
    case "closed":
      return { symbol: "flag", text: i18n.t(({ you: "line.closedYou", desk: "line.closedAuto", other: "line.closed" } as const)[by], { name }) };
    case "reopened":
      return { symbol: "reopen", text: i18n.t("line.reopened") };
    default:
      if (author.role !== "agent") return { symbol: "clock", text: i18n.t("line.queued") };
      return { symbol: "handoff", text: isMine ? i18n.t("line.queuedYou") : i18n.t("line.queuedBy", { name }) };
  }
}

function assignmentText({ i18n, workspace }: EntryHost, { author, body }: Event): string {
  const me = workspace.agent.id;
  const [giver, taker] = [author.id, body.agent?.id];
  const to = nameOf(i18n, body.agent, "agent");
  if (giver === taker) return i18n.t(taker === me ? "line.assignedYou" : "line.assigned", { name: to });
  const from = nameOf(i18n, person(workspace, author), "agent");
  if (giver === me) return i18n.t("line.givenByYou", { to });
  return i18n.t(taker === me ? "line.givenYou" : "line.given", { from, to });
}

const HANDOFF_REASONS: ReadonlyMap<string, Key> = new Map<string, Key>([
  ["asked", "handoff.asked"],
  ["intent", "handoff.intent"],
  ["misses", "handoff.misses"],
  ["feedback", "handoff.feedback"],
  ["tone", "handoff.tone"],
  ["context", "handoff.context"],
]);

function handoffText(i18n: I18n, reason: string, by: "bot" | "visitor", name: string): string {
  if (by === "bot") return i18n.t("handoff.bot", { name });
  return i18n.t(HANDOFF_REASONS.get(reason) ?? "handoff.asked", { name });
}

/** What was looked for and read before: the agent need not ask. */
function handoffDetails(i18n: I18n, { query, articles }: HandoffContext): Child {
  if (query === "" && articles.length === 0) return null;
  const helped = (helpful: boolean | undefined) =>
    helpful === undefined ? null : el("span", { class: "part-note" }, ` (${i18n.t(helpful ? "handoff.helped" : "handoff.notHelped")})`);
  return el(
    "span",
    { class: "line-details" },
    query !== "" && el("span", {}, `${i18n.t("handoff.query")} `, el("q", { dir: "auto" }, query)),
    articles.length > 0 && el("span", {}, `${i18n.t("handoff.articles")} `, ...articles.flatMap(({ id, helpful }, at) => [at === 0 ? "" : ", ", el("bdi", {}, id), helped(helpful)])),
  );
}

function isMe({ workspace }: EntryHost, { role, id }: Author): boolean {
  return role === "agent" && id === workspace.agent.id;
}

function nameIn(host: EntryHost, author: Author): string {
  const conversation = host.conversation();
  const known = conversation && participant(conversation, author);
  return nameOf(host.i18n, known ?? person(host.workspace, author), author.role);
}

/** A colleague who takes no part. */
function person({ state, agent }: Workspace, { role, id }: Author): Participant | undefined {
  if (role !== "agent") return undefined;
  return id === agent.id ? agent : state.colleagues.find((colleague) => colleague.agent.id === id)?.agent;
}

// ---- notes, and what is being written

function noteCard(host: EntryHost, { author, text, ts, pending }: Extract<Entry, { kind: "note" }>): Node {
  const { i18n } = host;
  const mark = pending === undefined || pending.status === "sent" || pending.status === "failed" ? null : i18n.t(pending.status === "queued" ? "mark.queued" : "mark.sending");
  return el(
    "div",
    { class: "note" },
    el("p", { class: "note-head" }, icon("note"), i18n.t(isMe(host, author) ? "note.byYou" : "note.by", { name: nameIn(host, author) })),
    el("div", { class: "note-text", dir: "auto" }, ...richNodes(i18n, text)),
    el("p", { class: "note-foot" }, [i18n.formatTime(ts), mark].filter(Boolean).join(" · ")),
    pending?.status === "failed" && failure(host, pending),
  );
}

function streamBubble({ i18n }: EntryHost, { delta }: Extract<Entry, { kind: "stream" }>): Node {
  return el(
    "div",
    { class: "message-body" },
    el("span", { class: "message-author" }, nameOf(i18n, delta.by, "bot")),
    el("div", { class: "bubble", dir: "auto" }, ...richNodes(i18n, delta.text)),
    el("p", { class: "message-meta" }, el("span", { class: "dots is-small", "aria-hidden": "true" }, el("i"), el("i"), el("i")), i18n.t("message.writing")),
  );
}

const PENDING_KEYS: Record<"assign" | "transfer" | "resolve", [Key, Key, Key]> = {
  assign: ["line.failedAssign", "line.waitingAssign", "line.pendingAssign"],
  transfer: ["line.failedTransfer", "line.waitingTransfer", "line.pendingTransfer"],
  resolve: ["line.failedResolve", "line.waitingResolve", "line.pendingResolve"],
};

function pendingLine({ i18n, workspace }: EntryHost, pending: Pending): Node {
  const { t } = i18n;
  const [failedKey, waitingKey, pendingKey] = PENDING_KEYS[pending.kind === "assign" || pending.kind === "transfer" ? pending.kind : "resolve"];
  if (pending.status === "failed") {
    const reason = reasonOf(i18n, pending);
    const button = (key: Key, act: () => void) =>
      el("button", { type: "button", class: "link-button", on: { click: act } }, t(key));
    return el(
      "span",
      { class: "line is-failed" },
      icon("warn"),
      el("span", { role: "alert" }, t(failedKey, { reason })),
      button("failed.retry", () => workspace.retry(pending.cmid)),
      button("failed.discard", () => workspace.discard(pending.cmid)),
    );
  }
  return el("span", { class: "line" }, icon("clock"), el("span", {}, t(pending.status === "queued" ? waitingKey : pendingKey)));
}

// ---- ratings

type RatingEntry = Extract<Entry, { kind: "rating" }>;

function ratingCard(host: EntryHost, { response, scale, agent, ts }: RatingEntry): Node {
  const { i18n, workspace } = host;
  const { t } = i18n;
  const visitor = host.conversation()?.participants.find(({ role }) => role === "visitor");
  const comment = response.comment?.trim() ?? "";
  const forWhom =
    agent === undefined ? null
    : agent.id === workspace.agent.id ? t("rating.forYou")
    : t("rating.forAgent", { name: nameOf(i18n, agent) });
  return el(
    "div",
    { class: "rating-card" },
    el("p", { class: "rating-title" }, t("rating.title", { name: nameOf(i18n, visitor, "visitor") })),
    response.rating
      ? el("p", { class: "rating-stars" }, stars(i18n, response.rating, scale), el("span", { class: "rating-value", "aria-hidden": "true" }, t("rating.value", { rating: response.rating, scale })))
      : el("p", { class: "rating-none" }, t("rating.none")),
    comment === "" ? null : el("blockquote", { class: "rating-comment", dir: "auto" }, comment),
    el(
      "p",
      { class: "rating-foot" },
      [forWhom, i18n.formatTime(ts), response.finished ? null : t("rating.unfinished")].filter(Boolean).join(" · "),
    ),
  );
}
