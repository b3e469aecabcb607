import { DesksideError } from "../../client/error.js";
import { openCore, prepare, type CoreSource } from "../core.js";
import { helpIndex, type HelpIndex, type HelpResults, type HelpSearchOptions } from "../help-index.js";
import { IndexFile } from "./index-file.js";

export interface FinderEvents {
  /** There is more to search in than before, or nothing any more. */
  changed(): void;
  failed(code: string): void;
}

/** Gets core and index when they are wanted, and asks them. */
export class Finder {
  state: "off" | "loading" | "ready" | "failed" = "off";
  /** Why it failed. */
  code = "";
  private index: HelpIndex | null = null;
  private busy = false;
  private whole = false;
  private crashes = 0;
  /** Counts loads: what an earlier one still brings is not heard any more. */
  private generation = 0;

  constructor(private readonly events: FinderEvents) {}

  /** Does nothing while it goes on, when all is there, and after a failure unless it is to try `again`. */
  async load(address: string | null, source: CoreSource, again: boolean): Promise<void> {
    if (this.busy || this.whole || (this.state === "failed" && !again)) return;
    const generation = ++this.generation;
    this.busy = true;
    if (!this.index) this.become("loading");
    try {
      const url = indexUrl(address);
      const [file] = await Promise.all([IndexFile.fetch(url), prepare(source)]);
      const core = await openCore(await file.first(), source);
      if (generation !== this.generation) return;
      this.index = helpIndex(core);
      this.become("ready");
      const bodies = await file.rest();
      if (generation !== this.generation) return;
      if (bodies.length > 0) this.index.attachBodies(bodies);
      this.whole = true;
      this.become("ready");
    } catch (error) {
      if (generation === this.generation) this.fail(error);
    } finally {
      if (generation === this.generation) this.busy = false;
    }
  }

  /** Forgets the index: another one is wanted. */
  reset(): void {
    this.generation += 1;
    this.busy = this.whole = false;
    this.index = null;
    this.state = "off";
  }

  /** `null` where nothing can be asked yet, or not any more. */
  ask(query: string, options: HelpSearchOptions): HelpResults | null {
    try {
      return this.index?.ask(query, options) ?? null;
    } catch (error) {
      // After the first failure of the core the next key finds a new one.
      this.reset();
      this.crashes += 1;
      if (this.crashes > 1) this.fail(error);
      else console.error("deskside: the help search", error);
      return null;
    }
  }

  private fail(error: unknown): void {
    console.error("deskside: the help search", error);
    // Titles without bodies are better than nothing; the next visit to the field tries again.
    if (this.index) return;
    const { code } = error as { code?: unknown };
    this.code = typeof code === "string" ? code : "unknown";
    this.become("failed");
    this.events.failed(this.code);
  }

  private become(state: Finder["state"]): void {
    this.state = state;
    this.events.changed();
  }
}

/** @throws DesksideError `index_address` */
export function indexUrl(address: string | null): string {
  try {
    if (address) return new URL(address, document.baseURI).href;
  } catch {
    // Told below.
  }
  throw new DesksideError("index_address", `<deskside-search> needs the address of a help index in its attribute index, not: ${address ?? "nothing"}`);
}
