import { html, nothing, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";
import type { Article } from "../types/faq.js";
import type { App, Screen } from "./app.js";
import { ask } from "./ask.js";
import { bar } from "./bar.js";
import { icon } from "./icons.js";
import { notices } from "./notices.js";
import { richText, toAnchor, type Links } from "./rich-text.js";

type ArticleScreen = Extract<Screen, { name: "article" }>;

/** One help article, and whether it helped. */
export function article(app: App, screen: ArticleScreen): TemplateResult {
  const found = app.help.article(screen.id);
  const waiting = found === null && app.help.state === "loading";
  return html`
    <div class="screen article" data-screen="article" data-article=${screen.id}>
      ${bar(app, found ? html`<p class="path quiet" dir="auto">${found.path.join(" › ")}</p>` : nothing)}
      ${repeat(
        // A list of one: another article is another element, read from its top.
        [screen],
        (one) => one,
        () => html`<div class="scroll">${notices(app)} ${found ? text(app, screen, found) : missing(app, waiting)}</div>`,
      )}
      ${ask(app, app.help.helped.get(screen.id) === false ? screen.query : "")}
    </div>
  `;
}

function text(app: App, screen: ArticleScreen, { title, body, locale }: Article): TemplateResult {
  return html`
    <article lang=${locale}>
      <h2 tabindex="-1" data-focus="heading" dir="auto">${title}</h2>
      <div class="prose">${richText(body, links(app))}</div>
    </article>
    ${helped(app, screen)}
  `;
}

function links(app: App): Links {
  return {
    table: app.t("article.table"),
    toArticle: (id, anchor) => app.openArticle(id, anchor),
    toAnchor: (anchor) => toAnchor(app.find(".article"), anchor),
  };
}

function missing(app: App, waiting: boolean): TemplateResult {
  if (waiting)
    return html`<div class="placeholder" role="status" aria-label=${app.t("loading")}><span></span><span></span></div>`;
  return html`<h2 class="gone" tabindex="-1" data-focus="heading">${app.t("article.missing")}</h2>`;
}

function helped(app: App, { id, query }: ArticleScreen): TemplateResult {
  const answer = app.help.helped.get(id);
  const button = (helpful: boolean): TemplateResult => html`
    <button class=${helpful ? "choice" : "choice down"} type="button" @click=${() => app.sayHelped(id, helpful, query)}>
      ${icon("thumb")}${app.t(helpful ? "article.yes" : "article.no")}
    </button>
  `;
  return html`
    <div class="helped" role="group" aria-label=${app.t("article.helped")}>
      ${
        answer === undefined
          ? html`<p>${app.t("article.helped")}</p>
            <div class="choices">${button(true)}${button(false)}</div>`
          : html`<p role="status">${app.t(answer ? "article.thanks" : "article.sorry")}</p>`
      }
    </div>
  `;
}
