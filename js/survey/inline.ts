import { render } from "lit/html.js";
import type { SurveyView } from "../types/view.js";
import type { Act, Screens } from "./screens.js";

/** `<deskside-survey>`: a survey in any place of the page, drawn into a shadow root of its own. */
export class Inline {
  private readonly root: ShadowRoot;
  private readonly place: HTMLElement;
  private started = false;

  constructor(
    readonly element: HTMLElement,
    private readonly screens: Screens,
    private readonly act: Act,
    css: string,
  ) {
    this.root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    this.root.adoptedStyleSheets = [sheet];
    this.place = this.root.querySelector("div") ?? this.root.appendChild(document.createElement("div"));
    this.place.className = "sv-inline";
  }

  private get survey(): string {
    return this.element.getAttribute("survey") ?? "";
  }

  /** Asks, or goes on where the visitor stopped. Definitions may still be on their way: then it is tried again. */
  private start(): void {
    if (this.started) return;
    const value: Record<string, string> = {};
    for (const { name, value: text } of this.element.attributes) {
      if (name.startsWith("hidden-")) value[name.slice("hidden-".length)] = text;
    }
    // Before the call: it draws, and comes back here.
    this.started = true;
    this.started = this.act({ act: "start", id: this.survey, name: "inline", value }) === null;
  }

  draw(surveys: readonly SurveyView[]): void {
    this.start();
    const mine = surveys.filter((one) => one.surveyId === this.survey && one.source === "inline");
    const survey = mine[mine.length - 1];
    this.place.dataset["theme"] = this.element.getAttribute("theme") ?? "auto";
    render(survey ? this.screens.template(survey, this.root) : null, this.place);
    if (survey) this.screens.seen(survey);
  }
}
