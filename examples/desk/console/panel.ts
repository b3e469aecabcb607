// What is known about the visitor and the conversation, beside it.

import type { InboxItem } from "../../../js/types/protocol.js";
import type { View } from "./banner.js";
import { append, el, setHidden, setText, type Child } from "./dom.js";
import type { I18n } from "./i18n.js";
import { icon } from "./icons.js";
import { addressOf } from "./inbox.js";
import { webAddress } from "./link.js";
import { AvatarSlot, nameOf, shortId, stars } from "./people.js";
import { isWaiting, ratings, waitsSince, type Conversation } from "./state.js";
import type { Workspace } from "./workspace.js";

const OTHERS_MAX = 5;
const SCALE_DEFAULT = 5;

type Fact = [label: string, value: Child] | null;

export interface PanelView extends View {
  focus(): void;
}

export function panel(i18n: I18n, workspace: Workspace, close: () => void): PanelView {
  const { t } = i18n;
  const face = new AvatarSlot("l");
  const name = el("bdi", { class: "panel-name" });
  const id = el("p", { class: "panel-id" });
  const sections = el("div", { class: "panel-sections" });
  const shut = el("button", { type: "button", class: "icon-button panel-close", "aria-label": t("panel.close"), on: { click: close } }, icon("close"));
  const node = el(
    "section",
    { class: "panel", id: "details", "aria-label": t("panel.title") },
    shut,
    el("header", { class: "panel-header" }, face.node, el("h2", {}, name), id),
    sections,
  );
  let shown = "";

  const update = () => {
    const { state } = workspace;
    const item = state.open === null ? undefined : state.inbox.get(state.open);
    const held = workspace.openConversation();
    setHidden(node, item === undefined);
    if (item === undefined) return;
    face.update(item.visitor);
    setText(name, nameOf(i18n, item.visitor));
    setText(id, t("panel.id", { id: shortId(item.visitor.id) }));
    id.title = item.visitor.id;
    const others = [...state.inbox.values()].filter(({ visitor, conv }) => visitor.id === item.visitor.id && conv !== item.conv);
    const since = isWaiting(item) ? waitsSince(item) : undefined;
    // Drawn anew only when something in it changed: a reader may be selecting text.
    const look = JSON.stringify([item, held?.events.length, held?.first, held?.visitorMarks, since, others]);
    if (look === shown) return;
    shown = look;
    sections.replaceChildren(
      facts(t("panel.visitor"), visitorFacts(i18n, item, held)),
      facts(t("panel.conversation"), conversationFacts(i18n, workspace, item, held, since)),
      section(t("panel.ratings"), ratingList(i18n, workspace, item, held)),
    );
    if (others.length > 0) sections.append(section(t("panel.others"), otherList(i18n, others)));
  };
  return { node, update, focus: () => shut.focus() };
}

function section(title: string, content: HTMLElement): HTMLElement {
  return el("section", { class: "panel-section" }, el("h3", {}, title), content);
}

function facts(title: string, list: Fact[]): HTMLElement {
  const node = el("dl", { class: "facts" });
  for (const fact of list) {
    if (fact !== null) append(node, [el("div", {}, el("dt", {}, fact[0]), el("dd", {}, fact[1]))]);
  }
  return section(title, node);
}

function visitorFacts(i18n: I18n, item: InboxItem, held: Conversation | undefined): Fact[] {
  const { t } = i18n;
  const first = held?.events[0];
  const started =
    first === undefined ? null
    : held?.first === 1 ? i18n.formatMoment(first.ts)
    : t("panel.startedBefore", { time: i18n.formatMoment(first.ts) });
  const { identity } = item;
  return [
    [t("panel.identity"), identity === undefined ? t("panel.unknown") : el("span", { class: "tag is-verified" }, icon("check"), t("panel.verified"))],
    identity === undefined ? null : [t("panel.subject"), el("bdi", {}, identity.subject)],
    identity?.email === undefined ? null : [t("panel.email"), el("a", { href: `mailto:${encodeURIComponent(identity.email).replaceAll("%40", "@")}` }, identity.email)],
    [t("panel.site"), el("bdi", {}, item.site)],
    [t("panel.page"), page(i18n, item.page)],
    [t("panel.language"), i18n.formatLanguage(item.locale)],
    started === null ? null : [t("panel.started"), started],
  ];
}

