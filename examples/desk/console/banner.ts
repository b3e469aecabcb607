// Says that the desk cannot be reached, for how long yet, and offers to try at once.

import { el, setHidden, setText } from "./dom.js";
import type { I18n } from "./i18n.js";
import { icon } from "./icons.js";
import type { Workspace } from "./workspace.js";

/** A short break is no news. */
const QUIET_MS = 1_200;

export interface View {
  node: HTMLElement;
  update(): void;
}

export function banner(i18n: I18n, workspace: Workspace): View {
  const { t } = i18n;
  const text = el("span", { class: "banner-text" });
  // The countdown is for the eye; a screen reader hears once that the desk is away.
  const spoken = el("span", { class: "visually-hidden", role: "status" });
  const action = el("button", { type: "button", class: "button is-small" });
  action.addEventListener("click", () => {
    if (workspace.link.at === "refused") location.reload();
    else workspace.retryNow();
  });
  const node = el("div", { class: "banner", hidden: true }, icon("offline"), text, action);
  const place = el("div", { class: "banner-place" }, node, spoken);
  let awaySince = 0;

  const update = () => {
    const { link } = workspace;
    const now = Date.now();
    if (link.at === "online") {
      if (!node.hidden) setText(spoken, t("link.back"));
      awaySince = 0;
    } else {
      awaySince ||= now;
    }
    const isShown = link.at === "refused" || (link.at !== "online" && now - awaySince >= QUIET_MS);
    setHidden(node, !isShown);
    if (!isShown) return;
    setHidden(action, link.at === "connecting");
    setText(action, t(link.at === "refused" ? "link.reload" : "link.retry"));
    if (link.at === "refused") setText(text, t("link.refused", { message: link.message }));
    else if (!navigator.onLine) setText(text, t("link.offline"));
    else if (link.at === "waiting") setText(text, t("link.lost", { time: i18n.formatCountdown(link.retryAt - now) }));
    else setText(text, t("link.connecting"));
    if (link.at !== "waiting" || spoken.textContent === "") setText(spoken, text.textContent);
  };
  return { node: place, update };
}
