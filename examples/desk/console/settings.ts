// The agent's own corner: sound, notifications, appearance, language, shortcuts, signing out.

import { confirmed, inform } from "./dialog.js";
import { el, setAttribute, type Child } from "./dom.js";
import { languages, type I18n, type Key } from "./i18n.js";
import { icon } from "./icons.js";
import { desktopPermission } from "./notify.js";
import { avatar, nameOf } from "./people.js";
import { isDurable, type Settings } from "./storage.js";
import type { Workspace } from "./workspace.js";

const GAP_PX = 8;
const WIDTH_PX = 296;

export interface SettingsHost {
  settings(): Settings;
  change(change: Partial<Settings>): void;
  signOut(): void;
  altKey: string;
}

/** The button with its menu, for the inbox's header. */
export function settingsMenu(i18n: I18n, workspace: Workspace, host: SettingsHost): HTMLElement {
  const { t } = i18n;
  const me = nameOf(i18n, workspace.agent);
  const menu = el("div", { class: "settings", id: "settings", popover: "auto", role: "dialog", "aria-label": t("settings.title") });
  const button = el(
    "button",
    { type: "button", class: "account", popovertarget: "settings", "aria-label": `${t("settings.open")}: ${me}`, "aria-haspopup": "dialog" },
    avatar(workspace.agent, "m"),
  );
  const shortcuts = () => {
    menu.hidePopover();
    showShortcuts(i18n, host.altKey);
  };
  const draw = () => {
    const now = host.settings();
    menu.replaceChildren(
      el("div", { class: "settings-me" }, avatar(workspace.agent, "m"), el("bdi", {}, me)),
      toggle(t("settings.sound"), now.sound, "", false, (sound) => host.change({ sound })),
      desktopToggle(i18n, now, host, draw),
      themeChoice(i18n, now, host, draw),
      languageChoice(i18n, now, host),
      ...(isDurable ? [] : [el("p", { class: "settings-note" }, icon("warn"), t("settings.notDurable"))]),
      el(
        "div",
        { class: "settings-actions" },
        el("a", { class: "menu-button", href: "surveys.html" }, t("settings.surveys")),
        el("button", { type: "button", class: "menu-button", on: { click: shortcuts } }, t("settings.shortcuts"), el("kbd", {}, `${host.altKey} H`)),
        el("button", { type: "button", class: "menu-button", on: { click: () => void signOut(i18n, workspace, host, menu) } }, t("settings.signOut")),
      ),
    );
  };
  menu.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "open") return;
    draw();
    const { bottom, right } = button.getBoundingClientRect();
    menu.style.top = `${bottom + GAP_PX}px`;
    menu.style.left = `${Math.max(GAP_PX, right - WIDTH_PX)}px`;
  });
  return el("div", { class: "settings-place" }, button, menu);
}

async function signOut(i18n: I18n, workspace: Workspace, host: SettingsHost, menu: HTMLElement): Promise<void> {
  menu.hidePopover();
  const count = workspace.state.outbox.filter(({ status }) => status !== "sent").length;
  const question = {
    title: i18n.t("signOut.title"),
    text: [i18n.t("signOut.text", { count })],
    confirm: i18n.t("signOut.confirm"),
    cancel: i18n.t("signOut.cancel"),
  };
  if (count === 0 || (await confirmed(question))) host.signOut();
}

/** The whole row is the switch: there is nothing beside it to miss. */
function toggle(label: string, isOn: boolean, note: string, isDisabled: boolean, act: (isOn: boolean) => void): HTMLElement {
  const row = el(
    "button",
    { type: "button", class: "settings-row toggle", role: "switch", "aria-checked": String(isOn), disabled: isDisabled },
    el("span", {}, label, note !== "" && el("small", {}, note)),
    el("span", { class: "switch" }, el("span", { class: "switch-knob" })),
  );
  row.addEventListener("click", () => {
    const next = row.getAttribute("aria-checked") !== "true";
    setAttribute(row, "aria-checked", String(next));
    act(next);
  });
  return row;
}

function desktopToggle(i18n: I18n, now: Settings, host: SettingsHost, redraw: () => void): HTMLElement {
  const permission = desktopPermission();
  const note: Key | "" =
    permission === "denied" ? "settings.desktopBlocked" : permission === "absent" ? "settings.desktopAbsent" : "";
  const isOn = now.desktop && permission === "granted";
  return toggle(i18n.t("settings.desktop"), isOn, note && i18n.t(note), note !== "", (wanted) => {
    if (!wanted || permission === "granted") {
      host.change({ desktop: wanted });
      return;
    }
    void Notification.requestPermission().then((answer) => {
      host.change({ desktop: answer === "granted" });
      redraw();
    });
  });
}

function themeChoice(i18n: I18n, now: Settings, host: SettingsHost, redraw: () => void): HTMLElement {
  const choices: [Settings["theme"], Key][] = [
    ["system", "settings.themeSystem"],
    ["light", "settings.themeLight"],
    ["dark", "settings.themeDark"],
  ];
  const buttons = choices.map(([theme, label]) => {
    const button = el("button", { type: "button", "aria-pressed": String(now.theme === theme) }, i18n.t(label));
    button.addEventListener("click", () => {
      host.change({ theme });
      redraw();
    });
    return button;
  });
  return el(
    "div",
    { class: "settings-row is-stacked" },
    el("span", {}, i18n.t("settings.theme")),
    el("div", { class: "segments", role: "group", "aria-label": i18n.t("settings.theme") }, ...buttons),
  );
}

function languageChoice(i18n: I18n, now: Settings, host: SettingsHost): HTMLElement {
  const select = el(
    "select",
    { class: "input", id: "language" },
    el("option", { value: "" }, i18n.t("settings.languageSystem")),
    ...languages.map(({ tag, name }) => el("option", { value: tag, lang: tag }, name)),
  );
  select.value = now.language;
  select.addEventListener("change", () => host.change({ language: select.value }));
  return el("div", { class: "settings-row is-stacked" }, el("label", { for: "language" }, i18n.t("settings.language")), select);
}

export function showShortcuts(i18n: I18n, altKey: string): void {
  const { t } = i18n;
  const enter = t("key.enter");
  const list: [Key, string[]][] = [
    ["shortcuts.next", [altKey, "↓"]],
    ["shortcuts.previous", [altKey, "↑"]],
    ["shortcuts.filter", [altKey, "1 – 5"]],
    ["shortcuts.compose", [altKey, "C"]],
    ["shortcuts.takeOver", [altKey, "T"]],
    ["shortcuts.resolve", [altKey, "R"]],
    ["shortcuts.handOver", [altKey, "G"]],
    ["shortcuts.note", [altKey, "N"]],
    ["shortcuts.edit", ["↑"]],
    ["shortcuts.search", [altKey, "S"]],
    ["shortcuts.details", [altKey, "I"]],
    ["shortcuts.help", [altKey, "H"]],
    ["shortcuts.send", [enter]],
    ["shortcuts.break", [t("key.shift"), enter]],
    ["shortcuts.canned", ["/"]],
  ];
  const rows = list.map(([label, keys]): Child =>
    el("div", {}, el("dt", {}, t(label)), el("dd", {}, ...keys.map((key) => el("kbd", {}, key)))),
  );
  inform(t("shortcuts.title"), t("settings.close"), el("dl", { class: "shortcuts" }, ...rows));
}
