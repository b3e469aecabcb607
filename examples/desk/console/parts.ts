// What a message has beside words: offered answers, cards, forms, what was filled in. Shown as the visitor
// sees it, but nothing here can be pressed: these are the visitor's to answer.

import type { Answers, Button, Card, Form } from "../../../js/types/protocol.js";
import { el, type Child } from "./dom.js";
import type { I18n } from "./i18n.js";
import { icon } from "./icons.js";
import { linkTo } from "./link.js";
import type { MessageEntry } from "./timeline.js";

export function partNodes(i18n: I18n, { content, chosen, asked }: MessageEntry): Node[] {
  const nodes: Node[] = [];
  const { cards = [], form, answers, quickReplies = [] } = content;
  if (cards.length > 0) nodes.push(el("div", { class: "cards", role: "list", "aria-label": i18n.t("part.cards"), tabindex: cards.length > 1 && 0 }, ...cards.map((card) => cardNode(i18n, card))));
  if (form !== undefined) nodes.push(formNode(i18n, form));
  if (answers !== undefined) nodes.push(answersNode(i18n, answers, asked ?? {}));
  if (quickReplies.length > 0) nodes.push(repliesNode(i18n, quickReplies, chosen));
  return nodes;
}

/** Whether the answers alone say what the text says: a line for each field. */
export function isSaidByParts({ content: { answers } }: MessageEntry): boolean {
  return answers !== undefined && answers.values.length > 0;
}

function repliesNode(i18n: I18n, replies: readonly Button[], chosen: number | undefined): Node {
  return el(
    "ul",
    { class: "replies", role: "list", "aria-label": i18n.t("part.replies") },
    ...replies.map(({ title }, index) => {
      const isChosen = index === chosen;
      return el(
        "li",
        { class: `reply${isChosen ? " is-chosen" : ""}`, dir: "auto" },
        isChosen && icon("check"),
        title,
        isChosen && el("span", { class: "visually-hidden" }, ` (${i18n.t("part.chosen")})`),
      );
    }),
  );
}

/** Pictures come from the desk itself, or are not shown: an address elsewhere would learn who reads. */
function pictureOf(image: string | undefined): string | undefined {
  if (image === undefined || !URL.canParse(image, location.origin)) return undefined;
  const url = new URL(image, location.origin);
  return url.origin === location.origin ? url.href : undefined;
}

function cardNode(i18n: I18n, { title, text, image, link, buttons }: Card): Node {
  const src = pictureOf(image);
  const picture = src === undefined ? null : el("img", { src, alt: "", loading: "lazy", referrerpolicy: "no-referrer" });
  picture?.addEventListener("error", () => picture.remove());
  return el(
    "div",
    { class: "card", role: "listitem" },
    picture,
    el("div", { class: "card-text", dir: "auto" }, el("b", {}, linked(i18n, title, link)), text !== "" && el("span", {}, text)),
    ...buttons.map((button) => el("span", { class: "card-button", dir: "auto" }, linked(i18n, button.title, button.link))),
  );
}

function linked(i18n: I18n, text: string, address: string | undefined): Child {
  const link = address === undefined ? undefined : linkTo(address, text);
  if (link === undefined) return text;
  return el("a", { href: link.href, target: "_blank", rel: "noopener noreferrer nofollow", title: i18n.t("panel.opensNew") }, text);
}

function formNode(i18n: I18n, { fields, submit }: Form): Node {
  return el(
    "div",
    { class: "form" },
    el("p", { class: "part-title" }, icon("form"), i18n.t("part.form")),
    el(
      "ul",
      { role: "list" },
      ...fields.map(({ label, name, required, options }) =>
        el(
          "li",
          { dir: "auto" },
          label || name,
          required && el("span", { class: "part-note" }, ` (${i18n.t("part.required")})`),
          options.length > 0 && el("span", { class: "part-note" }, `: ${options.join(" / ")}`),
        ),
      ),
    ),
    submit !== "" && el("p", { class: "part-note", dir: "auto" }, i18n.t("part.submit", { title: submit })),
  );
}

function answersNode(i18n: I18n, { values }: Answers, asked: Readonly<Record<string, string>>): Node {
  const rows = values.map(([name, value]) => {
    const shown = value === "" ? i18n.t("part.empty") : value === "true" ? i18n.t("part.yes") : value;
    return el("div", { dir: "auto" }, el("dt", {}, asked[name] ?? name), el("dd", { class: value === "" ? "part-note" : "" }, shown));
  });
  return el("div", { class: "form" }, el("p", { class: "part-title" }, icon("form"), i18n.t("part.answers")), el("dl", { class: "answers" }, ...rows));
}
