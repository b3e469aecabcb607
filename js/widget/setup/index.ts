/** What a developer sees who has not said where the desk is; loaded only then. */
import { html, type TemplateResult } from "lit/html.js";
import type { App } from "../app.js";
import { closeButton } from "../bar.js";
import type { Settings } from "../settings.js";
import { words } from "./words.js";

type Problem = NonNullable<Settings["problem"]>;

export const styles = "";

export function setup(app: App, problem: Problem): TemplateResult {
  return html`
    <div class="screen">
      <div class="bar" part="header"><div class="bar-title"></div>${closeButton(app)}</div>
    <div class="scroll trouble" role="alert" data-problem=${problem}>
      <h2 tabindex="-1" data-focus="heading">${words(app, "title")}</h2>
      <p>${what(app, problem)}</p>
      <p class="quiet">${words(app, "hint")}</p>
    </div>
    </div>
  `;
}

/** What is wrong, and what would be right. */
export function what(app: App, problem: Problem): string {
  return words(app, problem, { value: app.settings.desk });
}
