// What makes a message a ticket: its number, who left it, and where the answer is to go.

import type { Ticket } from "../../../js/types/protocol.js";
import { el } from "./dom.js";
import type { I18n } from "./i18n.js";
import { icon } from "./icons.js";
import { answerLink } from "./link.js";

export function ticketNode(i18n: I18n, ticket: Ticket, text: string): Node {
  const { t } = i18n;
  const { number, name, replyTo } = ticket;
  const href = answerLink(ticket, text);
  const address = href === undefined ? el("bdi", {}, replyTo) : el("a", { href }, el("bdi", {}, replyTo));
  return el(
    "div",
    { class: "form" },
    el("p", { class: "part-title" }, icon("mail"), number === undefined ? t("ticket.untold") : t("ticket.title", { number })),
    el(
      "dl",
      { class: "answers" },
      name !== "" && el("div", {}, el("dt", {}, t("ticket.name")), el("dd", {}, el("bdi", {}, name))),
      el("div", {}, el("dt", {}, t("ticket.replyTo")), el("dd", {}, address)),
    ),
  );
}
