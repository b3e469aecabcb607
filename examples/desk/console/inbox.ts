// The list of conversations: who waits, who is answered, what is new.

import type { InboxItem, Participant } from "../../../js/types/protocol.js";
import type { View } from "./banner.js";
import { append, el, KeyedList, setAttribute, setHidden, setText, type Row } from "./dom.js";
import type { I18n, Key } from "./i18n.js";
import { icon } from "./icons.js";
import { AvatarSlot, nameOf } from "./people.js";
import { FILTERS, inboxView, isOver, isWaiting, waitsSince, type Filter } from "./state.js";
import type { Workspace } from "./workspace.js";
import { isBegun } from "./writing.js";

/** After so long a wait is shown as urgent. */
const URGENT_WAIT_MS = 5 * 60_000;

const FILTER_KEYS: Record<Filter, Key> = {
  waiting: "inbox.waiting",
  mine: "inbox.mine",
  all: "inbox.all",
  resolved: "inbox.resolved",
  tickets: "inbox.tickets",
};
const EMPTY_KEYS: Record<Filter, [Key, Key]> = {
  waiting: ["inbox.emptyWaiting", "inbox.emptyWaitingHint"],
  mine: ["inbox.emptyMine", "inbox.emptyMineHint"],
  all: ["inbox.emptyAll", "inbox.emptyAllHint"],
  resolved: ["inbox.emptyResolved", "inbox.emptyResolvedHint"],
  tickets: ["inbox.emptyTickets", "inbox.emptyTicketsHint"],
};

const SEARCHED_KEYS: [Key, Key] = ["inbox.notFound", "inbox.notFoundHint"];

export function addressOf(conv: string): string {
  return `#/${encodeURIComponent(conv)}`;
}

export function inbox(i18n: I18n, workspace: Workspace, settings: HTMLElement): View {
  const { t } = i18n;
  const filters = FILTERS.map((filter) => {
    const count = el("span", { class: "filter-count", "aria-hidden": "true" });
    const spoken = el("span", { class: "visually-hidden" });
    const button = el("button", { type: "button", class: "filter" }, t(FILTER_KEYS[filter]), count, spoken);
    button.addEventListener("click", () => workspace.setFilter(filter));
    return { filter, button, count, spoken };
  });
  const search = el("input", { class: "search-field", id: "search", type: "search", placeholder: t("inbox.search"), "aria-label": t("inbox.search"), "aria-keyshortcuts": "Alt+S", autocomplete: "off", spellcheck: "false" });
  search.addEventListener("input", () => workspace.setQuery(search.value));
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || search.value === "") return;
    event.preventDefault();
    search.value = "";
    workspace.setQuery("");
  });
  search.value = workspace.state.query;
  const list = el("ul", { class: "rows", role: "list", "aria-label": t("inbox.list") });
  const rows = new KeyedList<InboxItem>(list, ({ conv }) => conv, () => row(i18n, workspace));
  const empty = el("div", { class: "empty", hidden: true });
  const loading = el("div", { class: "rows-loading", role: "status" }, el("span", { class: "visually-hidden" }, t("inbox.loading")));
  for (let at = 0; at < 5; at++) loading.append(el("div", { class: "skeleton" }));
  list.addEventListener("keydown", moveFocus);

  const node = el(
    "nav",
    { class: "inbox", id: "inbox", "aria-label": t("inbox.title"), tabindex: -1 },
    el(
      "header",
      { class: "inbox-header" },
      el("span", { class: "brand-mark is-small" }, icon("chat")),
      el("h1", {}, t("inbox.title")),
      settings,
    ),
    el("div", { class: "search", role: "search" }, icon("search"), search),
    el("div", { class: "filters", role: "group", "aria-label": t("inbox.filter") }, ...filters.map(({ button }) => button)),
    el("div", { class: "rows-scroll" }, loading, list, empty),
  );

  let emptyShown = "";
  const update = () => {
    const { state } = workspace;
    for (const { filter, button, count, spoken } of filters) {
      setAttribute(button, "aria-pressed", String(filter === state.filter));
      const items = filter === "waiting" || filter === "mine" || filter === "tickets" ? inboxView(state, filter).length : 0;
      setText(count, items === 0 ? "" : i18n.formatNumber(items));
      setText(spoken, items === 0 ? "" : t("inbox.count", { count: items }));
    }
    const items = inboxView(state, state.filter);
    rows.update(items);
    setHidden(loading, workspace.isLoaded);
    setHidden(list, items.length === 0);
    setHidden(empty, items.length > 0 || !workspace.isLoaded);
    const look = `${state.filter} ${state.query}`;
    if (emptyShown !== look) {
      emptyShown = look;
      const isSearch = state.query.trim() !== "";
      const [title, hint] = isSearch ? SEARCHED_KEYS : EMPTY_KEYS[state.filter];
      empty.replaceChildren(icon(isSearch ? "search" : state.filter === "waiting" ? "check" : "chat"));
      append(empty, [el("p", { class: "empty-title" }, t(title)), el("p", {}, t(hint))]);
    }
  };
  return { node, update };
}

