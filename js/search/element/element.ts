import { localeOf } from "../../loader/language.js";
import type { HelpHit, HelpResults } from "../help-index.js";
import { QueryLog, SETTLED_MS, type Settled, type Unanswered } from "../query-log.js";
import type { DesksideSearchElement, OpenDetail } from "./contract.js";
import { el, icon } from "./dom.js";
import { Finder, indexUrl } from "./finder.js";
import { addressOf, hitOption, queryOption } from "./options.js";
import { Popup } from "./popup.js";
import { Recent } from "./recent.js";
import css from "./search.css";
import { text, type TextKey } from "./texts.js";

const LIMIT = 7;
/** So long the count waits before it is announced: nobody wants one for every key. */
const ANNOUNCED_MS = 700;
const RECENT_KEY = "deskside-search:recent";
const LENS = "M10.5 17.5a7 7 0 1 1 0-14 7 7 0 0 1 0 14zm5-2 5 5";
const CROSS = "m6 6 12 12M18 6 6 18";

/**
 * `<deskside-search>`: a search field over a help index.
 *
 * @attr index - The address of the help index.
 * @attr locale - BCP 47; the page's language where it is missing.
 * @attr category - Only articles in this category.
 * @attr tag - Only articles with this tag.
 * @attr limit - Of the articles that are listed, 7 as it is.
 * @attr label - The name of the field, and what stands in it while it is empty.
 * @attr placeholder - What stands in it instead.
 * @attr recent - Keeps the last searches on this device and offers them again. Without it nothing is stored.
 * @attr eager - Loads everything at once; as it is, when the visitor comes near the field.
 * @attr theme - `auto` (as it is), `light` or `dark`.
 * @attr wasm - The address of `deskside-search-core.wasm`, where it is not beside this script.
 *
 * @slot - Shown where the search has no answer: before this script has run, where a query finds
 *   nothing good, and when the search fails. A link to all articles, or to a person.
 *
 * @event deskside:searched - `{query, hits, verdict}`: a search came to rest (an article opened, the
 *   field cleared, the page left, or 30 s without a key).
 * @event deskside:unanswered - `{query}`: the same, of a search without a good answer.
 * @event deskside:open - `OpenDetail`, before an article is opened; cancellable.
 * @event deskside:ready - It can be searched.
 * @event deskside:failed - `{code}`
 *
 * @csspart field - Around the input.
 * @csspart input
 * @csspart clear
 * @csspart popup
 * @csspart message
 * @csspart list
 * @csspart option - An article or a query in the list.
 * @csspart title
 * @csspart passage
 * @csspart path - The categories of an article.
 * @csspart mark - What matches.
 *
 * @cssproperty --deskside-accent
 * @cssproperty --deskside-font
 * @cssproperty --deskside-radius - Of the field and the popup, 14px as it is.
 * @cssproperty --deskside-z-index
 */
