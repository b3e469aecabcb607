import { render } from "lit/html.js";
import type { Host, Widget } from "../loader/contract.js";
import type { WebChatClient as Client } from "../client/conversation.js";
import type { Action, HostEvent } from "../types/client.js";
import type { Lifecycle } from "../types/protocol.js";
import type { View } from "../types/view.js";
import { directions } from "../loader/language.js";
import { markOf } from "../loader/unfinished.js";
import { Attention } from "./attention.js";
import { codeOf, Core, type CoreEvents } from "./core.js";
import type { Tray } from "./attach/index.js";
import { Help, type HelpContext } from "./help.js";
import { Lazy } from "./lazy.js";
import { MessageBox } from "./message-box.js";
import { focusedWithin, FullScreen, isTouch, Theme } from "./page.js";
import { keepChoice, markUnfinished, readChoice } from "./keepsakes.js";
import { toAnchor } from "./rich-text.js";
import { readSettings, type Settings } from "./settings.js";
import { surface } from "./surface.js";
import { Surveys } from "./surveys.js";
import { Timeline } from "./timeline.js";
import { loadTexts, type TextKey, type Texts, type Values } from "./texts.js";

/** What is not needed at once waits so long for what is. */
const PREFETCH_MS = 2_000;
/** An element that is gone so long is not coming back; the connection is let go. */
const REST_MS = 30_000;

/** What fills the panel. */
export type Screen =
  | { readonly name: "home" }
  | { readonly name: "article"; readonly id: string; readonly anchor: string | null; readonly query: string }
  | { readonly name: "chat" };

/** The widget's state beside what the core holds, and everything that changes it. */
export class App implements Widget, CoreEvents, HelpContext {
  readonly core: Core;
  readonly box: MessageBox;
  /** Whether the conversation part had to begin anew while the visitor was here. */
  afterCrash = false;
  /** Whether home lists every conversation, and not the newest alone. */
  allConversations = false;
  /** What is over the conversation, or in its place: the menu, the question before its end, a message that is being left. */
  over: "" | "menu" | "end" | "ticket" = "";
  announcement = "";
  /** Whether something that the visitor said beside messages found no room on the device. */
  lost = false;
  settings: Settings;
  help: Help;
  /** Files that are about to be sent, once there were any. */
  tray: Tray | null = null;
  readonly parts = this.lazy(() => import("./parts/index.js"));
  readonly setup = this.lazy(() => import("./setup/index.js"));
  readonly preview = this.lazy(() => import("./preview/index.js"));
  readonly more = this.lazy(() => import("./more/index.js"));
  readonly ticket = this.lazy(() => import("./ticket/index.js"));
  readonly unkept = this.lazy(() => import("./unkept/index.js"));
  private readonly attaching = this.lazy(() => import("./attach/index.js"));
  readonly attention = new Attention(() => this.preview.wait());
  readonly timeline = new Timeline(this);
  readonly surveys = new Surveys(this);
  readonly fullScreen: FullScreen;
  private readonly theme: Theme;
  private screens: Screen[] = [{ name: "home" }];
  /** The conversation that the core was told is being looked at. */
  private lookedAt = "";
  private waved = 0;
  /** What was searched and read before the conversation has yet to be told. */
  private untold = false;
  private rest = 0;
  private drawing = false;

  constructor(
    readonly host: Host,
    public texts: Texts,
  ) {
    this.settings = readSettings(host);
    this.fullScreen = new FullScreen(host.surface, () => this.draw());
    this.theme = new Theme(host.surface);
    this.core = new Core(host.base, this);
    this.box = new MessageBox(
      this.core,
      () => this.draw(),
      () => markOf(this.settings.site, this.settings.identity?.user ?? ""),
    );
    this.help = new Help(this, host.base);
    document.addEventListener("visibilitychange", () => this.look());
    addEventListener("online", () => this.retryLoads());
    this.applySettings();
    void this.begin();
  }

  get view(): View {
    return this.core.view;
  }

  /** The conversation part, loaded for whoever asks, as soon as it is there. */
  clientReady(): Promise<Client> {
    this.start();
    return this.core.ready();
  }

  get locale(): string {
    return this.settings.locale;
  }

  get unread(): number {
    return this.view.unread;
  }

  get isOpen(): boolean {
    return this.host.isOpen;
  }

  get screen(): Screen {
    return this.screens[this.screens.length - 1] ?? { name: "home" };
  }

