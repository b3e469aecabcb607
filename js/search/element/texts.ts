import { languageOf, type Language } from "../../loader/language.js";
import en from "./locales/en.json";
import zh from "./locales/zh-CN.json";

type Entry = string | { one?: string; other: string };
export type TextKey = keyof typeof en;

const catalogues: Record<Language, Record<TextKey, Entry>> = { en, "zh-CN": zh };

/** The text of a key in the language of a locale; `{n}` is replaced, and chooses the plural. */
export function text(locale: string, key: TextKey, n = 0): string {
  const entry = catalogues[languageOf(locale)][key];
  const form = typeof entry === "string" ? entry : (n === 1 && entry.one) || entry.other;
  return form.replace("{n}", String(n));
}
