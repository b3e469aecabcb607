// The agent console. Shows the login or the workspace, and keeps one in step with the other.

import type { InboxItem, LoggedIn } from "../../../js/types/protocol.js";
import { chooseLanguage, I18n } from "./i18n.js";
import { addressOf } from "./inbox.js";
import { loginView, logOut } from "./login.js";
import { Notifier } from "./notify.js";
import { nameOf } from "./people.js";
import { shell, type Shell } from "./shell.js";
import { unreadTotal } from "./state.js";
import * as storage from "./storage.js";
import { Workspace } from "./workspace.js";

const TICK_MS = 1_000;
/** How often waiting times move on while nothing else happens. */
const REDRAW_MS = 15_000;

class Console {
  private settings = storage.settings();
  private i18n = new I18n(this.language());
  private readonly notifier = new Notifier();
  private workspace: Workspace | null = null;
  private page: Shell | null = null;
  private isRenderDue = false;
  private renderedAt = 0;

  constructor(private readonly root: HTMLElement) {
    this.applySettings();
    const known = storage.credentials();
    if (known === null) this.showLogin(false);
    else this.showWorkspace(known);
    setInterval(() => this.tick(), TICK_MS);
    addEventListener("beforeunload", (event) => {
      const isUnsent = this.workspace?.state.outbox.some(({ status }) => status !== "sent") ?? false;
      if (isUnsent && !storage.isDurable) event.preventDefault();
    });
  }

  private language(): string {
    return chooseLanguage([this.settings.language, ...navigator.languages].filter((tag) => tag !== ""));
  }

  private applySettings(): void {
    const { documentElement } = document;
    if (this.i18n.language !== this.language()) this.i18n = new I18n(this.language());
    documentElement.lang = this.i18n.language;
    documentElement.dataset["theme"] = this.settings.theme;
  }

  private change(change: Partial<storage.Settings>): void {
    const { language } = this.i18n;
    this.settings = { ...this.settings, ...change };
    storage.keepSettings(this.settings);
    this.applySettings();
    if (this.i18n.language !== language) this.showPage();
  }

  // ---- the two pages

  private showLogin(expired: boolean): void {
    this.leave();
    storage.keepCredentials(null);
    this.notifier.signedOut(this.i18n);
    const host = {
      email: this.settings.email,
      expired,
      onLoggedIn: (loggedIn: LoggedIn, email: string) => {
        storage.keepCredentials(loggedIn);
        this.change({ email });
        this.showWorkspace(loggedIn);
      },
    };
    this.root.replaceChildren(loginView(this.i18n, host));
    this.root.querySelector<HTMLElement>(host.email === "" ? "#email" : "#password")?.focus();
  }

  private showWorkspace({ token, agent }: storage.Credentials): void {
    this.leave();
    this.workspace = new Workspace(agent, token, {
      changed: () => this.renderSoon(),
      arrived: (item, isNew) => this.arrived(item, isNew),
      expired: () => this.showLogin(true),
    });
    this.workspace.start();
    this.showPage();
  }

  private showPage(): void {
    if (this.workspace === null) return;
    this.page?.dispose();
    this.page = shell(this.i18n, this.workspace, {
      settings: () => this.settings,
      change: (change) => this.change(change),
      signOut: () => this.signOut(),
    });
    this.root.replaceChildren(this.page.node);
    // Only now has the page a size to scroll in.
    this.page.update();
  }

  private signOut(): void {
    const known = storage.credentials();
    this.showLogin(false);
    if (known !== null) void logOut(known.token);
  }

  private leave(): void {
    this.workspace?.stop();
    this.page?.dispose();
    this.workspace = null;
    this.page = null;
  }

  // ---- rendering

  private renderSoon(): void {
    if (this.isRenderDue) return;
    this.isRenderDue = true;
    // Not an animation frame: a hidden page has none, and its title counts.
    queueMicrotask(() => {
      this.isRenderDue = false;
      this.render();
    });
  }

  private render(): void {
    if (this.workspace === null) return;
    this.renderedAt = performance.now();
    this.page?.update();
    this.notifier.title(this.i18n, unreadTotal(this.workspace.state));
  }

  private tick(): void {
    if (this.workspace === null) return;
    this.workspace.tick(Date.now());
    const isCounting = this.workspace.link.at !== "online";
    if (isCounting || performance.now() - this.renderedAt > REDRAW_MS) this.renderSoon();
  }

  private arrived(item: InboxItem, isNew: boolean): void {
    this.page?.announce(item, isNew);
    const isLooking = document.visibilityState === "visible" && this.workspace?.state.open === item.conv;
    if (isLooking) return;
    if (this.settings.sound) this.notifier.sound();
    if (this.settings.desktop) {
      this.notifier.desktop(nameOf(this.i18n, item.visitor), item.preview, item.conv, () => (location.hash = addressOf(item.conv)));
    }
  }
}

const root = document.getElementById("console");
if (root !== null) new Console(root);
