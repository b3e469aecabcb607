// The types of deskside/node, of which `npm run build` makes the published declarations. The code is in
// index.mjs.
import type { HelpIndex } from "../search/help-index.js";
import type { Block, Score } from "../types/index.js";

export type { Score };

export type * from "../search/help-index.js";

/** A help article or FAQ entry in one language. */
export interface HelpRecord {
  /** Unique within the index; made from the title where it is left out. */
  id?: string | number;
  /** BCP 47; the locale of `buildIndex` where it is left out. */
  locale?: string;
  /** The id of the article that this one translates. */
  translationOf?: string;
  /** The title, or the standard question. */
  title: string;
  /** Other ways to ask the same. */
  alternatives?: string[];
  /** Markdown, HTML, plain text, or blocks. */
  body?: string | Block[];
  /** Where the article lives on the web. */
  url?: string;
  /** From the outermost category to the article's own. */
  path?: string[];
  /** Short for a `path` of one. */
  category?: string | string[];
  tags?: string[];
  /** Popularity or importance: breaks ties, orders "popular". */
  weight?: number;
  updatedAt?: string | number | Date;
  /** Not shown after this time. A date without a time includes that day. */
  validUntil?: string | number | Date;
  /** `restricted`: signed-in customers; `internal`: agents, never in an index. */
  visibility?: "public" | "restricted" | "internal";
}

/** Something about a record that was not taken in whole. */
export interface BuildRemark {
  /** Stable, for programs. */
  code: string;
  reason: string;
  /** The record's place in the list, from 0. */
  record?: number;
  /** The record's id. */
  id?: string;
}

export interface BuildIndexOptions {
  /** The locale of records that name none, and the one to fall back to. */
  locale?: string;
  /** Groups of words that mean the same. */
  synonyms?: string[][];
  /** What was asked, and the record that helped; sharpens the ranking. */
  log?: { query: string; id: string | number }[];
  /** Records that must come first for a query. */
  pinned?: { query: string; ids: (string | number)[] }[];
  /** Records whose validity ended before are left out; now, where it is not given. */
  now_ms?: number;
  /** Also takes in records for signed-in customers. */
  includeRestricted?: boolean;
  /**
   * Told of records that are left out or altered. Without it a record that cannot be read throws, as does an
   * id that comes twice.
   */
  onRemark?: (remark: BuildRemark) => void;
}

/**
 * Builds an index of help articles.
 * @throws an Error with the name `DesksideError` and a stable `code`
 */
export declare function buildIndex(records: HelpRecord[], options?: BuildIndexOptions): Uint8Array;

/**
 * Opens an index from its bytes.
 * @throws an Error with the name `DesksideError` and a stable `code`
 */
export declare function open(bytes: Uint8Array | ArrayBuffer): HelpIndex;

/**
 * The scores of survey answers, as the desk's report has them: a value, how many answers there were, and a
 * 95% interval; `null` where it cannot be said.
 * @throws an Error with the name `DesksideError` and the code `bad_argument` where an answer is not on the scale
 */
export declare const scores: {
  /** The share in the top boxes, in percent. `points`: of the scale, which begins at 1; 5 where it is left out. */
  csat(answers: number[], points?: 2 | 3 | 4 | 5 | 7 | 10): Score;
  /** Promoters less detractors, of a hundred; answers are 0 to 10. */
  nps(answers: number[]): Score;
  /** The mean. `points`: of the scale, which begins at 1; 7 where it is left out. */
  ces(answers: number[], points?: 5 | 7): Score;
};
