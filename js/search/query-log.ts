import type { Verdict } from "../types/faq.js";

/** Queries that follow each other within this time are one search: somebody is typing, or saying it in other words. */
export const SETTLED_MS = 30_000;
/** The different queries that are remembered. */
const QUERIES_MAX = 1_000;
const QUERY_CHARS_MAX = 200;

/** A search that came to rest. */
export interface Settled {
  query: string;
  /** How many articles were found. */
  hits: number;
  verdict: Verdict;
}

/** A query with no good answer. */
export interface Unanswered {
  query: string;
  /** How many searches came to rest with it. */
  count: number;
  /** Milliseconds since 1970, UTC. */
  first_ms: number;
  last_ms: number;
}

/**
 * What one visitor searched for, in memory: what was not answered, and which article helped. Nothing is
 * stored or sent.
 */
export class QueryLog {
  private current: (Settled & { at_ms: number }) | null = null;
  private readonly missing = new Map<string, Unanswered>();
  private readonly pairs = new Map<string, { query: string; id: string }>();

  /** @param now_ms the time, in milliseconds since 1970 */
  constructor(private readonly now_ms: () => number = Date.now) {}

  /** A search was made. Returns the one before it, if that has come to rest by now. */
  searched(query: string, { hits, verdict }: { hits: readonly unknown[]; verdict: Verdict }): Settled | null {
    const rested = this.hasRested() ? this.settle() : null;
    const text = query.trim().replace(/\s+/g, " ").slice(0, QUERY_CHARS_MAX);
    // An empty field is no search, and what was in it before stays the one that was meant.
    if (text) this.current = { query: text, hits: hits.length, verdict, at_ms: this.now_ms() };
    return rested;
  }

  /** The search under way is over: an article was opened, the field was cleared, the page is left. */
  settle(): Settled | null {
    const { current } = this;
    this.current = null;
    if (!current) return null;
    const { at_ms, ...settled } = current;
    if (settled.verdict === "nothing") this.miss(settled.query, at_ms);
    return settled;
  }

  /** The visitor said that an article helped with what they had asked. */
  helped(query: string, id: string): void {
    const text = query.trim().replace(/\s+/g, " ");
    if (text && id && this.pairs.size < QUERIES_MAX) this.pairs.set(`${text}\t${id}`, { query: text, id });
  }

  /** What had no good answer, the most asked first. */
  unanswered(): Unanswered[] {
    if (this.hasRested()) this.settle();
    return [...this.missing.values()].sort((a, b) => b.count - a.count || b.last_ms - a.last_ms).map((one) => ({ ...one }));
  }

  /** Which article helped with which query: the `log` of `buildIndex`. */
  answered(): { query: string; id: string }[] {
    return [...this.pairs.values()].map((one) => ({ ...one }));
  }

  private hasRested(): boolean {
    return this.current !== null && this.now_ms() - this.current.at_ms >= SETTLED_MS;
  }

  private miss(query: string, at_ms: number): void {
    const key = query.toLowerCase();
    const known = this.missing.get(key);
    if (known) {
      known.count += 1;
      known.last_ms = at_ms;
    } else if (this.missing.size < QUERIES_MAX) {
      this.missing.set(key, { query, count: 1, first_ms: at_ms, last_ms: at_ms });
    }
  }
}

/** For spreadsheets: a line for each query, with a byte order mark so that Chinese is read as what it is. */
export function unansweredCsv(queries: readonly Unanswered[]): string {
  const rows = queries.map(({ query, count, first_ms, last_ms }) => [cell(query), String(count), day(first_ms), day(last_ms)]);
  return `\ufeff${[["query", "count", "first", "last"], ...rows].map((row) => `${row.join(",")}\r\n`).join("")}`;
}

/** For programs: `{format: "deskside-unanswered", version: 1, queries}`, times in ISO 8601. */
export function unansweredJson(queries: readonly Unanswered[]): string {
  const list = queries.map(({ query, count, first_ms, last_ms }) => ({ query, count, first: day(first_ms), last: day(last_ms) }));
  return JSON.stringify({ format: "deskside-unanswered", version: 1, queries: list }, null, 2);
}

/** For `deskside index --log`: `query<TAB>id`, a pair a line. */
export function answeredTsv(pairs: readonly { query: string; id: string }[]): string {
  // A line that begins with # is a remark there.
  const flat = (text: string): string => text.replace(/[\t\r\n]+/g, " ").replace(/^[#\s]+/, "");
  return pairs.map(({ query, id }) => `${flat(query)}\t${flat(id)}\n`).join("");
}

const day = (ms: number): string => new Date(ms).toISOString();

/** A spreadsheet runs what begins like a formula, in full-width signs too; an apostrophe before it makes it text. */
function cell(text: string): string {
  const harmless = /^\s*[=+\-@＝＋－＠|%]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
