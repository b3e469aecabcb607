import { html, nothing, type TemplateResult } from "lit/html.js";
import { live } from "lit/directives/live.js";
import type { App } from "./app.js";
import { icon } from "./icons.js";
import type { TextKey } from "./texts.js";

const reasons: Readonly<Record<string, TextKey>> = {
  too_long: "composer.tooLong",
  outbox_full: "composer.full",
  closed: "composer.closed",
  no_files: "composer.file",
  file_too_large: "composer.file",
};

/** The message box. Enter sends, Shift+Enter breaks the line. */
export function composer(app: App): TemplateResult {
  const { conversation } = app.view;
  const refusal = app.box.refusal === "empty" ? null : app.box.refusal;
  return html`
    <form class="composer" part="composer" @submit=${(event: Event) => submit(app, event)}>
      ${conversation?.state === "resolved" ? html`<p class="quiet">${app.t("chat.resolvedHint")}</p>` : nothing}
      ${app.box.isWaiting ? html`<p class="quiet" role="status">${app.t("composer.waiting")}</p>` : nothing}
      ${refusal ? html`<p class="refusal" role="alert" id="refusal">${reason(app, refusal)}</p>` : nothing}
      ${app.tray?.template()}
      <div class="box">
        ${app.takesFiles ? picker(app) : nothing}
        <div class="grow" data-text=${app.box.text}><textarea
          rows="1"
          part="input"
          data-focus="field"
          aria-label=${app.t("composer.label")}
          aria-invalid=${refusal ? "true" : nothing}
          aria-describedby=${refusal ? "refusal" : nothing}
          placeholder=${app.t("composer.label")}
          enterkeyhint="send"
          dir="auto"
          .value=${live(app.box.text)}
          @input=${(event: InputEvent) => app.box.type((event.currentTarget as HTMLTextAreaElement).value)}
          @keydown=${(event: KeyboardEvent) => onKey(app, event)}
          @paste=${(event: ClipboardEvent) => onPaste(app, event)}
        ></textarea></div>
        <button
          class="send"
          part="send"
          type="submit"
          aria-label=${app.t("composer.send")}
          title=${app.t("composer.send")}
          ?disabled=${!app.box.text.trim() && app.tray?.isEmpty !== false}
        >
          ${icon("send")}
        </button>
      </div>
    </form>
  `;
}

/** A field of the browser's own, so that it may open the browser's own window. */
function picker(app: App): TemplateResult {
  const label = app.t("composer.attach");
  return html`<label class="plain attach" title=${label}>
    ${icon("clip")}<input class="unseen" type="file" multiple aria-label=${label} @change=${(event: Event) => onPick(app, event)} />
  </label>`;
}

function onPick(app: App, event: Event): void {
  const field = event.currentTarget as HTMLInputElement;
  void app.attach(field.files);
  field.value = "";
}

function onPaste(app: App, event: ClipboardEvent): void {
  const files = event.clipboardData?.files;
  if (!files?.length || !app.takesFiles) return;
  event.preventDefault();
  void app.attach(files);
}

function submit(app: App, event: Event): void {
  event.preventDefault();
  app.say();
  app.find(".composer textarea")?.focus({ preventScroll: true });
}

/** Enter that ends a composition of characters is not a wish to send. Safari says so by the key code alone. */
function onKey(app: App, event: KeyboardEvent): void {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  app.say();
}

/** Why something was not taken. */
export function reason(app: App, code: string): string {
  const known = reasons[code];
  return known ? app.t(known) : app.t("composer.refused", { code });
}
