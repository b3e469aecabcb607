import { refusalOf } from "../../client/error.js";
import type { Action, HostEvent } from "../../types/client.js";
import type { Article, Run } from "../../types/faq.js";
import type { Connection, View } from "../../types/view.js";
import type { Deskside } from "../deskside.js";
import { setUpHere, theHost } from "../set-up-here.js";
import { Texts, type TextKey } from "../texts.js";
import { linesOf, type LineData } from "./lines.js";
import { convOf, type Stage, type Taps } from "./part.js";
import { SurveyPart, type SurveyData } from "./survey.js";
import { noTalk, Talk, type TalkData } from "./talk.js";

const LISTED_MAX = 6;
const FOUND_MAX = 8;
/** A query that stays so long is searched for. */
const TYPED_MS = 150;

/** What the template draws. */
export interface ScreenData extends TalkData {
  screen: "loading" | "failed" | "home" | "article" | "chat";
  t: Record<string, string>;
  title: string;
  notice: string;
  /** What the desk or the device did not take, and is no message; `again`: it can be sent again. */
  refused: { readonly key: string; readonly text: string; readonly again: boolean } | null;
  query: string;
  found: readonly { id: string; title: readonly Run[]; passage: readonly Run[] }[];
  popular: readonly { id: string; title: string }[];
  recent: readonly { id: string; preview: string; time: string; unread: string }[];
  article: { id: string; title: string; lines: readonly LineData[] } | null;
  /** The visitor's answer to whether the article helped. */
  helped: "" | "yes" | "no";
  survey: SurveyData | null;
  /** Pixels of the keyboard. */
  keyboard: number;
}

/** The component's inside, the same on every platform: it draws by `setData`, and is told of taps. */
export class Screen implements Stage {
  readonly texts: Texts;
  running: Deskside | null = null;
  private data: ScreenData;
  private place: "home" | "article" | "chat" = "home";
  private article: Article | null = null;
  private readonly read: string[] = [];
  private readonly answers = new Map<string, boolean>();
  private query = "";
  private typed: unknown = null;
  private keyboard = 0;
  private failed = false;
  /** Whether something that the visitor said beside messages found no room on the device. */
  private lost = false;
  private readonly stops: (() => void)[] = [];
  private ended = false;
  private visible = true;
  private readonly survey = new SurveyPart(this);
  private readonly talk: Talk;

  constructor(
    private readonly draw: (changed: Partial<ScreenData>) => void,
    private readonly emit: (name: string, detail: unknown) => void,
  ) {
    this.texts = new Texts(theHost().info().locale);
    this.data = empty();
    this.talk = new Talk(
      this,
      (conv) => this.handOff(conv),
      (draft) => {
        this.data.draft = draft;
      },
    );
  }

  /** @param opens `chat` goes to the conversation at once. */
  start(opens: string): void {
    if (opens === "chat") this.place = "chat";
    this.stops.push(
      setUpHere().watch({
        changed: () => this.show(),
        happened: (event) => this.happened(event),
        crashed: (kind) => {
          this.failed = kind === "stopped";
          this.show();
        },
      }),
      theHost().onVisibility((visible) => {
        this.visible = visible;
        if (!visible) this.survey.flush();
        this.look();
      }),
    );
    this.show();
    void this.load();
  }

  /** The page has changed its mind about what is shown first. */
  turnTo(opens: string): void {
    if (opens === "chat" && this.place !== "chat") this.openChat(null);
  }

  end(): void {
    this.survey.flush();
    this.ended = true;
    for (const stop of this.stops) stop();
    theHost().clearTimer(this.typed);
    this.dispatch("leave");
  }

  /** What is tapped and typed, by the name that the template has for it. */
  tap(name: string, told: object, tapped: object): void {
    const taps: Taps = name in this.taps ? this.taps : name in this.talk.taps ? this.talk.taps : this.survey.taps;
    taps[name]?.(told, tapped);
  }

  private readonly taps: Taps = {
    onRetry: () => {
      this.failed = false;
      this.show();
      void this.load();
    },
    onBack: () => {
      if (!this.talk.back()) {
        if (this.place === "chat") this.dispatch("leave");
        this.place = "home";
      }
      this.show();
    },
    onQuery: ({ value }) => {
      this.query = String(value);
      theHost().clearTimer(this.typed);
      this.typed = theHost().setTimer(TYPED_MS, () => this.show());
    },
    onClear: () => {
      this.query = "";
      this.show();
    },
    onArticle: (_, { id = "" }) => this.openArticle(id),
    onHelped: (_, { id }) => {
      if (this.article === null) return;
      const helpful = id === "yes";
      this.lost = this.dispatch({ feedback: { article: this.article.id, helpful, query: this.query } }) !== null;
      if (!this.lost) this.answers.set(this.article.id, helpful);
      this.show();
    },
    onLink: (_, { id = "" }) => this.follow(id),
    onAsk: () => this.openChat(null),
    onConversation: (_, { id = "" }) => this.openChat(id),
    onAgain: (_, { id = "" }) => {
      this.dispatch({ retry: { key: id } });
      this.show();
    },
    onDiscard: (_, { id = "" }) => {
      if (id === "") this.lost = false;
      else this.dispatch({ discard: { key: id } });
      this.show();
    },
    onKeyboard: ({ height = 0 }) => {
      this.keyboard = height;
      this.show();
    },
    onBlur: () => {
      this.keyboard = 0;
      this.show();
    },
  };

