import { words, type Word } from "../../survey/words.js";
import type { Question, SurveyView, View } from "../../types/view.js";
import { theHost } from "../set-up-here.js";
import type { Stage, Taps } from "./part.js";

/** What is written is saved when the hand rests so long. */
const WRITE_DELAY_MS = 600;

/** From a frown to a smile. */
const FACES = ["\u{1F61E}", "\u{1F641}", "\u{1F610}", "\u{1F642}", "\u{1F604}"];
const [THUMB_UP, THUMB_DOWN] = ["\u{1F44D}", "\u{1F44E}"];

/** A question as the template draws it: points of a scale, choices, a text, or choices and a text. */
interface QuestionData {
  readonly id: string;
  readonly head: string;
  readonly optional: boolean;
  readonly about: string;
  readonly problem: string;
  /** A name of a class: of the scale, or `tags`. */
  readonly look: string;
  readonly points: readonly { n: number; mark: string; label: string; lit: boolean; on: boolean }[];
  readonly low: string;
  readonly high: string;
  readonly role: "radio" | "checkbox";
  /** The choice without an id is the visitor's own words. */
  readonly choices: readonly { id: string; label: string; on: boolean }[];
  /** `line`, `lines`, or nothing to be written. */
  readonly field: string;
  readonly type: string;
  readonly text: string;
  readonly hint: string;
}

export interface SurveyData {
  readonly about: string;
  readonly progress: string;
  readonly percent: number;
  readonly questions: readonly QuestionData[];
  /** What stands on the button; nothing once it is finished. */
  readonly next: string;
  readonly back: string;
  readonly skip: string;
  /** The end screen's head. */
  readonly thanks: string;
  readonly text: string;
  readonly edit: string;
}

type Own = { readonly other: string };
type Chosen = string | Own;

const isOwn = (one: unknown): one is Own => typeof one === "object" && one !== null;
const listOf = (value: unknown): Chosen[] => (Array.isArray(value) ? value : value === null ? [] : [value]) as Chosen[];

/** The survey on the screen, whichever questions it asks. */
export class SurveyPart {
  private survey: SurveyView | null = null;
  /** Was told to be before the visitor's eyes. */
  private seen = "";
  /** What was typed and is not saved yet, by element. */
  private readonly unsaved = new Map<string, unknown>();
  private timer: unknown = null;

  constructor(private readonly stage: Stage) {}

  /** The newest about this conversation; `null` asks for those that are about none. */
  data({ surveys }: View, conv: string | null): SurveyData | null {
    const mine = surveys.filter((one) => one.conv === conv && one.source === "widget");
    const survey = mine[mine.length - 1] ?? null;
    if (survey?.responseId !== this.survey?.responseId) this.flush();
    this.survey = survey;
    if (survey === null) return null;
    if (this.seen !== survey.responseId) {
      this.seen = survey.responseId;
      this.stage.dispatch({ survey: { act: "seen", id: survey.responseId } });
    }
    const t = words(survey.language);
    const { step, steps, finished, ending } = survey;
    return {
      about: survey.agent?.name && !finished ? t("about", { name: survey.agent.name }) : "",
      progress: steps > 1 && !finished ? t("step", { n: step, max: steps }) : "",
      percent: Math.round((100 * (step - 1)) / steps),
      questions: finished ? [] : survey.questions.map((one) => this.question(one, survey.tried, t)),
      next: finished ? "" : t(step < steps ? "next" : "send"),
      back: step > 1 && !finished ? t("back") : "",
      skip: t(finished ? "done" : "skip"),
      thanks: finished ? (ending?.headline ?? t("thanks")) : "",
      text: finished ? [ending?.description, survey.waiting ? t("waiting") : ""].filter(Boolean).join("\n") : "",
      edit: finished && survey.editable ? t("edit") : "",
    };
  }

  /** Saves what was typed, now: the mini-program may never come back. */
  flush(): void {
    theHost().clearTimer(this.timer);
    const unsaved = [...this.unsaved];
    this.unsaved.clear();
    for (const [element, value] of unsaved) this.act("answer", element, value);
  }

