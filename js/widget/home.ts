import { html, nothing, type TemplateResult } from "lit/html.js";
import { live } from "lit/directives/live.js";
import type { Summary } from "../types/view.js";
import type { App } from "./app.js";
import { ask } from "./ask.js";
import { avatar } from "./avatar.js";
import { closeButton, iconButton } from "./bar.js";
import { icon } from "./icons.js";
import { notices } from "./notices.js";
import { results } from "./results.js";
import { shortTime } from "./times.js";

const RECENT_LIMIT = 3;

/** The first screen: search, conversations, popular articles, and the way to a person. */
export function home(app: App): TemplateResult {
  const query = app.help.query.trim();
  const nothingFound = query !== "" && app.help.results?.verdict === "nothing";
  return html`
    <div class="screen home" data-screen="home" data-searching=${query ? "" : nothing}>
      <div class="hero" part="header">
        <div class="hero-bar"><span class="site" dir="auto">${app.view.siteName}</span>${closeButton(app)}</div>
        <h2 tabindex="-1" data-focus="heading">${app.t("home.title")}</h2>
        ${app.settings.help ? search(app) : nothing}
      </div>
      <div class="scroll" @keydown=${walk}>
        ${notices(app)} ${app.isOpen ? app.surveys.onHome() : nothing} ${app.help.state === "failed" && app.core.state.name !== "failed" ? helpFailed(app) : nothing}
        ${query && app.help.state === "ready" ? [results(app), nothingFound ? popular(app) : nothing] : [recent(app), popular(app)]}
      </div>
      ${ask(app, nothingFound ? query : "")}
    </div>
  `;
}

function search(app: App): TemplateResult {
  return html`
    <div class="search" role="search">
      ${icon("search")}
      <input
        type="search"
        part="search"
        data-focus="field"
        aria-label=${app.t("search.label")}
        placeholder=${app.t("search.label")}
        autocomplete="off"
        enterkeyhint="search"
        dir="auto"
        .value=${live(app.help.query)}
        @input=${(event: InputEvent) => app.help.search((event.currentTarget as HTMLInputElement).value)}
        @keydown=${(event: KeyboardEvent) => onSearchKey(app, event)}
      />
      ${app.help.query ? iconButton("close", app.t("search.clear"), () => clear(app)) : nothing}
    </div>
  `;
}

function clear(app: App): void {
  app.help.search("");
  app.find("[data-focus=field]")?.focus();
}

/** Escape empties the field before it closes the panel; the arrow goes on to the answers. */
function onSearchKey(app: App, event: KeyboardEvent): void {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape" && app.help.query) {
    event.stopPropagation();
    clear(app);
  } else if (event.key === "ArrowDown") {
    event.preventDefault();
    app.find(".home .row")?.focus();
  } else if (event.key === "Enter" && app.help.results?.hits[0]) {
    app.find(".home .row")?.click();
  }
}

/** The arrows walk along the rows. */
function walk(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const list = event.currentTarget as HTMLElement;
  const rows = [...list.querySelectorAll<HTMLElement>(".row")];
  const at = rows.findIndex((row) => row === event.target);
  if (step === 0 || at < 0) return;
  event.preventDefault();
  const next =
    rows[at + step] ?? (step < 0 ? list.parentElement?.querySelector<HTMLElement>("input") : undefined);
  next?.focus();
}

function helpFailed(app: App): TemplateResult {
  return html`<div class="notice" part="notice" role="status" data-notice="help">
    ${icon("alert")}
    <div>
      ${app.t("notice.helpFailed")}
      <button class="link" type="button" @click=${() => app.retryHelp()}>${app.t("retry")}</button>
    </div>
  </div>`;
}

function recent(app: App): unknown {
  const all = app.view.conversations.filter((one) => one.updatedAt > 0);
  if (all.length === 0) return nothing;
  const more = app.allConversations ? 0 : Math.max(0, all.length - RECENT_LIMIT);
  const conversations = all.slice(0, all.length - more);
  return html`
    <section aria-labelledby="recent">
      <h3 id="recent">${app.t("home.recent")}</h3>
      <ul class="rows">
        ${conversations.map((one) => html`<li>${conversation(app, one)}</li>`)}
      </ul>
      ${more > 0 ? html`<button class="link" type="button" @click=${() => app.showAllConversations()}>${app.t("home.all", { n: more })}</button>` : nothing}
    </section>
  `;
}

function conversation(app: App, one: Summary): TemplateResult {
  const name = one.agent?.name || app.t("chat.team");
  return html`
    <button class="row" type="button" data-conversation=${one.id} @click=${() => app.openConversation(one.id)}>
      ${avatar(app, one.agent, name)}
      <span class="row-text">
        <span class="row-head">
          <b dir="auto">${name}</b><time>${shortTime(one.updatedAt, Date.now(), app.texts.locale)}</time>
        </span>
        <span class="line" dir="auto">${one.preview || app.t("home.noMessages")}</span>
      </span>
      ${
        one.unread > 0
          ? html`<span class="count"
            ><span aria-hidden="true">${one.unread > 9 ? "9+" : one.unread}</span
            ><span class="unseen">${app.t("unread", { n: one.unread })}</span></span
          >`
          : nothing
      }
    </button>
  `;
}

function popular(app: App): unknown {
  if (app.help.state === "loading") return placeholder(app);
  if (app.help.popular.length === 0) return nothing;
  return html`
    <section aria-labelledby="popular">
      <h3 id="popular">${app.t("home.popular")}</h3>
      <ul class="rows">
        ${app.help.popular.map(
          (one) => html`<li>
            <button class="row" type="button" data-article=${one.id} @click=${() => app.openArticle(one.id)}>
              <span class="row-text" dir="auto" lang=${one.locale}>${one.title}</span>${icon("forward")}
            </button>
          </li>`,
        )}
      </ul>
    </section>
  `;
}

function placeholder(app: App): TemplateResult {
  return html`<div class="placeholder" role="status" aria-label=${app.t("loading")}>
    ${[0, 1, 2, 3].map(() => html`<span></span>`)}
  </div>`;
}
