// The command line's words in the user's language.
import { readFileSync } from "node:fs";

const { LC_ALL, LC_MESSAGES, LANG } = process.env;
const wanted = (LC_ALL || LC_MESSAGES || LANG || "").toLowerCase();
export const locale = wanted.startsWith("zh") ? "zh-CN" : "en";

/** @typedef {string | { [name: string]: Words }} Words */
const words = /** @type {Words} */ (
  JSON.parse(readFileSync(new URL(`./locales/${locale}.json`, import.meta.url), "utf8"))
);
const plurals = new Intl.PluralRules(locale);

/** @param {string} key a path of names parted by dots */
function find(key) {
  /** @type {Words | undefined} */
  let found = words;
  for (const name of key.split(".")) found = typeof found === "object" ? found[name] : undefined;
  return found;
}

/** @param {string} key */
export const has = (key) => find(key) !== undefined;

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] for `{name}`; `count` also chooses the plural form
 * @returns {string}
 */
export function say(key, values = {}) {
  let text = find(key);
  if (typeof text === "object") text = text[plurals.select(Number(values["count"]))] ?? text["other"];
  if (typeof text !== "string") throw new Error(`no words for ${key} in ${locale}`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[String(name)];
    return value === undefined ? whole : typeof value === "number" ? value.toLocaleString(locale) : value;
  });
}

/**
 * @param {number} bytes
 * @returns {string}
 */
export function size(bytes) {
  const [value, unit] = bytes < 1000 ? [bytes, "B"] : bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${value.toLocaleString(locale, { maximumFractionDigits: value < 100 && unit !== "B" ? 1 : 0 })} ${unit}`;
}
