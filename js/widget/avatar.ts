import { html, nothing, type TemplateResult } from "lit/html.js";
import type { Participant } from "../types/protocol.js";

/** A face, or the first letter of the name. */
export function avatar(who: Participant | null, name: string): TemplateResult {
  const [initial = ""] = name.trim();
  return html`<span class="avatar" part="avatar" aria-hidden="true"
    >${initial}${
      who?.avatar
        ? html`<img src=${who.avatar} alt="" loading="lazy" referrerpolicy="no-referrer" @error=${hide} />`
        : nothing
    }</span
  >`;
}

/** A picture that does not come leaves the letter. */
function hide(event: Event): void {
  (event.currentTarget as HTMLElement).hidden = true;
}
