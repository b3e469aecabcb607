import { html, type TemplateResult } from "lit/html.js";
import type { App } from "./app.js";
import { icon, type IconName } from "./icons.js";

/** A round button with a picture and a name. */
export function iconButton(
  picture: IconName,
  label: string,
  onClick: () => void,
  focus = "",
): TemplateResult {
  return html`<button class="plain" type="button" aria-label=${label} title=${label} data-focus=${focus} @click=${onClick}>
    ${icon(picture)}
  </button>`;
}

export function closeButton(app: App): TemplateResult {
  return iconButton("close", app.t("close"), () => app.host.close());
}

/** The line over a screen: the way back, what it is, the way out. */
export function bar(app: App, title: unknown, ...actions: TemplateResult[]): TemplateResult {
  return html`
    <div class="bar" part="header">
      ${iconButton("back", app.t("back"), () => app.back())}
      <div class="bar-title">${title}</div>
      ${actions} ${closeButton(app)}
    </div>
  `;
}
