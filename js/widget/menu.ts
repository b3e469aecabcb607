import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";
import { canEnd } from "./chat.js";
import { icon, type IconName } from "./icons.js";

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
        @click=${() => app.reveal("menu", !app.menu, app.menu ? "[data-focus=menu]" : ".menu-list button")}
      >
        ${icon("more")}
      </button>
      ${app.menu ? list(app) : nothing}
    </div>
  `;
}

function list(app: App): TemplateResult {
  const entry = (picture: IconName, text: string, run: () => void): TemplateResult => html`
    <li><button type="button" @click=${run}>${icon(picture)}${text}</button></li>
  `;
  return html`
    <ul class="menu-list" part="menu">
      ${entry("plus", app.t("menu.new"), () => app.newConversation())}
      ${entry("sound", app.t(app.attention.sound ? "menu.soundOff" : "menu.soundOn"), () => app.toggleSound())}
      ${
        canEnd(app)
          ? entry("end", app.t("menu.end"), () => app.reveal("confirmingEnd", true, ".confirm .primary"))
          : nothing
      }
    </ul>
  `;
}

function onFocusOut(app: App, event: FocusEvent): void {
  const inside = event.currentTarget as HTMLElement;
  if (!app.menu || (event.relatedTarget instanceof Node && inside.contains(event.relatedTarget))) return;
  app.menu = false;
  app.draw();
}
