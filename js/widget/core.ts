import { createClient, type WebClient as Client } from "../client/client.js";
import type { Action, HostEvent } from "../types/client.js";
import type { View } from "../types/view.js";
import type { Settings } from "./settings.js";

/** Where the core is: the WebAssembly module that holds the conversation. */
export type CoreState =
  | { readonly name: "off" }
  | { readonly name: "loading" }
  | { readonly name: "ready"; readonly client: Client }
  | { readonly name: "failed"; readonly code: string };

export interface CoreEvents {
  /** The state or the view is not what it was. */
  changed(): void;
  /** It can be used. */
  started(): void;
  happened(event: HostEvent): void;
  /** It crashed and began anew from what is stored. */
  restarted(): void;
  /** It could not be started, or crashed for good. */
  failed(code: string): void;
}

/** What is drawn before the core has said anything. */
const EMPTY_VIEW: View = {
  ready: false,
  connection: "idle",
  storage: "opening",
  siteName: "",
  agentsOnline: null,
  unread: 0,
  waiting: 0,
  attachmentBytesMax: 0,
  conversations: [],
  conversation: null,
  surveys: [],
};

/** Loads the core, keeps its view, and survives its failures. */
export class Core {
  state: CoreState = { name: "off" };
  view: View = EMPTY_VIEW;
  /** Counts starts and stops: what an earlier start still has to say is not heard any more. */
  private generation = 0;
  private waiting: ((client: Client) => void)[] = [];

  constructor(
    private readonly base: string,
    private readonly events: CoreEvents,
  ) {}

  get client(): Client | null {
    return this.state.name === "ready" ? this.state.client : null;
  }

  /** Resolves when it can be used, and never if it cannot. */
  ready(): Promise<Client> {
    const { client } = this;
    return client ? Promise.resolve(client) : new Promise((resolve) => this.waiting.push(resolve));
  }

  async start(settings: Settings): Promise<void> {
    if (this.state.name === "loading" || this.state.name === "ready") return;
    const generation = ++this.generation;
    const current = (): boolean => generation === this.generation;
    this.state = { name: "loading" };
    this.events.changed();
    try {
      const client = await createClient({
        desk: settings.desk,
        site: settings.site,
        locale: settings.locale,
        page: location.origin + location.pathname,
        surveys: settings.surveys,
        ...(settings.identity && { identity: settings.identity }),
        coreUrl: `${this.base}deskside-core.js`,
        wasmUrl: `${this.base}deskside-core.wasm`,
        onChange: () => current() && this.look(),
        onEvent: (event) => current() && this.events.happened(event),
        onCrash: (kind) => current() && this.crashed(kind),
      });
      if (!current()) {
        client.close();
        return;
      }
      this.state = { name: "ready", client };
      this.look();
      for (const resolve of this.waiting.splice(0)) resolve(client);
      this.events.started();
    } catch (error) {
      if (!current()) return;
      console.error("deskside: the core could not be started", error);
      this.fail(codeOf(error));
    }
  }

  stop(): void {
    this.generation += 1;
    this.client?.close();
    this.state = { name: "off" };
    this.view = EMPTY_VIEW;
  }

  /** Does something. The error's code, or `null` when it is done. */
  dispatch(action: Action): string | null {
    const { client } = this;
    if (client === null) return "not_ready";
    try {
      client.dispatch(action);
    } catch (error) {
      return codeOf(error);
    }
    this.look();
    return null;
  }

  private look(): void {
    const { client } = this;
    if (client === null) return;
    try {
      this.view = client.view();
    } catch {
      // It gathers itself after a crash, and tells when it is back.
      return;
    }
    this.events.changed();
  }

  private crashed(kind: "restarted" | "stopped"): void {
    if (kind === "stopped") {
      this.fail("stopped");
      return;
    }
    this.look();
    this.events.restarted();
  }

  private fail(code: string): void {
    this.generation += 1;
    this.state = { name: "failed", code };
    this.view = { ...this.view, conversation: null };
    this.events.failed(code);
  }
}

/** The stable code of an error of the core; it may come from another copy of the class. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "unknown";
}
