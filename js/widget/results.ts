import { html, nothing, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";
import type { Hit, Run } from "../types/faq.js";
import type { App } from "./app.js";

/** What a search found, as the visitor types. */
export function results(app: App): unknown {
  const { results } = app.help;
  if (!results) return nothing;
  const { hits, didYouMean, verdict } = results;
  return html`
    <section class="results" aria-label=${app.t("search.count", { n: hits.length })} data-verdict=${verdict}>
      ${didYouMean ? correction(app, didYouMean) : nothing}
      ${
        verdict === "nothing"
          ? html`<div class="nothing">
            <h3>${app.t("search.nothing")}</h3>
            <p class="quiet">${app.t("search.nothingHint")}</p>
          </div>`
          : nothing
      }
      ${verdict === "nothing" && hits.length > 0 ? html`<h3>${app.t("search.related")}</h3>` : nothing}
      <ul class="rows">
        ${repeat(
          hits,
          (hit) => hit.id,
          (hit) => html`<li>${row(app, hit)}</li>`,
        )}
      </ul>
    </section>
  `;
}

function correction(app: App, query: string): TemplateResult {
  return html`<p class="correction">
    ${app.t("search.didYouMean")}
    <button class="link" type="button" dir="auto" @click=${() => app.help.search(query)}>${query}</button>
  </p>`;
}

function row(app: App, hit: Hit): TemplateResult {
  return html`
    <button class="row" type="button" data-article=${hit.id} @click=${() => app.openArticle(hit.id, anchorOf(hit))}>
      <span class="row-text" lang=${hit.locale}>
        <b dir="auto">${marked(hit.titleRuns)}</b>
        ${hit.passageRuns.length > 0 ? html`<span class="passage" dir="auto">${marked(hit.passageRuns)}</span>` : nothing}
      </span>
    </button>
  `;
}

/** Where the title itself fits, the article is read from its top. */
function anchorOf(hit: Hit): string | null {
  return hit.titleRuns.some((run) => run.marked) ? null : hit.anchor;
}

function marked(runs: readonly Run[]): unknown {
  return runs.map((run) => (run.marked ? html`<mark>${run.text}</mark>` : run.text));
}
