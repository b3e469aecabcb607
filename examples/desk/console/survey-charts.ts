// Charts drawn by the DOM, each with the same numbers as a table for whoever cannot see them.

import { el } from "./dom.js";
import type { I18n } from "./i18n.js";
import type { Score } from "../../../js/types/client.js";
import type { Count, Metric, Step, Trend } from "./survey-data.js";

const SVG = "http://www.w3.org/2000/svg";

function draw(tag: string, attributes: Record<string, string | number>, ...children: (Node | string)[]): SVGElement {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** A table that scrolls by itself where a phone is too narrow for it. */
export function table(caption: string, head: string[], rows: (string | Node)[][]): HTMLElement {
  const headings = head.map((text) => el("th", { scope: "col" }, text));
  const line = ([first, ...rest]: (string | Node)[]): HTMLElement =>
    el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((cell) => el("td", {}, cell)));
  const body = el("tbody", {}, ...rows.map(line));
  return el("table", { class: "survey-table" }, el("caption", { class: "visually-hidden" }, caption), el("thead", {}, el("tr", {}, ...headings)), body);
}

function asTable(i18n: I18n, caption: string, head: string[], rows: string[][]): HTMLElement {
  return el("details", { class: "chart-table" }, el("summary", {}, i18n.t("surveys.asTable")), table(caption, head, rows));
}

/** How often each answer was given: bars with their share of those who answered, coloured by what they mean. */
export function distribution(i18n: I18n, title: string, answered: number, counts: Count[], tone: (count: Count) => string): HTMLElement {
  const most = Math.max(1, ...counts.map(({ n }) => n));
  const share = (n: number): string => percent(i18n, answered > 0 ? (100 * n) / answered : null);
  const bars = counts.map((count) => {
    const fill = el("span", { class: `bar-fill is-${tone(count)}` });
    fill.style.inlineSize = `${(100 * count.n) / most}%`;
    return el(
      "div",
      { class: "bar" },
      el("bdi", { class: "bar-label" }, nameOf(i18n, count)),
      el("span", { class: "bar-line" }, fill),
      el("span", { class: "bar-value" }, i18n.formatNumber(count.n), el("small", {}, share(count.n))),
    );
  });
  const rows = counts.map((count) => [nameOf(i18n, count), i18n.formatNumber(count.n), share(count.n)]);
  return el(
    "figure",
    { class: "chart", "aria-label": title },
    el("div", { "aria-hidden": "true", class: "bars" }, ...bars),
    asTable(i18n, title, [i18n.t("surveys.answer"), i18n.t("surveys.count"), i18n.t("surveys.share")], rows),
  );
}

/** A definition need not name what it takes as yes and no. */
function nameOf(i18n: I18n, { value, label }: Count): string {
  if (label !== "") return label;
  if (value === "true") return i18n.t("surveys.yes");
  return value === "false" ? i18n.t("surveys.no") : value;
}

const HEIGHT = 220;
const LEFT = 52;
const RIGHT = 12;
const BOTTOM = 28;
const TOP = 10;

/** The score over time, with its 95% interval; a ring where there are too few answers, a gap where there are none. */
export function trend(i18n: I18n, { step, periods }: Trend, { metric, range }: Metric): HTMLElement {
  const svg = draw("svg", { class: "trend", height: HEIGHT, "aria-hidden": "true" });
  const points = periods.map(({ from, score }) => ({ at: from, name: dateOf(i18n, step, from), ...score }));
  const rows = points.map((point) => [point.name, scoreText(i18n, metric, point.value), interval(i18n, metric, point), i18n.formatNumber(point.n)]);
  const title = i18n.t("surveys.trend");
  const figure = el(
    "figure",
    { class: "chart", "aria-label": title },
    svg as unknown as Node,
    el("p", { class: "quiet", "aria-hidden": "true" }, i18n.t("surveys.legend")),
    asTable(i18n, title, [i18n.t("surveys.day"), i18n.t("surveys.score"), i18n.t("surveys.interval"), i18n.t("surveys.answers")], rows),
  );
  const ends: [number, number] = metric === "nps" ? [-100, 100] : metric === "ces" ? range : [0, 100];
  // Drawn for the width that there is: scaled, its words would be too small to read on a phone.
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.round(figure.clientWidth);
    if (width === drawn || width === 0) return;
    drawn = width;
    svg.setAttribute("width", String(width));
    svg.replaceChildren(...lines(i18n, points, ends, width));
  }).observe(figure);
  return figure;
}

