// The words of the site, by language.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** @param {string} locale */
export function wordsOf(locale) {
  const file = join(import.meta.dirname, "locales", `${locale}.json`);
  const texts = /** @type {Record<string, string | Record<string, string>>} */ (JSON.parse(readFileSync(file, "utf8")));
  const plurals = new Intl.PluralRules(locale);
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
  return {
    locale,
    mail: "support@harbornotes.example",
    /** @param {string} key @param {Record<string, string | number>} [values] `n` chooses the plural */
    say(key, values = {}) {
      const entry = texts[key];
      const text = typeof entry === "object" ? (entry[plurals.select(Number(values["n"] ?? 0))] ?? entry["other"]) : entry;
      if (text === undefined) throw new Error(`${file} has no ${key}`);
      return text.replace(/\{(\w+)\}/g, (_, /** @type {string} */ name) => String(values[name] ?? ""));
    },
    /** @param {number} time_ms */
    date: (time_ms) => dates.format(time_ms),
  };
}

/** @typedef {ReturnType<typeof wordsOf>} Words */
