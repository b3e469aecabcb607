/** What the launcher and the widget know of each other. Types only: the two are built apart. */

import type { Identity } from "../client/recovering.js";
import type { SurveyAction } from "../types/client.js";

/** The launcher's side. It outlives the element: a page that swaps its body puts a new one in. */
export interface Host {
  /** The element on the page; its attributes are the settings. `null` while there is none. */
  readonly element: HTMLElement | null;
  /** The one node in the shadow root. The widget draws into it, after the launcher's button. */
  readonly surface: HTMLElement;
  /** Whom the page says that the visitor is; `null` for a visitor whom it does not know. */
  readonly identity: Identity | null;
  /** The folder that the scripts lie in, ending in a slash. */
  readonly base: string;
  /** Whether the panel is meant to be open. */
  readonly isOpen: boolean;
  /** Whether there is something of this visitor on the device. */
  remembers(): Promise<boolean>;
  open(): void;
  close(): void;
  focusLauncher(): void;
  /** The number on the button; 0 takes it away. `label` says the same in words. */
  setBadge(text: string, label: string): void;
  /** Adds a style sheet to the shadow root, and to every later one. */
  addStyles(css: string): void;
  /** Tells the page: a `deskside:<name>` event on the element, and the listeners of the command queue. */
  emit(name: string, detail?: unknown): void;
}

/** The widget's side. */
export interface Widget {
  readonly unread: number;
  /** `host.isOpen` changed. */
  opened(open: boolean): void;
  /** An attribute changed, or the element is a new one. */
  configured(): void;
  /** There is no element on the page any more. */
  detached(): void;
  openChat(text: string): void;
  openArticle(id: string): void;
  search(query: string): void;
  readonly surveys: {
    /** Does something with surveys; see `SurveyAction`. The error's code, or null. */
    act(action: SurveyAction): Promise<string | null>;
    /** A `<deskside-survey>` is on the page. */
    inline(element: HTMLElement): Promise<void>;
  };
}

/** What `deskside-widget.js` exports. */
export interface WidgetModule {
  /** Draws nothing once the signal has been aborted: another attempt may be on its way. */
  attach(host: Host, signal: AbortSignal): Promise<Widget>;
}
