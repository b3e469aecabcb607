// The surveys' page: which there are, what came of them, and their definitions as JSON.

import { append, el, replaceChildren, setAttribute, setText } from "./dom.js";
import { chooseLanguage, I18n, type Key } from "./i18n.js";
import { icon } from "./icons.js";
import { distribution, interval, percent, scoreText, table, trend } from "./survey-charts.js";
import { Refused, SurveyDesk, type Count, type Group, type Listed, type Report, type Step } from "./survey-data.js";
import { Drafts, editor } from "./survey-editor.js";
import * as storage from "./storage.js";

const DAY_MS = 86_400_000;
const PERIODS: readonly [string, Key, number][] = [
  ["7", "surveys.week", 7],
  ["30", "surveys.month", 30],
  ["90", "surveys.quarter", 90],
  ["", "surveys.always", 0],
];

const STEPS: readonly [string, Key][] = [
  ["", "surveys.stepAuto"],
  ["day", "surveys.stepDay"],
  ["week", "surveys.stepWeek"],
  ["month", "surveys.stepMonth"],
];

const BY: Readonly<Record<Step, Key>> = { day: "surveys.byDay", week: "surveys.byWeek", month: "surveys.byMonth" };

const SOURCES: ReadonlyMap<string, Key> = new Map<string, Key>([
  ["widget", "surveys.widget"],
  ["inline", "surveys.inline"],
  ["headless", "surveys.headless"],
]);

type Part = "agent" | "team" | "source" | "language";

class SurveysPage {
  private readonly settings = storage.settings();
  private readonly i18n = new I18n(chooseLanguage([this.settings.language, ...navigator.languages].filter((tag) => tag !== "")));
  private readonly list = el("ul", { class: "survey-list" });
  private readonly detail = el("section", { class: "survey-detail" });
  /** What has changed, said aloud; the report itself is too long for that. */
  private readonly status = el("p", { class: "visually-hidden", role: "status" });
  private readonly alert = el("p", { class: "survey-alert", role: "alert" });
  private readonly desk: SurveyDesk;
  private readonly drafts: Drafts;
  private readonly newSurvey = el("button", { type: "button", class: "button", on: { click: () => this.edit(null) } }, this.t("surveys.new"));
  private surveys: Listed[] = [];
  private sites: string[] = [];
  private open: Listed | null = null;
  private period = "30";
  /** By which periods the trend goes; empty: by how many answers there are. */
  private step = "";
  private chosen: Record<Part, string> = { agent: "", team: "", source: "", language: "" };
  /** What there is to choose from, as far as the reports of this survey have told. */
  private choices: Record<Part, Map<string, string>> = nothing();
  private asked = 0;

  constructor(
    private readonly root: HTMLElement,
    { token, agent }: storage.Credentials,
  ) {
    const { documentElement } = document;
    documentElement.lang = this.i18n.language;
    documentElement.dataset["theme"] = this.settings.theme;
    document.title = this.t("surveys.title");
    this.desk = new SurveyDesk(token, this.i18n.language);
    this.drafts = new Drafts(agent.id);
    append(this.root, [
      el(
        "header",
        { class: "surveys-bar" },
        el("a", { class: "button surveys-back", href: "./" }, icon("back"), el("span", {}, this.t("surveys.back"))),
        el("h1", {}, this.t("surveys.title")),
        this.newSurvey,
      ),
      el("main", { class: "surveys" }, el("nav", { "aria-label": this.t("surveys.title") }, this.list), el("div", { class: "survey-column" }, this.alert, this.detail), this.status),
    ]);
    void this.load("");
  }

  private t(key: Key, params: Record<string, string | number> = {}): string {
    return this.i18n.t(key, params);
  }