/** The path is what tells pages of one site apart; the whole address stands in the title. */
function page(i18n: I18n, address: string): Child {
  if (address === "") return i18n.t("panel.noPage");
  const href = webAddress(address);
  if (href === undefined) return el("bdi", {}, address);
  const { host, pathname } = new URL(href);
  return el(
    "a",
    { href, target: "_blank", rel: "noopener noreferrer nofollow", title: address },
    el("bdi", {}, host + (pathname === "/" ? "" : pathname)),
    icon("external"),
    el("span", { class: "visually-hidden" }, ` (${i18n.t("panel.opensNew")})`),
  );
}

function conversationFacts(
  i18n: I18n,
  { agent }: Workspace,
  item: InboxItem,
  held: Conversation | undefined,
  since: number | undefined,
): Fact[] {
  const { t } = i18n;
  const assignee =
    item.assignee === undefined ? t("panel.noAgent")
    : item.assignee.id === agent.id ? t("inbox.you")
    : el("bdi", {}, nameOf(i18n, item.assignee));
  const unseen = held?.events.filter(
    ({ seq, type, author }) => type === "message" && author.role !== "visitor" && seq > held.visitorMarks.readSeq,
  ).length;
  return [
    [t("panel.state"), el("span", { class: `tag is-${item.state}` }, t(`state.${item.state}`))],
    item.ticket === undefined ? null : [t("panel.ticket"), `#${item.ticket}`],
    [t("panel.agent"), assignee],
    since !== undefined ? [t("panel.waiting"), i18n.formatShort(since, Date.now())] : null,
    unseen === undefined ? null : [t("panel.seen"), unseen === 0 ? t("panel.seenAll") : t("panel.seenNot", { count: unseen })],
  ];
}

function ratingList(i18n: I18n, { agent }: Workspace, item: InboxItem, held: Conversation | undefined): HTMLElement {
  const { t } = i18n;
  const known = held === undefined ? [] : ratings(held);
  const invitations = held?.events.flatMap(({ body }) => body.invitation ?? []) ?? [];
  const rows = known.map(({ event, response }) => {
    const invitation = invitations.find(({ responseId }) => responseId === response.responseId);
    const rated = invitation?.agent;
    const forWhom = !rated ? "" : rated.id === agent.id ? t("rating.forYou") : t("rating.forAgent", { name: nameOf(i18n, rated) });
    const comment = response.comment?.trim() ?? "";
    return el(
      "li",
      {},
      response.rating ? stars(i18n, response.rating, invitation?.scale ?? SCALE_DEFAULT) : t("rating.none"),
      comment !== "" && el("p", { class: "panel-comment", dir: "auto" }, comment),
      el("p", { class: "panel-note" }, [forWhom, i18n.formatMoment(event.ts)].filter(Boolean).join(" · ")),
    );
  });
  // Rated further back than the events held: the inbox still knows the newest.
  if (rows.length === 0 && item.rating?.rating) rows.push(el("li", {}, stars(i18n, item.rating.rating, SCALE_DEFAULT)));
  return rows.length === 0
    ? el("p", { class: "panel-note" }, t("panel.noRatings"))
    : el("ul", { class: "panel-ratings", role: "list" }, ...rows.reverse());
}

function otherList(i18n: I18n, others: readonly InboxItem[]): HTMLElement {
  const newest = [...others].sort((a, b) => b.updatedAt - a.updatedAt).slice(0, OTHERS_MAX);
  return el(
    "ul",
    { class: "panel-others", role: "list" },
    ...newest.map(({ conv, preview, state, updatedAt }) =>
      el(
        "li",
        {},
        el(
          "a",
          { href: addressOf(conv) },
          el("span", { class: "panel-preview", dir: "auto" }, preview || i18n.t("inbox.noPreview")),
          el("span", { class: "panel-note" }, `${i18n.t(`state.${state}`)} · ${i18n.formatShort(updatedAt, Date.now())}`),
        ),
      ),
    ),
  );
}
