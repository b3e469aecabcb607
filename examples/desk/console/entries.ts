// Draws one entry of the timeline. Text from people is set as text; links are built as elements.

import type { Event } from "../../../js/types/protocol.js";
import { el, setText, type Row } from "./dom.js";
import type { I18n, Key } from "./i18n.js";
import { icon, type IconName } from "./icons.js";
import { linkify } from "./linkify.js";
import type { Pending } from "./outbox.js";
import { fileButton } from "./files.js";
import { avatar, nameOf, stars } from "./people.js";
import { participant, type Conversation } from "./state.js";
import type { Entry, Mark, MessageEntry } from "./timeline.js";
import type { Workspace } from "./workspace.js";

export interface EntryHost {
  i18n: I18n;
  workspace: Workspace;
  conversation(): Conversation | undefined;
  /** Gives a discarded text back to the composer. */
  edit(text: string): void;
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
    case "rating":
      return ratingCard(host, entry);
    case "pending":
      return pendingLine(host, entry.pending);
  }
}

// ---- messages

function messageRow(host: EntryHost, node: HTMLElement): Row<Entry> {
  const face = el("span", { class: "message-face" });
  const author = el("span");
  const bubble = el("div", { class: "bubble", dir: "auto" });
  const meta = el("div", { class: "message-meta" });
  const trouble = el("div");
  node.append(face, el("div", { class: "message-body" }, author, bubble, meta, trouble));
  let textShown: string | undefined;
  let metaShown = "";
  return {
    node,
    update: (entry) => {
      if (entry.kind !== "message") return;
      // Its own step, so that a mark that moves leaves a selection in the text alone.
      const saysNow = JSON.stringify([entry.text, entry.files, entry.changed]);
      if (saysNow !== textShown) {
        textShown = saysNow;
        const files = entry.files.map((file) => fileButton(host.i18n, file));
        const gone = entry.changed === "redacted" ? [el("em", {}, host.i18n.t("message.redacted"))] : [];
        bubble.replaceChildren(...gone, ...runs(host.i18n, entry.text), ...files);
      }
      const person = authorOf(host, entry);
      const look = JSON.stringify([{ ...entry, text: "" }, person]);
      if (look === metaShown) return;
      metaShown = look;
      const isMine = entry.author.role === "agent" && entry.author.id === host.workspace.agent.id;
      const isNamed = entry.head && entry.side === "team" && !isMine;
      node.className = [
        "entry is-message", `is-${entry.side}`,
        isMine && "is-mine", entry.author.role === "bot" && "is-bot",
        entry.head && "is-head", entry.tail && "is-tail",
        entry.mark === "failed" && "is-failed", isOnItsWay(entry.mark) && "is-on-its-way",
      ].filter(Boolean).join(" ");
      face.replaceChildren(...(entry.side === "visitor" && entry.tail ? [avatar(person, "s")] : []));
      author.className = isNamed ? "message-author" : "visually-hidden";
      setText(author, `${isMine ? host.i18n.t("who.you") : nameOf(host.i18n, person, entry.author.role)}${isNamed ? "" : ":"}`);
      meta.replaceChildren(...metaOf(host.i18n, entry));
      trouble.replaceChildren(...(entry.pending?.status === "failed" ? [failure(host, entry.pending)] : []));
    },
  };
}

function isOnItsWay(mark: Mark | undefined): boolean {
  return mark === "queued" || mark === "sending";
}

function authorOf(host: EntryHost, { author }: MessageEntry) {
  const conversation = host.conversation();
  return conversation === undefined ? undefined : participant(conversation, author);
}

function runs(i18n: I18n, text: string): (Node | string)[] {
  return linkify(text).flatMap(({ text: words, href, host }): (Node | string)[] => {
    if (href === undefined) return [words];
    const link = el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", title: i18n.t("panel.opensNew") }, words);
    return host === undefined ? [link] : [link, el("span", { class: "link-host" }, ` (${host})`)];
  });
}

const MARKS: Record<Mark, { key: Key; symbol: IconName }> = {
  queued: { key: "mark.queued", symbol: "clock" },
  sending: { key: "mark.sending", symbol: "clock" },
  sent: { key: "mark.sent", symbol: "check" },
  delivered: { key: "mark.delivered", symbol: "checks" },
  read: { key: "mark.read", symbol: "checks" },
  failed: { key: "mark.failed", symbol: "warn" },
};

