// The few questions that must be answered before anything else: native modal dialogs.

import { el, type Child } from "./dom.js";
import { icon } from "./icons.js";

export interface Question {
  title: string;
  text: Child[];
  confirm: string;
  cancel: string;
}

let titles = 0;

function open(className: string, title: string, ...children: Child[]): HTMLDialogElement {
  const titleId = `dialog-title-${titles++}`;
  const heading = el("h2", { id: titleId, class: "dialog-title" }, title);
  const dialog = el("dialog", { class: `dialog ${className}`, "aria-labelledby": titleId }, heading, ...children);
  dialog.addEventListener("close", () => dialog.remove());
  // A click beside it closes it, as Esc does.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function confirmed({ text, ...question }: Question): Promise<boolean> {
  return asked({ ...question, content: text.map((part) => part && el("p", {}, part)) }, true);
}

/** A question with fields of its own; the focus begins on the answer where that is all there is to do. */
export function asked(question: Omit<Question, "text"> & { content: Child[] }, isOnlyAnswer = false): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = el("button", { type: "button", class: "button" }, question.cancel);
    const confirm = el("button", { type: "button", class: "button is-primary", autofocus: isOnlyAnswer }, question.confirm);
    const dialog = open(
      "is-question",
      question.title,
      ...question.content,
      el("div", { class: "dialog-actions" }, cancel, confirm),
    );
    let answer = false;
    cancel.addEventListener("click", () => dialog.close());
    confirm.addEventListener("click", () => {
      answer = true;
      dialog.close();
    });
    dialog.addEventListener("close", () => resolve(answer));
  });
}

export function inform(title: string, close: string, content: HTMLElement): void {
  const button = el("button", { type: "button", class: "icon-button dialog-close", "aria-label": close }, icon("close"));
  const dialog = open("is-sheet", title, content, button);
  button.addEventListener("click", () => dialog.close());
}

export function isDialogOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}