/** Up and down between the rows; Tab leaves the list. */
function moveFocus(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0 || event.altKey || !(event.currentTarget instanceof HTMLElement)) return;
  const links = [...event.currentTarget.querySelectorAll("a")];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[at + step];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
}

function row(i18n: I18n, workspace: Workspace): Row<InboxItem> {
  const { t } = i18n;
  const face = new AvatarSlot("m");
  const name = el("bdi", { class: "row-name" });
  const time = el("time", { class: "row-time" });
  const preview = el("span", { class: "row-preview", dir: "auto" });
  const badge = el("span", { class: "badge", "aria-hidden": "true" });
  const unread = el("span", { class: "visually-hidden" });
  const meta = el("span", { class: "row-meta" });
  const link = el(
    "a",
    { class: "row" },
    face.node,
    el(
      "span",
      { class: "row-body" },
      el("span", { class: "row-line" }, name, time),
      el("span", { class: "row-line" }, preview, badge, unread),
      meta,
    ),
  );
  let metaShown = "";

  const update = (item: InboxItem) => {
    const { state } = workspace;
    const now = Date.now();
    const isOpen = state.open === item.conv;
    const count = isOpen && document.visibilityState === "visible" ? 0 : item.unread;
    setAttribute(link, "href", addressOf(item.conv));
    setAttribute(link, "aria-current", isOpen ? "true" : undefined);
    link.classList.toggle("is-unread", count > 0);
    link.classList.toggle("is-over", isOver(item));
    face.update(item.visitor);
    setText(name, nameOf(i18n, item.visitor));
    setText(time, i18n.formatShort(item.updatedAt, now));
    setAttribute(time, "datetime", new Date(item.updatedAt).toISOString());
    // A card alone, or a message that was taken back, has no words.
    setText(preview, item.preview !== "" ? item.preview : item.top <= 1 ? t("inbox.noPreview") : "…");
    setHidden(badge, count === 0);
    setText(badge, count > 99 ? "99+" : i18n.formatNumber(count));
    setText(unread, count === 0 ? "" : t("inbox.unread", { count }));

    const tags = tagsOf(i18n, workspace, item, now);
    const look = JSON.stringify(tags);
    if (look === metaShown) return;
    metaShown = look;
    meta.replaceChildren(
      ...tags.map(({ kind, text, symbol, label }) =>
        el("span", { class: `tag is-${kind}` }, symbol && icon(symbol), el("bdi", { "aria-hidden": label !== undefined && "true" }, text), label !== undefined && el("span", { class: "visually-hidden" }, label)),
      ),
    );
  };
  return { node: el("li", {}, link), update };
}

interface Tag {
  kind: string;
  text: string;
  symbol?: "chat" | "clock" | "star" | "check" | "warn" | "reopen" | "mail";
  label?: string;
}

function tagsOf(i18n: I18n, workspace: Workspace, item: InboxItem, now: number): Tag[] {
  const { t } = i18n;
  const { state } = workspace;
  const tags: Tag[] = [];
  if (item.state === "selfService") tags.push({ kind: "plain", text: t("state.selfService"), symbol: "chat" });
  if (isWaiting(item)) {
    const waitedMs = now - waitsSince(item);
    const kind = waitedMs >= URGENT_WAIT_MS ? "urgent" : "waiting";
    tags.push({ kind, text: t("inbox.waits", { time: i18n.formatDuration(waitedMs) }), symbol: "clock" });
    if (item.state === "reopened") tags.push({ kind: "plain", text: t("state.reopened"), symbol: "reopen" });
  } else if (isOver(item)) {
    tags.push({ kind: "over", text: t(item.state === "closed" ? "state.closed" : "state.resolved"), symbol: "check" });
  }
  if (item.ticket !== undefined) tags.push({ kind: "plain", text: `#${item.ticket}`, symbol: "mail", label: t("ticket.title", { number: item.ticket }) });
  if (item.assignee !== undefined) tags.push({ kind: "plain", text: assigneeName(i18n, item.assignee, workspace.agent) });
  const rating = item.rating?.rating;
  if (rating) tags.push({ kind: "rating", text: i18n.formatNumber(rating), symbol: "star", label: t("inbox.rated", { rating }) });
  const unsent = state.outbox.filter((p) => p.conv === item.conv && p.status !== "sent").length;
  if (unsent > 0) tags.push({ kind: "unsent", text: t("inbox.unsent", { count: unsent }), symbol: "warn" });
  if (isBegun(workspace.writing(item.conv))) tags.push({ kind: "draft", text: t("inbox.draft") });
  return tags;
}

function assigneeName(i18n: I18n, assignee: Participant, agent: Participant): string {
  return assignee.id === agent.id ? i18n.t("inbox.you") : nameOf(i18n, assignee);
}
