/** What the desk does not take and the device does not keep, and what can be done about it; loaded when it is so. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "../app.js";
import { contact } from "../failure.js";
import { again, notice } from "../notices.js";
import css from "./unkept.css";
import { words } from "./words.js";

export { failure } from "./failure.js";
export const styles = css;

/** What the visitor did, as the core names it. */
const refusals = { handoff: "person", close: "end", survey: "answer", feedback: "rating" } as const;

export function unkept(app: App): unknown {
  return [site(app), storage(app), refused(app), lost(app)];
}

/** The desk takes nothing from this page. */
function site(app: App): unknown {
  const { connection } = app.view;
  if (typeof connection === "string" || !("refused" in connection)) return nothing;
  const { code } = connection.refused;
  return notice("refused", "alert", html`${words(app, code === "version" ? "version" : "site", { code })}${contact(app)}`);
}

function storage(app: App): unknown {
  const { storage } = app.view;
  if (typeof storage === "string") return nothing;
  const { code } = storage.memory;
  return notice("memory", "alert", words(app, code === "quota" ? "memoryQuota" : code === "newer" ? "memoryNewer" : "memory"));
}

/** What the desk refused and is no message: one at a time, the oldest first. */
function refused(app: App): unknown {
  const [first] = app.view.refused;
  if (!first) return nothing;
  const { key, command } = first;
  const sentence = command in refusals ? refusals[command as keyof typeof refusals] : "other";
  const retry = again(words(app, "retry"), () => app.retry(key));
  const drop = again(words(app, "discard"), () => app.dispatch({ discard: { key } }));
  return notice("answer", "alert", html`${words(app, sentence)} ${retry} ${drop}`);
}

/** What found no room on the device. */
function lost(app: App): TemplateResult | typeof nothing {
  if (!app.lost) return nothing;
  return notice("lost", "alert", html`${words(app, "full")} ${again(app.t("close"), () => app.forgetLost())}`);
}
