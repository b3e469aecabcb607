// Where the agent writes: drafts per conversation, canned replies, and no Enter that sends half a word.

import type { InboxItem } from "../../../js/types/protocol.js";
import type { View } from "./banner.js";
import { el, setAttribute, setHidden } from "./dom.js";
import { cannedReplies, filled, type Canned, type I18n } from "./i18n.js";
import { icon } from "./icons.js";
import { nameOf } from "./people.js";
import type { Workspace } from "./workspace.js";

const HEIGHT_PX_MAX = 220;

export interface Composer extends View {
  focus(): void;
  insert(text: string): void;
}

/** Whether the key belongs to an input method that is still composing a word. */
export function isComposing(event: KeyboardEvent): boolean {
  // Safari ends the composition before the Enter that confirms it: only the old code tells.
  return event.isComposing || event.keyCode === 229;
}

export function composer(i18n: I18n, workspace: Workspace): Composer {
  const { t } = i18n;
  const field = el("textarea", {
    class: "composer-field", id: "composer", rows: 1, dir: "auto", enterkeyhint: "send",
    "aria-label": t("composer.label"), "aria-controls": "canned", "aria-autocomplete": "list",
  });
  const send = el(
    "button",
    { type: "submit", class: "button is-primary send" },
    el("span", {}, t("composer.send")),
    icon("send"),
  );
  const slash = el(
    "button",
    { type: "button", class: "icon-button", "aria-label": t("composer.canned"), title: t("composer.canned") },
    icon("slash"),
  );
  const menu = el("ul", { class: "canned", id: "canned", role: "listbox", "aria-label": t("composer.canned"), hidden: true });
  const hints = el(
    "p",
    { class: "composer-hints" },
    ...hint(t("composer.hintSend"), { enter: t("key.enter") }),
    " · ",
    ...hint(t("composer.hintBreak"), { shift: t("key.shift"), enter: t("key.enter") }),
    " · ",
    ...hint(t("composer.hintCanned"), { slash: "/" }),
  );
  const box = el("div", { class: "composer-box" }, field, el("div", { class: "composer-bar" }, slash, hints, send));
  const closed = el("p", { class: "composer-closed", hidden: true }, icon("info"), t("composer.closed"));
  const form = el("form", { class: "composer" }, menu, box, closed);

  let conv: string | null = null;
  let item: InboxItem | undefined;
  let choices: readonly Canned[] = [];
  let chosen = 0;

  const resize = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, HEIGHT_PX_MAX)}px`;
    field.classList.toggle("is-full", field.scrollHeight > HEIGHT_PX_MAX);
    send.disabled = field.value.trim() === "";
  };
  const write = (text: string) => {
    field.value = text;
    if (conv !== null) workspace.setDraft(conv, text);
    resize();
  };

  // ---- canned replies

  const showMenu = (typed: string) => {
    const word = typed.toLowerCase();
    choices = cannedReplies([item?.locale ?? "", i18n.language]).filter(
      ({ name, title }) => name.startsWith(word) || title.toLowerCase().includes(word),
    );
    chosen = 0;
    menu.replaceChildren(
      ...choices.map(({ name, title, text }, index) => {
        const option = el(
          "li",
          { id: `canned-${index}`, role: "option", class: "canned-option" },
          el("span", { class: "canned-title" }, title, el("kbd", {}, `/${name}`)),
          el("span", { class: "canned-text" }, personal(text)),
        );
        // Before the field loses its focus.
        option.addEventListener("pointerdown", (event) => event.preventDefault());
        option.addEventListener("click", () => choose(index));
        return option;
      }),
    );
    if (choices.length === 0) menu.append(el("li", { class: "canned-empty" }, t("composer.cannedEmpty")));
    menu.hidden = false;
    mark(0);
  };
  const hideMenu = () => {
    menu.hidden = true;
    field.removeAttribute("aria-activedescendant");
  };
  const mark = (index: number) => {
    chosen = choices.length === 0 ? 0 : (index + choices.length) % choices.length;
    [...menu.children].forEach((option, at) => {
      if (option.role !== "option") return;
      setAttribute(option, "aria-selected", String(at === chosen));
      if (at === chosen) option.scrollIntoView({ block: "nearest" });
    });
    setAttribute(field, "aria-activedescendant", choices.length === 0 ? undefined : `canned-${chosen}`);
  };
  const choose = (index: number) => {
    const reply = choices[index];
    hideMenu();
    if (reply === undefined) return;
    write(personal(reply.text));
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  };
  const personal = (text: string) => {
    const visitor = item?.visitor.name.trim() ?? "";
    const named = filled(text, { visitor, agent: nameOf(i18n, workspace.agent) });
    // Without a name the space and the comma around it go too.
    if (visitor !== "") return named;
    return named.replace(/^[\s,，]+/u, "").replace(/\s+([,，.!。！])/gu, "$1").replace(/[,，]\s*([.!。！])/gu, "$1");
  };

  // ---- writing

  const submit = () => {
    const text = field.value.trim();
    if (conv === null || text === "") return;
    workspace.send(conv, text);
    write("");
    hideMenu();
    field.focus();
  };

  field.addEventListener("input", () => {
    if (conv === null) return;
    workspace.setDraft(conv, field.value);
    workspace.typingIn(conv, field.value.trim() !== "");
    resize();
    const typed = /^\/(\S*)$/u.exec(field.value);
    if (typed === null) hideMenu();
    else showMenu(typed[1] ?? "");
  });
  field.addEventListener("keydown", (event) => {
    if (isComposing(event)) return;
    if (!menu.hidden && menuKey(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      submit();
    }
  });
  const menuKey = ({ key, shiftKey }: KeyboardEvent): boolean => {
    if (key === "Escape") hideMenu();
    else if (key === "ArrowDown") mark(chosen + 1);
    else if (key === "ArrowUp") mark(chosen - 1);
    else if ((key === "Enter" || key === "Tab") && !shiftKey && choices.length > 0) choose(chosen);
    else return false;
    return true;
  };
  field.addEventListener("blur", () => {
    hideMenu();
    if (conv !== null) workspace.typingIn(conv, false);
  });
  slash.addEventListener("pointerdown", (event) => event.preventDefault());
  slash.addEventListener("click", () => {
    field.focus();
    if (menu.hidden) showMenu("");
    else hideMenu();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  const update = () => {
    const { state } = workspace;
    item = state.open === null ? undefined : state.inbox.get(state.open);
    if (state.open !== conv) {
      conv = state.open;
      hideMenu();
      field.value = conv === null ? "" : workspace.draft(conv);
      resize();
    }
    const isClosed = item?.state === "closed";
    setHidden(closed, !isClosed);
    setHidden(box, isClosed);
    setAttribute(field, "placeholder", placeholder(i18n, item, workspace));
  };
  return {
    node: form,
    update,
    focus: () => field.focus(),
    insert: (text) => {
      write(field.value.trim() === "" ? text : `${field.value}\n${text}`);
      field.focus();
    },
  };
}

function placeholder(i18n: I18n, item: InboxItem | undefined, { agent }: Workspace): string {
  const { t } = i18n;
  if (item?.state === "resolved") return t("composer.placeholderResolved");
  if (item === undefined || item.assignee?.id === agent.id) return t("composer.placeholder");
  if (item.assignee !== undefined) return t("composer.placeholderOther", { name: nameOf(i18n, item.assignee) });
  return t("composer.placeholderTake");
}

/** A sentence with its keys drawn as keys. */
function hint(text: string, keys: Record<string, string>): (Node | string)[] {
  return text.split(/(\{\w+\})/u).map((part) => {
    const key = keys[part.slice(1, -1)];
    return part.startsWith("{") && key !== undefined ? el("kbd", {}, key) : part;
  });
}
