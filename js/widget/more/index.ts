/** What else can be done with a conversation; loaded when somebody asks for it. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "../app.js";
import { canEnd } from "../chat.js";
import { picture } from "../icons.js";
import css from "./more.css";
import { saveTranscript } from "./transcript.js";
import { words } from "./words.js";

export const styles = css;

const PLUS = "M12 5.5v13M5.5 12h13";
const SOUND = "M5 9.5v5h3l4 3.5V6L8 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11";
const SAVE = "M12 4.5v10M7.5 10.5L12 15l4.5-4.5M5.5 19.5h13";
const END = "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM9 9l6 6M15 9l-6 6";

/** The list under the menu's button. */
export function menuList(app: App): TemplateResult {
  const entry = (lines: string, text: string, run: () => void): TemplateResult => html`
    <li><button type="button" @click=${run}>${picture(lines)}${text}</button></li>
  `;
  const sound = words(app, app.attention.sound ? "soundOff" : "soundOn");
  const said = (app.view.conversation?.items.length ?? 0) > 0;
  return html`
    <ul class="menu-list" part="menu">
      ${entry(PLUS, words(app, "new"), () => app.newConversation())}
      ${entry(SOUND, sound, () => app.toggleSound())}
      ${said ? entry(SAVE, words(app, "save"), () => void saveTranscript(app)) : nothing}
      ${
        canEnd(app)
          ? entry(END, words(app, "end"), () => void app.reveal("end", ".confirm .primary"))
          : nothing
      }
    </ul>
  `;
}

/** Asks before a conversation is ended. */
export function confirmEnd(app: App): TemplateResult {
  return html`
    <div class="veil">
      <div class="confirm" part="confirm" role="alertdialog" aria-modal="true" aria-labelledby="end" aria-describedby="end-hint" @keydown=${keepFocus}>
        <h3 id="end">${words(app, "end.title")}</h3>
        <p id="end-hint" class="quiet">${words(app, "end.hint")}</p>
        <button class="primary" type="button" @click=${() => app.endConversation()}>${words(app, "end")}</button>
        <button class="secondary" type="button" @click=${() => void app.reveal("", "[data-focus=menu]")}>
          ${app.t("cancel")}
        </button>
      </div>
    </div>
  `;
}

/** Two buttons: Tab goes from each to the other. */
function keepFocus(event: KeyboardEvent): void {
  if (event.key !== "Tab") return;
  event.preventDefault();
  event.stopPropagation();
  const buttons = (event.currentTarget as HTMLElement).querySelectorAll("button");
  (event.target === buttons[0] ? buttons[1] : buttons[0])?.focus();
}
