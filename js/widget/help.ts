import type { Client } from "../client/client.js";
import type { Article, Listed, Results } from "../types/faq.js";
import { loadIndex } from "./index-file.js";

const POPULAR_LIMIT = 6;
const RESULTS_LIMIT = 8;
/** A query that stays so long is what the visitor meant; what came before it was typing. */
const SETTLED_MS = 1200;

/** What self-service needs of the rest. */
export interface HelpContext {
  readonly client: Client | null;
  /** The client, as soon as there is one. */
  clientReady(): Promise<Client>;
  readonly locale: string;
  changed(): void;
  /** A query came to rest. */
  settled(query: string, results: Results): void;
}

/** Self-service: the articles, the search over them, and what the visitor said of them. */
export class Help {
  /** `off` until the panel opens, and where the site has no articles. */
  state: "off" | "loading" | "ready" | "failed" = "off";
  query = "";
  results: Results | null = null;
  popular: readonly Listed[] = [];
  /** The articles that were opened, the latest last. */
  readonly read: string[] = [];
  /** Whether an article helped, by its id. */
  readonly helped = new Map<string, boolean>();
  private attempt = 0;
  private timer = 0;
  private shown: Article | null = null;

  constructor(readonly context: HelpContext) {}

  /** Loads the index at `address`, if that has not been done. */
  load(address: string): void {
    if (this.state !== "off" || !address) return;
    const attempt = ++this.attempt;
    this.state = "loading";
    this.context.changed();
    void loadIndex(address, {
      open: async (bytes) => {
        const client = await this.context.clientReady();
        if (attempt !== this.attempt) return;
        client.openIndex(bytes);
        this.state = "ready";
        this.refresh();
      },
      failed: (error) => {
        if (attempt !== this.attempt) return;
        console.error("deskside: the help index could not be loaded", error);
        this.state = "failed";
        this.context.changed();
      },
    });
  }

  /** Forgets the index: the core is a new one, or the visitor wants another try. */
  reset(): void {
    this.attempt += 1;
    this.state = "off";
    this.results = null;
    this.popular = [];
    this.shown = null;
  }

  search(query: string): void {
    this.query = query;
    this.refresh();
  }

  /** Searches again, and lists the popular articles again: the index or the language is another. */
  refresh(): void {
    const { client, locale } = this.context;
    const query = this.query.trim();
    clearTimeout(this.timer);
    this.shown = null;
    if (this.state === "ready" && client !== null) {
      const found = asking(() => ({
        popular: client.popular({ limit: POPULAR_LIMIT, locale }),
        results: query ? client.search(query, { limit: RESULTS_LIMIT, locale, nowMs: Date.now() }) : null,
      }));
      this.popular = found?.popular ?? this.popular;
      const results = found?.results ?? null;
      this.results = results;
      if (results) this.timer = window.setTimeout(() => this.context.settled(query, results), SETTLED_MS);
    }
    this.context.changed();
  }

  article(id: string): Article | null {
    const { client } = this.context;
    if (this.state !== "ready" || client === null) return null;
    if (this.shown?.id !== id) this.shown = asking(() => client.article(id));
    return this.shown;
  }
}

/** What the core answers; nothing while it gathers itself after a crash, of which it tells by itself. */
function asking<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch (error) {
    console.error("deskside: the help search failed", error);
    return null;
  }
}
