const DAY_MS = 86_400_000;

/** The number of the calendar day of a moment, where the visitor is. */
export function dayOf(ts: number): number {
  const date = new Date(ts);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);
}

export function clockTime(ts: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(ts);
}

/** A day as people say it: today, yesterday, else its date; the year only when it is another. */
export function dayName(ts: number, now: number, locale: string): string {
  const days = dayOf(ts) - dayOf(now);
  if (days === 0 || days === -1) {
    const name = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");
    return name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
  }
  const sameYear = new Date(ts).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    weekday: sameYear ? "long" : undefined,
    day: "numeric",
    month: "long",
    year: sameYear ? undefined : "numeric",
  }).format(ts);
}

/** A moment in the fewest words, for a list: the time today, the weekday within a week, else the date. */
export function shortTime(ts: number, now: number, locale: string): string {
  const days = dayOf(now) - dayOf(ts);
  if (days <= 0) return clockTime(ts, locale);
  if (days < 7) return new Intl.DateTimeFormat(locale, { weekday: "short" }).format(ts);
  const sameYear = new Date(ts).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    year: sameYear ? undefined : "numeric",
  }).format(ts);
}
