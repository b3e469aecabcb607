import { html, nothing, svg, type TemplateResult } from "lit/html.js";
import { live } from "lit/directives/live.js";
import type { Question } from "../types/view.js";
import type { Word, words } from "./words.js";

/** What a question needs of the survey that asks it. */
export interface Asking {
  readonly t: ReturnType<typeof words>;
  /** Tells the screens of two surveys on one page apart. */
  readonly key: string;
  /** Whether what is lacking is said: only once one has tried to go on. */
  readonly tried: boolean;
  answer(element: string, value: unknown): void;
  /** The same, once the hand rests. */
  write(element: string, value: unknown): void;
}

/** A question with all that belongs to it. */
export function question(asking: Asking, asked: Question): TemplateResult {
  const { element, required, problem } = asked;
  const id = `${asking.key}-${element.id}`;
  const lacks = asking.tried && problem !== null;
  const described = [
    element.description ? `${id}-about` : "",
    element.lowerLabel || element.upperLabel ? `${id}-ends` : "",
    lacks ? `${id}-problem` : "",
  ].filter(Boolean).join(" ");
  const single = element.type === "openText";
  const marks = ["multipleChoice", "tags", "consent"].includes(element.type);
  const head = html`
    <span dir="auto">${element.headline}</span>
    ${required || single ? nothing : html`<span class="sv-optional">${asking.t("optional")}</span>`}
  `;
  const body = html`
    ${element.description ? html`<p class="sv-about" id="${id}-about" dir="auto">${element.description}</p>` : nothing}
    ${answerOf(asking, asked, id, lacks, described)}
    ${lacks ? html`<p class="sv-problem" id="${id}-problem">${sentence(asking, asked)}</p>` : nothing}
  `;
  if (single) {
    return html`<div class="sv-question" data-type=${element.type}><label class="sv-head" for=${id}>${head}</label>${body}</div>`;
  }
  return html`
    <fieldset
      class="sv-question"
      data-type=${element.type}
      data-scale=${element.scale ?? nothing}
      data-lacks=${lacks ? problem : nothing}
      role=${marks ? nothing : "radiogroup"}
      aria-describedby=${described || nothing}
      aria-required=${required && !marks ? "true" : nothing}
      aria-invalid=${lacks && !marks ? "true" : nothing}
    >
      <legend class="sv-head">${head}</legend>
      ${body}
    </fieldset>
  `;
}

function sentence({ t }: Asking, { element, problem }: Question): string {
  const code = element.type === "consent" ? "consent" : (problem ?? "required");
  return t(`problem.${code}` as Word, { min: element.validation?.min ?? 1, max: element.validation?.max ?? "" });
}

function answerOf(asking: Asking, asked: Question, id: string, lacks: boolean, described: string): unknown {
  switch (asked.element.type) {
    case "csat":
      return rating(asking, asked, id, 1, asked.element.range ?? 5);
    case "ces":
      return rating(asking, asked, id, 1, asked.element.range ?? 7);
    case "nps":
      return rating(asking, asked, id, 0, 10);
    case "singleChoice":
      return choices(asking, asked, id, "radio", false);
    case "multipleChoice":
    case "tags":
      return choices(asking, asked, id, "checkbox", lacks);
    case "boolean":
      return yesOrNo(asking, asked, id);
    case "consent":
      return consent(asking, asked, id, lacks);
    default:
      return text(asking, asked, id, lacks, described);
  }
}

/** Radio buttons that look like points of a scale; arrows go along it, as everywhere. */
function rating(asking: Asking, { element, value }: Question, id: string, low: number, high: number): TemplateResult {
  const chosen = typeof value === "number" ? value : null;
  const point = (n: number): TemplateResult => {
    const label = pointLabel(asking, element.scale, n, low, high);
    return html`
      <label class="sv-point" data-lit=${lit(element.scale, n, chosen) ? "" : nothing} title=${label}>
        <input
          type="radio"
          name=${id}
          value=${n}
          aria-label=${label}
          .checked=${live(chosen === n)}
          @change=${() => asking.answer(element.id, n)}
        />
        ${mark(element.scale, n, low, high)}
      </label>
    `;
  };
  const points = Array.from({ length: high - low + 1 }, (_, at) => point(low + at));
  return html`
    <div class="sv-scale" data-count=${points.length}>
      <div class="sv-points">${points}</div>
      ${element.lowerLabel || element.upperLabel
        ? html`<div class="sv-ends" id="${id}-ends"><span dir="auto">${element.lowerLabel}</span><span dir="auto">${element.upperLabel}</span></div>`
        : nothing}
    </div>
  `;
}

/** Stars fill up to the chosen one; of other scales the chosen point alone is lit. */
function lit(scale: string | undefined, n: number, chosen: number | null): boolean {
  return chosen !== null && (scale === "star" ? n <= chosen : n === chosen);
}

function pointLabel({ t }: Asking, scale: string | undefined, n: number, low: number, high: number): string {
  if (scale === "thumbs") return t(n > low ? "thumbUp" : "thumbDown");
  return t(scale === "star" ? "star" : "of", { n, max: high });
}

function mark(scale: string | undefined, n: number, low: number, high: number): unknown {
  if (scale === "star") return picture(svg`<path d="M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z"></path>`);
  if (scale === "thumbs") {
    const thumb = svg`<path d="M7.5 10.5V20M7.5 11l3.8-7c1.4 0 2.2.9 2.2 2.2v3.3h4.3c1.2 0 2 1.1 1.7 2.2l-1.6 6.5c-.2.9-1 1.5-1.9 1.5H4.5v-9.2h3"></path>`;
    return picture(n > low ? thumb : svg`<g transform="rotate(180 12 12)">${thumb}</g>`);
  }
  if (scale === "emoji") {
    // From a frown to a smile.
    const bend = 15 + 4.5 * ((2 * (n - low)) / (high - low) - 1);
    const ends = 30 - bend - 0.5 * (30 - 2 * bend);
    return picture(svg`<circle cx="12" cy="12" r="9"></circle><path d="M9 9.6h.01M15 9.6h.01M8 ${ends} Q12 ${bend} 16 ${ends}"></path>`);
  }
  return html`<span class="sv-number">${n}</span>`;
}

