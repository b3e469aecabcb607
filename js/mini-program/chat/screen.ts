import { refusalOf } from "../../client/error.js";
import type { Action, HostEvent } from "../../types/client.js";
import type { Article, Run } from "../../types/faq.js";
import type { Connection, SurveyView, View } from "../../types/view.js";
import type { Deskside } from "../deskside.js";
import { client, openHelp, theHost, watch } from "../shared.js";
import { Texts } from "../texts.js";
import { linesOf, type LineData } from "./lines.js";
import { rowData, type RowData } from "./rows.js";

const LISTED_MAX = 6;
const FOUND_MAX = 8;
/** A query that stays so long is searched for. */
const TYPED_MS = 150;

/** What the template draws. */
export interface ScreenData {
  screen: "loading" | "failed" | "home" | "article" | "chat";
  t: Record<string, string>;
  title: string;
  notice: string;
  query: string;
  found: readonly { id: string; title: readonly Run[]; passage: readonly Run[] }[];
  popular: readonly { id: string; title: string }[];
  recent: readonly { id: string; preview: string; time: string; unread: string }[];
  article: { id: string; title: string; lines: readonly LineData[] } | null;
  /** The visitor's answer to whether the article helped. */
  helped: "" | "yes" | "no";
  rows: readonly RowData[];
  older: boolean;
  typing: string;
  draft: string;
  problem: string;
  stars: readonly { n: number; lit: boolean; label: string }[];
  rated: boolean;
  thanks: boolean;
  comment: string;
  /** The row that is scrolled to. */
  last: string;
  /** Pixels of the keyboard. */
  keyboard: number;
}

/** The component's inside, the same on every platform: it draws by `setData`, and is told of taps. */
export class Screen {
  private readonly texts: Texts;
  private running: Deskside | null = null;
  private data: ScreenData;
  private place: "home" | "article" | "chat" = "home";
  private article: Article | null = null;
  private readonly answers = new Map<string, boolean>();
  private query = "";
  private typed: unknown = null;
  private draft = "";
  private problem = false;
  private survey = "";
  private comment = "";
  private keyboard = 0;
  private failed = false;
  private readonly stops: (() => void)[] = [];
  private ended = false;
  private visible = true;

  constructor(
    private readonly draw: (changed: Partial<ScreenData>) => void,
    private readonly emit: (name: string, detail: unknown) => void,
  ) {
    this.texts = new Texts(theHost().info().locale);
    this.data = empty();
  }

  /** @param opens `chat` goes to the conversation at once. */
  start(opens: string): void {
    if (opens === "chat") this.place = "chat";
    this.stops.push(
      watch({
        changed: () => this.show(),
        happened: (event) => this.happened(event),
        crashed: (kind) => {
          this.failed = kind === "stopped";
          this.show();
        },
      }),
      theHost().onVisibility((visible) => {
        this.visible = visible;
        this.look();
      }),
    );
    this.show();
    void this.load();
  }

  end(): void {
    this.ended = true;
    for (const stop of this.stops) stop();
    theHost().clearTimer(this.typed);
    this.dispatch("leave");
  }

  // What is tapped and typed. `detail` and `data` are the event's.

  readonly taps = {
    onRetry: (): void => {
      this.failed = false;
      this.show();
      void this.load();
    },
    onBack: (): void => {
      if (this.place === "chat") this.dispatch("leave");
      this.place = "home";
      this.show();
    },
    onQuery: (detail: Typed): void => {
      this.query = detail.value;
      theHost().clearTimer(this.typed);
      this.typed = theHost().setTimer(TYPED_MS, () => this.show());
    },
    onClear: (): void => {
      this.query = "";
      this.show();
    },
    onArticle: (_: unknown, data: Tapped): void => this.openArticle(data.id),
    onHelped: (_: unknown, data: Tapped): void => {
      if (this.article === null) return;
      const helpful = data.id === "yes";
      this.answers.set(this.article.id, helpful);
      this.dispatch({ feedback: { article: this.article.id, helpful, query: this.query } });
      this.show();
    },
    onLink: (_: unknown, data: Tapped): void => this.follow(data.id),
    onAsk: (): void => this.openChat(null),
    onConversation: (_: unknown, data: Tapped): void => this.openChat(data.id),
    onDraft: (detail: Typed): void => {
      this.draft = detail.value;
      // The field has it already: drawn again, it would move the cursor.
      this.data.draft = detail.value;
      const conv = this.running?.view().conversation?.id;
      if (conv !== undefined) this.dispatch({ draft: { conv, text: detail.value } });
    },
    onSend: (): void => {
      const conv = this.running?.view().conversation?.id;
      if (conv === undefined || this.draft.trim() === "") return;
      this.problem = !this.dispatch({ send: { conv, text: this.draft } });
      if (!this.problem) this.draft = "";
      this.show();
    },
    onAgain: (_: unknown, data: Tapped): void => void this.dispatch({ retry: { key: data.id } }),
    onDiscard: (_: unknown, data: Tapped): void => void this.dispatch({ discard: { key: data.id } }),
    onOlder: (): void => void this.dispatch("older"),
    onStar: (_: unknown, data: Tapped): void => this.rate(Number(data.id), false),
    onComment: (detail: Typed): void => {
      this.comment = this.data.comment = detail.value;
    },
    onRated: (): void => this.rate(this.surveyView()?.rating ?? null, true),
    onKeyboard: (detail: { readonly height?: number }): void => {
      this.keyboard = detail.height ?? 0;
      this.show();
    },
    onBlur: (): void => {
      this.keyboard = 0;
      this.show();
    },
  };

