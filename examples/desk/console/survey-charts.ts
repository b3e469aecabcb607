// Charts drawn as SVG by the DOM, each with the same numbers as a table for whoever cannot see them.

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

function table(i18n: I18n, caption: string, head: string[], rows: string[][]): HTMLElement {
  const row = (cells: string[], tag: "td" | "th"): HTMLElement => el("tr", {}, ...cells.map((cell) => el(tag, {}, cell)));
  const body = el("table", {}, el("caption", { class: "visually-hidden" }, caption), el("thead", {}, row(head, "th")), el("tbody", {}, ...rows.map((cells) => row(cells, "td"))));
  return el("details", { class: "chart-table" }, el("summary", {}, i18n.t("surveys.asTable")), body);
}

/** How often each answer was given: bars with their share, coloured by what they mean. */
export function distribution(i18n: I18n, title: string, counts: Count[], tone: (count: Count) => string): HTMLElement {
  const total = counts.reduce((sum, { n }) => sum + n, 0);
  const most = Math.max(1, ...counts.map(({ n }) => n));
  const share = (n: number): string => (total > 0 ? `${Math.round((100 * n) / total)} %` : "–");
  const bars = counts.map((count) =>
    el(
      "div",
      { class: "bar" },
      el("span", { class: "bar-label", title: count.label || count.value }, el("bdi", {}, count.label || count.value)),
      (() => {
        const bar = draw("svg", { class: `bar-line is-${tone(count)}`, viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
        bar.append(draw("rect", { class: "bar-ground", width: 100, height: 10 }), draw("rect", { width: (100 * count.n) / most, height: 10 }));
        return bar;
      })(),
      el("span", { class: "bar-value" }, `${count.n}`, el("small", {}, share(count.n))),
    ),
  );
  return el(
    "figure",
    { class: "chart" },
    el("div", { "aria-hidden": "true", class: "bars" }, ...bars),
    table(i18n, title, [i18n.t("surveys.answer"), i18n.t("surveys.count"), i18n.t("surveys.share")], counts.map((c) => [c.label || c.value, String(c.n), share(c.n)])),
  );
}

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 44;
const BOTTOM = 26;
const TOP = 10;

/** The score over time, with its 95% interval as a band; where there are too few answers, a ring without one. */
export function trend(i18n: I18n, report: Report): HTMLElement {
  const points = report.trend.filter(({ score }) => score.value !== null);
  const metric = report.score?.metric ?? "csat";
  const [low, high] = metric === "nps" ? [-100, 100] : metric === "ces" ? (report.score?.range ?? [1, 7]) : [0, 100];
  const first = points[0]?.from ?? 0;
  const last = points[points.length - 1]?.from ?? 0;
  const x = (at: number): number => (first === last ? (LEFT + WIDTH) / 2 : LEFT + ((at - first) / (last - first)) * (WIDTH - LEFT - 12));
  const y = (value: number): number => TOP + (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const svg = draw("svg", { class: "trend", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  for (const step of [0, 0.25, 0.5, 0.75, 1]) {
    const value = low + step * (high - low);
    svg.append(
      draw("line", { class: "grid", x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) }),
      draw("text", { class: "tick", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, String(Math.round(value * 10) / 10)),
    );
  }
  const known = points.flatMap(({ from, score }) => (score.low === null || score.high === null ? [] : [{ at: from, low: score.low, high: score.high }]));
  if (known.length > 1) {
    const over = known.map((p) => `${x(p.at)},${y(p.high)}`);
    const under = known.map((p) => `${x(p.at)},${y(p.low)}`).reverse();
    svg.append(draw("polygon", { class: "band", points: [...over, ...under].join(" ") }));
  }
  svg.append(draw("polyline", { class: "line", points: points.map((p) => `${x(p.from)},${y(p.score.value ?? low)}`).join(" ") }));
  for (const { from, score } of points) {
    if (known.length === 1 && score.low !== null && score.high !== null) {
      svg.append(draw("line", { class: "whisker", x1: x(from), x2: x(from), y1: y(score.low), y2: y(score.high) }));
    }
    svg.append(draw("circle", { class: score.few ? "dot is-few" : "dot", cx: x(from), cy: y(score.value ?? low), r: 4.5 }));
  }
  const ends = first === last ? [first] : [first, last];
  for (const at of ends) {
    svg.append(draw("text", { class: "tick", x: x(at), y: HEIGHT - 6, "text-anchor": at === first && first !== last ? "start" : first === last ? "middle" : "end" }, day(i18n, at)));
  }
  const rows = points.map(({ from, score }) => [day(i18n, from), scoreText(metric, score.value), interval(i18n, metric, score), String(score.n)]);
  return el(
    "figure",
    { class: "chart" },
    svg as unknown as Node,
    table(i18n, i18n.t("surveys.trend"), [i18n.t("surveys.day"), i18n.t("surveys.score"), i18n.t("surveys.interval"), i18n.t("surveys.answers")], rows),
  );
}

function day(i18n: I18n, at: number): string {
  return new Intl.DateTimeFormat(i18n.language, { month: "short", day: "numeric", timeZone: "UTC" }).format(at);
}

export function scoreText(metric: string, value: number | null): string {
  if (value === null) return "–";
  if (metric === "ces") return value.toFixed(2);
  return metric === "nps" ? `${value > 0 ? "+" : ""}${Math.round(value)}` : `${Math.round(value)} %`;
}

/** The interval in words, or that there are too few answers for one. */
export function interval(i18n: I18n, metric: string, score: { low: number | null; high: number | null; few: boolean }): string {
  if (score.few || score.low === null || score.high === null) return i18n.t("surveys.tooFew");
  return `${scoreText(metric, score.low)} … ${scoreText(metric, score.high)}`;
}
