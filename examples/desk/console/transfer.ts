// Giving a conversation away: to a colleague, or back to the queue, with what they should know.

import type { Colleague } from "../../../js/types/protocol.js";
import { asked } from "./dialog.js";
import { el } from "./dom.js";
import type { I18n } from "./i18n.js";
import { icon } from "./icons.js";
import { avatar, nameOf } from "./people.js";
import type { Workspace } from "./workspace.js";

export async function handOver(i18n: I18n, workspace: Workspace, conv: string): Promise<void> {
  const { t } = i18n;
  const { colleagues, agent, inbox } = workspace.state;
  const assignee = inbox.get(conv)?.assignee?.id;
  const others = colleagues.filter((one) => one.agent.id !== agent?.id && one.agent.id !== assignee);
  // Who is there comes first.
  const sorted = [...others.filter(({ online }) => online), ...others.filter(({ online }) => !online)];
  const note = el("textarea", { class: "input transfer-note", id: "transfer-note", rows: 3, dir: "auto" });
  const choices = el(
    "fieldset",
    { class: "transfer-choices" },
    el("legend", { class: "visually-hidden" }, t("transfer.to")),
    choice("", true, el("span", { class: "avatar avatar-m" }, icon("clock")), t("transfer.queue"), t("transfer.queueHint")),
    ...sorted.map((one) => colleagueChoice(i18n, one)),
  );
  const isAgreed = await asked({
    title: t("transfer.title"),
    content: [
      choices,
      others.length === 0 && el("p", {}, t("transfer.alone")),
      el("label", { class: "transfer-label", for: "transfer-note" }, t("transfer.note")),
      note,
    ],
    confirm: t("transfer.confirm"),
    cancel: t("transfer.cancel"),
  });
  if (!isAgreed) return;
  const to = choices.querySelector<HTMLInputElement>("input:checked")?.value ?? "";
  workspace.transfer(conv, to === "" ? undefined : to, note.value.trim());
}

function colleagueChoice(i18n: I18n, { agent, online }: Colleague): HTMLElement {
  const presence = el("span", { class: `presence${online ? " is-online" : ""}` }, i18n.t(online ? "transfer.online" : "transfer.away"));
  return choice(agent.id, false, avatar(agent, "m"), nameOf(i18n, agent, "agent"), presence);
}

function choice(value: string, isChosen: boolean, face: Node, name: string, hint: Node | string): HTMLElement {
  return el(
    "label",
    { class: "transfer-choice" },
    el("input", { type: "radio", name: "transfer-to", value, checked: isChosen }),
    face,
    el("span", {}, el("bdi", { class: "transfer-name" }, name), el("small", {}, hint)),
  );
}