  readonly taps: Taps = {
    onPoint: (_, { q = "", v }) => this.answer(q, Number(v)),
    onChoice: (_, { q = "", v = "" }) => {
      const asked = this.find(q);
      if (asked === undefined) return;
      const { type } = asked.element;
      if (type === "boolean" || type === "consent") return this.answer(q, type === "consent" ? asked.value !== true : v === "yes");
      const chosen = listOf(this.valueOf(asked));
      const same = (one: Chosen): boolean => (isOwn(one) ? v === "" : one === v);
      const next: Chosen = v === "" ? { other: "" } : String(v);
      if (type === "singleChoice") return this.answer(q, next);
      const rest = chosen.filter((one) => !same(one));
      const all = rest.length < chosen.length ? rest : [...rest, next];
      this.answer(q, all.length > 0 ? all : null);
    },
    onWords: ({ value }, { q = "" }) => {
      const asked = this.find(q);
      if (asked === undefined) return;
      const text = String(value);
      const { type } = asked.element;
      const rest = listOf(this.valueOf(asked)).filter((one) => !isOwn(one));
      const own = { other: text };
      this.unsaved.set(q, type === "openText" ? text || null : type === "singleChoice" ? own : [...rest, own]);
      const host = theHost();
      host.clearTimer(this.timer);
      this.timer = host.setTimer(WRITE_DELAY_MS, () => this.flush());
    },
    onNext: () => {
      this.flush();
      this.act("next");
    },
    onPrevious: () => {
      this.flush();
      this.act("back");
    },
    onEdit: () => this.act("edit"),
    onSkip: () => {
      this.flush();
      this.act("dismiss");
    },
  };

  private find(id: string): Question | undefined {
    return this.survey?.questions.find(({ element }) => element.id === id);
  }

  private valueOf({ element, value }: Question): unknown {
    return this.unsaved.has(element.id) ? this.unsaved.get(element.id) : value;
  }

  private answer(element: string, value: unknown): void {
    this.unsaved.delete(element);
    this.flush();
    this.act("answer", element, value);
  }

  private act(act: "answer" | "next" | "back" | "edit" | "dismiss", name?: string, value?: unknown): void {
    const id = this.survey?.responseId;
    if (id === undefined) return;
    this.stage.dispatch({ survey: name === undefined ? { act, id } : { act, id, name, value } });
    this.stage.show();
  }

  private question(asked: Question, tried: boolean, t: ReturnType<typeof words>): QuestionData {
    const { element, required, problem } = asked;
    const value = this.valueOf(asked);
    const { type, validation = {}, other } = element;
    const lacks = tried ? problem : null;
    const chosen = listOf(value);
    const own = chosen.find(isOwn);
    const isText = type === "openText";
    return {
      id: element.id,
      head: element.headline,
      optional: !required && !isText,
      about: element.description ?? "",
      problem: lacks === null ? "" : t(`problem.${lacks}` as Word, { min: validation.min ?? 1, max: validation.max ?? "" }),
      look: type === "tags" ? "tags" : (element.scale ?? ""),
      points: points(element, value, t),
      low: element.lowerLabel ?? "",
      high: element.upperLabel ?? "",
      role: type === "singleChoice" || type === "boolean" ? "radio" : "checkbox",
      choices: choices(element, value, t).concat(
        (element.choices ?? []).map(({ id, label }) => ({ id, label, on: chosen.includes(id) })),
        other ? [{ id: "", label: other.label, on: own !== undefined }] : [],
      ),
      field: isText && element.multiline ? "lines" : isText || own !== undefined ? "line" : "",
      type: validation.kind === "number" ? "digit" : "text",
      text: own?.other ?? (isText && typeof value === "string" ? value : ""),
      hint: isText ? (element.placeholder ?? "") : (other?.placeholder ?? t("other")),
    };
  }
}

function points({ type, scale = "", range }: Question["element"], value: unknown, t: ReturnType<typeof words>): QuestionData["points"] {
  const isNps = type === "nps";
  if (!isNps && type !== "csat" && type !== "ces") return [];
  const low = isNps ? 0 : 1;
  const high = isNps ? 10 : (range ?? (type === "csat" ? 5 : 7));
  return Array.from({ length: high - low + 1 }, (_, at) => {
    const n = low + at;
    const share = at / (high - low);
    const mark =
      scale === "star" ? "\u2605" : scale === "thumbs" ? (at > 0 ? THUMB_UP : THUMB_DOWN) : scale === "emoji" ? FACES[Math.round(4 * share)] : undefined;
    const label = scale === "thumbs" ? t(at > 0 ? "thumbUp" : "thumbDown") : t(scale === "star" ? "star" : "of", { n, max: high });
    const on = value === n;
    // Stars fill up to the chosen one; of other scales the chosen point alone is lit.
    const lit = scale === "star" && typeof value === "number" ? n <= value : on;
    return { n, mark: mark ?? String(n), label, lit, on };
  });
}

/** Those that are no list in the definition. */
function choices(element: Question["element"], value: unknown, t: ReturnType<typeof words>): { id: string; label: string; on: boolean }[] {
  if (element.type === "consent") return [{ id: "yes", label: element.label ?? "", on: value === true }];
  if (element.type !== "boolean") return [];
  return [
    { id: "yes", label: element.yesLabel ?? t("yes"), on: value === true },
    { id: "no", label: element.noLabel ?? t("no"), on: value === false },
  ];
}
