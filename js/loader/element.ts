import type { Launcher } from "./launcher.js";

/**
 * `<deskside-widget>`: where the launcher lives on the page.
 *
 * @attr desk - The desk's address, `https://...`.
 * @attr site - The site's id at that desk.
 * @attr help - The address of the help index.
 * @attr locale - BCP 47; the page's language where it is missing.
 * @attr position - `right` (as it is) or `left`.
 * @attr theme - `auto` (as it is), `light` or `dark`.
 * @attr contact - Another way to reach the team when all else fails: `mailto:`, `tel:` or `https:`.
 * @attr sound - Plays a soft sound for a new message until the visitor turns it off.
 * @attr open - Whether the panel is open.
 * @slot contact - A link that replaces the one made from `contact`.
 */
export function defineElement(launcher: Launcher): void {
  class DesksideWidget extends HTMLElement {
    static readonly observedAttributes = [
      "desk",
      "site",
      "help",
      "locale",
      "theme",
      "contact",
      "sound",
      "open",
    ];

    connectedCallback(): void {
      if (launcher.element === null) launcher.enter(this);
      else if (launcher.element !== this) {
        console.warn("deskside: a page has one <deskside-widget>; this one stays empty", this);
      }
    }

    disconnectedCallback(): void {
      if (launcher.element !== this) return;
      launcher.leave();
      // A page that swaps its body may have put the next element in before it took this one out.
      for (const next of document.querySelectorAll("deskside-widget")) {
        if (next !== this) return launcher.enter(next as HTMLElement);
      }
    }

    attributeChangedCallback(name: string, before: string | null, after: string | null): void {
      if (launcher.element !== this || before === after) return;
      if (name !== "open") launcher.configured();
      else if (after === null) launcher.close();
      else launcher.open();
    }

    /** Messages that have not been looked at. */
    get unread(): number {
      return launcher.unread;
    }

    open(): void {
      launcher.open();
    }

    close(): void {
      launcher.close();
    }

    toggle(): void {
      launcher.toggle();
    }

    /** Opens the chat, with a text in the box that the visitor may send. */
    openChat(text = ""): Promise<void> {
      return launcher.show((widget) => widget.openChat(text));
    }

    openArticle(id: string): Promise<void> {
      return launcher.show((widget) => widget.openArticle(id));
    }

    search(query: string): Promise<void> {
      return launcher.show((widget) => widget.search(query));
    }
  }

  customElements.define("deskside-widget", DesksideWidget);
}
