import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";
import { titleOf } from "./failure.js";
import { icon, type IconName } from "./icons.js";

/** What does not work at the moment, and what still does. */
export function notices(app: App): TemplateResult {
  return html`<div class="notices" role="status">${[failed(app), connection(app), unkept(app), restarted(app)]}</div>`;
}

/** On the screens of the chat itself there is more to say of it. */
function failed(app: App): unknown {
  const { state } = app.core;
  if (state.name !== "failed" || app.screen.name === "chat") return nothing;
  const { state: help } = app.help;
  const text = help === "ready" ? "notice.chatFailed" : help === "failed" ? "failure.load" : titleOf(state.code);
  return notice("chat", "alert", html`${app.t(text)} ${again(app.t("retry"), () => app.retryLoads())}`);
}

function connection(app: App): unknown {
  const { connection, waiting } = app.view;
  const kept = waiting > 0 ? html` ${app.t("notice.waiting", { n: waiting })}` : nothing;
  if (connection === "offline") {
    const text = app.help.state === "ready" ? "notice.offline" : "notice.offlineNoHelp";
    return notice("offline", "offline", html`${app.t(text)}${kept}`);
  }
  if (typeof connection === "string" || "refused" in connection) return nothing;
  const retry = again(app.t("notice.tryNow"), () => app.dispatch("reconnect"));
  return notice("unreachable", "offline", html`${app.t("notice.unreachable")}${kept} ${retry}`);
}

/** What the desk does not take, and the device does not keep. */
function unkept(app: App): unknown {
  const { connection, storage, refused } = app.view;
  const forbidden = typeof connection === "object" && "refused" in connection;
  return forbidden || typeof storage === "object" || refused.length > 0 || app.lost ? app.unkept.get()?.unkept(app) : nothing;
}

function restarted(app: App): unknown {
  return app.afterCrash ? notice("restarted", "alert", app.t("notice.restarted")) : nothing;
}

export function again(label: string, onClick: () => void): TemplateResult {
  return html`<button class="link" type="button" @click=${onClick}>${label}</button>`;
}

export function notice(name: string, picture: IconName, text: unknown): TemplateResult {
  return html`<div class="notice" part="notice" data-notice=${name}>
    ${icon(picture)}
    <div>${text}</div>
  </div>`;
}
