import { languageOf } from "../loader/language.js";
import en from "./locales/en.json";
import zh from "./locales/zh-CN.json";

export type TextKey = keyof typeof zh;

/** Words and times, without `Intl`: some runtimes have none. */
export class Texts {
  private readonly words: Record<TextKey, string>;

  constructor(locale: string) {
    this.words = languageOf(locale) === "zh-CN" ? zh : en;
  }

  t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
    return this.words[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  }

  /** Those that the templates name by themselves; a dot means something else there. */
  all(): Record<string, string> {
    const all: Record<string, string> = {};
    for (const key of Object.keys(this.words)) all[key.replace(".", "_")] = this.words[key as TextKey];
    return all;
  }

  time(ts: number): string {
    const date = new Date(ts);
    return `${date.getHours()}:${String(date.getMinutes()).padStart(2, "0")}`;
  }

  day(ts: number, now: number): string {
    const [date, today] = [new Date(ts), new Date(now)];
    if (date.toDateString() === today.toDateString()) return this.t("time.today");
    return this.t("time.day", { month: date.getMonth() + 1, day: date.getDate() });
  }
}
