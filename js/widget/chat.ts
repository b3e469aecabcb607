import { html, nothing, type TemplateResult } from "lit/html.js";
import type { ConversationView } from "../types/view.js";
import { isOpenState, type App } from "./app.js";
import { avatar } from "./avatar.js";
import { bar } from "./bar.js";
import { composer } from "./composer.js";
import { trouble } from "./failure.js";
import { menu } from "./menu.js";
import { notices } from "./notices.js";

/** A conversation: who it is with, what was said, what is being said. */
export function chat(app: App): TemplateResult {
  const { agentsOnline, conversation } = app.view;
  const { state } = app.core;
  const ticket = app.over === "ticket" || agentsOnline === 0 ? app.ticket.get() : null;
  if (ticket && app.over === "ticket" && conversation) return ticket.form(app, conversation.id);
  return html`
    <div
      class="screen chat"
      data-screen="chat"
      data-state=${conversation?.state ?? nothing}
      @dragover=${(event: DragEvent) => onDrag(app, event)}
      @drop=${(event: DragEvent) => onDrag(app, event)}
    >
      ${bar(app, title(app, conversation), menu(app))} ${notices(app)}
      ${state.name === "failed" ? trouble(app, state.code) : app.timeline.template(conversation)}
      ${conversation?.state === "closed" ? ended(app, app.surveys.asks(conversation.id)) : [ticket?.offer(app), composer(app)]}
      ${app.over === "end" ? app.more.get()?.confirmEnd(app) : nothing}
    </div>
  `;
}

function title(app: App, conversation: ConversationView | null): TemplateResult {
  const agent = conversation?.agent ?? null;
  const name = agent?.name || app.view.siteName || app.t("chat.title");
  return html`
    ${avatar(app, agent, name)}
    <div class="who">
      <h2 tabindex="-1" data-focus="heading" dir="auto">${name}</h2>
      ${subtitle(app, conversation)}
    </div>
  `;
}

function subtitle(app: App, conversation: ConversationView | null): unknown {
  const { agentsOnline, connection } = app.view;
  if (connection !== "online" || agentsOnline === null) return nothing;
  const waits = conversation?.state === "queued" || conversation?.state === "reopened";
  if (conversation?.state === "selfService") return html`<p class="quiet">${app.t("chat.bot")}</p>`;
  if (agentsOnline === 0) return html`<p class="quiet">${app.t("chat.away")}</p>`;
  return html`<p class="quiet"><span class="dot"></span>${app.t(waits ? "chat.queued" : "ask.online")}</p>`;
}

function ended(app: App, asked: boolean): TemplateResult {
  return html`
    <div class="ask" part="footer">
      <button class=${asked ? "secondary" : "primary"} type="button" data-focus="field" @click=${() => app.newConversation()}>
        ${app.t("chat.new")}
      </button>
    </div>
  `;
}

/** Files may be dropped anywhere on the conversation. */
function onDrag(app: App, event: DragEvent): void {
  const { dataTransfer, type } = event;
  if (!dataTransfer?.types.includes("Files") || !app.takesFiles) return;
  event.preventDefault();
  if (type === "drop") void app.attach(dataTransfer.files);
}

/** Whether there is a conversation that could be ended. */
export function canEnd(app: App): boolean {
  const { conversation } = app.view;
  return conversation !== null && conversation.state !== "new" && isOpenState(conversation.state);
}
