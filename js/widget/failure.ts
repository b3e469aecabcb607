import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";
import { closeButton } from "./bar.js";
import type { TextKey } from "./texts.js";

const reasons: Readonly<Record<string, TextKey>> = {
  core_load: "failure.load",
  core_refused: "failure.refused",
  stopped: "failure.stopped",
};

/** What is left when nothing can run. */
export function failure(app: App, code: string): TemplateResult {
  return html`
    <div class="screen">
      <div class="bar" part="header"><div class="bar-title"></div>${closeButton(app)}</div>
      ${trouble(app, code)}
    </div>
  `;
}

/** Why the conversation cannot be had, another try, another way. */
export function trouble(app: App, code: string): TemplateResult {
  return html`
    <div class="scroll trouble" role="alert" data-failure=${code}>
      <h2 tabindex="-1" data-focus="heading">${app.t(titleOf(code))}</h2>
      <p>${app.t(reasons[code] ?? "failure.other", { code })}</p>
      <button class="primary" type="button" @click=${() => app.retryLoads()}>${app.t("retry")}</button>
      ${contact(app)}
    </div>
  `;
}

export const titleOf = (code: string): TextKey => (code === "stopped" ? "failure.titleStopped" : "failure.title");

/** Another way to reach the team. A mail takes along what was typed. */
export function contact(app: App): TemplateResult {
  const { contact: address } = app.settings;
  const mail = address.toLowerCase().startsWith("mailto:") && app.box.text.trim() && !address.includes("?");
  const href = mail ? `${address}?body=${encodeURIComponent(app.box.text)}` : address;
  return html`
    <p class="contact">
      <slot name="contact">
        ${
          address
            ? html`<a href=${href} target="_blank" rel="noopener noreferrer">${app.t("failure.contact")}</a>`
            : nothing
        }
      </slot>
    </p>
  `;
}
