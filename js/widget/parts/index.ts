/** What a message may have beside words; loaded with the first one that does. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "../app.js";
import type { Button, Ticket } from "../../types/protocol.js";
import type { ConversationView, ItemBody } from "../../types/view.js";
import { cards } from "./cards.js";
import { fileTile } from "./file-tile.js";
import { form } from "./form.js";
import css from "./parts.css";
import { words } from "./words.js";

export const styles = css;

type Message = Extract<ItemBody, { message: unknown }>["message"];

/** Everything of a message but its text. */
export function parts(app: App, message: Message): TemplateResult {
  return html`
    ${message.files.map((file) => fileTile(app, file, message.mine))}
    ${message.cards.length > 0 ? cards(app, message.cards) : nothing}
    ${message.form ? form(app, message.form) : nothing}
    ${message.ticket ? ticket(app, message.ticket) : nothing}
  `;
}

/** Where a message that was left is answered, and its number as soon as it has one. */
function ticket(app: App, { number, replyTo }: Ticket): TemplateResult {
  return html`<p class="meta ticket-of" data-ticket=${number ?? ""}>
    <span dir="auto">${words(app, "ticket", { to: replyTo })}</span>${number ? html`<span>${words(app, "ticket.number", { number })}</span>` : nothing}
  </p>`;
}

/** What is offered under the newest message: answers, and a person. */
export function offers(app: App, { id, quickReplies, state, queue }: ConversationView): TemplateResult {
  const person = state === "selfService";
  return html`
    ${queue && app.view.agentsOnline !== 0 ? html`<p class="line queue" role="status">${place(app, queue)}</p>` : nothing}
    ${
      quickReplies.length > 0 || person
        ? html`<div class="replies" role="group" aria-label=${words(app, "replies")}>
          ${quickReplies.map((reply) => html`<button class="reply" type="button" @click=${() => choose(app, id, reply)} dir="auto">${reply.title}</button>`)}
          ${
            person
              ? html`<button class="reply person" type="button" data-action="person" @click=${() => app.askPerson("asked")}>${words(app, "person")}</button>`
              : nothing
          }
        </div>`
        : nothing
    }
  `;
}

/** Says a button's title in the visitor's name. */
export function choose(app: App, conv: string, { title, payload }: Button): void {
  app.dispatch({ choose: { conv, title, payload: payload ?? null } });
}

function place(app: App, queue: NonNullable<ConversationView["queue"]>): string {
  const { position, waitMsMin, waitMsMax } = queue;
  const minutes = (ms: number): number => Math.max(1, Math.round(ms / 60_000));
  const ahead = words(app, "queue", { n: position });
  if (waitMsMin === null || waitMsMax === null) return ahead;
  const [from, to] = [minutes(waitMsMin), minutes(waitMsMax)];
  const wait = from === to ? words(app, "queue.wait", { n: to }) : words(app, "queue.between", { from, to });
  return `${ahead} · ${wait}`;
}