interface Point extends Score {
  at: number;
  name: string;
}
type Known = Point & { value: number };
type Sure = Known & { low: number; high: number };

/** Neighbours that have what is asked for, run by run. */
function runs<T extends Point>(points: readonly Point[], has: (point: Point) => point is T): T[][] {
  const found: T[][] = [[]];
  for (const point of points) {
    if (has(point)) found[found.length - 1]?.push(point);
    else found.push([]);
  }
  return found.filter(({ length }) => length > 0);
}

function lines(i18n: I18n, points: readonly Point[], [low, high]: [number, number], width: number): SVGElement[] {
  const first = points[0]?.at ?? 0;
  const last = points[points.length - 1]?.at ?? 0;
  const x = (at: number): number => (first === last ? (LEFT + width) / 2 : LEFT + RIGHT + ((at - first) / (last - first)) * (width - LEFT - 2 * RIGHT));
  const y = (value: number): number => TOP + (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const drawn: SVGElement[] = [];
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const value = low + part * (high - low);
    drawn.push(
      draw("line", { class: "grid", x1: LEFT, x2: width, y1: y(value), y2: y(value) }),
      draw("text", { class: "tick", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, i18n.formatNumber(value)),
    );
  }
  // A band as far as neighbours have an interval; a line upright where one stands alone.
  for (const run of runs(points, (p): p is Sure => p.low !== null && p.high !== null)) {
    const [only] = run;
    if (run.length > 1) {
      const over = run.map((p) => `${x(p.at)},${y(p.high)}`);
      const under = run.map((p) => `${x(p.at)},${y(p.low)}`).reverse();
      drawn.push(draw("polygon", { class: "band", points: [...over, ...under].join(" ") }));
    } else if (only !== undefined) {
      drawn.push(draw("line", { class: "whisker", x1: x(only.at), x2: x(only.at), y1: y(only.low), y2: y(only.high) }));
    }
  }
  const known = runs(points, (p): p is Known => p.value !== null);
  for (const run of known) {
    if (run.length > 1) drawn.push(draw("polyline", { class: "line", points: run.map((p) => `${x(p.at)},${y(p.value)}`).join(" ") }));
  }
  // As small as it takes that dots do not touch.
  const room = (width - LEFT - 2 * RIGHT) / Math.max(1, points.length - 1);
  for (const point of known.flat()) {
    drawn.push(draw("circle", { class: point.few ? "dot is-few" : "dot", cx: x(point.at), cy: y(point.value), r: Math.max(1, Math.min(4.5, room / 2.5)) }));
  }
  for (const point of first === last ? points.slice(0, 1) : [points[0], points[points.length - 1]]) {
    if (point === undefined) continue;
    const anchor = first === last ? "middle" : point.at === first ? "start" : "end";
    drawn.push(draw("text", { class: "tick", x: x(point.at), y: HEIGHT - 6, "text-anchor": anchor }, point.name));
  }
  return drawn;
}

/** A period by its first day; a month by its name. */
function dateOf(i18n: I18n, step: Step, at: number): string {
  const form: Intl.DateTimeFormatOptions = step === "month" ? { year: "numeric", month: "short" } : { month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(i18n.language, { ...form, timeZone: "UTC" }).format(at);
}

/** What cannot be said is a dash, never 0. */
export function percent(i18n: I18n, value: number | null): string {
  if (value === null) return "–";
  return new Intl.NumberFormat(i18n.language, { style: "percent" }).format(value / 100);
}

export function scoreText(i18n: I18n, metric: string, value: number | null): string {
  if (value === null) return "–";
  const { language } = i18n;
  if (metric === "ces") return new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
  if (metric === "nps") return new Intl.NumberFormat(language, { signDisplay: "exceptZero", maximumFractionDigits: 0 }).format(value);
  return percent(i18n, value);
}

/** The interval in words, or that there are too few answers for one. */
export function interval(i18n: I18n, metric: string, score: { low: number | null; high: number | null; few: boolean }): string {
  if (score.few || score.low === null || score.high === null) return i18n.t("surveys.tooFew");
  return i18n.t("surveys.between", { low: scoreText(i18n, metric, score.low), high: scoreText(i18n, metric, score.high) });
}
