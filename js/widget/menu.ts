import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";
import { icon } from "./icons.js";

/** What else can be done with a conversation: a button, and a list of buttons under it. */
export function menu(app: App): TemplateResult {
  const label = app.t("menu");
  const shown = app.over === "menu";
  return html`
    <div class="menu" @focusout=${(event: FocusEvent) => onFocusOut(app, event)}>
      <button
        class="plain"
        type="button"
        aria-label=${label}
        title=${label}
        aria-expanded=${shown}
        data-focus="menu"
        @click=${() => void (shown ? app.reveal("", "[data-focus=menu]") : app.reveal("menu", ".menu-list button"))}
      >
        ${icon("more")}
      </button>
      ${shown ? app.more.get()?.menuList(app) : nothing}
    </div>
  `;
}

function onFocusOut(app: App, event: FocusEvent): void {
  const inside = event.currentTarget as HTMLElement;
  if (app.over !== "menu" || (event.relatedTarget instanceof Node && inside.contains(event.relatedTarget))) return;
  app.over = "";
  app.draw();
}
