// The surveys' page: which there are, what came of them, and their definitions as JSON.

import { append, el, replaceChildren } from "./dom.js";
import { chooseLanguage, I18n, type Key } from "./i18n.js";
import { distribution, interval, scoreText, trend } from "./survey-charts.js";
import { Refused, SurveyDesk, type Count, type Group, type Listed, type Problem, type Report } from "./survey-data.js";
import * as storage from "./storage.js";

const DAY_MS = 86_400_000;
const PERIODS: readonly [string, Key, number][] = [
  ["7", "surveys.week", 7],
  ["30", "surveys.month", 30],
  ["90", "surveys.quarter", 90],
  ["", "surveys.always", 0],
];

class SurveysPage {
  private readonly settings = storage.settings();
  private readonly i18n = new I18n(chooseLanguage([this.settings.language, ...navigator.languages].filter((tag) => tag !== "")));
  private readonly list = el("ul", { class: "survey-list" });
  private readonly detail = el("section", { class: "survey-detail", tabindex: -1, "aria-live": "polite" });
  private readonly desk: SurveyDesk;
  private surveys: Listed[] = [];
  private sites: string[] = [];
  private open: Listed | null = null;
  private period = "30";
  private agent = "";
  private source = "";
  private language = "";
  private asked = 0;

  constructor(
    private readonly root: HTMLElement,
    token: string,
  ) {
    const { documentElement } = document;
    documentElement.lang = this.i18n.language;
    documentElement.dataset["theme"] = this.settings.theme;
    document.title = this.t("surveys.title");
    this.desk = new SurveyDesk(token, this.i18n.language);
    append(this.root, [
      el(
        "header",
        { class: "surveys-bar" },
        el("a", { class: "button", href: "./" }, this.t("surveys.back")),
        el("h1", {}, this.t("surveys.title")),
        el("button", { type: "button", class: "button", on: { click: () => this.edit(null) } }, this.t("surveys.new")),
      ),
      el("main", { class: "surveys" }, el("nav", { "aria-label": this.t("surveys.title") }, this.list), this.detail),
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
    this.show(this.surveys.find((one) => one.id === id) ?? this.surveys[0] ?? null);
  }

  private show(survey: Listed | null): void {
    this.open = survey;
    replaceChildren(
      this.list,
      ...this.surveys.map((one) =>
        el(
          "li",
          {},
          el(
            "button",
            { type: "button", class: "survey-row", "aria-current": one === survey ? "true" : false, on: { click: () => this.show(one) } },
            el("bdi", {}, one.definition.name ?? one.id),
            el("small", {}, `${one.id} · ${this.t("surveys.version", { n: one.version })}${one.active ? "" : ` · ${this.t("surveys.off")}`}`),
          ),
        ),
      ),
    );
    if (survey === null) this.edit(null);
    else void this.results(survey);
  }

  // ---- what came of it

  private filter(): URLSearchParams {
    const filter = new URLSearchParams();
    if (this.period !== "") filter.set("from", String(Date.now() - Number(this.period) * DAY_MS));
    if (this.agent !== "") filter.set("agent", this.agent);
    if (this.source !== "") filter.set("source", this.source);
    if (this.language !== "") filter.set("language", this.language);
    return filter;
  }

  private async results(survey: Listed): Promise<void> {
    const asked = ++this.asked;
    try {
      const report = await this.desk.results(survey, this.filter());
      if (asked === this.asked) this.draw(survey, report);
    } catch (error) {
      this.failed(error);
    }
  }

  private draw(survey: Listed, report: Report): void {
    replaceChildren(
      this.detail,
      el(
        "div",
        { class: "survey-head" },
        el("h2", {}, el("bdi", {}, survey.definition.name ?? survey.id)),
        el("button", { type: "button", class: "button", on: { click: () => this.edit(survey) } }, this.t("surveys.edit")),
        el("button", { type: "button", class: "button", on: { click: () => void this.download(survey) } }, this.t("surveys.csv")),
      ),
      this.filters(survey, report),
      this.figures(report),
      report.trend.length > 0 && this.card(this.t("surveys.trend"), trend(this.i18n, report)),
      ...report.questions.filter(({ distribution: counts }) => counts.length > 0).map((question) => {
        const drop = this.t("surveys.asked", { asked: question.asked, answered: question.answered });
        return this.card(question.headline, distribution(this.i18n, question.headline, question.distribution, (count) => tone(question.type, question.distribution, count)), drop);
      }),
      ...this.groups(report),
      report.comments.length > 0 && this.card(this.t("surveys.comments"), this.comments(report)),
    );
  }

  private card(title: string, content: Node, note = ""): HTMLElement {
    return el("section", { class: "survey-card" }, el("h3", { dir: "auto" }, title), note !== "" && el("p", { class: "quiet" }, note), content);
  }

  private figures(report: Report): HTMLElement {
    const figure = (label: string, value: string, note: string): HTMLElement =>
      el("div", { class: "figure" }, el("dt", {}, label), el("dd", {}, el("b", {}, value), el("small", {}, note)));
    const share = (value: number | null): string => (value === null ? "–" : `${Math.round(value)} %`);
    const { score } = report;
    return el(
      "dl",
      { class: "figures" },
      score && figure(score.metric.toUpperCase(), scoreText(score.metric, score.value), interval(this.i18n, score.metric, score)),
      figure(this.t("surveys.answers"), String(report.answered), this.t("surveys.ofShown", { n: report.shown })),
      figure(this.t("surveys.responseRate"), share(report.responseRate), this.t("surveys.dismissed", { n: report.dismissed })),
      figure(this.t("surveys.completion"), share(report.completionRate), this.t("surveys.finished", { n: report.finished })),
    );
  }

  private groups(report: Report): (HTMLElement | false)[] {
    const metric = report.score?.metric ?? "csat";
    const card = (title: Key, groups: Group[]): HTMLElement | false => {
      if (groups.length < (title === "surveys.byAgent" ? 1 : 2)) return false;
      const row = (cells: Node[]): HTMLElement => el("tr", {}, ...cells);
      const head = ["surveys.group", "surveys.answers", "surveys.score", "surveys.interval"] as const;
      const rows = groups.map((group) =>
        row([
          el("td", {}, el("bdi", {}, group.name || group.id || "–")),
          el("td", {}, `${group.answered} / ${group.shown}`),
          el("td", {}, scoreText(metric, group.score?.value ?? null)),
          el("td", {}, group.score ? interval(this.i18n, metric, group.score) : this.t("surveys.tooFew")),
        ]),
      );
      const body = el("table", { class: "groups" }, el("thead", {}, row(head.map((key) => el("th", { scope: "col" }, this.t(key))))), el("tbody", {}, ...rows));
      return this.card(this.t(title), body);
    };
    return [card("surveys.byAgent", report.byAgent), card("surveys.bySource", report.bySource), card("surveys.byLanguage", report.byLanguage)];
  }

  private comments(report: Report): HTMLElement {
    const rows = report.comments.map((comment) =>
      el(
        "li",
        {},
        el("p", { dir: "auto" }, comment.text),
        el(
          "small",
          {},
          [comment.rating === null ? "" : String(comment.rating), this.i18n.formatDay(comment.at, Date.now())].filter(Boolean).join(" · "),
          comment.conversation !== null && el("a", { href: `./#/${encodeURIComponent(comment.conversation)}` }, this.t("surveys.conversation")),
        ),
      ),
    );
    return el("ul", { class: "comments" }, ...rows);
  }

  private filters(survey: Listed, report: Report): HTMLElement {
    const select = (label: Key, value: string, options: [string, string][], change: (value: string) => void): HTMLElement => {
      const box = el("select", { class: "input" }, ...options.map(([id, name]) => el("option", { value: id }, name)));
      box.value = value;
      box.addEventListener("change", () => {
        change(box.value);
        void this.results(survey);
      });
      return el("label", { class: "filter" }, el("span", {}, this.t(label)), box);
    };
    const all: [string, string] = ["", this.t("surveys.all")];
    const of = (groups: Group[], chosen: string): [string, string][] => {
      const named = groups.map(({ id, name }): [string, string] => [id, name || id]);
      const missing = chosen !== "" && !named.some(([id]) => id === chosen);
      return [all, ...named, ...(missing ? [[chosen, chosen] as [string, string]] : [])];
    };
    return el(
      "div",
      { class: "filters" },
      select("surveys.period", this.period, PERIODS.map(([id, key]) => [id, this.t(key)]), (value) => (this.period = value)),
      select("surveys.byAgent", this.agent, of(report.byAgent, this.agent), (value) => (this.agent = value)),
      select("surveys.bySource", this.source, of(report.bySource, this.source), (value) => (this.source = value)),
      select("surveys.byLanguage", this.language, of(report.byLanguage, this.language), (value) => (this.language = value)),
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
    const text = el("textarea", { class: "input survey-json", id: "definition", rows: 28, spellcheck: "false", "aria-describedby": "problems" });
    text.value = JSON.stringify(survey?.definition ?? blank(), null, 2);
    const active = el("input", { type: "checkbox", id: "active" });
    active.checked = survey?.active ?? true;
    const site = el("select", { class: "input" }, ...this.sites.map((id) => el("option", { value: id }, id)));
    site.value = survey?.site ?? this.sites[0] ?? "";
    const problems = el("div", { id: "problems", role: "alert" });
    const tell = (found: readonly Problem[]): void => {
      text.setAttribute("aria-invalid", String(found.length > 0));
      replaceChildren(problems, found.length > 0 && el("ul", { class: "problems" }, ...found.map(({ path, sentence }) => el("li", {}, el("code", {}, path), " ", sentence))));
    };
    const save = async (): Promise<void> => {
      let definition: unknown;
      try {
        definition = JSON.parse(text.value);
      } catch (error) {
        tell([{ path: "JSON", sentence: (error as Error).message }]); return;
      }
      try {
        const answer = await this.desk.save(site.value, active.checked, definition);
        if (Array.isArray(answer)) { tell(answer); return; }
        await this.load((definition as { id: string }).id);
        this.detail.focus();
      } catch (error) {
        this.failed(error);
      }
    };
    replaceChildren(
      this.detail,
      el("h2", {}, survey?.definition.name ?? survey?.id ?? this.t("surveys.new")),
      el("p", { class: "quiet" }, this.t("surveys.editHint")),
      el("label", { class: "filter" }, el("span", {}, this.t("surveys.site")), site),
      el("label", { for: "definition" }, this.t("surveys.definition")),
      text,
      problems,
      el("label", { class: "check" }, active, el("span", {}, this.t("surveys.active"))),
      el(
        "div",
        { class: "survey-head" },
        el("button", { type: "button", class: "button is-primary", on: { click: () => void save() } }, this.t("surveys.save")),
        survey !== null && el("button", { type: "button", class: "button", on: { click: () => this.show(this.open) } }, this.t("surveys.cancel")),
      ),
    );
    text.focus();
  }

  private failed(error: unknown): void {
    if (error instanceof Refused && error.status === 401) {
      location.href = "./";
      return;
    }
    replaceChildren(this.detail, el("p", { role: "alert" }, this.t("surveys.failed")));
  }
}

/** What a new definition starts from. */
function blank(): object {
  return {
    schemaVersion: 1,
    id: "new-survey",
    version: 1,
    languages: ["en"],
    triggers: [],
    blocks: [{ id: "first", elements: [{ type: "csat", id: "rating", scale: "star", range: 5, headline: "How was it?" }] }],
    endings: [{ id: "thanks", headline: "Thank you." }],
  };
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
else if (root !== null) new SurveysPage(root, known.token);
