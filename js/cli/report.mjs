// What became of the files: for programs, and for people.
import { has, say, size } from "./words.mjs";

/** @typedef {import("./core.mjs").Taken} Taken */
/** @typedef {import("./core.mjs").Remark} Remark */
/** @typedef {import("./core.mjs").BuildReport} BuildReport */

/**
 * @typedef {object} Summary
 * @property {{ path: string, bytes: number, gzipBytes: number }} [output] absent if nothing was written
 * @property {number} articles
 * @property {Record<string, number>} locales articles of each locale
 * @property {number} alternatives
 * @property {number} passages
 * @property {number} terms
 * @property {number} titlesBytes
 * @property {number} bodiesBytes
 * @property {number} ignored files of other kinds
 * @property {(Remark | Unbuilt)[]} skipped
 * @property {Remark[]} warnings
 */

/**
 * An article that was read and then left out, or lines of the log or the pins that were.
 * @typedef {object} Unbuilt
 * @property {string} path
 * @property {string} id
 * @property {string} code
 * @property {number} count
 */

/** About lines of the log and the pins, not about articles. */
const ofLines = new Set(["unknownRecord", "emptyQuery"]);
const shown_max = 20;

/**
 * @param {{ taken: Taken, warnings: Remark[], report: BuildReport, ignored: number }} parts
 * @returns {Summary}
 */
export function summarise({ taken, warnings, report, ignored }) {
  /** @type {Record<string, number>} */
  const locales = {};
  /** @type {Map<string, Taken["articles"]>} */
  const byId = new Map();
  for (const article of taken.articles) {
    byId.set(article.id, [...(byId.get(article.id) ?? []), article]);
    locales[article.locale] = (locales[article.locale] ?? 0) + 1;
  }
  /** @type {Map<string, Unbuilt>} */
  const unbuilt = new Map();
  for (const { id, reason } of report.skipped) {
    const isLine = ofLines.has(reason);
    // Of several articles with one id the first was kept.
    const article = isLine ? undefined : byId.get(id)?.pop();
    if (article) locales[article.locale] = (locales[article.locale] ?? 1) - 1;
    const path = article?.path ?? "";
    const key = JSON.stringify([path, id, reason]);
    const entry = unbuilt.get(key) ?? { path, id, code: reason, count: 0 };
    entry.count += 1;
    unbuilt.set(key, entry);
  }
  const { indexed, alternatives, passages, terms, titlesBytes, bodiesBytes } = report;
  return {
    articles: indexed,
    locales: Object.fromEntries(Object.entries(locales).filter(([, count]) => count > 0).sort()),
    alternatives, passages, terms, titlesBytes, bodiesBytes, ignored,
    skipped: [...taken.skipped, ...unbuilt.values()],
    warnings,
  };
}

/** @param {string} where @param {string} why */
const said = (where, why) => (where ? say("remark", { where, why }) : why);

/** @param {Remark | Unbuilt} remark */
function sentence(remark) {
  if ("id" in remark) {
    const { path, id, code, count } = remark;
    return said(path ? say("record", { path, id }) : id, say(`reason.${code}`, { count }));
  }
  const { path, place, code, detail, reason } = remark;
  const where = !place ? path : "line" in place
    ? say("placeLine", { path, line: String(place.line) })
    : say("placeItem", { path, item: String(place.item) });
  const why = has(`code.${code}`) ? say(`code.${code}`, { detail }) : reason;
  return said(where, why);
}

/**
 * @param {string} title
 * @param {(Remark | Unbuilt)[]} remarks
 */
function printList(title, remarks) {
  if (remarks.length === 0) return;
  console.log(`\n${say(title, { count: remarks.length })}`);
  for (const remark of remarks.slice(0, shown_max)) console.log(`  ${sentence(remark)}`);
  if (remarks.length > shown_max) console.log(`  ${say("more", { count: remarks.length - shown_max })}`);
}

/** @param {Summary} summary */
export function print({ output, articles, locales, skipped, warnings, ignored, ...counts }) {
  if (output) {
    const { path, bytes, gzipBytes } = output;
    console.log(say("written", { path, raw: size(bytes), gzip: size(gzipBytes) }));
    const parts = Object.entries(locales).map(([locale, count]) => say("articlesOfLocale", { count, locale }));
    console.log(`  ${say("articles", { count: articles, locales: parts.join(say("between")) })}`);
    const { alternatives, passages, terms } = counts;
    console.log(`  ${say("details", { alternatives, passages, terms })}`);
  }
  printList("skippedTitle", skipped);
  printList("warningsTitle", warnings);
  if (ignored > 0) console.log(`\n${say("ignored", { count: ignored })}`);
}