  private async load(): Promise<void> {
    try {
      this.running = await client();
      if (this.ended) return;
      if (this.place === "chat") this.openChat(null);
      this.show();
      await openHelp().catch((error: unknown) => theHost().log("warn", "deskside: no help articles", error));
    } catch (error) {
      theHost().log("error", "deskside: the core could not be started", error);
      this.failed = true;
    }
    this.show();
  }

  private openArticle(id: string): void {
    this.article = this.running?.article(id) ?? null;
    if (this.article === null) return;
    this.place = "article";
    this.emit("article", { article: id });
    this.show();
  }

  private openChat(conv: string | null): void {
    const asked = this.place !== "chat" && conv === null ? this.query : "";
    this.place = "chat";
    this.dispatch({ open: { conv } });
    const view = this.running?.view().conversation;
    // What was searched for in vain is what will be asked.
    this.draft = view?.draft || asked;
    this.look();
    this.show();
  }

  private follow(href: string): void {
    const inside = /^#\/([^#]+)/.exec(href);
    if (inside?.[1] !== undefined) return this.openArticle(inside[1]);
    if (href === "" || href.startsWith("#")) return;
    this.emit("link", { href });
    void theHost().copy(href);
  }

  /** The rating and the words of the survey about this conversation; what else it may ask is for pages. */
  private rate(rating: number | null, finished: boolean): void {
    const survey = this.surveyView();
    if (survey === null) return;
    const { responseId: id, questions } = survey;
    const answer = (type: string, value: unknown): void => {
      const name = questions.find(({ element }) => element.type === type)?.element.id;
      if (name !== undefined) this.dispatch({ survey: { act: "answer", id, name, value } });
    };
    if (rating !== null) answer("csat", rating);
    if (this.comment) answer("openText", this.comment);
    if (finished) this.dispatch({ survey: { act: rating === null ? "dismiss" : "next", id } });
  }

  private surveyView(): SurveyView | null {
    const view = this.running?.view();
    const mine = view?.surveys.filter(({ conv }) => conv !== null && conv === view.conversation?.id) ?? [];
    return mine[mine.length - 1] ?? null;
  }

  /** Tells the core whether the conversation is before the visitor's eyes: what is seen is read. */
  private look(): void {
    this.dispatch({ look: { visible: this.visible && this.place === "chat" } });
  }

  private happened(event: HostEvent): void {
    for (const [name, detail] of Object.entries(event)) this.emit(name, detail);
  }

  /** @returns whether it was done */
  private dispatch(action: Action): boolean {
    try {
      this.running?.dispatch(action);
      return true;
    } catch (error) {
      // A refusal is shown beside what was typed; a crash tells of itself.
      if (refusalOf(error) === undefined) throw error;
      return false;
    }
  }

  /** Sends what has changed to the page: each field costs. */
  private show(): void {
    if (this.ended) return;
    const next = this.next();
    const changed: Partial<ScreenData> = {};
    for (const name of Object.keys(next) as (keyof ScreenData)[]) {
      if (JSON.stringify(next[name]) !== JSON.stringify(this.data[name])) Object.assign(changed, { [name]: next[name] });
    }
    this.data = next;
    if (Object.keys(changed).length > 0) this.draw(changed);
  }

