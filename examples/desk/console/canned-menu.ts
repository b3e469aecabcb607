// The canned replies: opened by a slash at the start, chosen by the keyboard without leaving the field.

import { el, setAttribute } from "./dom.js";
import { cannedReplies, type Canned, type I18n } from "./i18n.js";

export interface CannedMenu {
  node: HTMLElement;
  /** For what was typed after the slash, in these languages. */
  show(typed: string, languages: readonly string[]): void;
  hide(): void;
  /** Whether it took the key. */
  key(event: KeyboardEvent): boolean;
}

export interface CannedHost {
  field: HTMLTextAreaElement;
  /** As it will be written. */
  personal: (text: string) => string;
  choose: (text: string) => void;
}

export function cannedMenu({ t }: I18n, { field, personal, choose }: CannedHost): CannedMenu {
  const node = el("ul", { class: "canned", id: "canned", role: "listbox", "aria-label": t("composer.canned"), hidden: true });
  let choices: readonly Canned[] = [];
  let chosen = 0;

  const hide = () => {
    node.hidden = true;
    field.removeAttribute("aria-activedescendant");
  };
  const mark = (index: number) => {
    chosen = choices.length === 0 ? 0 : (index + choices.length) % choices.length;
    [...node.children].forEach((option, at) => {
      if (option.role !== "option") return;
      setAttribute(option, "aria-selected", String(at === chosen));
      if (at === chosen) option.scrollIntoView({ block: "nearest" });
    });
    setAttribute(field, "aria-activedescendant", choices.length === 0 ? undefined : `canned-${chosen}`);
  };
  const take = (index: number) => {
    const reply = choices[index];
    hide();
    if (reply !== undefined) choose(personal(reply.text));
  };
  const optionOf = ({ name, title, text }: Canned, index: number) => {
    const option = el(
      "li",
      { id: `canned-${index}`, role: "option", class: "canned-option" },
      el("span", { class: "canned-title" }, title, el("kbd", {}, `/${name}`)),
      el("span", { class: "canned-text" }, personal(text)),
    );
    // Before the field loses its focus.
    option.addEventListener("pointerdown", (event) => event.preventDefault());
    option.addEventListener("click", () => take(index));
    return option;
  };
  return {
    node,
    hide,
    show: (typed, languages) => {
      const word = typed.toLowerCase();
      choices = cannedReplies(languages).filter(({ name, title }) => name.startsWith(word) || title.toLowerCase().includes(word));
      node.replaceChildren(...choices.map(optionOf));
      if (choices.length === 0) node.append(el("li", { class: "canned-empty" }, t("composer.cannedEmpty")));
      node.hidden = false;
      mark(0);
    },
    key: ({ key, shiftKey }) => {
      if (node.hidden) return false;
      if (key === "Escape") hide();
      else if (key === "ArrowDown") mark(chosen + 1);
      else if (key === "ArrowUp") mark(chosen - 1);
      else if ((key === "Enter" || key === "Tab") && !shiftKey && choices.length > 0) take(chosen);
      else return false;
      return true;
    },
  };
}
