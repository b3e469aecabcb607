import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";
import { contact, titleOf } from "./failure.js";
import { icon, type IconName } from "./icons.js";
import type { TextKey } from "./texts.js";

/** What does not work at the moment, and what still does. */
export function notices(app: App): TemplateResult {
  return html`<div class="notices" role="status">${[failed(app), connection(app), storage(app), refused(app), restarted(app)]}</div>`;
}

/** On the screens of the chat itself there is more to say of it. */
function failed(app: App): unknown {
  const { state } = app.core;
  if (state.name !== "failed" || app.screen.name === "chat") return nothing;
  const { state: help } = app.help;
  const text = help === "ready" ? "notice.chatFailed" : help === "failed" ? "failure.load" : titleOf(state.code);
  return notice("chat", "alert", html`${app.t(text)} ${again(app, "retry", () => app.retryLoads())}`);
}

function connection(app: App): unknown {
  const { connection, waiting } = app.view;
  const kept = waiting > 0 ? html` ${app.t("notice.waiting", { n: waiting })}` : nothing;
  if (connection === "offline") {
    const text = app.help.state === "ready" ? "notice.offline" : "notice.offlineNoHelp";
    return notice("offline", "offline", html`${app.t(text)}${kept}`);
  }
  if (typeof connection === "string") return nothing;
  if ("refused" in connection) {
    const { code } = connection.refused;
    const text = app.t(code === "version" ? "notice.refusedVersion" : "notice.refused", { code });
    return notice("refused", "alert", html`${text}${contact(app)}`);
  }
  const retry = again(app, "notice.tryNow", () => app.dispatch("reconnect"));
  return notice("unreachable", "offline", html`${app.t("notice.unreachable")}${kept} ${retry}`);
}

function storage(app: App): unknown {
  const { storage } = app.view;
  if (typeof storage === "string") return nothing;
  const { code } = storage.memory;
  const name = code === "quota" ? "notice.memoryQuota" : code === "newer" ? "notice.memoryNewer" : "notice.memory";
  return notice("memory", "alert", app.t(name));
}

/** An answer or a rating that the desk did not take, and that is the visitor's to send again or drop. */
function refused(app: App): unknown {
  const [first] = app.view.refused;
  if (!first) return nothing;
  const { key } = first;
  const retry = again(app, "status.retry", () => app.retry(key));
  const drop = again(app, "status.discard", () => app.dispatch({ discard: { key } }));
  return notice("answer", "alert", html`${app.t("notice.answerRefused")} ${retry} ${drop}`);
}

function restarted(app: App): unknown {
  return app.afterCrash ? notice("restarted", "alert", app.t("notice.restarted")) : nothing;
}

function again(app: App, label: TextKey, onClick: () => void): TemplateResult {
  return html`<button class="link" type="button" @click=${onClick}>${app.t(label)}</button>`;
}

function notice(name: string, picture: IconName, text: unknown): TemplateResult {
  return html`<div class="notice" part="notice" data-notice=${name}>
    ${icon(picture)}
    <div>${text}</div>
  </div>`;
}
