import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";
import { icon } from "./icons.js";

/** What else can be done with a conversation: a button, and a list of buttons under it. */
export function menu(app: App): TemplateResult {
  const label = app.t("menu");
  return html`
    <div class="menu" @focusout=${(event: FocusEvent) => onFocusOut(app, event)}>
      <button
        class="plain"
        type="button"
        aria-label=${label}
        title=${label}
        aria-expanded=${app.menu}
        data-focus="menu"
        @click=${() => void app.reveal("menu", !app.menu, app.menu ? "[data-focus=menu]" : ".menu-list button")}
      >
        ${icon("more")}
      </button>
      ${app.menu ? app.more.get()?.menuList(app) : nothing}
    </div>
  `;
}

function onFocusOut(app: App, event: FocusEvent): void {
  const inside = event.currentTarget as HTMLElement;
  if (!app.menu || (event.relatedTarget instanceof Node && inside.contains(event.relatedTarget))) return;
  app.menu = false;
  app.draw();
}
