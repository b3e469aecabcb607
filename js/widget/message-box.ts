import type { Core } from "./core.js";
import { keepTyped, readTyped } from "./keepsakes.js";

/** How what is kept begins: whether it was said, or only written. */
const [SAID, TYPED] = ["s", "t"];

/** The text in the message box: one with the core's draft, and never lost between the two. */
export class MessageBox {
  text = "";
  /** Why the text was not taken, as an error code. */
  refusal: string | null = null;
  /** Whether the text was said before there was a conversation that it could go into; it goes as soon as there is. */
  isWaiting = false;
  /** The conversation that the text belongs to; empty while there is none. */
  private conversation = "";
  /** The draft that the core was last seen with. */
  private draft = "";

  constructor(
    private readonly core: Core,
    private readonly draw: () => void,
    /** Under which the text is kept while there is no conversation that keeps it. */
    private readonly place: () => string,
  ) {
    const kept = readTyped(place());
    this.text = kept.slice(1);
    this.isWaiting = kept.startsWith(SAID);
  }

  type(text: string): void {
    const { conversation } = this.core.view;
    this.text = text;
    this.isWaiting = false;
    const code = conversation && this.core.dispatch({ draft: { conv: conversation.id, text } });
    this.refusal = code === "too_long" ? code : null;
    this.keep();
    this.draw();
  }

  /** Says what is in the box. It is taken out only when the core has it. */
  send(): void {
    const { conversation } = this.core.view;
    // What was refused before may have been a file, of which nothing is in the box.
    this.refusal = null;
    if (!this.text.trim()) return this.draw();
    this.isWaiting = !conversation;
    this.keep();
    if (!conversation) return this.draw();
    const said = this.text;
    // The view after this has an empty draft, which is not to be taken for another.
    this.text = "";
    this.refusal = this.core.dispatch({ send: { conv: conversation.id, text: said } });
    if (this.refusal !== null) this.text = said;
    this.draw();
  }

  /** Takes a failed message back, after what is typed. */
  takeBack(key: string): void {
    this.core.dispatch({ edit: { key } });
    this.text = this.core.view.conversation?.draft ?? this.text;
    this.draw();
  }

  /** Something was not taken, for this reason. */
  refuse(code: unknown): void {
    this.refusal = typeof code === "string" ? code : "unknown";
    this.draw();
  }

  /** The view changed: the draft may belong to another conversation, or come from another tab or a discarded message. */
  follow(): void {
    const { conversation } = this.core.view;
    if (conversation === null) return;
    const { id, draft } = conversation;
    const followed = this.draft;
    this.draft = draft;
    if (this.conversation === id) {
      if (this.text === "" || this.text === followed) this.text = draft;
      return;
    }
    // Written before there was a conversation that it could belong to, or after the draft was stored.
    const early = this.conversation === "" ? this.text : "";
    const older = early.startsWith(draft) ? "" : draft;
    this.conversation = id;
    this.text = early || draft;
    if (early && this.isWaiting) {
      this.send();
      // Nobody has seen that here yet.
      if (older && this.refusal === null) this.type(older);
    } else if (early && early !== draft) this.type(older ? `${older}\n${early}` : early);
    this.keep();
  }

  /** The conversation left the screen; its draft is with the core. */
  leave(): void {
    if (this.conversation) this.forget();
  }

  /** Nothing of it is left here. */
  forget(): void {
    this.text = this.conversation = "";
    this.refusal = null;
    this.isWaiting = false;
    keepTyped(this.place(), "");
  }

  /** A conversation has its own draft; what is written before there is one outlives a reload all the same. */
  private keep(): void {
    const alone = this.text && !this.core.view.conversation;
    keepTyped(this.place(), alone ? (this.isWaiting ? SAID : TYPED) + this.text : "");
  }

  /** The core is gone, and the text is all that is left. */
  detach(): void {
    this.conversation = "";
  }

  /** The core began anew, from a draft that is older than the text. */
  restore(): void {
    if (this.text) this.type(this.text);
  }
}
