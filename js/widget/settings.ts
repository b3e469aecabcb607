import type { Identity } from "../client/recovering.js";
import type { Host } from "../loader/contract.js";
import { localeOf } from "../loader/language.js";

/** What the site says in the element's attributes, and whom it says that the visitor is. */
export interface Settings {
  readonly desk: string;
  readonly site: string;
  readonly help: string;
  readonly locale: string;
  /** An address to reach the team at when the chat cannot run; empty if there is none. */
  readonly contact: string;
  readonly sound: boolean;
  /** Whether surveys come up by themselves. */
  readonly surveys: boolean;
  readonly theme: string;
  readonly identity: Identity | null;
  /** Why the widget cannot work with these settings. */
  readonly problem: "desk_missing" | "desk_invalid" | "site_missing" | null;
}

export function readSettings({ element, identity }: Host): Settings {
  const read = (name: string): string => element?.getAttribute(name)?.trim() ?? "";
  const desk = read("desk");
  const site = read("site");
  return {
    desk,
    site,
    help: read("help"),
    locale: localeOf(element),
    contact: /^(mailto:|tel:|https?:\/\/)/i.test(read("contact")) ? read("contact") : "",
    sound: element?.hasAttribute("sound") ?? false,
    surveys: element?.hasAttribute("surveys") ?? false,
    theme: read("theme"),
    identity,
    problem: !desk ? "desk_missing" : !isWebAddress(desk) ? "desk_invalid" : !site ? "site_missing" : null,
  };
}

function isWebAddress(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}