  follow(href: string): void {
    const inside = /^#\/([^#]+)/.exec(href);
    if (inside?.[1] !== undefined) return this.openArticle(inside[1]);
    if (href === "" || href.startsWith("#")) return;
    this.emit("link", { href });
    void theHost().copy(href);
  }

  dispatch(action: Action): string | null {
    try {
      this.running?.dispatch(action);
      return null;
    } catch (error) {
      // A refusal is shown beside what was typed; a crash tells of itself.
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return refusal.code;
    }
  }

  /** Sends what has changed to the page: each field costs. */
  show(): void {
    if (this.ended) return;
    const next = this.next();
    const changed: Partial<ScreenData> = {};
    for (const name of Object.keys(next) as (keyof ScreenData)[]) {
      if (JSON.stringify(next[name]) !== JSON.stringify(this.data[name])) Object.assign(changed, { [name]: next[name] });
    }
    this.data = next;
    if (Object.keys(changed).length > 0) this.draw(changed);
  }

  private async load(): Promise<void> {
    try {
      this.running = await setUpHere().client();
      if (this.ended) return;
      if (this.place === "chat") this.openChat(null);
      this.show();
      await setUpHere().openHelp().catch((error: unknown) => theHost().log("warn", "deskside: no help articles", error));
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
    this.read.push(id);
    this.emit("article", { article: id });
    this.show();
  }

  private openChat(conv: string | null): void {
    // What was searched for in vain is what will be asked.
    const asked = this.place !== "chat" && conv === null ? this.query : "";
    this.place = "chat";
    this.dispatch({ open: { conv } });
    this.talk.open(asked);
    this.look();
    this.show();
  }

  /** Asks for a person, who hears what was searched for and read. */
  private handOff(conv: string): void {
    const articles = this.read.map((id) => {
      const helpful = this.answers.get(id);
      return helpful === undefined ? { id } : { id, helpful };
    });
    this.dispatch({ handoff: { conv, reason: "asked", query: this.query, articles } });
  }

  /** Tells the core whether the conversation is before the visitor's eyes: what is seen is read. */
  private look(): void {
    this.dispatch({ look: { visible: this.visible && this.place === "chat" } });
  }

  private happened(event: HostEvent): void {
    for (const [name, detail] of Object.entries(event)) this.emit(name, detail);
    // It was taken before the device's store was read, and found no room in it.
    if ("commandRefused" in event) this.lost ||= event.commandRefused.code === "outbox_full";
  }

  private next(): ScreenData {
    const { running, texts } = this;
    const base = { ...empty(), t: texts.all(), title: texts.t(this.place === "chat" ? "title.chat" : "title.home"), keyboard: this.keyboard };
    if (this.failed) return { ...base, screen: "failed" };
    if (running === null) return { ...base, screen: "loading" };
    const view = running.view();
    const shown: ScreenData = { ...base, screen: this.place, query: this.query, notice: this.notice(view), refused: this.refused(view) };
    if (this.place === "chat") return { ...shown, ...this.talk.data(view), survey: this.survey.data(view, convOf(view) ?? "") };
    if (this.place === "article" && this.article !== null) {
      const { id, title, body } = this.article;
      const answer = this.answers.get(id);
      return { ...shown, article: { id, title, lines: linesOf(body) }, helped: answer === undefined ? "" : answer ? "yes" : "no" };
    }
    return { ...shown, screen: "home", ...this.help(running), recent: this.recent(view), survey: this.survey.data(view, null) };
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

  private notice({ connection, storage }: View): string {
    const problem = this.offline(connection);
    if (problem) return problem;
    return typeof storage === "object" ? this.texts.t("notice.memory") : "";
  }

  /** One at a time, the oldest first. */
  private refused({ refused: [first] }: View): ScreenData["refused"] {
    const { texts } = this;
    if (first === undefined) return this.lost ? { key: "", text: texts.t("refused.full"), again: false } : null;
    const { key, command } = first;
    return { key, text: texts.t(refusals[command] ?? "refused.other"), again: true };
  }

  private offline(connection: Connection): string {
    if (connection === "offline") return this.texts.t("notice.offline");
    if (typeof connection === "string") return "";
    return "refused" in connection
      ? this.texts.t("notice.refused", { code: connection.refused.code })
      : this.texts.t("notice.unreachable");
  }
}

const refusals: Readonly<Record<string, TextKey>> = {
  handoff: "refused.handoff", close: "refused.close", survey: "refused.survey", feedback: "refused.feedback",
};

const empty = (): ScreenData => ({
  ...noTalk(), screen: "loading", t: {}, title: "", notice: "", refused: null, query: "", found: [], popular: [], recent: [], article: null,
  helped: "", survey: null, keyboard: 0,
});
