import { html, nothing, type TemplateResult } from "lit/html.js";
import type { Status } from "../types/view.js";
import type { App } from "./app.js";
import { avatar } from "./avatar.js";
import { icon, type IconName } from "./icons.js";
import { richText } from "./rich-text.js";
import type { Row } from "./rows.js";
import type { TextKey } from "./texts.js";
import { clockTime } from "./times.js";

type MessageRow = Extract<Row, { kind: "message" }>;
type Step = Extract<Status, string>;

const pictures: Readonly<Record<Step, IconName>> = {
  saving: "clock",
  queued: "clock",
  sending: "clock",
  sent: "check",
  delivered: "checks",
  read: "checks",
};
const reasons: Readonly<Record<string, TextKey>> = {
  too_large: "status.failedTooLong",
  rate_limited: "status.failedTooMany",
  closed: "status.failedClosed",
};

/** One message. */
export function bubble(app: App, row: MessageRow): TemplateResult {
  const { message, ts, first, last, key } = row;
  const { mine, author, content, status } = message;
  const name = mine ? app.t("chat.youSaid") : author.name || app.t("chat.team");
  const failed = status !== null && typeof status === "object" ? status.failed.code : null;
  const settled = status === null || status === "sent" || status === "delivered" || status === "read";
  return html`
    <div
      class="message ${mine ? "mine" : "theirs"} ${first ? "first" : ""} ${last ? "last" : ""}"
      data-key=${key}
      data-status=${status === null ? nothing : failed === null ? status : "failed"}
    >
      ${!mine && last ? avatar(author, name) : nothing}
      <span class="unseen">${name}</span>
      <div class="bubble" part="bubble bubble-${mine ? "mine" : "theirs"}">${richText(content, null)}</div>
      ${
        failed === null
          ? last || !settled
            ? html`<p class="meta">
              <time datetime=${new Date(ts).toISOString()}>${clockTime(ts, app.texts.locale)}</time>
              ${typeof status === "string" ? step(app, status, row.newest || !settled) : nothing}
            </p>`
            : nothing
          : failure(app, key, failed)
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

function failure(app: App, key: string, code: string): TemplateResult {
  return html`
    <div class="meta failed">
      <span>${icon("alert")}${app.t(reasons[code] ?? "status.failed")}</span><br />
      <button class="link" type="button" @click=${() => app.dispatch({ retry: { key } })}>${app.t("status.retry")}</button>
      <button class="link" type="button" @click=${() => app.dispatch({ discard: { key } })}>${app.t("status.discard")}</button>
    </div>
  `;
}
