import type { WebChatClient as Client } from "../client/conversation.js";
import { Part, scriptAt, type Bindings } from "../client/core.js";
import type { Action, HostEvent } from "../types/client.js";
import type { View } from "../types/view.js";
import type { Settings } from "./settings.js";

/** Where the conversation part of the core is. */
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

/** What is drawn before it has said anything. */
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
  refused: [],
};

/** Loads the conversation part when it is needed, keeps its view, and survives its failures. */
export class Core {
  state: CoreState = { name: "off" };
  view: View = EMPTY_VIEW;
  /** Counts starts and stops: what an earlier start still has to say is not heard any more. */
  private generation = 0;
  private waiting: ((client: Client) => void)[] = [];
  private readonly part: Part<Bindings>;
  private readonly script: () => Promise<typeof import("../client/conversation.js")>;

  constructor(
    base: string,
    private readonly events: CoreEvents,
  ) {
    this.part = new Part(`${base}deskside-core.js`, `${base}deskside-core.wasm`);
    this.script = scriptAt(`${base}deskside-conversation.js`);
  }

  get client(): Client | null {
    return this.state.name === "ready" ? this.state.client : null;
  }

  /** Resolves when it can be used, and never if it cannot. */
  ready(): Promise<Client> {
    const { client } = this;
    return client ? Promise.resolve(client) : new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Fetches what it runs on, so that nobody waits for that later. What fails is tried again when it is started. */
  prefetch(): void {
    void this.load().catch(() => undefined);
  }

  private async load() {
    const [{ startConversation }] = await Promise.all([this.script(), this.part.load()]);
    return startConversation;
  }

  async start(settings: Settings): Promise<void> {
    if (this.state.name === "loading" || this.state.name === "ready") return;
    const generation = ++this.generation;
    const current = (): boolean => generation === this.generation;
    this.state = { name: "loading" };
    this.events.changed();
    try {
      const startConversation = await this.load();
      const client = await startConversation(this.part, {
        desk: settings.desk,
        site: settings.site,
        locale: settings.locale,
        page: location.origin + location.pathname,
        surveys: settings.surveys,
        ...(settings.identity && { identity: settings.identity }),
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
      console.error("deskside: the chat could not be started", error);
      this.fail(codeOf(error));
    }
  }

  stop(): void {
    this.generation += 1;
    this.client?.close();
    this.state = { name: "off" };
    this.view = EMPTY_VIEW;
    this.waiting = [];
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

  fail(code: string): void {
    this.generation += 1;
    this.state = { name: "failed", code };
    this.view = { ...this.view, conversation: null, connection: "idle" };
    this.events.failed(code);
  }
}

/** The stable code of an error of the core; it may come from another copy of the class. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "unknown";
}
