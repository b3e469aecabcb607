// Charts drawn by the DOM, each with the same numbers as a table for whoever cannot see them.

import { el } from "./dom.js";
import type { I18n } from "./i18n.js";
import type { Count, Report } from "./survey-data.js";

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

/** The score over time, with its 95% interval; where there are too few answers, a ring instead of a dot. */
export function trend(i18n: I18n, report: Report): HTMLElement {
  const metric = report.score?.metric ?? "csat";
  const points = report.trend.filter(({ score }) => score.value !== null);
  const svg = draw("svg", { class: "trend", height: HEIGHT, "aria-hidden": "true" });
  const rows = points.map(({ from, score }) => [day(i18n, from), scoreText(i18n, metric, score.value), interval(i18n, metric, score), i18n.formatNumber(score.n)]);
  const title = i18n.t("surveys.trend");
  const figure = el(
    "figure",
    { class: "chart", "aria-label": title },
    svg as unknown as Node,
    el("p", { class: "quiet", "aria-hidden": "true" }, i18n.t("surveys.legend")),
    asTable(i18n, title, [i18n.t("surveys.day"), i18n.t("surveys.score"), i18n.t("surveys.interval"), i18n.t("surveys.answers")], rows),
  );
  // Drawn for the width that there is: scaled, its words would be too small to read on a phone.
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.round(figure.clientWidth);
    if (width === drawn || width === 0) return;
    drawn = width;
    svg.setAttribute("width", String(width));
    svg.replaceChildren(...lines(i18n, report, points, width));
  }).observe(figure);
  return figure;
}

function lines(i18n: I18n, report: Report, points: Report["trend"], width: number): SVGElement[] {
  const metric = report.score?.metric ?? "csat";
  const [low, high] = metric === "nps" ? [-100, 100] : metric === "ces" ? (report.score?.range ?? [1, 7]) : [0, 100];
  const first = points[0]?.from ?? 0;
  const last = points[points.length - 1]?.from ?? 0;
  const x = (at: number): number => (first === last ? (LEFT + width) / 2 : LEFT + RIGHT + ((at - first) / (last - first)) * (width - LEFT - 2 * RIGHT));
  const y = (value: number): number => TOP + (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const drawn: SVGElement[] = [];
  for (const step of [0, 0.25, 0.5, 0.75, 1]) {
    const value = low + step * (high - low);
    drawn.push(
      draw("line", { class: "grid", x1: LEFT, x2: width, y1: y(value), y2: y(value) }),
      draw("text", { class: "tick", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, i18n.formatNumber(value)),
    );
  }
  // A band as far as neighbours have an interval; a line upright where one stands alone.
  let run: { at: number; low: number; high: number }[] = [];
  const end = (): void => {
    const [only] = run;
    if (run.length > 1) {
      const over = run.map((p) => `${x(p.at)},${y(p.high)}`);
      const under = run.map((p) => `${x(p.at)},${y(p.low)}`).reverse();
      drawn.push(draw("polygon", { class: "band", points: [...over, ...under].join(" ") }));
    } else if (only !== undefined) {
      drawn.push(draw("line", { class: "whisker", x1: x(only.at), x2: x(only.at), y1: y(only.low), y2: y(only.high) }));
    }
    run = [];
  };
  for (const { from, score } of points) {
    if (score.low === null || score.high === null) end();
    else run.push({ at: from, low: score.low, high: score.high });
  }
  end();
  drawn.push(draw("polyline", { class: "line", points: points.map((p) => `${x(p.from)},${y(p.score.value ?? low)}`).join(" ") }));
  for (const { from, score } of points) {
    drawn.push(draw("circle", { class: score.few ? "dot is-few" : "dot", cx: x(from), cy: y(score.value ?? low), r: 4.5 }));
  }
  for (const at of first === last ? [first] : [first, last]) {
    const anchor = first === last ? "middle" : at === first ? "start" : "end";
    drawn.push(draw("text", { class: "tick", x: x(at), y: HEIGHT - 6, "text-anchor": anchor }, day(i18n, at)));
  }
  return drawn;
}

function day(i18n: I18n, at: number): string {
  return new Intl.DateTimeFormat(i18n.language, { month: "short", day: "numeric", timeZone: "UTC" }).format(at);
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
