// A survey's definition as JSON: written, checked by the desk, saved. What is not saved yet is kept.

import { el, replaceChildren, setText } from "./dom.js";
import type { I18n } from "./i18n.js";
import type { Listed, Problem, SurveyDesk } from "./survey-data.js";
import * as storage from "./storage.js";

/** What was written and not saved. */
interface Draft {
  text: string;
  active: boolean;
  site: string;
}

/** What is not saved yet, by survey; it outlives a reload. */
export class Drafts {
  constructor(private readonly agent: string) {}

  private static key(survey: Listed | null): string {
    return survey === null ? "survey" : `survey/${survey.site}/${survey.id}`;
  }

  of(survey: Listed | null): Draft | null {
    return storage.draft(this.agent, Drafts.key(survey)) as Draft | null;
  }

  keep(survey: Listed | null, draft: Draft | null): void {
    storage.keepDraft(this.agent, Drafts.key(survey), draft);
  }
}

export interface Editing {
  readonly i18n: I18n;
  readonly desk: SurveyDesk;
  readonly drafts: Drafts;
  readonly sites: readonly string[];
  /** Whether there is something else to go back to. */
  readonly cancellable: boolean;
  /** Something differs from what is saved now, or nothing does any more. */
  changed(): void;
  saved(id: string): Promise<void>;
  cancelled(): void;
  failed(error: unknown): void;
}

/** The form for a survey, or for a new one; and where to begin in it. */
export function editor(editing: Editing, survey: Listed | null): { content: HTMLElement[]; first: HTMLElement } {
  const { i18n, drafts } = editing;
  const text = el("textarea", { class: "input survey-json", id: "definition", rows: 28, spellcheck: "false", "aria-describedby": "unsaved problems" });
  const active = el("input", { type: "checkbox", id: "active" });
  const site = el("select", { class: "input" }, ...editing.sites.map((id) => el("option", { value: id }, id)));
  // Whose survey it is does not change: another site's of this name is another survey.
  site.disabled = survey !== null;
  const saved: Draft = { text: JSON.stringify(survey?.definition ?? blank(), null, 2), active: survey?.active ?? true, site: survey?.site ?? editing.sites[0] ?? "" };
  const start = drafts.of(survey) ?? saved;
  text.value = start.text;
  active.checked = start.active;
  site.value = start.site;
  const unsaved = el("p", { class: "quiet", id: "unsaved", role: "status" });
  const problems = el("div", { id: "problems", role: "alert" });
  const cancel = el("button", { type: "button", class: "button", on: { click: () => leave() } });

  const differs = (): boolean => text.value !== saved.text || active.checked !== saved.active || site.value !== saved.site;
  const follow = (): void => {
    setText(unsaved, differs() ? i18n.t("surveys.unsavedHint") : "");
    setText(cancel, i18n.t(differs() ? "surveys.discard" : "surveys.cancel"));
    cancel.hidden = !editing.cancellable && !differs();
  };
  const changed = (): void => {
    drafts.keep(survey, differs() ? { text: text.value, active: active.checked, site: site.value } : null);
    follow();
    editing.changed();
  };
  for (const field of [text, active, site]) field.addEventListener("input", changed);
  const leave = (): void => {
    drafts.keep(survey, null);
    editing.cancelled();
  };
  const tell = (found: readonly Problem[]): void => {
    text.setAttribute("aria-invalid", String(found.length > 0));
    const items = found.map((problem) => el("li", {}, el("code", {}, problem.path), " ", sentence(i18n, problem)));
    replaceChildren(problems, items.length > 0 && el("ul", { class: "problems" }, ...items));
  };
  const save = async (): Promise<void> => {
    let definition: unknown;
    try {
      definition = JSON.parse(text.value);
    } catch (error) {
      tell([{ path: "JSON", code: "", values: {}, sentence: i18n.t("surveys.notJson", { reason: (error as Error).message }) }]);
      return;
    }
    try {
      const answer = await editing.desk.save(site.value, active.checked, definition);
      if (Array.isArray(answer)) { tell(answer); return; }
      drafts.keep(survey, null);
      await editing.saved((definition as { id: string }).id);
    } catch (error) {
      // What was written stays where it is.
      editing.failed(error);
    }
  };
  follow();
  const content = [
    el("h2", {}, el("bdi", {}, survey?.definition.name ?? survey?.id ?? i18n.t("surveys.new"))),
    el("p", { class: "quiet" }, i18n.t("surveys.editHint")),
    el("label", { class: "survey-field" }, el("span", {}, i18n.t("surveys.site")), site),
    el("label", { for: "definition" }, i18n.t("surveys.definition")),
    unsaved,
    text,
    problems,
    el("label", { class: "check" }, active, el("span", {}, i18n.t("surveys.active"))),
    el("div", { class: "survey-head" }, el("button", { type: "button", class: "button is-primary", on: { click: () => void save() } }, i18n.t("surveys.save")), cancel),
  ];
  return { content, first: text };
}

/** In the console's language, by the desk's code; in the desk's English where the code is new. */
function sentence(i18n: I18n, { code, values, sentence }: Problem): string {
  const key = `mistake.${code}`;
  return i18n.has(key) ? i18n.t(key, values) : sentence;
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
