import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";
import { icon } from "./icons.js";

/** The way to a person, under everything that is not the chat. Takes a typed question along. */
export function ask(app: App, question = ""): TemplateResult {
  const { agentsOnline, connection } = app.view;
  const here = connection === "online" && agentsOnline !== null && agentsOnline > 0;
  const availability = here ? "ask.online" : agentsOnline === 0 ? "ask.away" : "ask.anytime";
  return html`
    <div class="ask" part="footer">
      <button class="primary" type="button" data-action="chat" @click=${() => app.openChat(question)}>
        ${icon("chat")}<span>${app.t(question ? "ask.question" : "ask")}</span>
      </button>
      <p class="quiet" data-availability=${here ? "online" : "away"}>
        ${here ? html`<span class="dot"></span>` : nothing}${app.t(availability)}
      </p>
    </div>
  `;
}
