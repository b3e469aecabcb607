import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";
import { panel } from "./panel.js";

/** Everything beside the launcher's button. */
export function surface(app: App): TemplateResult {
  return html`
    ${app.news ? app.preview.get()?.preview(app, app.news) : app.isOpen ? nothing : app.surveys.card()} ${panel(app)}
    <div class="unseen" role="status" data-live>${app.announcement}</div>
  `;
}
