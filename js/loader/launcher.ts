import { launcherButton, part } from "./button.js";
import type { Host, Widget, WidgetModule } from "./contract.js";
import { languageOf, localeOf } from "./language.js";
import css from "./launcher.css";
import en from "./locales/en.json";
import zhCN from "./locales/zh-CN.json";
import { hasLeft, type Kind } from "./unfinished.js";
import type { Identity } from "../client/recovering.js";
import type { SurveyAction } from "../types/client.js";

const HOVER_DELAY_MS = 80;
const LOAD_TIMEOUT_MS = 20_000;
const texts = { en, "zh-CN": zhCN };

export type Listener = (detail: unknown) => void;

/** What goes with a survey's act: see `SurveyAction`. */
export interface SurveyOptions {
  readonly name?: string;
  readonly value?: unknown;
}

/** The page's one launcher. Until the visitor shows intent it is a button and nothing else. */
export class Launcher implements Host {
  element: HTMLElement | null = null;
  identity: Identity | null = null;
  isOpen = false;
  readonly surface = part("div", "surface");
  private readonly badge = part("span", "badge");
  private readonly button = launcherButton(this.badge);
  private readonly sheets: CSSStyleSheet[] = [];
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly settings = new Map<string, string | null>();
  private badgeLabel = "";
  private attempts = 0;
  private module: Promise<WidgetModule> | undefined;
  private loading: Promise<Widget | undefined> | undefined;
  private widget: Widget | undefined;
  private failure: HTMLElement | undefined;

  constructor(readonly base: string) {
    this.addStyles(css);
    this.surface.append(this.button);
    this.button.addEventListener("click", () => this.toggle());
    this.watchForIntent();
  }

  /** Moves into an element that came onto the page. */
  enter(element: HTMLElement): void {
    this.element = element;
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = this.sheets;
    root.append(this.surface);
    for (const [name, value] of this.settings) setAttribute(element, name, value);
    this.setOpen(this.isOpen || element.hasAttribute("open"));
    this.reflect();
    this.configured();
    if (this.isOpen) void this.load();
    else this.resumeSoon();
  }

  private resumeSoon(): void {
    whenIdle(() => void this.resume());
  }

  /** A returning visitor's messages go out, and their answers are counted, without a click. */
  private async resume(): Promise<void> {
    if (this.element?.hasAttribute("surveys") || (await this.hasLeft("unfinished"))) void this.load();
  }

  remembers(): Promise<boolean> {
    return this.hasLeft("anything");
  }

  private hasLeft(kind: Kind): Promise<boolean> {
    return hasLeft(kind, this.element?.getAttribute("site") ?? "", this.identity?.user);
  }

  /** The element left the page; another, or the same, may follow. */
  leave(): void {
    this.element = null;
    this.widget?.detached();
  }

  /** An attribute changed. */
  configured(): void {
    this.label();
    this.widget?.configured();
  }

  /** Sets an attribute in the page's name, here and on every element that follows this one. */
  set(name: string, value: string | null): void {
    this.settings.set(name, value);
    if (this.element) setAttribute(this.element, name, value);
  }

  /** Whom the site has signed in; `null` once it has signed them out. */
  identify(identity: Identity | null): void {
    this.identity = identity?.user ? identity : null;
    this.widget?.configured();
    this.resumeSoon();
  }

  get unread(): number {
    return this.widget?.unread ?? 0;
  }

  open(): void {
    this.setOpen(true);
  }

  close(): void {
    this.setOpen(false);
  }

  toggle(): void {
    this.setOpen(!this.isOpen);
  }

  /** Opens the panel and does something in it. */
  async show(act: (widget: Widget) => void): Promise<void> {
    this.open();
    const widget = await this.load();
    if (widget) act(widget);
  }

  /** Does something with surveys: `start`, `define`, `event`, and the rest of `SurveyAction`. */
  async survey(act: unknown, id: unknown, more: SurveyOptions = {}): Promise<string | null> {
    const widget = await this.load();
    const named = act === "event" ? { name: String(id) } : typeof id === "string" ? { id, name: "widget" } : { value: id };
    return (await widget?.surveys.act({ act, ...named, ...more } as SurveyAction)) ?? null;
  }

  focusLauncher(): void {
    this.button.focus({ preventScroll: true });
  }

  setBadge(text: string, label: string): void {
    this.badge.textContent = text;
    this.badgeLabel = label;
    this.label();
  }

  addStyles(text: string): void {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    this.sheets.push(sheet);
    const root = this.element?.shadowRoot;
    if (root) root.adoptedStyleSheets = this.sheets;
  }

