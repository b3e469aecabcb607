// deskside/node: building and searching help indexes in Node.
import { core } from "../cli/core.mjs";

/** @typedef {import("./declarations.js").HelpRecord} HelpRecord */
/** @typedef {import("./declarations.js").BuildIndexOptions} BuildIndexOptions */
/** @typedef {import("./declarations.js").HelpIndex} HelpIndex */
/** @typedef {import("../types/index.js").Article} Article */
/** @typedef {import("../types/index.js").Listed} Listed */
/** @typedef {import("../types/index.js").Results} Results */
/** @typedef {import("../types/index.js").Suggestion} Suggestion */

/**
 * @param {string} code
 * @param {string} message
 */
function failure(code, message) {
  const error = new Error(message);
  error.name = "DesksideError";
  return Object.assign(error, { code });
}

/** @typedef {import("../types/index.js").Score} Score */

/**
 * @param {"csat" | "nps" | "ces"} kind
 * @param {number[]} answers
 * @param {number} lowest
 * @param {number} highest
 * @returns {Score}
 */
function score(kind, answers, lowest, highest) {
  const wrong = answers.findIndex((answer) => !Number.isInteger(answer) || answer < lowest || answer > highest);
  if (wrong >= 0) throw failure("bad_argument", `Answer ${wrong} is no whole number from ${lowest} to ${highest}.`);
  return core.score(kind, Uint8Array.from(answers), highest);
}

/**
 * What the desk's report says of answers: a value, how many there were, and a 95% interval; `null` where
 * it cannot be said.
 */
export const scores = {
  /** @param {number[]} answers @param {2 | 3 | 4 | 5 | 7 | 10} [points] of the scale, which begins at 1 */
  csat: (answers, points = 5) => score("csat", answers, 1, points),
  /** @param {number[]} answers from 0 to 10 */
  nps: (answers) => score("nps", answers, 0, 10),
  /** @param {number[]} answers @param {5 | 7} [points] of the scale, which begins at 1 */
  ces: (answers, points = 7) => score("ces", answers, 1, points),
};

