import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "../app.js";
import type { MessageRow } from "../bubble.js";
import { icon } from "../icons.js";
import { again } from "../notices.js";
import { words } from "./words.js";

/** Error codes that the visitor is told in words of their own. */
const known = new Set(["too_large", "rate_limited", "closed", "expired", "file_unreadable", "file_refused", "too_many"]);

/** Why a message was not sent, and what can be done about it; in the place of its status. */
export function failure(app: App, { key, message }: MessageRow, code: string): TemplateResult {
  const { content, ticket } = message;
  // The address of a ticket is no part of the words that go back into the message box.
  const takeBack = ticket ? app.ticket.get()?.takeBack : content.length > 0 && ((): void => app.box.takeBack(key));
  return html`
    <div class="meta failed">
      <span>${icon("alert")}${words(app, `message.${known.has(code) ? code : "other"}` as "message.other")}</span><br />
      ${again(words(app, "retry"), () => app.retry(key))}
      ${takeBack ? again(words(app, "edit"), () => takeBack(app, key, ticket)) : nothing}
      ${again(words(app, "discard"), () => app.dispatch({ discard: { key } }))}
    </div>
  `;
}
