import { html, nothing, type TemplateResult } from "lit/html.js";
import type { Status } from "../types/view.js";
import type { App } from "./app.js";
import { avatar } from "./avatar.js";
import { icon, type IconName } from "./icons.js";
import { richText } from "./rich-text.js";
import type { Row } from "./rows.js";
import { clockTime } from "./times.js";

export type MessageRow = Extract<Row, { kind: "message" }>;
type Step = Extract<Status, string>;

const pictures: Readonly<Record<Step, IconName>> = {
  saving: "clock",
  queued: "clock",
  sending: "clock",
  sent: "check",
  delivered: "checks",
  read: "checks",
};

/** One message. */
export function bubble(app: App, row: MessageRow): TemplateResult {
  const { message, ts, first, last, key } = row;
  const { mine, author, content, status, edited, writing, cards, form, files, ticket } = message;
  const name = mine ? app.t("chat.youSaid") : author.name || app.t("chat.team");
  const failed = status !== null && typeof status === "object" ? status.failed.code : null;
  const rich = cards.length + files.length > 0 || form !== null || ticket !== null;
  const settled = status === null || status === "sent" || status === "delivered" || status === "read";
  return html`
    <div
      class="message ${mine ? "mine" : "theirs"} ${first ? "first" : ""} ${last ? "last" : ""}"
      data-key=${key}
      data-status=${status === null ? nothing : failed === null ? status : "failed"}
    >
      ${!mine && last ? avatar(app, author, name) : nothing}
      <span class="unseen">${writing ? app.t("chat.writing", { name }) : name}</span>
      ${
        content.length > 0
          ? html`<div class="bubble" part="bubble bubble-${mine ? "mine" : "theirs"}" ?data-writing=${writing}>${richText(content, null)}</div>`
          : nothing
      }
      ${rich ? app.parts.get()?.parts(app, message) : nothing}
      ${
        failed === null
          ? last || !settled || edited
            ? html`<p class="meta">
              ${edited ? html`<span>${app.t("chat.edited")}</span>` : nothing}
              <time datetime=${new Date(ts).toISOString()}>${clockTime(ts, app.texts.locale)}</time>
              ${typeof status === "string" ? step(app, status, row.newest || !settled) : nothing}
            </p>`
            : nothing
          : app.unkept.get()?.failure(app, row, failed)
      }
    </div>
  `;
}

/** How far it has come: a picture, and the word for it where it matters. */
function step(app: App, status: Step, inWords: boolean): TemplateResult {
  return html`<span class="step step-${status}">
    ${icon(pictures[status])}<span class=${inWords ? nothing : "unseen"}>${app.t(`status.${status}`)}</span>
  </span>`;
}
