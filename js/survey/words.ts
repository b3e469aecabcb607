import { languageOf } from "../loader/language.js";
import en from "./locales/en.json";
import zhCN from "./locales/zh-CN.json";

const catalogues = { en, "zh-CN": zhCN };

export type Word = keyof typeof en;

/** The screens' own words, in the survey's language. */
export function words(language: string): (key: Word, values?: Readonly<Record<string, string | number>>) => string {
  const catalogue = catalogues[languageOf(language)];
  return (key, values = {}) => catalogue[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
