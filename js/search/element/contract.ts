/** What a page's own scripts may know of `<deskside-search>`. Types only. */
import type { Settled, Unanswered } from "../query-log.js";

/** `<deskside-search>` as a script sees it. */
export interface DesksideSearchElement extends HTMLElement {
  /** What is in the field. */
  value: string;
  /** Puts a query into the field and shows what it finds. */
  search(query: string): void;
  /** What was searched for on this page since it was loaded, without a good answer. */
  unanswered(): Unanswered[];
}

/** What `deskside:open` tells. `preventDefault()` keeps the browser here: the page goes there by itself. */
export interface OpenDetail {
  id: string;
  /** Where the article is, with the heading that answers; null for one without an address. */
  href: string | null;
  anchor: string | null;
  query: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "deskside-search": DesksideSearchElement;
  }
  interface HTMLElementEventMap {
    "deskside:searched": CustomEvent<Settled>;
    "deskside:unanswered": CustomEvent<{ query: string }>;
    "deskside:open": CustomEvent<OpenDetail>;
  }
}
