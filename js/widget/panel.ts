import { html, nothing, type TemplateResult } from "lit/html.js";
import { article } from "./article.js";
import type { App } from "./app.js";
import { chat } from "./chat.js";
import { failure } from "./failure.js";
import { home } from "./home.js";
import { focusedWithin } from "./page.js";

/** The panel: a dialog beside the page, or over it where it fills the screen. */
export function panel(app: App): TemplateResult {
  return html`
    <section
      class="panel"
      part="panel"
      role="dialog"
      aria-label=${app.view.siteName ? `${app.view.siteName}, ${app.t("label")}` : app.t("label")}
      aria-modal=${app.fullScreen.matches ? "true" : nothing}
      ?hidden=${!app.isOpen}
      @keydown=${(event: KeyboardEvent) => onKey(app, event)}
    >
      ${screen(app)}
    </section>
  `;
}

function screen(app: App): unknown {
  if (app.settings.problem !== null) return app.setup.get()?.setup(app, app.settings.problem);
  // Where nothing may run there is nothing to search with either.
  if (app.core.state.name === "failed" && app.core.state.code === "core_refused") return failure(app, app.core.state.code);
  switch (app.screen.name) {
    case "home":
      return home(app);
    case "article":
      return article(app, app.screen);
    case "chat":
      return chat(app);
  }
}

function onKey(app: App, event: KeyboardEvent): void {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape") {
    event.stopPropagation();
    if (app.over) void app.reveal("", "[data-focus=menu]");
    else app.host.close();
  }
  if (event.key === "Tab" && app.fullScreen.matches) keepFocus(event);
}

/** Over the whole screen there is nothing else to reach: Tab goes round within the panel. */
function keepFocus(event: KeyboardEvent): void {
  const panel = event.currentTarget as HTMLElement;
  const stops = [
    ...panel.querySelectorAll<HTMLElement>('a[href], button:enabled, input, textarea, [tabindex="0"]'),
  ].filter((element) => element.getClientRects().length > 0);
  const first = stops[0];
  const last = stops[stops.length - 1];
  const focused = focusedWithin(panel);
  if (!first || !last) return;
  if (event.shiftKey ? focused === first || focused === panel : focused === last) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}
