import type { CoreSearch } from "../client/core.js";
import { DesksideError, refusalOf } from "../client/error.js";
import type { Article, Hit, Listed, Run, SearchOptions, Suggestion, Verdict } from "../types/faq.js";

export interface HelpSearchOptions {
  /** 10 where it is not given. */
  limit?: number;
  /** Articles of this locale first in line, then of its parents, then of the index's default. */
  locale?: string;
  /** One name, or several of which any will do. */
  filters?: { category?: string | string[]; tag?: string | string[] };
  /** Whether the last word may be unfinished; true where it is not given. */
  typing?: boolean;
}

export interface HelpListing {
  /** 5 where it is not given. */
  limit?: number;
  locale?: string;
}

export interface HelpHit {
  id: string;
  title: string;
  locale: string;
  /** Orders the hits of one query. */
  score: number;
  /** 0 to 1, comparable between queries: how likely this article answers. */
  confidence: number;
  /** Whether it is pinned to this query. */
  pinned: boolean;
  /** Title and best passage, cut at what matches. */
  highlights: { title: Run[]; passage: Run[] };
  /** The heading to jump to. */
  anchor: string | null;
  path: string[];
  url: string | null;
}

export interface HelpResults {
  /** Best first. */
  hits: HelpHit[];
  /** The query with its typos corrected, where there were any. */
  didYouMean: string | null;
  /** `answer`: the first hit very likely answers. `offer`: the hits are worth offering. `nothing`: no good answer. */
  verdict: Verdict;
}

export interface HelpSuggestion {
  id: string;
  title: string;
  highlights: { title: Run[] };
}

/** An open index. Its calls throw a `DesksideError`: `bad_argument`, `index_closed`, `crashed`. */
export interface HelpIndex {
  /** What was found. */
  search(query: string, options?: HelpSearchOptions): HelpHit[];
  /** The same with all that there is to say of it: whether it is an answer, and what was meant. */
  ask(query: string, options?: HelpSearchOptions): HelpResults;
  /** Titles to offer while typing. */
  suggest(prefix: string, options?: HelpListing): HelpSuggestion[];
  /** A whole article; its body only where the body part is there. */
  article(id: string): Article | undefined;
  /** The articles that matter most. */
  popular(options?: HelpListing): Listed[];
  related(id: string, options?: { limit?: number }): Listed[];
  /** Articles for the page at an address. */
  forUrl(url: string, options?: HelpListing): Listed[];
  /** Adds the part with the articles' bodies, where the first part was opened alone. */
  attachBodies(bytes: Uint8Array | ArrayBuffer): void;
  /** Gives its memory back. */
  close(): void;
}

const LISTED = 5;

/** The index as the core has it, for people. */
export function helpIndex(core: CoreSearch): HelpIndex {
  let open: CoreSearch | null = core;

  /** A refusal is thrown on; anything else is a panic, after which nothing of this core may be trusted. */
  function call<T>(what: (core: CoreSearch) => T): T {
    if (!open) throw new DesksideError("index_closed", "the help index was closed");
    try {
      return what(open);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal) throw refusal;
      open = null;
      throw new DesksideError("crashed", "the search failed; open the index again", { cause: error });
    }
  }

  function ask(query: string, { limit = 10, locale, filters = {}, typing = true }: HelpSearchOptions = {}): HelpResults {
    const [category, tag] = [filters.category, filters.tag].map((names) => (Array.isArray(names) ? names.join("\n") || undefined : names));
    fit(limit, query, locale, category, tag);
    const options: Partial<SearchOptions> = { limit, typing, nowMs: Date.now(), ...given({ locale, category, tag }) };
    const { hits, didYouMean, verdict } = call((core) => core.search(query, options));
    return { hits: hits.map(hitOf), didYouMean, verdict };
  }

  /** The two questions that take a text and a language. */
  function near<T>(what: "suggest" | "forUrl", text: string, { limit = LISTED, locale }: HelpListing = {}): T[] {
    fit(limit, text, locale);
    return call((core) => core[what](text, locale, limit)) as T[];
  }

  return {
    ask,
    search: (query, options) => ask(query, options).hits,
    suggest: (prefix, options) =>
      near<Suggestion>("suggest", prefix, options).map(({ titleRuns, ...one }) => ({ ...one, highlights: { title: titleRuns } })),
    article(id) {
      fit(0, id);
      return call((core) => core.article(id)) ?? undefined;
    },
    popular({ limit = LISTED, locale } = {}) {
      fit(limit, locale);
      return call((core) => core.popular(locale, limit));
    },
    related(id, { limit = LISTED } = {}) {
      fit(limit, id);
      return call((core) => core.related(id, limit));
    },
    forUrl: (url, options) => near<Listed>("forUrl", url, options),
    attachBodies: (bytes) => call((core) => core.attachBodies(bytesOf(bytes))),
    close: () => void (open = null),
  };
}

/** The core would read anything else as something. @throws DesksideError `bad_argument` */
function fit(limit: unknown, ...texts: unknown[]): void {
  if (typeof limit === "number" && texts.every((text) => text === undefined || typeof text === "string")) return;
  throw new DesksideError("bad_argument", "a limit is a number; all else that is asked with is text");
}

/** @throws DesksideError `bad_argument` */
export function bytesOf(bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  // Not `instanceof`: it may come from another frame or worker.
  if (Object.prototype.toString.call(bytes) === "[object ArrayBuffer]") return new Uint8Array(bytes as ArrayBuffer);
  throw new DesksideError("bad_argument", "the help index must be given as a Uint8Array or an ArrayBuffer");
}

function hitOf({ titleRuns, passageRuns, ...hit }: Hit): HelpHit {
  return { ...hit, highlights: { title: titleRuns, passage: passageRuns } };
}

/** Without what is not given. */
function given(filters: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
