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

/**
 * @param {HelpRecord[]} records
 * @param {BuildIndexOptions} [options]
 * @returns {Uint8Array}
 */
export function buildIndex(records, { locale, synonyms, log, pinned, now_ms, includeRestricted, onRemark } = {}) {
  const indexer = new core.Indexer(locale === undefined ? {} : { locale });
  try {
    const { skipped, warnings } = indexer.addRecords(JSON.stringify(records));
    const [first] = skipped;
    if (!onRemark && first) {
      const where = first.place && "item" in first.place ? `Record ${first.place.item}: ` : "";
      throw failure("record_refused", `${where}${first.reason}`);
    }
    const { titles, bodies, report } = indexer.build({
      ...(locale !== undefined && { defaultLocale: locale }),
      ...(synonyms && { synonyms }),
      ...(log && { log }),
      ...(pinned && { pinned }),
      nowMs: now_ms ?? Date.now(),
      includeRestricted: includeRestricted ?? false,
    });
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
 * @param {Uint8Array} bytes
 * @returns {HelpIndex}
 */
export function open(bytes) {
  const index = new core.Search(bytes);
  /** @type {HelpIndex["ask"]} */
  const ask = (query, { limit = 10, locale, filters = {}, typing = true } = {}) => {
    const { category, tag } = filters;
    const found = index.ask("search", query, limit, locale, category, tag, Date.now(), typing);
    const { hits, ...rest } = /** @type {Results} */ (found);
    return {
      ...rest,
      hits: hits.map(({ titleRuns, passageRuns, ...hit }) => ({ ...hit, highlights: { title: titleRuns, passage: passageRuns } })),
    };
  };
  return {
    ask,
    search: (query, options) => ask(query, options).hits,
    suggest: (prefix, { limit = 5, locale } = {}) =>
      /** @type {Suggestion[]} */ (index.ask("suggest", prefix, limit, locale)).map(({ titleRuns, ...one }) => ({
        ...one,
        highlights: { title: titleRuns },
      })),
    article: (id) => /** @type {Article | null} */ (index.ask("article", id, 1)) ?? undefined,
    popular: ({ limit = 5, locale } = {}) => /** @type {Listed[]} */ (index.ask("popular", "", limit, locale)),
    related: (id, { limit = 5 } = {}) => /** @type {Listed[]} */ (index.ask("related", id, limit)),
    forUrl: (url, { limit = 5, locale } = {}) => /** @type {Listed[]} */ (index.ask("forUrl", url, limit, locale)),
    attachBodies: (bytes) => index.attachBodies(new Uint8Array(bytes)),
    close: () => index.free(),
  };
}