  /** Messages that came while the panel was closed, unless the visitor waved them away. */
  get news(): View["conversations"][number] | undefined {
    const newest = this.view.conversations.find((one) => one.unread > 0);
    return !this.isOpen && newest && newest.updatedAt > this.waved ? newest : undefined;
  }

  /** Whether the desk takes files. */
  get takesFiles(): boolean {
    return this.view.attachmentBytesMax > 0;
  }

  // What the launcher asks for.

  opened(open: boolean): void {
    const hadFocus = focusedWithin(this.find(".panel"));
    this.over = "";
    this.waveAway();
    if (open) {
      void this.begin();
      this.loadHelp();
      this.attention.prepare();
      const unread = this.view.conversations.find((one) => one.unread > 0);
      if (unread) this.openConversation(unread.id);
    }
    this.fullScreen.panel(open);
    this.look();
    this.draw();
    // A page that opens the panel by itself does not take the focus from what the visitor is doing.
    const asked = !("userActivation" in navigator) || navigator.userActivation.isActive;
    if (open && (asked || focusedWithin(this.host.surface))) void this.focusScreen();
    else if (hadFocus) this.host.focusLauncher();
    this.host.emit(open ? "opened" : "closed");
  }

  configured(): void {
    clearTimeout(this.rest);
    const before = this.settings;
    this.settings = readSettings(this.host);
    const { desk, site, help, locale, identity } = this.settings;
    if (desk !== before.desk || site !== before.site) this.stop();
    if (identity?.user !== before.identity?.user) this.changePerson();
    if (help !== before.help) this.help.reset();
    if (locale !== before.locale) void this.loadTexts();
    this.applySettings();
    void this.begin();
    this.loadHelp();
    this.draw();
  }

  detached(): void {
    this.fullScreen.panel(false);
    this.rest = window.setTimeout(() => {
      if (this.view.storage === "durable") this.stop();
    }, REST_MS);
  }

  openChat(text: string): void {
    this.untold = this.help.query !== "" || this.help.read.length > 0;
    this.openConversation(null, text);
  }

  openArticle(id: string, anchor: string | null = null): void {
    this.help.read.push(id);
    this.go({ name: "article", id, anchor, query: this.help.query });
    if (anchor) void this.drawn().then(() => toAnchor(this.find(".article"), anchor));
    this.host.emit("articleOpened", { article: id });
  }

  search(query: string): void {
    this.leaveChat();
    this.screens = [{ name: "home" }];
    this.help.search(query);
    this.moved();
  }

  // Where the visitor is.

  go(screen: Screen): void {
    this.leaveChat();
    this.screens.push(screen);
    this.moved();
  }

  back(): void {
    this.leaveChat();
    this.screens.pop();
    this.moved();
  }

  /** Shows a conversation: the named one, else the one that is open, else a new one. */
  openConversation(conv: string | null, text = ""): void {
    if (this.screen.name !== "chat") {
      this.screens.push({ name: "chat" });
      this.box.leave();
    }
    this.start();
    this.dispatch({ open: { conv } });
    // Asked for later, it is there without a network as well.
    setTimeout(() => void this.more.get(), PREFETCH_MS);
    if (text && !this.box.text) this.box.type(text);
    this.moved();
  }

  showAllConversations(): void {
    this.allConversations = true;
    void this.focus("[data-conversation]");
  }

  newConversation(): void {
    this.dispatch("openNew");
    this.moved();
  }

  endConversation(): void {
    const { conversation } = this.view;
    if (conversation) this.dispatch({ end: { conv: conversation.id } });
    this.moved();
  }

  /** Says what is in the message box, then the files beside it. */
  say(): void {
    this.box.send();
    this.start();
    if (!this.box.refusal) this.tray?.send();
  }

  /** Puts files beside the message box. */
  async attach(files: FileList | null): Promise<void> {
    const chosen = [...(files ?? [])];
    if (chosen.length === 0) return;
    try {
      const { Tray } = await this.attaching.wait();
      this.tray ??= new Tray(this);
      await this.tray.take(chosen);
    } catch {
      this.box.refuse("core_load");
    }
  }

  /** Asks for a person, who hears what was searched for and read. */
  askPerson(reason: string): void {
    const { conversation } = this.view;
    if (!conversation) return;
    const articles = this.help.read.map((id) => ({ id, ...this.helpfulness(id) }));
    this.dispatch({ handoff: { conv: conversation.id, reason, query: this.help.query, articles } });
  }