  private next(): ScreenData {
    const { running, texts } = this;
    const base = { ...empty(), t: texts.all(), title: texts.t(this.place === "chat" ? "title.chat" : "title.home"), keyboard: this.keyboard };
    if (this.failed) return { ...base, screen: "failed" };
    if (running === null) return { ...base, screen: "loading" };
    const view = running.view();
    const shown: ScreenData = { ...base, screen: this.place, query: this.query, notice: this.notice(view) };
    if (this.place === "chat") return this.chat(shown, view);
    if (this.place === "article" && this.article !== null) {
      const { id, title, body } = this.article;
      const answer = this.answers.get(id);
      return { ...shown, article: { id, title, lines: linesOf(body) }, helped: answer === undefined ? "" : answer ? "yes" : "no" };
    }
    return { ...shown, screen: "home", ...this.help(running), recent: this.recent(view) };
  }

  private help(running: Deskside): Pick<ScreenData, "found" | "popular"> {
    const { locale } = running;
    const query = this.query.trim();
    try {
      const popular = running.popular({ limit: LISTED_MAX, locale }).map(({ id, title }) => ({ id, title }));
      if (query === "") return { popular, found: [] };
      const { hits } = running.search(query, { limit: FOUND_MAX, locale, nowMs: theHost().now(), typing: true });
      const found = hits.map(({ id, titleRuns, passageRuns }) => ({ id, title: titleRuns, passage: passageRuns }));
      return { popular: [], found };
    } catch (error) {
      // No index is open (yet).
      if (refusalOf(error) === undefined) throw error;
      return { popular: [], found: [] };
    }
  }

  private recent(view: View): ScreenData["recent"] {
    return view.conversations.slice(0, LISTED_MAX).map(({ id, preview, updatedAt, unread }) => ({
      id,
      preview: preview || this.texts.t("home.noMessages"),
      time: updatedAt > 0 ? `${this.texts.day(updatedAt, theHost().now())} ${this.texts.time(updatedAt)}` : "",
      unread: unread > 0 ? this.texts.t("home.unread", { n: unread }) : "",
    }));
  }

  private chat(shown: ScreenData, view: View): ScreenData {
    const { conversation } = view;
    if (conversation === null) return { ...shown, draft: this.draft };
    const { typing, hasOlder } = conversation;
    const survey = this.surveyView();
    const rows = rowData(conversation, this.texts, theHost().now());
    if (survey !== null && this.survey !== survey.responseId) {
      this.survey = survey.responseId;
      const said = survey.questions.find(({ element }) => element.type === "openText")?.value;
      this.comment = typeof said === "string" ? said : "";
      this.dispatch({ survey: { act: "seen", id: survey.responseId } });
    }
    const asked = survey !== null && !survey.finished ? survey : null;
    return {
      ...shown,
      rows,
      older: hasOlder,
      typing: typing === null ? "" : this.texts.t("chat.typing", { name: typing.name || this.texts.t("chat.team") }),
      draft: this.draft,
      problem: this.problem ? this.texts.t("composer.refused") : "",
      stars: asked === null ? [] : this.stars(asked),
      rated: asked !== null && asked.rating !== null,
      thanks: survey?.finished === true && survey.rating !== null,
      comment: this.comment,
      last: rows.length > 0 ? "end" : "",
    };
  }

  private stars({ questions, rating }: SurveyView): ScreenData["stars"] {
    const scale = questions.find(({ element }) => element.type === "csat")?.element.range ?? 0;
    return Array.from({ length: scale }, (_, at) => ({
      n: at + 1,
      lit: at < (rating ?? 0),
      label: this.texts.t("rating.star", { n: at + 1, scale }),
    }));
  }

  private notice({ connection, storage }: View): string {
    const problem = this.offline(connection);
    if (problem) return problem;
    return typeof storage === "object" ? this.texts.t("notice.memory") : "";
  }

  private offline(connection: Connection): string {
    if (connection === "offline") return this.texts.t("notice.offline");
    if (typeof connection === "string") return "";
    return "refused" in connection
      ? this.texts.t("notice.refused", { code: connection.refused.code })
      : this.texts.t("notice.unreachable");
  }
}

interface Typed {
  readonly value: string;
}

interface Tapped {
  readonly id: string;
}

function empty(): ScreenData {
  return {
    screen: "loading", t: {}, title: "", notice: "", query: "", found: [], popular: [], recent: [], article: null, helped: "",
    rows: [], older: false, typing: "", draft: "", problem: "", stars: [], rated: false, thanks: false, comment: "", last: "",
    keyboard: 0,
  };
}