function picture(content: unknown): TemplateResult {
  return html`<svg class="sv-mark" viewBox="0 0 24 24" aria-hidden="true">${content}</svg>`;
}

type Chosen = string | { readonly other: string };

function choices(asking: Asking, { element, value }: Question, id: string, kind: "radio" | "checkbox", lacks: boolean): TemplateResult {
  const chosen = (kind === "radio" ? (value === null ? [] : [value]) : ((value as unknown[] | null) ?? [])) as Chosen[];
  const own = chosen.find((one) => typeof one === "object");
  const toggle = (one: Chosen, on: boolean): void => {
    const same = (other: Chosen): boolean => (typeof one === "string" ? other === one : typeof other === "object");
    const rest = kind === "radio" ? [] : chosen.filter((other) => !same(other));
    const next = on ? [...rest, one] : rest;
    asking.answer(element.id, kind === "radio" ? (next[0] ?? null) : next.length > 0 ? next : null);
  };
  const rewrite = (words: string): void => {
    const rest = chosen.filter((one) => typeof one === "string");
    asking.write(element.id, kind === "radio" ? { other: words } : [...rest, { other: words }]);
  };
  const row = (label: string, one: Chosen, on: boolean): TemplateResult => html`
    <label class=${element.type === "tags" ? "sv-tag" : "sv-choice"}>
      <input type=${kind} name=${id} aria-invalid=${lacks ? "true" : nothing} .checked=${live(on)} @change=${(event: Event) => toggle(one, (event.currentTarget as HTMLInputElement).checked)} />
      <span dir="auto">${label}</span>
    </label>
  `;
  return html`
    <div class=${element.type === "tags" ? "sv-tags" : "sv-choices"}>
      ${element.choices?.map((choice) => row(choice.label, choice.id, chosen.includes(choice.id)))}
      ${element.other ? row(element.other.label, { other: own?.other ?? "" }, own !== undefined) : nothing}
      ${own !== undefined
        ? html`
            <input
              class="sv-input"
              type="text"
              dir="auto"
              aria-label=${`${element.other?.label ?? ""}: ${asking.t("other")}`}
              placeholder=${element.other?.placeholder ?? asking.t("other")}
              .value=${live(own.other)}
              @input=${(event: InputEvent) => rewrite((event.currentTarget as HTMLInputElement).value)}
            />
          `
        : nothing}
    </div>
  `;
}

function yesOrNo(asking: Asking, { element, value }: Question, id: string): TemplateResult {
  const row = (answer: boolean, label: string): TemplateResult => html`
    <label class="sv-choice">
      <input type="radio" name=${id} .checked=${live(value === answer)} @change=${() => asking.answer(element.id, answer)} />
      <span dir="auto">${label}</span>
    </label>
  `;
  return html`
    <div class="sv-choices" data-two>
      ${row(true, element.yesLabel ?? asking.t("yes"))} ${row(false, element.noLabel ?? asking.t("no"))}
    </div>
  `;
}

function consent(asking: Asking, { element, value, required }: Question, id: string, lacks: boolean): TemplateResult {
  return html`
    <label class="sv-choice">
      <input
        type="checkbox"
        name=${id}
        aria-required=${required ? "true" : nothing}
        aria-invalid=${lacks ? "true" : nothing}
        .checked=${live(value === true)}
        @change=${(event: Event) => asking.answer(element.id, (event.currentTarget as HTMLInputElement).checked)}
      />
      <span dir="auto">${element.label}</span>
    </label>
  `;
}

/** What a browser may offer to fill in. */
const kinds: Record<string, { type: string; mode: string; fill: string }> = {
  email: { type: "email", mode: "email", fill: "email" },
  url: { type: "url", mode: "url", fill: "url" },
  phone: { type: "tel", mode: "tel", fill: "tel" },
  number: { type: "text", mode: "decimal", fill: "off" },
};

function text(asking: Asking, { element, value, required }: Question, id: string, lacks: boolean, described: string): TemplateResult {
  const kind = kinds[element.validation?.kind ?? ""] ?? { type: "text", mode: "text", fill: "on" };
  const words = typeof value === "string" ? value : "";
  const onInput = (event: InputEvent): void => {
    const typed = (event.currentTarget as HTMLInputElement | HTMLTextAreaElement).value;
    asking.write(element.id, typed === "" ? null : typed);
  };
  if (element.multiline) {
    return html`
      <textarea
        class="sv-input"
        id=${id}
        rows="3"
        dir="auto"
        placeholder=${element.placeholder ?? nothing}
        aria-describedby=${described || nothing}
        aria-required=${required ? "true" : nothing}
        aria-invalid=${lacks ? "true" : nothing}
        .value=${live(words)}
        @input=${onInput}
      ></textarea>
    `;
  }
  return html`
    <input
      class="sv-input"
      id=${id}
      type=${kind.type}
      inputmode=${kind.mode}
      autocomplete=${kind.fill}
      dir="auto"
      placeholder=${element.placeholder ?? nothing}
      aria-describedby=${described || nothing}
      aria-required=${required ? "true" : nothing}
      aria-invalid=${lacks ? "true" : nothing}
      .value=${live(words)}
      @input=${onInput}
    />
  `;
}
