/** The screens of a survey, loaded when one is due. They draw the core's view and keep nothing themselves. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import type { SurveyAction } from "../types/client.js";
import type { SurveyView } from "../types/view.js";
import { question, type Asking } from "./questions.js";
import { words } from "./words.js";

export { default as styles } from "./survey.css";
export { Inline } from "./inline.js";
export { watchPage } from "./signals.js";

/** What is written is saved when the hand rests so long. */
const WRITE_DELAY_MS = 600;

/** Does something; the error's code, or null. */
export type Act = (action: SurveyAction) => string | null;

/** Draws surveys, and holds back what is being written until the hand rests. */
export class Screens {
  /** What was typed and is not saved yet, by response and element. */
  private readonly unsaved = new Map<string, { save: () => void; value: unknown }>();
  private timer = 0;
  /** The responses that the core was told to be before the eyes. */
  private shown = new Set<string>();

  constructor(private readonly act: Act) {
    // The page may never come back.
    document.addEventListener("visibilitychange", () => this.flush());
  }

  /** A survey; `root` is what it is drawn into. */
  template(survey: SurveyView, root: ParentNode): TemplateResult {
    const t = words(survey.language);
    return html`
      <section class="survey" part="survey" lang=${survey.language} data-survey=${survey.surveyId}>
        ${survey.finished ? this.ending(survey, t) : this.form(survey, t, root)}
      </section>
    `;
  }

  /** Tells the core, once, that a survey is before the visitor's eyes. */
  seen({ responseId }: SurveyView): void {
    if (document.hidden || this.shown.has(responseId)) return;
    this.shown.add(responseId);
    queueMicrotask(() => this.act({ act: "seen", id: responseId }));
  }

  /** The core began anew. */
  restarted(): void {
    this.shown.clear();
  }

  /** Saves what was typed, now. */
  flush(): void {
    clearTimeout(this.timer);
    const all = [...this.unsaved.values()];
    this.unsaved.clear();
    for (const { save } of all) save();
  }

  private form(survey: SurveyView, t: ReturnType<typeof words>, root: ParentNode): TemplateResult {
    const { responseId: id, step, steps } = survey;
    const send = (element: string, value: unknown): void => void this.act({ act: "answer", id, name: element, value });
    const asking: Asking = {
      t,
      key: `sv-${id}`,
      tried: survey.tried,
      answer: (element, value) => {
        this.flush();
        send(element, value);
      },
      write: (element, value) => {
        this.unsaved.set(`${id}/${element}`, { save: () => send(element, value), value });
        clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.flush(), WRITE_DELAY_MS);
      },
    };
    const onSubmit = (event: Event): void => {
      event.preventDefault();
      this.flush();
      const failed = this.act({ act: "next", id }) !== null;
      requestAnimationFrame(() => this.goOn(root, survey, failed));
    };
    const questions = survey.questions.map((asked) => {
      const typed = this.unsaved.get(`${id}/${asked.element.id}`);
      return question(asking, typed ? { ...asked, value: typed.value } : asked);
    });
    return html`
      <form novalidate @submit=${onSubmit}>
        ${survey.agent?.name ? html`<p class="sv-agent">${t("about", { name: survey.agent.name })}</p>` : nothing}
        ${steps > 1 ? this.progress(t("step", { n: step, max: steps }), step, steps) : nothing} ${questions}
        <div class="sv-buttons">
          <button class="sv-primary" type="submit">${t(step < steps ? "next" : "send")}</button>
          ${step > 1 ? html`<button class="sv-plain" type="button" @click=${() => this.act({ act: "back", id })}>${t("back")}</button>` : nothing}
          <button class="sv-plain" type="button" @click=${() => this.dismiss(id)}>${t("skip")}</button>
        </div>
      </form>
    `;
  }

  private progress(label: string, step: number, steps: number): TemplateResult {
    return html`
      <div class="sv-progress">
        <p role="status">${label}</p>
        <progress class="sv-line" max=${steps} value=${step - 1} aria-label=${label}></progress>
      </div>
    `;
  }

  private ending(survey: SurveyView, t: ReturnType<typeof words>): TemplateResult {
    const { responseId: id, ending } = survey;
    return html`
      <div class="sv-ending" role="status">
        <p class="sv-head" dir="auto">${ending?.headline ?? t("thanks")}</p>
        ${ending?.description ? html`<p class="sv-about" dir="auto">${ending.description}</p>` : nothing}
        ${survey.waiting ? html`<p class="sv-about">${t("waiting")}</p>` : nothing}
      </div>
      <div class="sv-buttons">
        ${survey.editable ? html`<button class="sv-plain" type="button" @click=${() => this.act({ act: "edit", id })}>${t("edit")}</button>` : nothing}
        ${survey.source === "inline" || survey.conv !== null
          ? nothing
          : html`<button class="sv-plain" type="button" @click=${() => this.dismiss(id)}>${t("done")}</button>`}
      </div>
    `;
  }

  private dismiss(id: string): void {
    this.flush();
    this.act({ act: "dismiss", id });
  }

  /** To what is lacking, or to the first of the new questions. */
  private goOn(root: ParentNode, survey: SurveyView, failed: boolean): void {
    const place = root.querySelector(`[data-survey="${CSS.escape(survey.surveyId)}"]`);
    const wanted = failed
      ? '[data-lacks="other"] .sv-input, [data-lacks]:not([data-lacks="other"]) input, .sv-input[aria-invalid]'
      : "input, textarea, .sv-buttons button";
    place?.querySelector<HTMLElement>(wanted)?.focus();
  }
}