  /** Who waits for a person anyway need not ask for one; what was searched and read goes along all the same. */
  private tellContext(): void {
    if (!this.untold || this.view.conversation?.state !== "queued") return;
    this.untold = false;
    this.askPerson("context");
  }

  private helpfulness(article: string): { helpful?: boolean } {
    const helpful = this.help.helped.get(article);
    return helpful === undefined ? {} : { helpful };
  }

  /** Shows it, or nothing over the conversation, and moves the focus to where the visitor goes on. */
  async reveal(what: App["over"], focus: string): Promise<void> {
    if (what) await this.more.wait().catch(() => undefined);
    this.over = what;
    await this.focus(focus);
  }

  /** Takes the preview of a new message away until the next one. */
  waveAway(): void {
    this.waved = Math.max(0, ...this.view.conversations.map((one) => one.updatedAt));
    this.draw();
  }

  toggleSound(): void {
    this.attention.sound = !this.attention.sound;
    this.attention.prepare();
    keepChoice("sound", this.attention.sound);
    void this.reveal("", "[data-focus=menu]");
  }

  // Help.

  settled(query: string, results: { hits: unknown[]; verdict: string }): void {
    this.announce(this.t("search.count", { n: results.hits.length }));
    this.host.emit("searched", { query, hits: results.hits.length, verdict: results.verdict });
  }

  sayHelped(article: string, helpful: boolean, query: string): void {
    this.help.helped.set(article, helpful);
    void this.clientReady().then(() => {
      this.lost = this.dispatch({ feedback: { article, helpful, query } }) !== null;
      if (this.lost) this.help.helped.delete(article);
      this.draw();
    });
    this.host.emit("articleFeedback", { article, helpful });
    this.draw();
  }

  forgetLost(): void {
    this.lost = false;
    this.draw();
  }

  helpFailed(error: unknown): void {
    console.error("deskside: the help search could not be loaded", error);
    // Where one part may not run, neither may the other.
    if (codeOf(error) === "core_refused") this.core.fail("core_refused");
    this.draw();
  }

  retryHelp(): void {
    this.help.reset();
    this.loadHelp();
    this.draw();
  }

  // The conversation part.

  /** Loads it where it is needed already: who only searches never does. */
  private async begin(): Promise<void> {
    const { surveys, help } = this.settings;
    if (surveys || !help || this.screen.name === "chat" || (await this.host.remembers())) this.start();
  }

  start(): void {
    if (this.settings.problem === null) void this.core.start(this.settings);
  }

  /** Tries again what could not be loaded. */
  retryLoads(): void {
    if (this.core.state.name === "failed") this.start();
    if (this.help.state === "failed") this.retryHelp();
  }

  /** Sends again what was refused; the message box says why where that cannot be. */
  retry(key: string): void {
    this.box.refusal = this.dispatch({ retry: { key } });
    this.draw();
  }

  dispatch(action: Action): string | null {
    return this.core.dispatch(action);
  }

  changed(): void {
    this.box.follow();
    void this.tray?.follow();
    this.look();
    this.tellContext();
    this.surveys.follow();
    const { ready, unread, waiting, conversations } = this.view;
    const label = unread > 0 ? this.t("unread", { n: unread }) : "";
    this.host.setBadge(unread > 9 ? "9+" : unread > 0 ? String(unread) : "", label);
    if (unread === 0) this.attention.rest();
    if (ready) {
      const unfinished = waiting > 0 || unread > 0 || conversations.some((one) => isOpenState(one.state));
      markUnfinished(this.settings.site, this.settings.identity?.user ?? "", unfinished);
    }
    this.draw();
  }

  started(): void {
    if (this.screen.name === "chat" || this.box.isWaiting) this.dispatch({ open: { conv: null } });
    this.surveys.started();
    this.host.emit("ready");
  }

  happened(event: HostEvent): void {
    for (const [name, detail] of Object.entries(event)) this.host.emit(name, detail);
    if ("survey" in event) {
      const { what } = event.survey;
      this.host.emit(`survey${what.charAt(0).toUpperCase()}${what.slice(1)}`, event.survey);
    }
    // It was taken before the device's store was read, and found no room in it.
    if ("commandRefused" in event) this.lost ||= event.commandRefused.code === "outbox_full";
    if (!("messageReceived" in event)) return;
    const { author, text } = event.messageReceived;
    this.announce(this.t("chat.said", { name: author.name || this.t("chat.team"), text }));
    void this.attention.raise(this.t("unread", { n: Math.max(1, this.view.unread) })).catch(() => undefined);
  }

