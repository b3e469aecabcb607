// The console's page: three columns, the address bar, the keyboard, and what is said aloud.

import type { InboxItem } from "../../../js/types/protocol.js";
import { banner } from "./banner.js";
import { isComposing } from "./composer.js";
import { conversationView } from "./conversation.js";
import { isDialogOpen } from "./dialog.js";
import { el, setAttribute } from "./dom.js";
import type { I18n } from "./i18n.js";
import { addressOf, inbox } from "./inbox.js";
import { nameOf } from "./people.js";
import { panel } from "./panel.js";
import { settingsMenu, showShortcuts, type SettingsHost } from "./settings.js";
import { FILTERS, inboxView } from "./state.js";
import type { Workspace } from "./workspace.js";

/** Below this the details lie over the conversation. */
const DETAILS_BESIDE = "(min-width: 1200px)";
const SPOKEN_MS = 4_000;

export interface Shell {
  node: HTMLElement;
  update(): void;
  announce(item: InboxItem, isNew: boolean): void;
  dispose(): void;
}

export function shell(i18n: I18n, workspace: Workspace, settings: Omit<SettingsHost, "altKey">): Shell {
  const { t } = i18n;
  const altKey = /mac|iphone|ipad/iu.test(navigator.userAgent) ? t("key.option") : t("key.alt");
  let isDetailsOpen = matchMedia(DETAILS_BESIDE).matches;
  let focusBefore: Element | null = null;

  const toggleDetails = () => {
    isDetailsOpen = !isDetailsOpen;
    const isOver = !matchMedia(DETAILS_BESIDE).matches;
    update();
    if (isDetailsOpen && isOver) {
      focusBefore = document.activeElement;
      details.focus();
    } else if (focusBefore instanceof HTMLElement) {
      focusBefore.focus();
      focusBefore = null;
    }
  };
  const back = () => (location.hash = "#/");

  const settingsHost: SettingsHost = { ...settings, altKey };
  const list = inbox(i18n, workspace, settingsMenu(i18n, workspace, settingsHost));
  const conversation = conversationView(i18n, workspace, { back, toggleDetails, altKey });
  const details = panel(i18n, workspace, toggleDetails);
  const alarm = banner(i18n, workspace);
  const spoken = el("div", { class: "visually-hidden", "aria-live": "polite" });
  const columns = el("main", { class: "columns" }, list.node, conversation.node, details.node);
  const skip = (text: string, target: HTMLElement) =>
    el("button", { type: "button", class: "skip", on: { click: () => target.focus() } }, text);
  const node = el(
    "div",
    { class: "app" },
    skip(t("app.skipToInbox"), list.node),
    skip(t("app.skipToConversation"), conversation.node),
    alarm.node,
    columns,
    spoken,
  );

  // ---- the address bar says which conversation is open
  const follow = () => {
    const conv = convInAddress();
    const isOther = conv !== workspace.state.open;
    const left = list.node.querySelector<HTMLElement>("a[aria-current]");
    workspace.open(conv);
    if (isOther && conv !== null) {
      if (!matchMedia(DETAILS_BESIDE).matches) isDetailsOpen = false;
      update();
      conversation.focus();
    } else if (isOther) {
      update();
      left?.focus();
    }
  };

  const move = (step: number) => {
    const items = inboxView(workspace.state, workspace.state.filter);
    const at = items.findIndex(({ conv }) => conv === workspace.state.open);
    const next = at < 0 ? items[0] : items[at + step];
    if (next !== undefined) location.hash = addressOf(next.conv);
  };

  const onKey = (event: KeyboardEvent) => {
    if (isComposing(event) || isDialogOpen()) return;
    if (event.key === "Escape" && isDetailsOpen && !matchMedia(DETAILS_BESIDE).matches && !event.defaultPrevented) toggleDetails();
    // With Alt alone: a letter by itself belongs to whoever types, AltGr to the layout.
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const act = shortcut(event.code);
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const shortcut = (code: string): (() => void) | undefined => {
    const filter = FILTERS[["Digit1", "Digit2", "Digit3", "Digit4", "Digit5"].indexOf(code)];
    if (filter !== undefined) return () => workspace.setFilter(filter);
    switch (code) {
      case "ArrowDown":
        return () => move(1);
      case "ArrowUp":
        return () => move(-1);
      case "KeyC":
        return () => conversation.focus();
      case "KeyT":
        return () => conversation.takeOver();
      case "KeyR":
        return () => conversation.resolve();
      case "KeyG":
        return () => conversation.handOver();
      case "KeyN":
        return () => conversation.writeNote();
      case "KeyS":
        return () => list.node.querySelector<HTMLElement>("#search")?.focus();
      case "KeyI":
        return toggleDetails;
      case "KeyH":
        return () => showShortcuts(i18n, altKey);
      default:
        return undefined;
    }
  };

  const update = () => {
    setAttribute(columns, "data-view", workspace.state.open === null ? "inbox" : "conversation");
    setAttribute(columns, "data-details", isDetailsOpen && workspace.state.open !== null ? "open" : "closed");
    setAttribute(conversation.node.querySelector(".details-toggle") ?? columns, "aria-expanded", String(isDetailsOpen));
    alarm.update();
    list.update();
    conversation.update();
    details.update();
  };

  addEventListener("hashchange", follow);
  document.addEventListener("keydown", onKey);
  workspace.open(convInAddress());
  update();

  return {
    node,
    update,
    announce: (item, isNew) => {
      const name = nameOf(i18n, item.visitor);
      const text = isNew ? t("conversation.announceNew", { name }) : t("conversation.announce", { name, text: item.preview });
      const line = el("p", {}, text);
      spoken.append(line);
      setTimeout(() => line.remove(), SPOKEN_MS);
    },
    dispose: () => {
      removeEventListener("hashchange", follow);
      document.removeEventListener("keydown", onKey);
    },
  };
}


function convInAddress(): string | null {
  const match = /^#\/(.+)$/u.exec(location.hash);
  if (match?.[1] === undefined) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return null;
  }
}
