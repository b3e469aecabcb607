import { html, nothing, type TemplateResult } from "lit/html.js";
import { live } from "lit/directives/live.js";
import type { SurveyView } from "../types/view.js";
import type { App } from "./app.js";
import { icon } from "./icons.js";

/** What is written is saved when the hand rests so long. */
const COMMENT_DELAY_MS = 1000;

/** Asks how the help was. Every answer is saved at once; the visitor may stop after any of them. */
export class Rating {
  private comment = "";
  /** The response that `comment` belongs to. */
  private responseId = "";
  private timer = 0;
  /** Saves what has been written since the last time. */
  private unsaved: (() => void) | null = null;

  constructor(private readonly app: App) {
    // The page may never come back.
    document.addEventListener("visibilitychange", () => this.unsaved?.());
  }

  template(conv: string, survey: SurveyView): unknown {
    const { app } = this;
    if (survey.responseId !== this.responseId) {
      this.unsaved?.();
      this.responseId = survey.responseId;
      this.comment = survey.comment;
    }
    if (!survey.finished) return this.question(conv, survey);
    if (survey.rating === null) return nothing;
    return html`<p class="line" role="status">
      ${app.t("rating.thanks")} ${survey.waiting ? app.t("rating.waiting") : nothing}
    </p>`;
  }

  private question(conv: string, survey: SurveyView): TemplateResult {
    const { app } = this;
    const { rating, agent, scale } = survey;
    const title = agent?.name ? app.t("rating.titleName", { name: agent.name }) : app.t("rating.title");
    const finish = (event: Event): void => {
      event.preventDefault();
      this.rate(conv, rating, true);
    };
    return html`
      <form class="rating" part="rating" @submit=${finish}>
        <fieldset>
          <legend>${title}</legend>
          <div class="stars">${Array.from({ length: scale }, (_, at) => this.star(conv, survey, at + 1))}</div>
          <div class="ends" aria-hidden="true"><span>${app.t("rating.low")}</span><span>${app.t("rating.high")}</span></div>
        </fieldset>
        ${rating === null ? nothing : this.words(conv, rating)}
        <div class="buttons">
          ${rating === null ? nothing : html`<button class="primary" type="submit">${app.t("rating.send")}</button>`}
          <button class="link" type="button" @click=${() => this.rate(conv, rating, true)}>${app.t("rating.skip")}</button>
        </div>
      </form>
    `;
  }

  private star(conv: string, { rating, scale }: SurveyView, n: number): TemplateResult {
    const label = this.app.t("rating.star", { n, scale });
    return html`
      <label class=${n <= (rating ?? 0) ? "star lit" : "star"} title=${label}>
        <input
          type="radio"
          name="rating"
          aria-label=${label}
          value=${n}
          .checked=${live(rating === n)}
          @change=${() => this.rate(conv, n, false)}
        />
        ${icon("star")}
      </label>
    `;
  }

  private words(conv: string, rating: number): TemplateResult {
    const onInput = (event: InputEvent): void => {
      this.comment = (event.currentTarget as HTMLTextAreaElement).value;
      clearTimeout(this.timer);
      this.unsaved = () => this.rate(conv, rating, false);
      this.timer = window.setTimeout(this.unsaved, COMMENT_DELAY_MS);
    };
    return html`
      <label class="field">
        <span>${this.app.t("rating.comment")}</span>
        <textarea rows="3" dir="auto" .value=${live(this.comment)} @input=${onInput}></textarea>
      </label>
    `;
  }

  private rate(conv: string, rating: number | null, finished: boolean): void {
    clearTimeout(this.timer);
    this.unsaved = null;
    const { responseId, comment } = this;
    this.app.dispatch({ rate: { conv, responseId, rating, comment, finished } });
  }
}
