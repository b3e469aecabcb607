import { html, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";

/** Asks before a conversation is ended. */
export function confirmEnd(app: App): TemplateResult {
  return html`
    <div class="veil">
      <div class="confirm" part="confirm" role="alertdialog" aria-modal="true" aria-labelledby="end" aria-describedby="end-hint" @keydown=${keepFocus}>
        <h3 id="end">${app.t("end.title")}</h3>
        <p id="end-hint" class="quiet">${app.t("end.hint")}</p>
        <button class="primary" type="button" @click=${() => app.endConversation()}>${app.t("end.confirm")}</button>
        <button class="secondary" type="button" @click=${() => app.reveal("confirmingEnd", false, "[data-focus=menu]")}>
          ${app.t("cancel")}
        </button>
      </div>
    </div>
  `;
}

/** Two buttons: Tab goes from each to the other. */
function keepFocus(event: KeyboardEvent): void {
  if (event.key !== "Tab") return;
  event.preventDefault();
  event.stopPropagation();
  const buttons = (event.currentTarget as HTMLElement).querySelectorAll("button");
  (event.target === buttons[0] ? buttons[1] : buttons[0])?.focus();
}
