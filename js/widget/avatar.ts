import { html, nothing, type TemplateResult } from "lit/html.js";
import type { Participant } from "../types/protocol.js";
import type { App } from "./app.js";

/** A face, or the first letter of the name. */
export function avatar(app: App, who: Participant | null, name: string): TemplateResult {
  const [initial = ""] = name.trim();
  const face = who?.avatar && atDesk(who.avatar, app.settings.desk);
  return html`<span class="avatar" part="avatar" aria-hidden="true"
    >${initial}${
      face ? html`<img src=${face} alt="" loading="lazy" referrerpolicy="no-referrer" @error=${hide} />` : nothing
    }</span
  >`;
}

/** Pictures come from the desk alone: nobody else is to learn who reads. */
function atDesk(address: string, desk: string): string | null {
  try {
    const { href, origin } = new URL(address, desk);
    return origin === new URL(desk).origin ? href : null;
  } catch {
    return null;
  }
}

/** A picture that does not come leaves the letter. */
function hide(event: Event): void {
  (event.currentTarget as HTMLElement).hidden = true;
}
