import { createClient, type Client } from "../client/client.js";
import type { HostEvent } from "../types/client.js";
import type { View } from "../types/view.js";
import type { Settings } from "./settings.js";

/** Where the core is: the WebAssembly module that holds the conversation. */
export type Core =
  | { readonly state: "off" }
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly client: Client }
  | { readonly state: "failed"; readonly code: string };

export interface CoreEvents {
  changed(): void;
  happened(event: HostEvent): void;
  restarted(): void;
  stopped(): void;
}

/** What is drawn before the core has said anything. */
export const EMPTY_VIEW: View = {
  ready: false,
  connection: "idle",
  storage: "opening",
  siteName: "",
  agentsOnline: null,
  unread: 0,
  waiting: 0,
  conversations: [],
  conversation: null,
};

export function startCore(base: string, settings: Settings, events: CoreEvents): Promise<Client> {
  return createClient({
    desk: settings.desk,
    site: settings.site,
    locale: settings.locale,
    page: location.origin + location.pathname,
    coreUrl: `${base}deskside-core.js`,
    wasmUrl: `${base}deskside-core.wasm`,
    onChange: () => events.changed(),
    onEvent: (event) => events.happened(event),
    onCrash: (kind) => (kind === "restarted" ? events.restarted() : events.stopped()),
  });
}

/** The stable code of an error of the core; it may come from another copy of the class. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "unknown";
}