export function defineElement(): void {
  class DesksideSearch extends HTMLElement implements DesksideSearchElement {
    static readonly observedAttributes = ["index", "locale", "label", "placeholder"];

    private readonly input = el("input", {
      part: "input",
      role: "combobox",
      type: "text",
      inputmode: "search",
      enterkeyhint: "search",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      maxlength: "200",
      "aria-autocomplete": "list",
      "aria-controls": "list",
      "aria-expanded": "false",
    });
    private readonly clear = el("button", { type: "button", class: "clear", part: "clear", hidden: "" }, icon(CROSS));
    private readonly status = el("div", { role: "status", class: "unseen" });
    private readonly popup = new Popup(this.input);
    private readonly log = new QueryLog();
    private readonly recent = new Recent(RECENT_KEY);
    private readonly finder = new Finder({
      changed: () => this.found(),
      failed: (code) => this.tell("failed", { code }),
    });
    private results: HelpResults | null = null;
    private isReady = false;
    private resting = 0;
    private announcing = 0;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open", delegatesFocus: true });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
      const field = el("div", { class: "field", part: "field" }, icon(LENS), this.input, this.clear);
      root.append(el("div", { class: "surface" }, field, this.popup.node, this.status));
      this.listen();
    }

    connectedCallback(): void {
      this.label();
      addEventListener("pagehide", this.left);
      window.visualViewport?.addEventListener("resize", this.resized);
      if (this.hasAttribute("eager")) this.load();
    }

    disconnectedCallback(): void {
      removeEventListener("pagehide", this.left);
      window.visualViewport?.removeEventListener("resize", this.resized);
      this.popup.close();
      this.rest();
    }

    attributeChangedCallback(name: string, before: string | null, after: string | null): void {
      if (before === after) return;
      if (name !== "index") return this.label();
      // Read as the element is made, it is nothing new.
      if (before !== null) this.finder.reset();
      if (this.hasAttribute("eager") && this.isConnected) this.load();
    }

    get value(): string {
      return this.input.value;
    }

    set value(query: string) {
      this.input.value = query;
      this.clear.hidden = query === "";
    }

    search(query: string): void {
      this.value = query;
      this.input.focus();
      this.typed();
    }

    unanswered(): Unanswered[] {
      return this.log.unanswered();
    }

    private get locale(): string {
      return localeOf(this);
    }

    private readonly left = (): void => this.rest();
    private readonly resized = (): void => this.popup.fit();

    private listen(): void {
      const { input } = this;
      this.addEventListener("pointerenter", () => this.load());
      // What did not come may come now; what is wrong stays so.
      this.addEventListener("focusin", () => this.load(this.finder.code.endsWith("_load")));
      this.addEventListener("focusout", ({ relatedTarget }) => {
        if (!(relatedTarget instanceof Node && this.shadowRoot?.contains(relatedTarget))) this.popup.close();
      });
      // What an input method puts together is searched for when it is whole.
      input.addEventListener("input", (event) => {
        if (!(event).isComposing) this.typed();
      });
      input.addEventListener("compositionend", () => this.typed());
      input.addEventListener("keydown", (event) => this.key(event));
      input.addEventListener("click", () => this.popup.isOpen || this.draw());
      input.addEventListener("focus", () => this.value || this.draw());
      this.clear.addEventListener("click", () => this.empty());
    }

    private key(event: KeyboardEvent): void {
      // The key belongs to the input method; Safari tells by 229 alone.
      if (event.isComposing || event.keyCode === 229) return;
      const { popup } = this;
      const isDown = event.key === "ArrowDown";
      if (isDown || event.key === "ArrowUp") {
        if (event.altKey && !isDown) popup.close();
        else {
          if (!popup.isOpen) this.draw();
          if (!event.altKey) popup.move(isDown ? 1 : -1);
        }
      } else if (event.key === "Enter") this.enter(event);
      else if (event.key === "Escape" && popup.isOpen) popup.close();
      else if (event.key === "Escape" && this.value) this.empty();
      else {
        // Home, End and what else moves in the text: the field has the keyboard again.
        if (/^(Home|End|Arrow|.$)/.test(event.key)) popup.activate(-1);
        return;
      }
      event.preventDefault();
    }

    /** Opens the option that is active; without one the first article, if it may be an answer. */
    private enter({ ctrlKey, metaKey, shiftKey }: KeyboardEvent): void {
      const { popup, results } = this;
      const wanted = popup.isOpen && results && results.verdict !== "nothing" ? popup.list.querySelector(".article") : null;
      const option = popup.activeOption ?? wanted;
      if (option) option.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
      else if (!popup.isOpen) this.draw();
    }

    private load(again = false): void {
      const wasmUrl = this.getAttribute("wasm") ?? undefined;
      void this.finder.load(this.getAttribute("index"), { wasmUrl }, again);
    }

    private retry(): void {
      this.load(true);
      this.input.focus();
      this.draw();
    }

    /** The text in the field is another one. */
    private typed(): void {
      this.clear.hidden = this.value === "";
      this.load();
      this.ask();
      this.draw();
    }

    /** Index or core got further. */
    private found(): void {
      if (this.finder.state === "ready" && !this.isReady) {
        this.isReady = true;
        this.tell("ready");
      }
      if (this.popup.isOpen || this.shadowRoot?.activeElement === this.input) {
        this.ask();
        if (this.value || this.popup.isOpen) this.draw();
      }
    }

    private ask(): void {
      const query = this.value.trim();
      this.results = null;
      if (!query) return;
      const [category, tag] = [this.getAttribute("category"), this.getAttribute("tag")];
      const limit = Number(this.getAttribute("limit") ?? LIMIT) || LIMIT;
      const filters = { ...(category && { category }), ...(tag && { tag }) };
      this.results = this.finder.ask(query, { limit, locale: this.locale, filters });
      if (!this.results) return;
      this.settled(this.log.searched(query, this.results));
      clearTimeout(this.resting);
      this.resting = window.setTimeout(() => this.rest(), SETTLED_MS);
    }

    /** The search under way is over. */
    private rest(): void {
      clearTimeout(this.resting);
      this.settled(this.log.settle());
    }

    private settled(settled: Settled | null): void {
      if (!settled) return;
      this.tell("searched", settled);
      if (settled.verdict === "nothing") this.tell("unanswered", { query: settled.query });
    }

    private empty(): void {
      this.rest();
      this.value = "";
      this.results = null;
      this.popup.close();
      this.input.focus();
    }

    private draw(): void {
      const { state, code } = this.finder;
      const { popup, results } = this;
      const listed = this.t("results");
      this.announce("");
      if (!this.value.trim()) return this.drawRecent();
      if (results) return this.drawResults(results);
      if (state === "failed") {
        const kind = code.endsWith("_load") ? "load" : code.startsWith("index_") ? "index" : code === "core_refused" ? "refused" : "other";
        const button = { label: this.t("retry"), press: () => this.retry() };
        popup.show({ label: listed, message: this.t("failed"), hint: this.t(`failed.${kind}`), options: [], isPoor: true, button });
        this.announce(this.t("failed"));
      } else popup.show({ label: listed, message: this.t("loading"), options: [] });
    }

    private drawResults({ hits, didYouMean, verdict }: HelpResults): void {
      const isPoor = verdict === "nothing";
      const articles = hits.map((hit) => {
        const href = addressOf(hit, indexUrl(this.getAttribute("index")));
        return hitOption(hit, href, (event) => this.open(hit, href, event));
      });
      const correction = didYouMean ? [queryOption(didYouMean, this.t("didYouMean"), () => this.search(didYouMean))] : [];
      this.popup.show({
        label: this.t(isPoor ? "close" : "results"),
        message: isPoor ? this.t("nothing") : "",
        hint: isPoor ? this.t(hits.length > 0 ? "close" : "nothingHint") : "",
        options: [...correction, ...articles],
        isPoor,
      });
      this.announce(isPoor ? this.t("nothing") : this.t("count", hits.length), ANNOUNCED_MS);
    }

    private drawRecent(): void {
      const queries = this.hasAttribute("recent") ? this.recent.list() : [];
      if (queries.length === 0) return this.popup.close();
      const label = this.t("recent");
      const options = queries.map((query) => queryOption(query, "", () => this.search(query)));
      const forget = (): void => {
        this.recent.forget();
        this.popup.close();
        this.input.focus();
      };
      this.popup.show({ label, hint: label, options, button: { label: this.t("forget"), press: forget } });
    }

    private open({ id, anchor }: HelpHit, href: string | null, event: MouseEvent): void {
      const query = this.value.trim();
      const detail: OpenDetail = { id, href, anchor, query };
      if (!this.tell("open", detail)) event.preventDefault();
      this.rest();
      if (this.hasAttribute("recent")) this.recent.add(query);
      this.popup.close();
    }

    private announce(words: string, after_ms = 0): void {
      clearTimeout(this.announcing);
      this.announcing = window.setTimeout(() => (this.status.textContent = words), after_ms);
    }

    /** Names everything in the language of the moment. */
    private label(): void {
      const label = this.getAttribute("label") ?? this.t("label");
      this.input.setAttribute("aria-label", label);
      this.input.placeholder = this.getAttribute("placeholder") ?? label;
      this.clear.setAttribute("aria-label", this.t("clear"));
    }

    private t(key: TextKey, n = 0): string {
      return text(this.locale, key, n);
    }

    /** False where the page keeps it from happening. */
    private tell(name: string, detail?: unknown): boolean {
      const options = { bubbles: true, composed: true, cancelable: name === "open", detail };
      return this.dispatchEvent(new CustomEvent(`deskside:${name}`, options));
    }
  }

  customElements.define("deskside-search", DesksideSearch);
}
