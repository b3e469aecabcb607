import { html, nothing, type TemplateResult } from "lit/html.js";
import type { SurveyAction } from "../types/client.js";
import type { SurveyView } from "../types/view.js";
import type { Inline, Screens } from "../survey/screens.js";
import type { App } from "./app.js";

type Module = typeof import("../survey/screens.js");

/** The widget's part in surveys: where they stand. How they look is loaded when one is due. */
export class Surveys {
  private module: Module | undefined;
  private screens: Screens | undefined;
  private loading = false;
  private watching = false;
  private inlines: Inline[] = [];

  constructor(private readonly app: App) {}

  /** The newest survey about a conversation. */
  ofConversation(conv: string): unknown {
    const mine = this.all.filter((one) => one.conv === conv);
    return this.template(mine[mine.length - 1]);
  }

  /** Whether a conversation asks for something that was not answered yet. */
  asks(conv: string | undefined): boolean {
    return this.all.some((one) => one.conv === conv && !one.finished);
  }

  /** The survey that is about no conversation: beside the launcher, or on the first screen. */
  card(): unknown {
    const survey = this.all.find((one) => one.conv === null);
    if (!survey) return nothing;
    return html`<div class="survey-card" role="complementary" aria-label=${survey.questions[0]?.element.headline ?? nothing}>
      ${this.template(survey)}
    </div>`;
  }

  onHome(): unknown {
    return this.template(this.all.find((one) => one.conv === null));
  }

  /** Does what the page asks for, once the core can; the error's code, or null. */
  async act(action: SurveyAction): Promise<string | null> {
    await this.app.clientReady();
    return this.now(action);
  }

  private readonly now = (action: SurveyAction): string | null => this.app.dispatch({ survey: action });

  /** The core runs, or runs again. */
  started(): void {
    this.screens?.restarted();
    if (this.app.settings.surveys && !this.watching) {
      this.watching = true;
      void this.load().then(() => this.module?.watchPage(this.now));
    }
  }

  /** A `<deskside-survey>` came onto the page. */
  async inline(element: HTMLElement): Promise<void> {
    this.app.start();
    await this.load();
    if (!this.module || !this.screens || !element.isConnected) return;
    this.inlines = this.inlines.filter((one) => one.element.isConnected && one.element !== element);
    const inline = new this.module.Inline(element, this.screens, this.now, this.module.styles);
    this.inlines.push(inline);
    inline.draw(this.app.view.surveys);
  }

  /** After the core's view changed. */
  follow(): void {
    for (const inline of this.inlines) inline.draw(this.app.view.surveys);
  }

  private get all(): SurveyView[] {
    return this.app.view.surveys.filter((one) => one.source === "widget");
  }

  private template(survey: SurveyView | undefined): TemplateResult | typeof nothing {
    if (!survey) return nothing;
    if (!this.screens) {
      void this.load();
      return nothing;
    }
    this.screens.seen(survey);
    return this.screens.template(survey, this.app.host.surface);
  }

  /** A failed load is tried again when something is drawn next. */
  private async load(): Promise<void> {
    if (this.screens || this.loading) {
      await this.loaded;
      return;
    }
    this.loading = true;
    this.loaded = import("../survey/screens.js").then(
      (module) => {
        this.module = module;
        this.screens = new module.Screens(this.now);
        this.app.host.addStyles(module.styles);
        this.app.draw();
      },
      (error: unknown) => {
        this.loading = false;
        console.error("deskside: the surveys could not be loaded", error);
      },
    );
    await this.loaded;
  }

  private loaded: Promise<void> | undefined;
}
