import { html, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";
import { closeButton } from "./bar.js";
import type { Settings } from "./settings.js";

/** What a developer sees who has not said where the desk is. */
export function setup(app: App, problem: NonNullable<Settings["problem"]>): TemplateResult {
  return html`
    <div class="screen">
      <div class="bar" part="header"><div class="bar-title"></div>${closeButton(app)}</div>
    <div class="scroll trouble" role="alert" data-problem=${problem}>
      <h2 tabindex="-1" data-focus="heading">${app.t("setup.title")}</h2>
      <p>${app.t(`setup.${problem}`, { value: app.settings.desk })}</p>
      <p class="quiet">${app.t("setup.hint")}</p>
    </div>
    </div>
  `;
}
