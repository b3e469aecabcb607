// The open conversation: header, timeline, who is typing, and the way to the newest message.

import type { View } from "./banner.js";
import { composer, type Composer } from "./composer.js";
import { confirmed } from "./dialog.js";
import { append, el, KeyedList, setAttribute, setHidden, setText } from "./dom.js";
import { entryRow, type EntryHost } from "./entries.js";
import type { I18n, Key } from "./i18n.js";
import { icon } from "./icons.js";
import { AvatarSlot, nameOf } from "./people.js";
import { isOver } from "./state.js";
import { timeline, type Entry } from "./timeline.js";
import { handOver } from "./transfer.js";
import { isBegun } from "./writing.js";
import type { Workspace } from "./workspace.js";

/** So near the end counts as being there. */
const END_PX = 80;
const OLDER_PX = 300;

export interface ConversationView extends View {
  focus(): void;
  takeOver(): void;
  resolve(): void;
  handOver(): void;
  writeNote(): void;
}

export interface ConversationHost {
  back(): void;
  toggleDetails(): void;
  altKey: string;
}

export function conversationView(i18n: I18n, workspace: Workspace, host: ConversationHost): ConversationView {
  const { t } = i18n;
  const write: Composer = composer(i18n, workspace, { lastOwn: () => lastOwn(workspace) });

  // ---- header
  const back = el("button", { type: "button", class: "icon-button back", "aria-label": t("conversation.back"), on: { click: () => host.back() } }, icon("back"));
  const face = new AvatarSlot("m");
  const title = el("h2", { class: "conversation-title", tabindex: -1 });
  const name = el("bdi");
  title.append(name);
  // Where it is alone on the screen, it is what the page is about.
  const alone = matchMedia("(max-width: 767px)");
  const rank = () => setAttribute(title, "aria-level", alone.matches ? 1 : undefined);
  alone.addEventListener("change", rank);
  rank();
  const state = el("span", { class: "tag" });
  const assignee = el("span", { class: "conversation-assignee" });
  const action = (label: Key, key: string, className: string, act: () => void) =>
    el(
      "button",
      { type: "button", class: `button ${className}`, "aria-keyshortcuts": `Alt+${key}`, on: { click: act } },
      el("span", {}, t(label)),
      el("kbd", { "aria-hidden": "true" }, `${host.altKey} ${key}`),
    );
  const takeOver = action("conversation.takeOver", "T", "", () => view.takeOver());
  const give = el(
    "button",
    { type: "button", class: "icon-button", "aria-label": t("conversation.handOver"), title: t("conversation.handOver"), "aria-keyshortcuts": "Alt+G", on: { click: () => view.handOver() } },
    icon("handoff"),
  );
  const resolve = action("conversation.resolve", "R", "", () => view.resolve());
  const details = el(
    "button",
    { type: "button", class: "icon-button details-toggle", "aria-label": t("conversation.details"), title: t("conversation.details"), "aria-controls": "details", "aria-keyshortcuts": "Alt+I", on: { click: () => host.toggleDetails() } },
    icon("info"),
  );
  const header = el(
    "header",
    { class: "conversation-header" },
    back,
    face.node,
    el("div", { class: "conversation-who" }, title, el("p", { class: "conversation-status" }, state, assignee)),
    el("div", { class: "conversation-actions" }, takeOver, resolve, give, details),
  );

  // ---- timeline
  const list = el("ol", { class: "timeline", role: "list" });
  const entryHost: EntryHost = {
    i18n,
    workspace,
    conversation: () => workspace.openConversation(),
    canWrite: () => workspace.state.open !== null && workspace.state.inbox.get(workspace.state.open)?.state !== "closed",
    edit: ({ kind, seq }, text) => {
      if (kind === "edit" && seq !== undefined) write.edit(seq, text);
      else write.insert(text, kind === "note");
    },
    editMessage: (seq, text) => write.edit(seq, text),
  };
  let entries = new KeyedList<Entry>(list, ({ key }) => key, (entry) => entryRow(entryHost, entry));
  const older = el("p", { class: "older", hidden: true }, t("conversation.older"));
  const typing = el("p", { class: "typing", hidden: true }, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")));
  const typist = el("span");
  typing.append(typist);
  const scroll = el(
    "div",
    { class: "scroll", role: "log", "aria-live": "off", "aria-label": t("conversation.messages"), tabindex: 0 },
    el("div", { class: "scroll-inner" }, older, list, typing),
  );
  const latestText = el("span");
  const latest = el("button", { type: "button", class: "latest", hidden: true, on: { click: () => toEnd("smooth") } }, icon("down"), latestText);
  const notice = el("div", { class: "empty is-large", hidden: true });
  const body = el("div", { class: "conversation-body" }, scroll, latest, notice);
  const node = el("section", { class: "conversation", id: "conversation", tabindex: -1 }, header, body, write.node);

  // ---- files that are dropped anywhere on it
  const drop = el("div", { class: "drop", hidden: true, "aria-hidden": "true" }, icon("clip"), t("composer.drop"));
  node.append(drop);
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") === true && !write.node.hidden;
  node.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    setHidden(drop, false);
  });
  node.addEventListener("dragleave", (event) => {
    if (!(event.relatedTarget instanceof Node) || !node.contains(event.relatedTarget)) setHidden(drop, true);
  });
  node.addEventListener("drop", (event) => {
    setHidden(drop, true);
    if (!carriesFiles(event)) return;
    event.preventDefault();
    write.attach([...(event.dataTransfer?.files ?? [])]);
  });

  // ---- scrolling
  let isAtEnd = true;
  let seenTop = 0;
  const toEnd = (behavior: ScrollBehavior) => scroll.scrollTo({ top: scroll.scrollHeight, behavior });
  const measure = () => {
    isAtEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < END_PX;
    if (isAtEnd) seenTop = workspace.openConversation()?.cursor ?? 0;
    if (scroll.scrollTop < OLDER_PX) workspace.loadOlder();
  };
  scroll.addEventListener("scroll", () => {
    measure();
    showLatest();
  }, { passive: true });
  // The keyboard of a phone, a growing composer: who was at the end stays there.
  new ResizeObserver(() => isAtEnd && toEnd("instant")).observe(scroll);

  const showLatest = () => {
    const held = workspace.openConversation();
    setHidden(latest, isAtEnd || held === undefined);
    if (isAtEnd || held === undefined) return;
    const count = held.events.filter(({ seq, type, author }) => seq > seenTop && type === "message" && author.role === "visitor").length;
    setText(latestText, count === 0 ? t("conversation.latest") : t("conversation.latestNew", { count }));
    latest.classList.toggle("has-new", count > 0);
  };

  // ---- rendering
  let shownConv: string | null = null;
  let isDrawn = false;
  let noticeShown = "";
  let sentCount = 0;

  const say = (symbol: "chat" | "warn", heading: string, text: string, again: boolean) => {
    const look = JSON.stringify([heading, text, again]);
    if (look === noticeShown) return;
    noticeShown = look;
    notice.replaceChildren(icon(symbol));
    append(notice, [
      el("p", { class: "empty-title" }, heading),
      text === "" ? null : el("p", {}, text),
      again && el("button", { type: "button", class: "button", on: { click: () => workspace.again() } }, t("conversation.again")),
    ]);
  };

  const updateHeader = () => {
    const { state: all, agent } = workspace;
    const item = all.open === null ? undefined : all.inbox.get(all.open);
    const held = workspace.openConversation();
    const visitor = item?.visitor ?? held?.participants.find(({ role }) => role === "visitor");
    setHidden(header, all.open === null);
    face.update(visitor);
    setText(name, nameOf(i18n, visitor, "visitor"));
    setHidden(state, item === undefined);
    setHidden(assignee, item === undefined);
    setHidden(takeOver, item === undefined || isOver(item) || (item.assignee?.id === agent.id && item.state === "assigned"));
    setHidden(resolve, item === undefined || isOver(item));
    setHidden(give, item === undefined || isOver(item));
    if (item === undefined) return;
    state.className = `tag is-${item.state}`;
    setText(state, t(`state.${item.state}`));
    const isMine = item.assignee?.id === agent.id;
    setText(
      assignee,
      isMine ? t("conversation.withYou")
      : item.assignee === undefined ? t("conversation.unassigned")
      : t("conversation.assignedTo", { name: nameOf(i18n, item.assignee) }),
    );
    takeOver.classList.toggle("is-primary", item.assignee === undefined);
    takeOver.disabled = workspace.isPending(item.conv, "assign");
    give.disabled = workspace.isPending(item.conv, "transfer");
    resolve.disabled = workspace.isPending(item.conv, "resolve");
  };

  const updateNotice = () => {
    const { state: all, trouble, link } = workspace;
    const held = workspace.openConversation();
    setHidden(scroll, held === undefined);
    setHidden(write.node, held === undefined);
    setHidden(notice, held !== undefined);
    if (held !== undefined) noticeShown = "";
    else if (all.open === null) say("chat", t("conversation.none"), t("conversation.noneHint", { key: `${host.altKey} ↓` }), false);
    else if (trouble?.gone) say("warn", t("conversation.gone"), "", false);
    else if (trouble !== null) say("warn", t("conversation.failed", { message: trouble.message }), "", true);
    else say("chat", t(link.at === "online" ? "conversation.loading" : "conversation.waitingForDesk"), "", false);
  };

  const updateTimeline = () => {
    const { state: all, agent } = workspace;
    const held = workspace.openConversation();
    if (all.open !== shownConv) {
      shownConv = all.open;
      isDrawn = false;
      isAtEnd = true;
      sentCount = Infinity;
      list.replaceChildren();
      entries = new KeyedList<Entry>(list, ({ key }) => key, (entry) => entryRow(entryHost, entry));
    }
    if (held === undefined) return;
    const own = all.outbox.filter(({ conv }) => conv === held.conv).length;
    const hasSent = own > sentCount;
    sentCount = own;
    const fromEnd = scroll.scrollHeight - scroll.scrollTop;
    const firstBefore = list.querySelector(".is-message");
    entries.update(timeline(held, all, agent));
    setHidden(older, held.first <= 1);
    const by = all.typists.get(held.conv)?.by;
    setHidden(typing, by === undefined);
    setText(typist, by === undefined ? "" : t("conversation.typing", { name: nameOf(i18n, by) }));

    if (!isDrawn) {
      isDrawn = true;
      const divider = list.querySelector<HTMLElement>(".is-new");
      toEnd("instant");
      if (divider !== null && divider.offsetTop < scroll.scrollTop) scroll.scrollTop = divider.offsetTop - END_PX;
      measure();
    } else if (isAtEnd || hasSent) {
      toEnd("instant");
    } else if (firstBefore !== list.querySelector(".is-message")) {
      // Earlier messages came in above: what is being read stays where it is.
      scroll.scrollTop = scroll.scrollHeight - fromEnd;
    }
    showLatest();
  };

  const view: ConversationView = {
    node,
    update: () => {
      updateHeader();
      updateNotice();
      write.update();
      updateTimeline();
      setAttribute(node, "aria-label", workspace.state.open === null ? t("conversation.none") : name.textContent);
    },
    focus: () => {
      // On a touch screen the composer's focus would raise the keyboard over what is to be read.
      if (matchMedia("(pointer: fine)").matches && !write.node.hidden) write.focus();
      else title.focus({ preventScroll: true });
    },
    takeOver: () => {
      const conv = workspace.state.open;
      if (conv !== null && !takeOver.hidden && !takeOver.disabled && !header.hidden) workspace.assign(conv);
    },
    resolve: () => {
      const conv = workspace.state.open;
      if (conv === null || resolve.hidden || resolve.disabled || header.hidden) return;
      const question = {
        title: t("resolve.title"),
        text: [t("resolve.text", { name: name.textContent }), !isBegun(workspace.writing(conv)) ? null : t("resolve.unsent")],
        confirm: t("resolve.confirm"),
        cancel: t("resolve.cancel"),
      };
      void confirmed(question).then((isConfirmed) => isConfirmed && workspace.resolve(conv));
    },
    handOver: () => {
      const conv = workspace.state.open;
      if (conv !== null && !give.hidden && !give.disabled && !header.hidden) void handOver(i18n, workspace, conv);
    },
    writeNote: () => {
      const conv = workspace.state.open;
      if (conv === null || write.node.hidden) return;
      workspace.write(conv, { isNote: !workspace.writing(conv).isNote });
      write.focus();
    },
  };
  return view;
}

/** The agent's newest message, if it still says something. */
function lastOwn(workspace: Workspace): { seq: number; text: string } | undefined {
  const held = workspace.openConversation();
  if (held === undefined) return undefined;
  const shown = timeline(held, workspace.state, workspace.agent);
  const own = shown.findLast((entry) => entry.kind === "message" && entry.author.role === "agent" && entry.author.id === workspace.agent.id);
  if (own?.kind !== "message" || own.seq === 0 || own.change !== undefined || own.content.text === "") return undefined;
  return { seq: own.seq, text: own.content.text };
}
