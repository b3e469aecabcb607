// Draws a message: its words, what it has beside them, how far it is, and what its agent can do with it.
// Text from people is set as text; links are built as elements.

import { confirmed } from "./dialog.js";
import { el, setHidden, setText, type Row } from "./dom.js";
import type { EntryHost } from "./entries.js";
import { fileNode } from "./files.js";
import type { I18n, Key } from "./i18n.js";
import { icon, type IconName } from "./icons.js";
import type { Pending } from "./outbox.js";
import { isSaidByParts, partNodes } from "./parts.js";
import { avatar, nameOf } from "./people.js";
import { richNodes } from "./rich-nodes.js";
import { participant } from "./state.js";
import { ticketNode } from "./ticket.js";
import type { Entry, Mark, MessageEntry } from "./timeline.js";

export function messageRow(host: EntryHost, node: HTMLElement): Row<Entry> {
  const { i18n } = host;
  const face = el("span", { class: "message-face" });
  const author = el("span");
  const bubble = el("div", { class: "bubble", dir: "auto" });
  const beside = el("div", { class: "message-parts" });
  const progress = el("progress", { class: "message-progress", hidden: true });
  const meta = el("div", { class: "message-meta" });
  const actions = el("div", { class: "message-actions" });
  const trouble = el("div");
  const foot = el("div", { class: "message-foot" }, meta, actions);
  node.append(face, el("div", { class: "message-body" }, author, bubble, beside, progress, foot, trouble));
  let saidShown = "";
  let metaShown = "";
  return {
    node,
    update: (entry) => {
      if (entry.kind !== "message") return;
      updateProgress(host, entry, progress);
      // Its own step, so that a mark that moves leaves a selection in the text alone.
      const { content, chosen, asked } = entry;
      const saysNow = JSON.stringify([content, chosen, asked]);
      if (saysNow !== saidShown) {
        saidShown = saysNow;
        drawContent(i18n, entry, bubble, beside);
      }
      const person = authorOf(host, entry);
      const look = JSON.stringify([{ ...entry, content: content.edited }, person, host.canWrite()]);
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
      setText(author, `${isMine ? i18n.t("who.you") : nameOf(i18n, person, entry.author.role)}${isNamed ? "" : ":"}`);
      meta.replaceChildren(...metaOf(i18n, entry));
      actions.replaceChildren(...actionsOf(host, entry, isMine));
      const failures = [entry.pending, entry.change].flatMap((pending) => (pending?.status === "failed" ? [failure(host, pending)] : []));
      trouble.replaceChildren(...failures);
    },
  };
}

function drawContent(i18n: I18n, entry: MessageEntry, bubble: HTMLElement, beside: HTMLElement): void {
  const { text, redacted, attachments = [], ticket } = entry.content;
  const words = redacted === true ? [el("em", { class: "is-gone" }, i18n.t("message.redacted"))] : isSaidByParts(entry) ? [] : richNodes(i18n, text);
  bubble.replaceChildren(...words);
  setHidden(bubble, words.length === 0);
  const left = ticket === undefined ? [] : [ticketNode(i18n, ticket, text)];
  beside.replaceChildren(...left, ...attachments.map((file) => fileNode(i18n, file)), ...partNodes(i18n, entry));
  setHidden(beside, beside.childElementCount === 0);
}

function updateProgress({ i18n, workspace }: EntryHost, { pending }: MessageEntry, progress: HTMLProgressElement): void {
  const file = pending?.status === "sending" ? pending.file : undefined;
  setHidden(progress, file === undefined);
  if (file === undefined) return;
  progress.max = file.size;
  progress.value = workspace.state.uploaded.get(file.uploadId) ?? 0;
  progress.setAttribute("aria-label", i18n.t("file.progress", { name: file.name }));
}

export function isOnItsWay(mark: Mark | undefined): boolean {
  return mark === "queued" || mark === "sending";
}

function authorOf(host: EntryHost, { author }: MessageEntry) {
  const conversation = host.conversation();
  return conversation === undefined ? undefined : participant(conversation, author);
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
  if (entry.content.edited === true) nodes.push(el("span", {}, i18n.t("message.edited")));
  const { change } = entry;
  if (change !== undefined && change.status !== "failed") {
    nodes.push(el("span", { class: "mark" }, icon("clock"), i18n.t(change.kind === "redact" ? "message.redacting" : "message.saving")));
  } else if (entry.mark !== undefined && entry.marked && entry.mark !== "failed") {
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

// ---- what can be done with it

/** One's own can be edited; anything can be taken back: a visitor may have written a password. */
function actionsOf(host: EntryHost, entry: MessageEntry, isMine: boolean): Node[] {
  const { content, seq } = entry;
  if (seq === 0 || content.redacted === true || entry.change !== undefined) return [];
  const { t } = host.i18n;
  const button = (key: Key, symbol: IconName, act: () => void) =>
    el("button", { type: "button", class: "message-action", "aria-label": t(key), title: t(key), on: { click: act } }, icon(symbol));
  const nodes: Node[] = [];
  if (isMine && host.canWrite() && content.text !== "") nodes.push(button("message.edit", "edit", () => host.editMessage(seq, content.text)));
  nodes.push(button("message.redact", "undo", () => void takeBack(host, entry)));
  return nodes;
}

async function takeBack({ i18n, workspace }: EntryHost, { seq, side, content }: MessageEntry): Promise<void> {
  const { t } = i18n;
  const conv = workspace.state.open;
  const shown = content.text.trim() || (content.attachments?.[0]?.name ?? "");
  const question = {
    title: t("redact.title"),
    text: [t(side === "visitor" ? "redact.textVisitor" : "redact.text"), shown === "" ? null : el("q", { class: "dialog-quote", dir: "auto" }, shown)],
    confirm: t("redact.confirm"),
    cancel: t("redact.cancel"),
  };
  if (conv !== null && (await confirmed(question))) workspace.redact(conv, seq);
}

// ---- what has gone wrong with it

const REASONS: ReadonlyMap<string, Key> = new Map<string, Key>([
  ["too_large", "failed.too_large"],
  ["not_found", "failed.not_found"],
  ["conflict", "failed.conflict"],
  ["closed", "failed.closed"],
  ["invalid", "failed.invalid"],
  ["file_refused", "failed.file_refused"],
  ["file_lost", "failed.file_lost"],
]);

export function reasonOf(i18n: I18n, pending: Pending): string {
  if (pending.status !== "failed") return "";
  const { code, message, file } = pending;
  if (code === "too_large" && file !== undefined) return i18n.t("failed.file_too_large");
  return i18n.t(REASONS.get(code) ?? "failed.other", { message: message || code });
}

export function failure(host: EntryHost, pending: Pending): HTMLElement {
  const { i18n, workspace } = host;
  const { t } = i18n;
  const button = (key: Key, act: () => void) =>
    el("button", { type: "button", class: "link-button", on: { click: act } }, t(key));
  const isWritten = pending.kind !== "redact" && pending.file === undefined;
  return el(
    "div",
    { class: "failure" },
    icon("warn"),
    el("span", { role: "alert" }, t(pending.kind === "send" || pending.kind === "note" ? "failed.reason" : "failed.change", { reason: reasonOf(i18n, pending) })),
    el(
      "span",
      { class: "failure-actions" },
      button("failed.retry", () => workspace.retry(pending.cmid)),
      isWritten && button("failed.edit", () => host.edit(pending, workspace.discard(pending.cmid))),
      button("failed.discard", () => workspace.discard(pending.cmid)),
    ),
  );
}
