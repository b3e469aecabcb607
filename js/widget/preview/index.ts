/** The newest message, beside the launcher while the panel is closed; loaded with the first one. */
import { html, type TemplateResult } from "lit/html.js";
import type { Summary } from "../../types/view.js";
import type { App } from "../app.js";
import { avatar } from "../avatar.js";
import { icon } from "../icons.js";
import css from "./preview.css";

export { Call } from "./call.js";

export const styles = css;

/** The newest message of a conversation; it opens it. */
export function preview(app: App, news: Summary): TemplateResult {
  const name = news.agent?.name || app.t("chat.team");
  const open = (): void => {
    app.openConversation(news.id);
    app.host.open();
  };
  return html`
    <div class="preview" part="preview">
      <button class="preview-open" type="button" aria-label=${app.t("chat.said", { name, text: news.preview })} @click=${open}>
        ${avatar(app, news.agent, name)}
        <span class="preview-text"><b dir="auto">${name}</b><span dir="auto">${news.preview}</span></span>
      </button>
      <button class="plain" type="button" aria-label=${app.t("close")} @click=${() => app.waveAway()}>${icon("close")}</button>
    </div>
  `;
}
