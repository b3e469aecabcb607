import type { Identity } from "../client/recovering.js";
import type { Launcher, Listener, SurveyOptions } from "./launcher.js";

/** `deskside(command, ...args)`. Before the script has come, the page's own snippet collects into `q`. */
export interface Deskside {
  (command: string, ...args: unknown[]): unknown;
  q?: ArrayLike<unknown>[];
}

declare global {
  interface Window {
    deskside?: Deskside;
  }
}

/** Puts `window.deskside` in place and carries out what was queued before. */
export function serveCommands(launcher: Launcher): void {
  const commands = new Map<unknown, (...args: never[]) => unknown>(
    Object.entries({
      open: () => launcher.open(),
      close: () => launcher.close(),
      toggle: () => launcher.toggle(),
      show: () => launcher.set("hidden", null),
      hide: () => launcher.set("hidden", ""),
      openChat: (text?: unknown) => launcher.show((widget) => widget.openChat(asText(text))),
      openArticle: (id: unknown) => launcher.show((widget) => widget.openArticle(asText(id))),
      search: (query: unknown) => launcher.show((widget) => widget.search(asText(query))),
      survey: (act: unknown, id?: unknown, more?: unknown) =>
        act === "on" || act === "off"
          ? launcher[act](surveyEvent(asText(id)), more as Listener)
          : launcher.survey(act, id, more as SurveyOptions | undefined),
      identify: (identity: Identity | null) => launcher.identify(identity),
      setLocale: (locale: unknown) => launcher.set("locale", asText(locale)),
      unread: () => launcher.unread,
      on: (name: string, listener: (detail: unknown) => void) => launcher.on(name, listener),
      off: (name: string, listener: (detail: unknown) => void) => launcher.off(name, listener),
    }),
  );
  const run = ([name, ...args]: unknown[]): unknown => {
    const command = commands.get(name);
    if (command) return command(...(args as never[]));
    console.warn("deskside: there is no such command:", name);
    return undefined;
  };
  const queued = window.deskside?.q ?? [];
  window.deskside = (...call) => run(call);
  for (const call of queued) run(Array.from(call));
}

/** `surveyShown` of `shown`. */
function surveyEvent(what: string): string {
  return `survey${what.charAt(0).toUpperCase()}${what.slice(1)}`;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