function metaOf(i18n: I18n, entry: MessageEntry): Node[] {
  const nodes: Node[] = [];
  if (entry.tail) {
    const time = el("time", { datetime: new Date(entry.ts).toISOString(), title: i18n.formatMoment(entry.ts) });
    time.textContent = i18n.formatTime(entry.ts);
    nodes.push(time);
  }
  if (entry.changed === "edited") nodes.push(el("span", {}, i18n.t("message.edited")));
  if (entry.mark !== undefined && entry.marked && entry.mark !== "failed") {
    const { key, symbol } = MARKS[entry.mark];
    const isWord = isOnItsWay(entry.mark) || entry.mark === "read";
    nodes.push(
      el(
        "span",
        { class: `mark is-${entry.mark}`, title: i18n.t(key) },
        icon(symbol),
        el("span", { class: isWord ? "" : "visually-hidden" }, i18n.t(key)),
      ),
    );
  }
  return nodes;
}

const REASONS: ReadonlyMap<string, Key> = new Map<string, Key>([
  ["too_large", "failed.too_large"],
  ["not_found", "failed.not_found"],
  ["conflict", "failed.conflict"],
  ["closed", "failed.closed"],
  ["invalid", "failed.invalid"],
]);

function reasonOf(i18n: I18n, pending: Pending): string {
  if (pending.status !== "failed") return "";
  return i18n.t(REASONS.get(pending.code) ?? "failed.other", { message: pending.message || pending.code });
}

function failure(host: EntryHost, pending: Pending): HTMLElement {
  const { i18n, workspace } = host;
  const { t } = i18n;
  const button = (key: Key, act: () => void) =>
    el("button", { type: "button", class: "link-button", on: { click: act } }, t(key));
  return el(
    "div",
    { class: "failure" },
    icon("warn"),
    el("span", { role: "alert" }, t("failed.reason", { reason: reasonOf(i18n, pending) })),
    el(
      "span",
      { class: "failure-actions" },
      button("failed.retry", () => workspace.retry(pending.cmid)),
      button("failed.edit", () => host.edit(workspace.discard(pending.cmid))),
      button("failed.discard", () => workspace.discard(pending.cmid)),
    ),
  );
}

// ---- lines

function line(host: EntryHost, event: Event): Node {
  const { symbol, text } = said(host, event);
  return el(
    "span",
    { class: `line is-${event.body.state ?? event.type}` },
    icon(symbol),
    el("span", {}, text),
    el("time", { datetime: new Date(event.ts).toISOString(), title: host.i18n.formatMoment(event.ts) }, host.i18n.formatTime(event.ts)),
  );
}

function said(host: EntryHost, { type, author, body }: Event): { symbol: IconName; text: string } {
  const { i18n, workspace } = host;
  const conversation = host.conversation();
  const name = nameOf(i18n, conversation && participant(conversation, author), author.role);
  const isMine = author.role === "agent" && author.id === workspace.agent.id;
  if (type === "assignment") {
    const taker = body.agent;
    const isMe = taker?.id === workspace.agent.id;
    return { symbol: "user", text: i18n.t(isMe ? "line.assignedYou" : "line.assigned", { name: nameOf(i18n, taker, "agent") }) };
  }
  if (type === "invitation") {
    const visitor = conversation?.participants.find(({ role }) => role === "visitor");
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
      return { symbol: "clock", text: i18n.t("line.queued") };
  }
}

function pendingLine({ i18n, workspace }: EntryHost, pending: Pending): Node {
  const { t } = i18n;
  const isAssign = pending.kind === "assign";
  if (pending.status === "failed") {
    const reason = reasonOf(i18n, pending);
    const button = (key: Key, act: () => void) =>
      el("button", { type: "button", class: "link-button", on: { click: act } }, t(key));
    return el(
      "span",
      { class: "line is-failed" },
      icon("warn"),
      el("span", { role: "alert" }, t(isAssign ? "line.failedAssign" : "line.failedResolve", { reason })),
      button("failed.retry", () => workspace.retry(pending.cmid)),
      button("failed.discard", () => workspace.discard(pending.cmid)),
    );
  }
  const isWaiting = pending.status === "queued";
  const key: Key = isAssign
    ? isWaiting ? "line.waitingAssign" : "line.pendingAssign"
    : isWaiting ? "line.waitingResolve" : "line.pendingResolve";
  return el("span", { class: "line" }, icon("clock"), el("span", {}, t(key)));
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
