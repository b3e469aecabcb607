import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "../app.js";
import { icon } from "../icons.js";
import type { Field } from "../../types/protocol.js";
import type { FormView } from "../../types/view.js";
import { words } from "./words.js";

/** Why the last try was not taken, by conversation and the form's number. */
const refusals = new Map<string, string>();

const place = (app: App, seq: number) => `${app.view.conversation?.id} ${seq}`;

/** Kinds of fields that are an input of their own; another kind is a line of text. */
const inputs = new Set(["text", "email", "tel", "number", "date"]);

/** What the visitor is asked to fill in. */
export function form(app: App, view: FormView): TemplateResult {
  const { seq, fields, submit, answered } = view;
  if (answered) return html`<p class="form answered">${icon("check")}${words(app, "form.answered")}</p>`;
  const refusal = refusals.get(place(app, seq));
  return html`
    <form class="form" part="form" @submit=${(event: SubmitEvent) => onSubmit(app, view, event)}>
      ${fields.map((one) => field(app, one))}
      ${refusal ? html`<p class="refusal" role="alert">${refusal}</p>` : nothing}
      <button class="primary" type="submit">${submit || words(app, "form.submit")}</button>
    </form>
  `;
}

function field(app: App, one: Field): TemplateResult {
  const { name, kind, label, required } = one;
  const mark = required ? html`<span class="required" aria-hidden="true"> *</span>` : nothing;
  if (kind === "checkbox") {
    return html`<label class="check"
      ><input type="checkbox" name=${name} value="true" ?required=${required} /><span dir="auto">${label}${mark}</span></label
    >`;
  }
  return html`<label class="field"><span dir="auto">${label}${mark}</span>${control(app, one)}</label>`;
}

function control(app: App, { name, kind, required, options }: Field): TemplateResult {
  if (kind === "select") {
    return html`<select name=${name} ?required=${required}>
      <option value="">${words(app, "form.choose")}</option>
      ${options.map((option) => html`<option>${option}</option>`)}
    </select>`;
  }
  if (kind === "multiline") {
    return html`<textarea name=${name} rows="3" dir="auto" ?required=${required}></textarea>`;
  }
  return html`<input name=${name} type=${inputs.has(kind) ? kind : "text"} dir="auto" ?required=${required} />`;
}

function onSubmit(app: App, { seq, fields }: FormView, event: SubmitEvent): void {
  event.preventDefault();
  const { conversation } = app.view;
  if (!conversation) return;
  const data = new FormData(event.currentTarget as HTMLFormElement);
  const values = fields.map(({ name }): [string, string] => {
    const value = data.get(name);
    return [name, typeof value === "string" ? value : ""];
  });
  const code = app.dispatch({ submit: { conv: conversation.id, form: seq, values } });
  if (code === null) refusals.delete(place(app, seq));
  else refusals.set(place(app, seq), code === "field_missing" ? words(app, "form.missing") : words(app, "form.refused", { code }));
  app.draw();
}