  emit(name: string, detail?: unknown): void {
    const event = new CustomEvent(`deskside:${name}`, { detail, bubbles: true, composed: true });
    this.element?.dispatchEvent(event);
    for (const listener of this.listeners.get(name) ?? []) {
      try {
        listener(detail);
      } catch (error) {
        // The page's mistake is the page's to see, and nobody else's to suffer.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  on(name: string, listener: Listener): void {
    const listeners = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, listeners.add(listener));
  }

  off(name: string, listener: Listener): void {
    this.listeners.get(name)?.delete(listener);
  }

  /** Loads the widget, once. `undefined` when it could not be loaded; the visitor has been told. */
  load(): Promise<Widget | undefined> {
    this.loading ??= this.attach();
    return this.loading;
  }

  private async attach(): Promise<Widget | undefined> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), LOAD_TIMEOUT_MS);
    this.failure?.remove();
    this.button.setAttribute("aria-busy", "true");
    void this.fetchParts();
    try {
      const module = await unless(patience.signal, this.import());
      this.widget = await unless(patience.signal, module.attach(this, patience.signal));
      if (this.isOpen) this.widget.opened(true);
      return this.widget;
    } catch (error) {
      // Nothing of a failed load is kept: the next try starts afresh.
      this.module = this.loading = undefined;
      console.error("deskside: the widget could not be loaded", error);
      this.emit("failed", { code: "widget_load" });
      if (this.isOpen) this.showFailure();
      this.setOpen(false);
      return undefined;
    } finally {
      clearTimeout(timer);
      this.button.removeAttribute("aria-busy");
    }
  }

  private import(): Promise<WidgetModule> {
    // A browser may remember that an address failed, so another try asks for another address.
    const retry = this.attempts > 0 ? `?retry=${this.attempts}` : "";
    return (this.module ??= import(`${this.base}deskside-widget.js${retry}`).catch((error: unknown) => {
      this.attempts += 1;
      this.module = undefined;
      throw error;
    }) as Promise<WidgetModule>);
  }

  /** What the widget will ask for next comes along with it instead of after it. */
  private async fetchParts(): Promise<void> {
    const search = this.isOpen && this.element?.hasAttribute("help");
    if (search) {
      this.fetchAhead("modulepreload", "deskside-search-core.js");
      this.fetchAhead("preload", "deskside-search-core.wasm");
    }
    if (search && !(await this.remembers())) return;
    this.fetchAhead("modulepreload", "deskside-conversation.js");
    this.fetchAhead("modulepreload", "deskside-core.js");
    this.fetchAhead("preload", "deskside-core.wasm");
  }

  private fetchAhead(rel: string, file: string): void {
    const link = document.createElement("link");
    link.rel = rel;
    link.as = rel === "preload" ? "fetch" : "script";
    link.crossOrigin = "anonymous";
    link.href = this.base + file;
    link.addEventListener("load", () => link.remove());
    this.surface.append(link);
  }

  private watchForIntent(): void {
    const preload = (): void => void this.import().catch(() => undefined);
    let timer = 0;
    const soon = (): void => {
      timer = window.setTimeout(preload, HOVER_DELAY_MS);
    };
    const cancel = (): void => window.clearTimeout(timer);
    this.button.addEventListener("pointerenter", soon);
    this.button.addEventListener("pointerleave", cancel);
    this.button.addEventListener("focus", soon);
    this.button.addEventListener("blur", cancel);
    this.button.addEventListener("touchstart", preload, { passive: true });
  }

  private setOpen(open: boolean): void {
    if (open === this.isOpen) return;
    this.isOpen = open;
    this.reflect();
    if (this.widget) this.widget.opened(open);
    else if (open) void this.load();
  }

  /** Shows the state on the button and as the element's attribute. */
  private reflect(): void {
    this.button.setAttribute("aria-expanded", String(this.isOpen));
    this.label();
    this.element?.toggleAttribute("open", this.isOpen);
  }

  private label(): void {
    const { open, close } = this.texts();
    const label = this.isOpen ? close : this.badgeLabel ? `${open}, ${this.badgeLabel}` : open;
    this.button.setAttribute("aria-label", label);
  }

  private texts(): typeof en {
    return texts[languageOf(localeOf(this.element))];
  }

  private showFailure(): void {
    const { failed, retry } = this.texts();
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = retry;
    again.addEventListener("click", () => {
      this.focusLauncher();
      this.open();
    });
    this.failure?.remove();
    this.failure = part("div", "failure", document.createTextNode(failed), again);
    this.failure.setAttribute("role", "alert");
    this.surface.append(this.failure);
  }
}

function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

function whenIdle(run: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(run, { timeout: 5000 });
  else setTimeout(run, 1500);
}

/** The promise's outcome, or the signal's abort if that comes first. */
function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error(`no answer in ${LOAD_TIMEOUT_MS} ms`)));
    promise.then(resolve, reject);
  });
}