/** @param {unknown} records */
function written(records) {
  try {
    return /** @type {string} */ (JSON.stringify(records ?? null));
  } catch (error) {
    throw failure("bad_argument", `The records cannot be written as JSON: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * Records as the core reads them. Half of a surrogate pair is no character: it would make all of them unreadable.
 * @param {HelpRecord[]} records
 */
function jsonOf(records) {
  const json = written(records);
  if (!json.includes("\\ud")) return json;
  return json.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (escape, half) => (half ? "\\ufffd" : escape));
}

/**
 * @param {HelpRecord[]} records
 * @param {BuildIndexOptions} [options]
 * @returns {Uint8Array}
 */
export function buildIndex(records, { locale, synonyms, log, pinned, now_ms, includeRestricted, onRemark } = {}) {
  text("locale", locale);
  const indexer = new core.Indexer(locale === undefined ? {} : { locale });
  try {
    const { skipped, warnings } = indexer.addRecords(jsonOf(records));
    const [first] = skipped;
    if (!onRemark && first) {
      const where = first.place && "item" in first.place ? `Record ${first.place.item}: ` : "";
      throw failure("record_refused", `${where}${first.reason}`);
    }
    const { titles, bodies, report } = indexer.build({
      ...(locale !== undefined && { defaultLocale: locale }),
      ...(synonyms && { synonyms: groups(synonyms) }),
      // Ids may be numbers, as they may in records.
      ...(log && { log: list("log", log).map(({ query, id }) => ({ query: told("log", query), id: String(id) })) }),
      ...(pinned && { pinned: list("pinned", pinned).map(({ query, ids }) => ({ query: told("pinned", query), ids: list("pinned", ids).map(String) })) }),
      nowMs: now_ms ?? Date.now(),
      includeRestricted: includeRestricted ?? false,
    });
    const repeated = report.skipped.find(({ reason }) => reason === "repeatedId");
    if (!onRemark && repeated) throw failure("record_refused", `Two records have the id ${JSON.stringify(repeated.id)}.`);
    for (const { code, reason, place } of [...skipped, ...warnings]) {
      onRemark?.({ code, reason, ...(place && "item" in place && { record: place.item - 1 }) });
    }
    for (const { id, reason } of report.skipped) onRemark?.({ code: reason, reason, id });
    const bytes = new Uint8Array(titles.length + bodies.length);
    bytes.set(titles);
    bytes.set(bodies, titles.length);
    return bytes;
  } finally {
    indexer.free();
  }
}

/**
 * @param {string} what
 * @param {unknown} value
 * @returns {Record<string, unknown>[]}
 */
function list(what, value) {
  const all = Array.isArray(value) ? /** @type {unknown[]} */ (value) : [null];
  if (all.some((one) => one === null || one === undefined)) throw failure("bad_argument", `${what} is a list.`);
  return /** @type {Record<string, unknown>[]} */ (all);
}

/**
 * @param {unknown} synonyms
 * @returns {string[][]}
 */
function groups(synonyms) {
  return list("synonyms", synonyms).map((group) => list("A group of synonyms", group).map((word) => told("synonyms", word)));
}

/**
 * Text that must be there.
 * @param {string} what
 * @param {unknown} value
 * @returns {string}
 */
function told(what, value) {
  if (typeof value !== "string") throw failure("bad_argument", `${what}: ${JSON.stringify(value)} is not text.`);
  return value;
}

/**
 * Text, where it is given.
 * @param {string} what
 * @param {unknown} value
 * @returns {string | undefined}
 */
const text = (what, value) => (value === undefined || value === null ? undefined : told(what, value));

/**
 * A filter: one name, or a list of which any will do; the core reads a line each.
 * @param {string} what
 * @param {unknown} value
 */
function filter(what, value) {
  if (!Array.isArray(value)) return text(what, value);
  return value.length === 0 ? undefined : value.map((one) => told(`filters.${what}`, one)).join("\n");
}

/** @param {Record<string, unknown>} filters */
function filtersOf(filters) {
  if (typeof filters !== "object") throw failure("bad_argument", "filters are an object with category and tag.");
  const unknown = Object.keys(filters).find((name) => name !== "category" && name !== "tag");
  if (unknown !== undefined) throw failure("bad_argument", `filters.${unknown} is no filter; there are category and tag.`);
  return filters;
}

/**
 * @param {unknown} value
 * @param {number} otherwise
 */
function limitOf(value, otherwise) {
  const limit = value ?? otherwise;
  if (typeof limit === "number" && limit >= 0) return Math.min(Math.floor(limit), 1e6);
  throw failure("bad_argument", `limit: ${String(value)} is not a number from 0.`);
}

/** @param {unknown} bytes */
function bytesOf(bytes) {
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  throw failure("bad_argument", "An index is opened from a Uint8Array or an ArrayBuffer.");
}

/**
 * @param {Uint8Array | ArrayBuffer} bytes
 * @returns {HelpIndex}
 */
export function open(bytes) {
  /** @type {InstanceType<typeof core.Search> | null} */
  let opened = new core.Search(bytesOf(bytes));
  const index = () => {
    if (!opened) throw failure("index_closed", "The index was closed.");
    return opened;
  };
  /** @type {HelpIndex["ask"]} */
  const ask = (query, { limit, locale, filters, typing = true } = {}) => {
    const { category, tag } = filtersOf(filters ?? {});
    const found = index().ask(
      "search", told("The query", query), limitOf(limit, 10), text("locale", locale),
      filter("category", category), filter("tag", tag), Date.now(), typing,
    );
    const { hits, ...rest } = /** @type {Results} */ (found);
    return {
      ...rest,
      hits: hits.map(({ titleRuns, passageRuns, ...hit }) => ({ ...hit, highlights: { title: titleRuns, passage: passageRuns } })),
    };
  };
  /** @param {unknown} id an id of a record, which may have been a number */
  const idOf = (id) => (typeof id === "number" ? String(id) : told("The id", id));
  return {
    ask,
    search: (query, options) => ask(query, options).hits,
    suggest: (prefix, { limit, locale } = {}) =>
      /** @type {Suggestion[]} */ (
        index().ask("suggest", told("The prefix", prefix), limitOf(limit, 5), text("locale", locale))
      ).map(({ titleRuns, ...one }) => ({ ...one, highlights: { title: titleRuns } })),
    article: (id) => /** @type {Article | null} */ (index().ask("article", idOf(id), 1)) ?? undefined,
    popular: ({ limit, locale } = {}) => /** @type {Listed[]} */ (index().ask("popular", "", limitOf(limit, 5), text("locale", locale))),
    related: (id, { limit } = {}) => /** @type {Listed[]} */ (index().ask("related", idOf(id), limitOf(limit, 5))),
    forUrl: (url, { limit, locale } = {}) =>
      /** @type {Listed[]} */ (index().ask("forUrl", told("The address", url), limitOf(limit, 5), text("locale", locale))),
    attachBodies: (bytes) => index().attachBodies(bytesOf(bytes)),
    close: () => {
      opened?.free();
      opened = null;
    },
  };
}
