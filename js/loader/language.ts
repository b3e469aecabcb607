/** The languages that there are texts in. */
export type Language = "en" | "zh-CN";

/** Which way each is written; the page around may be written the other way. */
export const directions: Readonly<Record<Language, "ltr" | "rtl">> = { en: "ltr", "zh-CN": "ltr" };

/** The visitor's locale: what the site says, else the page's own language, else the browser's. */
export function localeOf(element: Element | null): string {
  return element?.getAttribute("locale") || document.documentElement.lang || navigator.language;
}

/** The language of the texts for a locale. Traditional Chinese reads simplified rather than English. */
export function languageOf(locale: string): Language {
  return /^zh\b/i.test(locale) ? "zh-CN" : "en";
}
