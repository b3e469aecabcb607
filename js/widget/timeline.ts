import { html, nothing, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";
import type { ConversationView, Item } from "../types/view.js";
import type { App } from "./app.js";
import { bubble } from "./bubble.js";
import { icon } from "./icons.js";
import { prefersStillness } from "./page.js";
import { richText } from "./rich-text.js";
import { rowsOf, type Row } from "./rows.js";
import { ScrollPlace } from "./scroll-place.js";
import { dayName } from "./times.js";

/** Older entries are fetched when the reader comes so near to the first. */
const OLDER_PX = 160;

/** What was said, oldest first. Scrolls to what is new, and lets a reader of old things read on. */
export class Timeline {
  /** Messages that came while the reader was elsewhere in the list. */
  private below = 0;
  private away = false;
  private place: ScrollPlace | null = null;
  private shown: {
    readonly id: string;
    readonly first: string | undefined;
    readonly last: string | undefined;
    /** Whether it was something older that was read. */
    readonly paged: boolean;
  } | null = null;
  private readonly resizes = new ResizeObserver(() => this.place?.resized());

  constructor(private readonly app: App) {
  }

  template(conversation: ConversationView | null): TemplateResult {
    const { app } = this;
    return html`
      <div class="talk">
        <div
          class="scroll"
          role="log"
          aria-live="off"
          aria-label=${app.t("chat.timeline")}
          tabindex="0"
          @scroll=${this.onScroll}
        >
          <div class="timeline">
            ${conversation ? this.entries(conversation) : waiting(app)}
          </div>
        </div>
        ${conversation?.loading ? loadingOlder(app) : nothing}
        ${this.away || this.below > 0 || conversation?.hasNewer ? this.jump() : nothing}
      </div>
    `;
  }

  /** Keeps the right thing in sight after the entries were drawn. */
  follow(conversation: ConversationView | null): void {
    this.attach(this.app.find(".talk > .scroll"));
    const { place, shown: before } = this;
    if (!place || !conversation) {
      this.shown = null;
      return;
    }
    const { id, items } = conversation;
    const last = items[items.length - 1]?.key;
    this.shown = { id, first: items[0]?.key, last, paged: conversation.hasNewer };
    if (before?.id !== id || before.last === undefined) return this.arrive(place);
    if (before.first !== items[0]?.key && !place.atEnd) place.shifted();
    // Another page of what is older is nothing new.
    if (before.last === last || conversation.hasNewer || before.paged) {
      const newest = items[items.length - 1];
      const back = before.paged && !conversation.hasNewer;
      if (back && (place.atEnd || (newest && isMine(newest)))) place.toEnd();
      return;
    }
    const added = items.slice(items.findIndex((item) => item.key === before.last) + 1);
    if (added.some(isMine)) place.toEnd();
    else if (!place.atEnd) {
      this.below += added.filter(isFromOthers).length;
      this.app.draw();
    }
  }

  private entries(conversation: ConversationView): unknown {
    const { app } = this;
    const { id, items, firstUnread, typing, quickReplies, queue, state } = conversation;
    if (items.length === 0 && quickReplies.length === 0) return welcome(app);
    return html`
      ${repeat(
        rowsOf(items, firstUnread),
        (row) => row.key,
        (row) => line(app, row),
      )}
      ${typing ? dots(app, typing.name) : nothing}
      ${quickReplies.length > 0 || queue || state === "selfService" ? app.parts.get()?.offers(app, conversation) : nothing}
      ${app.surveys.ofConversation(id)}
    `;
  }

  private jump(): TemplateResult {
    const { app, below } = this;
    const label = below > 0 ? app.t("chat.newBelow", { n: below }) : app.t("chat.toLatest");
    return html`<button class="jump" part="jump" type="button" aria-label=${label} title=${label} @click=${this.toLatest}>
      ${icon("down")}${below > 0 ? html`<span class="count">${below > 9 ? "9+" : below}</span>` : nothing}
    </button>`;
  }

  private readonly toLatest = (): void => {
    this.below = 0;
    if (this.app.view.conversation?.hasNewer) this.app.dispatch("latest");
    this.place?.toEnd(prefersStillness() ? "instant" : "smooth");
    this.app.draw();
  };

  private readonly onScroll = (): void => {
    const { place } = this;
    if (!place) return;
    place.moved();
    const { conversation } = this.app.view;
    if (conversation?.hasOlder && !conversation.loading && place.box.scrollTop < OLDER_PX)
      this.app.dispatch("older");
    if (conversation?.hasNewer && !conversation.loading && place.atEnd) {
      place.atEnd = false;
      this.app.dispatch("newer");
    }
    const away = !place.atEnd;
    if (place.atEnd) this.below = 0;
    if (this.away !== away) {
      this.away = away;
      this.app.draw();
    }
  };

  private attach(box: HTMLElement | null): void {
    if ((this.place?.box ?? null) === box) return;
    this.resizes.disconnect();
    this.place = box && new ScrollPlace(box);
    this.shown = null;
    this.below = 0;
    this.away = false;
    if (!box) return;
    this.resizes.observe(box);
    for (const list of box.children) this.resizes.observe(list);
  }

  /** A conversation came on screen: to the first message that was not looked at, else to the end. */
  private arrive(place: ScrollPlace): void {
    this.below = 0;
    const line = place.box.querySelector<HTMLElement>(".new-line");
    if (line) place.to(line, 24);
    else place.toEnd();
  }
}

function line(app: App, row: Row): TemplateResult {
  switch (row.kind) {
    case "day":
      return html`<p class="day"><span>${dayName(row.ts, Date.now(), app.texts.locale)}</span></p>`;
    case "new":
      return html`<p class="new-line"><span>${app.t("chat.newLine")}</span></p>`;
    case "line":
      return html`<div class="line">${said(app, row.body)}</div>`;
    case "message":
      return bubble(app, row);
  }
}

function said(app: App, body: Extract<Row, { kind: "line" }>["body"]): unknown {
  if (typeof body === "string") return app.t(`chat.${body}`);
  if ("assigned" in body)
    return app.t("chat.assigned", { name: body.assigned.agent.name || app.t("chat.team") });
  if ("note" in body) return richText(body.note.content, null);
  if ("redacted" in body) return app.t(body.redacted.mine ? "chat.redactedMine" : "chat.redacted");
  return app.t("chat.rated", body.rated);
}

function dots(app: App, name: string): TemplateResult {
  const label = name ? app.t("chat.typing", { name }) : app.t("chat.typingSomebody");
  return html`<div class="typing" role="img" aria-label=${label}><span></span><span></span><span></span></div>`;
}

/** Over the list, not in it, so that it moves nothing. */
function loadingOlder(app: App): TemplateResult {
  return html`<p class="older" role="status"><span class="spinner"></span>${app.t("chat.older")}</p>`;
}

function welcome(app: App): TemplateResult {
  return html`
    <div class="welcome">
      <h3>${app.t("chat.welcome")}</h3>
      <p class="quiet">${app.t("chat.welcomeHint")}</p>
    </div>
  `;
}

function waiting(app: App): TemplateResult {
  return html`<p class="line" role="status"><span class="spinner"></span><span class="unseen">${app.t("loading")}</span></p>`;
}

function isMine({ body }: Item): boolean {
  return typeof body === "object" && "message" in body && body.message.mine;
}

function isFromOthers({ body }: Item): boolean {
  return typeof body === "object" && "message" in body && !body.message.mine;
}
