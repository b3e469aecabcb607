/** A message for when nobody is there, with an address to be answered at; loaded when nobody is. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import { live } from "lit/directives/live.js";
import type { Ticket } from "../../types/protocol.js";
import type { App } from "../app.js";
import { closeButton, iconButton } from "../bar.js";
import { reason } from "../composer.js";
import { icon } from "../icons.js";
import { notices } from "../notices.js";
import { isTouch } from "../page.js";
import { addresseeOf } from "./addressee.js";
import css from "./ticket.css";
import { words } from "./words.js";

export const styles = css;

/** Why it was not taken, in words of its own. */
const known = new Set(["reply_to_missing", "reply_to_invalid", "empty"]);
const ofAddress = (problem: string): boolean => problem.startsWith("reply_to");

/** Over the message box: one may just chat as well, the words wait for whoever comes first. */
export function offer(app: App): TemplateResult | typeof nothing {
  const { conversation } = app.view;
  if (!conversation || !["new", "queued", "reopened"].includes(conversation.state) || isLeft(app)) return nothing;
  return html`
    <div class="ticket-offer" role="note">
      <span>${words(app, "offer")}</span>
      <button class="link" type="button" data-action="ticket" @click=${() => void open(app)}>${words(app, "title")}</button>
    </div>
  `;
}

/** Whether the newest words of the visitor are a ticket. */
function isLeft(app: App): boolean {
  const items = app.view.conversation?.items ?? [];
  for (let at = items.length - 1; at >= 0; at -= 1) {
    const body = items[at]?.body;
    if (typeof body === "object" && "message" in body && body.message.mine) return body.message.ticket !== null;
  }
  return false;
}

/** Takes a ticket that the desk refused back to be changed, with its address. */
export function takeBack(app: App, key: string, ticket: Ticket | null): void {
  if (ticket) addresseeOf(app).put({ name: ticket.name, replyTo: ticket.replyTo });
  app.box.takeBack(key);
  void open(app);
}

/** In the place of the conversation; the text is one with what stands in its message box. */
export function form(app: App, conv: string): TemplateResult {
  const { problem } = addresseeOf(app);
  const wrong = (field: boolean): unknown => (problem && field ? "true" : nothing);
  const why = (field: boolean): unknown => (problem && field ? "ticket-problem" : nothing);
  const onAddress = ofAddress(problem);
  return html`
    <div class="screen chat" data-screen="ticket" @keydown=${(event: KeyboardEvent) => onKey(app, event)}>
      <div class="bar" part="header">
        ${iconButton("back", app.t("back"), () => void close(app, offered))}
        <div class="bar-title who"><h2 tabindex="-1" data-focus="heading" id="ticket-title">${words(app, "title")}</h2></div>
        ${closeButton(app)}
      </div>
      ${notices(app)}
      <form class="scroll ticket" part="ticket" novalidate aria-labelledby="ticket-title" @submit=${(event: Event) => submit(app, conv, event)}>
        <p class="quiet">${words(app, "hint")}</p>
        <label>
          <span>${words(app, "name")} <i>${words(app, "optional")}</i></span>
          ${field(app, "name", "text", "name", nothing, nothing)}
        </label>
        <label>
          <span>${words(app, "replyTo")}${star}</span>
          ${field(app, "replyTo", "email", "email", wrong(onAddress), why(onAddress))}
        </label>
        ${onAddress ? sentence(app, problem) : nothing}
        <label>
          <span>${words(app, "message")}${star}</span>
          <textarea
            rows="4"
            dir="auto"
            aria-required="true"
            aria-invalid=${wrong(!onAddress)}
            aria-describedby=${why(!onAddress)}
            .value=${live(app.box.text)}
            @input=${(event: InputEvent) => app.box.type((event.currentTarget as HTMLTextAreaElement).value)}
          ></textarea>
        </label>
        ${problem && !onAddress ? sentence(app, problem) : nothing}
        <button class="primary" type="submit">${words(app, "send")}</button>
      </form>
    </div>
  `;
}

const star = html`<b aria-hidden="true"> *</b>`;

function field(app: App, name: "name" | "replyTo", mode: string, fill: string, wrong: unknown, why: unknown): TemplateResult {
  const addressee = addresseeOf(app);
  return html`<input
    name=${name}
    dir="auto"
    inputmode=${mode}
    autocomplete=${fill}
    maxlength=${name === "name" ? 120 : 200}
    aria-required=${name === "replyTo"}
    aria-invalid=${wrong}
    aria-describedby=${why}
    .value=${live(addressee[name])}
    @input=${(event: InputEvent) => addressee.put({ [name]: (event.currentTarget as HTMLInputElement).value })}
  />`;
}

function sentence(app: App, problem: string): TemplateResult {
  const text = known.has(problem) ? words(app, problem as "empty") : reason(app, problem);
  return html`<p class="refusal" role="alert" id="ticket-problem">${icon("alert")}<span>${text}</span></p>`;
}

/** Where the visitor goes on who leaves nothing. */
const offered = "[data-action=ticket], [data-focus=field]";

/** With a finger, to the heading, so that no keyboard jumps up. */
function open(app: App): Promise<void> {
  const field = !isTouch() && !app.fullScreen.matches;
  return app.reveal("ticket", field ? ".ticket input" : "[data-focus=heading]");
}

function close(app: App, focus: string): Promise<void> {
  addresseeOf(app).problem = "";
  return app.reveal("", focus);
}

function onKey(app: App, event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.isComposing || event.keyCode === 229) return;
  event.stopPropagation();
  void close(app, offered);
}

function submit(app: App, conv: string, event: Event): void {
  event.preventDefault();
  const addressee = addresseeOf(app);
  const { box } = app;
  const { text } = box;
  const ticket = { name: addressee.name.trim(), replyTo: addressee.replyTo.trim() };
  // The view after this has an empty draft, which is not to be taken for another.
  box.text = "";
  const problem = ticket.replyTo ? app.dispatch({ send: { conv, text, ticket } }) : "reply_to_missing";
  if (problem === null) {
    addressee.said();
    void close(app, "[data-focus=heading]");
    app.announce(words(app, "sent"));
    return;
  }
  box.text = text;
  addressee.problem = problem;
  app.draw();
  setTimeout(() => app.find(`.ticket ${ofAddress(problem) ? "[name=replyTo]" : "textarea"}`)?.focus());
}
