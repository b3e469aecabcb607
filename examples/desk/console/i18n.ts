// The console's words, from the locale files; and numbers, times and durations by Intl.

import en from "./locales/en.json" with { type: "json" };
import zhCN from "./locales/zh-CN.json" with { type: "json" };

export type Key = keyof typeof en.messages;
type Text = string | Partial<Record<Intl.LDMLPluralRule, string>>;

export interface Canned {
  name: string;
  title: string;
  text: string;
}

interface Locale {
  name: string;
  messages: Record<Key, Text>;
  canned: Canned[];
}

const LOCALES: ReadonlyMap<string, Locale> = new Map<string, Locale>([
  ["en", en],
  ["zh-CN", zhCN],
]);

export const languages: readonly { tag: string; name: string }[] = [...LOCALES].map(([tag, { name }]) => ({ tag, name }));

/** The first language asked for that is here, by tag or by its main language; else English. */
export function chooseLanguage(asked: readonly string[]): string {
  for (const tag of asked) {
    const main = tag.split("-")[0]?.toLowerCase();
    for (const own of LOCALES.keys()) {
      if (own.toLowerCase() === tag.toLowerCase() || own.split("-")[0] === main) return own;
    }
  }
  return "en";
}

/** In the visitor's language where there are some, else in the agent's. */
export function cannedReplies(asked: readonly string[]): readonly Canned[] {
  return LOCALES.get(chooseLanguage(asked))?.canned ?? [];
}

export type Params = Record<string, string | number>;

export function filled(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : String(value);
  });
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export class I18n {
  private readonly messages: Record<Key, Text>;
  private readonly plurals: Intl.PluralRules;
  private readonly number: Intl.NumberFormat;
  private readonly time: Intl.DateTimeFormat;
  private readonly moment: Intl.DateTimeFormat;
  private readonly day: Intl.DateTimeFormat;
  private readonly dayOfYear: Intl.DateTimeFormat;
  private readonly shortDay: Intl.DateTimeFormat;
  private readonly names: Intl.DisplayNames;

  constructor(readonly language: string) {
    this.messages = (LOCALES.get(language) ?? en).messages;
    this.plurals = new Intl.PluralRules(language);
    this.number = new Intl.NumberFormat(language);
    this.time = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
    this.moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
    this.day = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
    this.dayOfYear = new Intl.DateTimeFormat(language, { dateStyle: "long" });
    this.shortDay = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
    this.names = new Intl.DisplayNames(language, { type: "language" });
  }

  /** Whether there is a text of this name, which may have come from the desk. */
  has(key: string): key is Key {
    return Object.hasOwn(this.messages, key);
  }

  /** `count` chooses the plural form. */
  readonly t = (key: Key, params: Params = {}): string => {
    const text = this.messages[key];
    if (typeof text === "string") return filled(text, params);
    const count = typeof params["count"] === "number" ? params["count"] : 0;
    const form = text[this.plurals.select(count)] ?? text.other ?? "";
    return filled(form, { ...params, count: this.number.format(count) });
  };

  formatNumber(value: number): string {
    return this.number.format(value);
  }

  /** "120 KB", "3.4 MB". */
  formatBytes(bytes: number): string {
    const kilobytes = Math.max(1, Math.round(bytes / 1024));
    if (kilobytes < 1024) return this.t("file.kilobytes", { size: this.number.format(kilobytes) });
    const megabytes = Math.round((bytes / 1024 / 1024) * 10) / 10;
    return this.t("file.megabytes", { size: this.number.format(megabytes) });
  }

  formatTime(ts: number): string {
    return this.time.format(ts);
  }

  formatMoment(ts: number): string {
    return this.moment.format(ts);
  }

  /** "Today", "Yesterday", or the day by name. */
  formatDay(ts: number, now: number): string {
    const days = Math.round((startOfDay(now) - startOfDay(ts)) / DAY_MS);
    if (days === 0) return this.t("day.today");
    if (days === 1) return this.t("day.yesterday");
    const isThisYear = new Date(ts).getFullYear() === new Date(now).getFullYear();
    return (isThisYear ? this.day : this.dayOfYear).format(ts);
  }

  /** For a list: the time if it was today, else the day. */
  formatShort(ts: number, now: number): string {
    return startOfDay(ts) === startOfDay(now) ? this.time.format(ts) : this.shortDay.format(ts);
  }

  /** In its largest unit, rounded down: "4 min", "2 hr", "3 days". */
  formatDuration(ms: number): string {
    if (ms < MINUTE_MS) return this.unit(Math.max(0, Math.floor(ms / 1000)), "second");
    if (ms < HOUR_MS) return this.unit(Math.floor(ms / MINUTE_MS), "minute");
    if (ms < DAY_MS) return this.unit(Math.floor(ms / HOUR_MS), "hour");
    return this.unit(Math.floor(ms / DAY_MS), "day");
  }

  /** How long yet: rounded up, and never nothing. */
  formatCountdown(ms: number): string {
    const seconds = Math.max(1, Math.ceil(ms / 1_000));
    return seconds <= 90 ? this.unit(seconds, "second") : this.unit(Math.ceil(seconds / 60), "minute");
  }

  private unit(value: number, unit: string): string {
    return new Intl.NumberFormat(this.language, { style: "unit", unit, unitDisplay: "short" }).format(value);
  }

  /** "Chinese (China)"; the tag itself where it names no language. */
  formatLanguage(tag: string): string {
    try {
      return this.names.of(tag) ?? tag;
    } catch {
      return tag;
    }
  }
}

export function startOfDay(ts: number): number {
  return new Date(ts).setHours(0, 0, 0, 0);
}
