/** Files that are about to be sent; loaded when the first one is chosen, pasted or dropped. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import type { App } from "../app.js";
import { icon, picture } from "../icons.js";
import css from "./attach.css";
import { prepare, type Prepared } from "./prepare.js";
import { words } from "./words.js";

export const styles = css;

const FILE = "M7 3.5h6.5L18 8v12.5H7zM13.5 3.5V8H18";
const FILES_MAX = 10;

interface Pending extends Prepared {
  /** Of a picture, to be shown. */
  readonly preview: string | null;
  /** Whether the visitor has said it; it goes as soon as there is a conversation that it can go into. */
  said: boolean;
}

/** The tray over the message box. */
export class Tray {
  private pending: Pending[] = [];
  private problem: string | null = null;
  private busy = false;

  constructor(private readonly app: App) {}

  get isEmpty(): boolean {
    return this.pending.length === 0;
  }

  async take(files: readonly File[]): Promise<void> {
    const { app } = this;
    const max = app.view.attachmentBytesMax;
    this.problem = null;
    for (const file of files) {
      if (this.pending.length === FILES_MAX) {
        this.problem = words(app, "tooMany", { n: FILES_MAX });
        break;
      }
      const { name } = file;
      const prepared = await prepare(file);
      if (!prepared) this.problem = words(app, "unreadable", { name });
      else if (prepared.blob.size === 0 || prepared.blob.size > max)
        this.problem = words(app, "tooLarge", { name, mb: Math.floor(max / 1_000_000) });
      else {
        const preview = prepared.width ? URL.createObjectURL(prepared.blob) : null;
        this.pending.push({ ...prepared, preview, said: false });
      }
      app.draw();
    }
    app.find("[data-focus=field]")?.focus({ preventScroll: true });
  }

  /** Says every file, each as a message of its own. What is not taken stays here. */
  send(): void {
    for (const one of this.pending) one.said = true;
    this.app.draw();
    void this.follow();
  }

  /** Sends what is said as soon as that can be: one after the other, and each once. */
  async follow(): Promise<void> {
    const { app } = this;
    const { client } = app.core;
    const conv = app.view.conversation?.id;
    if (!client || !conv || this.busy) return;
    this.busy = true;
    for (let one; (one = this.pending.find(({ said }) => said)); ) {
      const { blob, name, width, height } = one;
      try {
        const kept = await client.attach(conv, blob, { name, ...(width && height ? { width, height } : {}) });
        // Where nothing at all is kept, that is said over the conversation.
        if (!kept && app.view.storage === "durable") this.problem = words(app, "notKept", { name });
      } catch (error) {
        for (const left of this.pending) left.said = false;
        app.box.refuse((error as { code?: unknown }).code);
        break;
      }
      this.remove(one);
    }
    this.busy = false;
  }

  template(): TemplateResult {
    const { app, problem } = this;
    const waits = !app.view.conversation && !app.box.isWaiting && this.pending.some(({ said }) => said);
    return html`
      ${waits ? html`<p class="quiet" role="status">${app.t("composer.waiting")}</p>` : nothing}
      ${problem ? html`<p class="refusal" role="alert">${problem}</p>` : nothing}
      ${
        this.isEmpty
          ? nothing
          : html`<ul class="tray" part="tray" aria-label=${words(app, "tray")}>
            ${this.pending.map((one) => this.tile(one))}
          </ul>`
      }
    `;
  }

  private tile(one: Pending): TemplateResult {
    const label = words(this.app, "remove", { name: one.name });
    return html`<li>
      ${one.preview ? html`<img src=${one.preview} alt="" />` : picture(FILE)}<span dir="auto">${one.name}</span>
      <button class="plain" type="button" aria-label=${label} title=${label} @click=${() => this.remove(one)}>${icon("close")}</button>
    </li>`;
  }

  private remove(one: Pending): void {
    if (one.preview) URL.revokeObjectURL(one.preview);
    this.pending = this.pending.filter((other) => other !== one);
    this.app.draw();
  }
}
