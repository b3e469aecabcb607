import { Part, type SearchBindings } from "../client/core.js";
import { HelpSearch } from "../client/help-search.js";
import { answersOf, type Answers } from "../client/search.js";
import type { Article, Listed, Results } from "../types/faq.js";
import { loadIndex } from "./index-file.js";

const POPULAR_LIMIT = 6;
const RESULTS_LIMIT = 8;
/** A query that stays so long is what the visitor meant; what came before it was typing. */
const SETTLED_MS = 1200;

/** What self-service needs of the rest. */
export interface HelpContext {
  readonly locale: string;
  draw(): void;
  /** There is nothing to search in, or nothing to search with. */
  helpFailed(error: unknown): void;
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
  private readonly part: Part<SearchBindings>;
  private readonly index: HelpSearch;
  private readonly answers: Answers;

  constructor(
    readonly context: HelpContext,
    base: string,
  ) {
    this.part = new Part(`${base}deskside-search-core.js`, `${base}deskside-search-core.wasm`);
    this.index = new HelpSearch(this.part, (kind) => {
      if (kind === "stopped") this.state = "failed";
      this.refresh();
    });
    this.answers = answersOf(this.index.ask);
  }

  /** Loads the search part and the index at `address`, if that has not been done. */
  async load(address: string): Promise<void> {
    if (this.state !== "off" || !address) return;
    const attempt = ++this.attempt;
    this.state = "loading";
    this.context.draw();
    await loadIndex(address, this.part.load(), {
      open: async (bytes) => {
        await this.index.openIndex(bytes);
        if (attempt !== this.attempt) return;
        this.state = "ready";
        this.refresh();
      },
      failed: (error) => {
        if (attempt !== this.attempt) return;
        this.state = "failed";
        this.context.helpFailed(error);
      },
    });
  }

  /** Forgets the index: another one is wanted, or another try. */
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
    const { locale } = this.context;
    const query = this.query.trim();
    clearTimeout(this.timer);
    this.shown = null;
    if (this.state === "ready") {
      const found = asking(() => ({
        popular: this.answers.popular({ limit: POPULAR_LIMIT, locale }),
        results: query ? this.answers.search(query, { limit: RESULTS_LIMIT, locale, nowMs: Date.now() }) : null,
      }));
      this.popular = found?.popular ?? this.popular;
      const results = found?.results ?? null;
      this.results = results;
      if (results) this.timer = window.setTimeout(() => this.context.settled(query, results), SETTLED_MS);
    }
    this.context.draw();
  }

  article(id: string): Article | null {
    if (this.state !== "ready") return null;
    if (this.shown?.id !== id) this.shown = asking(() => this.answers.article(id));
    return this.shown;
  }
}

/** What the index answers; nothing while it is opened anew after a crash, of which is told. */
function asking<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch {
    return null;
  }
}