  private async load(id: string): Promise<void> {
    try {
      ({ sites: this.sites, surveys: this.surveys } = await this.desk.list());
    } catch (error) {
      this.failed(error); return;
    }
    replaceChildren(
      this.list,
      ...this.surveys.map((one) =>
        el(
          "li",
          {},
          el(
            "button",
            { type: "button", class: "survey-row", on: { click: () => void this.show(one) } },
            el("bdi", {}, one.definition.name ?? one.id),
            el("small", {}, `${one.id} · ${this.t("surveys.version", { n: one.version })}${one.active ? "" : ` · ${this.t("surveys.off")}`}`),
            el("small", { class: "survey-unsaved", hidden: true }, this.t("surveys.unsaved")),
          ),
        ),
      ),
    );
    this.markUnsaved();
    await this.show(this.surveys.find((one) => one.id === id) ?? this.surveys[0] ?? null);
  }

  private async show(survey: Listed | null): Promise<void> {
    if (survey !== this.open) {
      this.chosen = { agent: "", team: "", source: "", language: "" };
      this.choices = nothing();
    }
    this.open = survey;
    this.mark(survey);
    if (survey === null) this.edit(null);
    else await this.results(survey);
  }

  private mark(survey: Listed | null): void {
    const rows = this.list.querySelectorAll(".survey-row");
    this.surveys.forEach((one, at) => {
      const row = rows[at];
      if (row === undefined) return;
      setAttribute(row, "aria-current", one === survey && "true");
      if (one === survey) row.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }

  /** Says in the list where something was written that is not saved. */
  private markUnsaved(): void {
    const marks = this.list.querySelectorAll<HTMLElement>(".survey-unsaved");
    this.surveys.forEach((one, at) => {
      const mark = marks[at];
      if (mark !== undefined) mark.hidden = this.drafts.of(one) === null;
    });
    setText(this.newSurvey, this.t(this.drafts.of(null) === null ? "surveys.new" : "surveys.newUnsaved"));
  }

  // ---- what came of it

  private filter(): URLSearchParams {
    const filter = new URLSearchParams();
    if (this.period !== "") filter.set("from", String(Date.now() - Number(this.period) * DAY_MS));
    if (this.step !== "") filter.set("step", this.step);
    for (const [part, value] of Object.entries(this.chosen)) if (value !== "") filter.set(part, value);
    return filter;
  }

  private async results(survey: Listed): Promise<void> {
    const asked = ++this.asked;
    try {
      const report = await this.desk.results(survey, this.filter());
      if (asked === this.asked) this.draw(survey, report);
    } catch (error) {
      if (asked !== this.asked) return;
      replaceChildren(this.detail);
      this.failed(error);
    }
  }

  private draw(survey: Listed, report: Report): void {
    // Whoever changes a filter by keyboard stays on it.
    const focused = this.detail.contains(document.activeElement) ? document.activeElement?.id : "";
    const name = survey.definition.name ?? survey.id;
    this.alert.textContent = "";
    this.status.textContent = `${name}: ${this.t("surveys.answers")} ${this.i18n.formatNumber(report.answered)}, ${this.t("surveys.ofShown", { n: report.shown })}`;
    replaceChildren(
      this.detail,
      el(
        "div",
        { class: "survey-head" },
        el("h2", { tabindex: -1, id: "survey-name" }, el("bdi", {}, name)),
        el("button", { id: "survey-edit", type: "button", class: "button", on: { click: () => this.edit(survey) } }, this.t("surveys.edit")),
        el("button", { type: "button", class: "button", on: { click: () => void this.download(survey) } }, this.t("surveys.csv")),
      ),
      this.filters(survey, report),
      this.figures(report),
      report.shown === 0 && el("p", { class: "quiet" }, this.t("surveys.none")),
      report.trend !== null && report.score !== null && this.card(this.t("surveys.trend"), trend(this.i18n, report.trend, report.score), this.t(BY[report.trend.step])),
      ...report.questions.filter(({ asked, distribution: counts }) => asked > 0 && counts.length > 0).map((question) => {
        const drop = this.t("surveys.asked", { asked: question.asked, answered: question.answered });
        return this.card(question.headline, distribution(this.i18n, question.headline, question.answered, question.distribution, (count) => tone(question.type, question.distribution, count)), drop);
      }),
      report.questions.length > 1 && report.shown > 0 && this.card(this.t("surveys.questions"), this.dropOff(report)),
      ...this.groups(report),
      report.comments.length > 0 && this.card(this.t("surveys.comments"), this.comments(report)),
    );
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  private card(title: string, content: Node, note = ""): HTMLElement {
    return el("section", { class: "survey-card" }, el("h3", { dir: "auto" }, title), note !== "" && el("p", { class: "quiet" }, note), content);
  }

  private figures(report: Report): HTMLElement {
    const figure = (label: string, value: string, note: string): HTMLElement =>
      el("div", { class: "figure" }, el("dt", {}, label), el("dd", {}, el("b", {}, value), el("small", {}, note)));
    const number = (value: number): string => this.i18n.formatNumber(value);
    const { score } = report;
    return el(
      "dl",
      { class: "figures" },
      score && figure(score.metric.toUpperCase(), scoreText(this.i18n, score.metric, score.value), interval(this.i18n, score.metric, score)),
      figure(this.t("surveys.answers"), number(report.answered), this.t("surveys.ofShown", { n: number(report.shown) })),
      figure(this.t("surveys.responseRate"), percent(this.i18n, report.responseRate), this.t("surveys.dismissed", { n: number(report.dismissed) })),
      figure(this.t("surveys.completion"), percent(this.i18n, report.completionRate), this.t("surveys.finished", { n: number(report.finished) })),
    );
  }

  private dropOff(report: Report): HTMLElement {
    const rows = report.questions.map(({ headline, asked, answered }) => [
      el("bdi", {}, headline),
      this.i18n.formatNumber(asked),
      this.i18n.formatNumber(answered),
      percent(this.i18n, asked > 0 ? (100 * answered) / asked : null),
    ]);
    const head = [this.t("surveys.question"), this.t("surveys.put"), this.t("surveys.answers"), this.t("surveys.share")];
    return table(this.t("surveys.questions"), head, rows);
  }

  private groups(report: Report): (HTMLElement | false)[] {
    const metric = report.score?.metric ?? "csat";
    const card = (title: Key, part: Part, groups: Group[]): HTMLElement | false => {
      if (groups.length < (part === "agent" || part === "team" ? 1 : 2)) return false;
      const rows = groups.map((group) => [
        el("bdi", {}, this.nameOf(part, group)),
        `${this.i18n.formatNumber(group.answered)} / ${this.i18n.formatNumber(group.shown)}`,
        scoreText(this.i18n, metric, group.score?.value ?? null),
        group.score ? interval(this.i18n, metric, group.score) : this.t("surveys.tooFew"),
      ]);
      const head = [this.t(title), this.t("surveys.answers"), this.t("surveys.score"), this.t("surveys.interval")];
      return this.card(this.t(title), table(this.t(title), head, rows));
    };
    return [
      card("surveys.byAgent", "agent", report.byAgent),
      card("surveys.byTeam", "team", report.byTeam),
      card("surveys.bySource", "source", report.bySource),
      card("surveys.byLanguage", "language", report.byLanguage),
    ];
  }

  private nameOf(part: Part, { id, name }: { id: string; name: string }): string {
    if (id === "") return this.t("surveys.unknown");
    if (part === "language") return this.i18n.formatLanguage(id);
    const source = part === "source" ? SOURCES.get(id) : undefined;
    return source === undefined ? name || id : this.t(source);
  }

  private comments(report: Report): HTMLElement {
    const scale = report.score?.range[1] ?? 0;
    const rows = report.comments.map((comment) =>
      el(
        "li",
        {},
        el("p", { dir: "auto" }, comment.text),
        el(
          "small",
          {},
          [comment.rating === null ? "" : this.t("rating.value", { rating: comment.rating, scale }), this.i18n.formatDay(comment.at, Date.now())].filter(Boolean).join(" · "),
          comment.conversation !== null && el("a", { href: `./#/${encodeURIComponent(comment.conversation)}` }, this.t("surveys.conversation")),
        ),
      ),
    );
    return el("ul", { class: "comments" }, ...rows);
  }

  private filters(survey: Listed, report: Report): HTMLElement {
    const select = (id: string, label: Key, value: string, options: Iterable<[string, string]>, change: (value: string) => void): HTMLElement => {
      const box = el("select", { class: "input", id: `survey-${id}` }, ...[...options].map(([value, name]) => el("option", { value }, name)));
      box.value = value;
      box.addEventListener("change", () => {
        change(box.value);
        void this.results(survey);
      });
      return el("label", { class: "survey-field" }, el("span", {}, this.t(label)), box);
    };
    const part = (part: Part, label: Key, groups: Group[]): HTMLElement => {
      const choices = this.choices[part];
      for (const group of groups) if (group.id !== "") choices.set(group.id, this.nameOf(part, group));
      return select(part, label, this.chosen[part], [["", this.t("surveys.all")], ...choices], (value) => (this.chosen[part] = value));
    };
    return el(
      "div",
      { class: "survey-filters", role: "group", "aria-label": this.t("surveys.filters") },
      select("period", "surveys.period", this.period, PERIODS.map(([id, key]) => [id, this.t(key)]), (value) => (this.period = value)),
      select("step", "surveys.step", this.step, STEPS.map(([id, key]) => [id, this.t(key)]), (value) => (this.step = value)),
      part("agent", "surveys.byAgent", report.byAgent),
      part("team", "surveys.byTeam", report.byTeam),
      part("source", "surveys.bySource", report.bySource),
      part("language", "surveys.byLanguage", report.byLanguage),
    );
  }

  private async download(survey: Listed): Promise<void> {
    try {
      const url = URL.createObjectURL(await this.desk.csv(survey, this.filter()));
      el("a", { href: url, download: `${survey.id}.csv` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      this.failed(error);
    }
  }

  // ---- its definition

  private edit(survey: Listed | null): void {
    this.asked += 1;
    this.alert.textContent = "";
    this.status.textContent = "";
    if (survey === null) this.mark(null);
    const { i18n, desk, drafts, sites, open } = this;
    const { content, first } = editor(
      {
        i18n,
        desk,
        drafts,
        sites,
        cancellable: open !== null,
        changed: () => this.markUnsaved(),
        saved: async (id) => {
          await this.load(id);
          document.getElementById("survey-name")?.focus();
        },
        cancelled: () => void this.cancel(survey),
        failed: (error) => this.failed(error),
      },
      survey,
    );
    replaceChildren(this.detail, ...content);
    first.focus();
  }

  /** What was written is gone: back to what is saved. */
  private async cancel(survey: Listed | null): Promise<void> {
    this.markUnsaved();
    const { open } = this;
    if (open === null) { this.edit(null); return; }
    this.mark(open);
    await this.results(open);
    document.getElementById(survey === null ? "survey-name" : "survey-edit")?.focus();
  }

  private failed(error: unknown): void {
    if (error instanceof Refused && error.status === 401) {
      location.href = "./";
      return;
    }
    this.alert.textContent = this.t("surveys.failed");
    this.alert.scrollIntoView({ block: "nearest" });
  }
}

function nothing(): Record<Part, Map<string, string>> {
  return { agent: new Map(), team: new Map(), source: new Map(), language: new Map() };
}

/** Good, bad or neither: what a bar's colour says, beside its place and its number. */
function tone(type: string, counts: Count[], count: Count): string {
  const at = counts.indexOf(count);
  if (type === "nps") return at >= 9 ? "good" : at <= 6 ? "bad" : "even";
  if (type === "csat") return at >= counts.length - (counts.length <= 3 ? 1 : 2) ? "good" : at <= Math.max(0, counts.length - 4) ? "bad" : "even";
  if (type === "ces") return at >= counts.length - 2 ? "good" : at <= (counts.length === 7 ? 2 : 1) ? "bad" : "even";
  return "plain";
}

const root = document.getElementById("surveys");
const known = storage.credentials();
if (known === null) location.href = "./";
else if (root !== null) new SurveysPage(root, known);