  restarted(): void {
    this.afterCrash = true;
    this.box.restore();
  }

  failed(code: string): void {
    this.lookedAt = "";
    this.box.detach();
    this.host.emit("failed", { code });
    this.draw();
  }

  // Drawing.

  t(key: TextKey, values?: Values): string {
    return this.texts.t(key, values);
  }

  find(selector: string): HTMLElement | null {
    return this.host.surface.querySelector<HTMLElement>(selector);
  }

  /** Draws everything, once, when the present task has done its work. */
  draw(): void {
    if (this.drawing) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      this.host.surface.lang = this.texts.language;
      this.host.surface.dir = directions[this.texts.language];
      render(surface(this), this.host.surface);
      this.timeline.follow(this.view.conversation);
    });
  }

  /** Tells a screen reader. The same words twice are news the second time as well. */
  announce(text: string): void {
    this.announcement = "";
    this.draw();
    setTimeout(() => {
      this.announcement = text;
      this.draw();
    }, 100);
  }

  private lazy<T extends { readonly styles: string }>(load: () => Promise<T>): Lazy<T> {
    return new Lazy(load, (styles) => {
      this.host.addStyles(styles);
      this.draw();
    });
  }

  private stop(): void {
    this.core.stop();
    this.box.forget();
    this.lookedAt = "";
  }

  /** Somebody else sits here now: nothing of the one before is left on the screen. */
  private changePerson(): void {
    this.stop();
    this.help = new Help(this, this.host.base);
    this.tray = null;
    this.untold = false;
    this.screens = [{ name: "home" }];
  }

  /** Tells the core what the visitor has before the eyes; what is seen is read. */
  private look(): void {
    const visible = this.isOpen && this.screen.name === "chat" && !document.hidden;
    const seen = visible ? (this.view.conversation?.id ?? "") : "";
    if (seen !== this.lookedAt) {
      this.lookedAt = seen;
      this.dispatch({ look: { visible: seen !== "" } });
    }
    if (!document.hidden) this.attention.rest();
  }

  private leaveChat(): void {
    if (this.screen.name !== "chat") return;
    this.dispatch("leave");
    this.box.leave();
    this.lookedAt = "";
  }

  private moved(): void {
    this.over = "";
    this.look();
    if (this.isOpen) void this.focusScreen();
  }

  /** To the field where one would go on typing; with a finger, to the heading, so that no keyboard jumps up. */
  private async focusScreen(): Promise<void> {
    const field = !isTouch() && !this.fullScreen.matches;
    await this.focus(...(field ? ["[data-focus=field]"] : []), "[data-focus=heading]");
  }

  private async focus(...selectors: string[]): Promise<void> {
    await this.drawn();
    const found = selectors.map((selector) => this.find(selector)).find((element) => element !== null);
    found?.focus({ preventScroll: true });
  }

  /** After the next drawing. */
  private async drawn(): Promise<void> {
    this.draw();
    await new Promise((done) => setTimeout(done));
  }

  private loadHelp(): void {
    void this.help.load(this.settings.help).then(() => setTimeout(() => this.prefetch(), PREFETCH_MS));
  }

  /** Nobody is to wait for the chat. Who pays for each byte, or has a slow line, gets it when it is asked for. */
  private prefetch(): void {
    const { connection } = navigator as { connection?: { saveData?: boolean; effectiveType?: string } };
    const spare = !connection?.saveData && !/2g/.test(connection?.effectiveType ?? "");
    if (spare && this.isOpen && this.help.state === "ready") whenIdle(() => this.core.prefetch());
  }

  private applySettings(): void {
    const { problem, theme, sound } = this.settings;
    this.theme.set(theme);
    this.attention.sound = readChoice("sound") ?? sound;
    if (problem !== null) {
      const { element } = this.host;
      void this.setup.wait().then(({ what }) => console.error(`deskside: ${what(this, problem)}`, element));
    }
  }

  private async loadTexts(): Promise<void> {
    try {
      this.texts = await loadTexts(this.settings.locale);
      this.help.refresh();
      this.changed();
    } catch (error) {
      console.error("deskside: the texts could not be loaded", error);
    }
  }
}

function whenIdle(run: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(run);
  else run();
}

/** Whether somebody is, or will be, at work on it. */
export function isOpenState(state: Lifecycle): boolean {
  return state !== "resolved" && state !== "closed";
}
