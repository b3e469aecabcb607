import { languageOf, type Language } from "../loader/language.js";
import type en from "./locales/en.json";

type Forms = Partial<Record<Intl.LDMLPluralRule, string>>;
export type TextKey = keyof typeof en;
export type Catalogue = Record<TextKey, string | Forms>;
export type Values = Readonly<Record<string, string | number>>;

// Each is a chunk of its own; a visitor loads one.
const catalogues: Record<Language, () => Promise<{ default: Catalogue }>> = {
  en: () => import("./locales/en.json"),
  "zh-CN": () => import("./locales/zh-CN.json"),
};

/** Words and times in the visitor's language. */
export class Texts {
  readonly locale: string;
  private readonly plurals: Intl.PluralRules;

  constructor(
    readonly language: Language,
    locale: string,
    readonly catalogue: Catalogue,
  ) {
    this.locale = formatLocale(language, locale);
    this.plurals = new Intl.PluralRules(this.locale);
  }

  /** The text of a key; `{name}` is replaced, and `n` chooses the plural. */
  t(key: TextKey, values?: Values): string {
    return this.say(this.catalogue[key], values);
  }

  say(entry: string | Forms, values: Values = {}): string {
    const text = typeof entry === "string" ? entry : (entry[this.form(values["n"])] ?? entry.other ?? "");
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  }

  private form(n: string | number | undefined): Intl.LDMLPluralRule {
    return this.plurals.select(Number(n ?? 0));
  }
}

/** The words of a chunk that is loaded later. */
export function wordsOf<K extends string>(all: Record<Language, Record<K, string | Forms>>) {
  return ({ texts }: { readonly texts: Texts }, key: K, values?: Values): string =>
    texts.say(all[texts.language][key], values);
}

export async function loadTexts(locale: string): Promise<Texts> {
  const language = languageOf(locale);
  const { default: catalogue } = await catalogues[language]();
  return new Texts(language, locale, catalogue);
}

/** The locale for numbers and times: the visitor's own where it goes with the words, as `en-GB` with English. */
export function formatLocale(language: Language, locale: string): string {
  try {
    const [canonical] = Intl.getCanonicalLocales(locale);
    return canonical?.slice(0, 2) === language.slice(0, 2) ? canonical : language;
  } catch {
    return language;
  }
}
