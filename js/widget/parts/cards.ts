import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "../app.js";
import type { Button, Card } from "../../types/protocol.js";
import { choose } from "./index.js";
import { words } from "./words.js";

/** Cards side by side; more than fit are reached by scrolling. The core let only safe links through. */
export function cards(app: App, all: readonly Card[]): TemplateResult {
  return html`
    <div class="cards" role="list" tabindex=${all.length > 1 ? 0 : nothing} aria-label=${words(app, "cards")}>
      ${all.map((one) => card(app, one))}
    </div>
  `;
}

function card(app: App, { title, text, image, link, buttons }: Card): TemplateResult {
  return html`
    <div class="card" part="card" role="listitem">
      ${image ? html`<img src=${image} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" @error=${hide} />` : nothing}
      <div class="card-text" dir="auto">
        <b>${link ? html`<a href=${link} target="_blank" rel="noopener noreferrer">${title}</a>` : title}</b>
        ${text ? html`<span>${text}</span>` : nothing}
      </div>
      ${buttons.map((one) => button(app, one))}
    </div>
  `;
}

function button(app: App, one: Button): TemplateResult {
  const { title, link } = one;
  if (link) return html`<a class="card-button" href=${link} target="_blank" rel="noopener noreferrer" dir="auto">${title}</a>`;
  const { conversation } = app.view;
  const say = (): void => {
    if (conversation) choose(app, conversation.id, one);
  };
  return html`<button
    class="card-button"
    type="button"
    dir="auto"
    ?disabled=${conversation?.state === "closed"}
    @click=${say}
  >${title}</button>`;
}

function hide(event: Event): void {
  (event.currentTarget as HTMLElement).hidden = true;
}
