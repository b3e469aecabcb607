import type { Call } from "./preview/call.js";

/** Calls the visitor's attention to new messages: the page's title, and a sound for those who want it. */
export class Attention {
  sound = false;
  private audio: AudioContext | undefined;
  private call: Call | undefined;
  /** What the title says; empty when there is nothing to say. */
  private text = "";

  constructor(private readonly load: () => Promise<{ Call: new () => Call }>) {}

  /** The visitor did something, which is when a browser lets a page prepare a sound. */
  prepare(): void {
    if (!this.sound || this.audio || !("AudioContext" in window)) return;
    this.audio = new AudioContext();
  }

  /** A message came. */
  async raise(text: string): Promise<void> {
    this.text = text;
    this.call ??= new (await this.load()).Call();
    if (this.sound && this.audio) this.call.ring(this.audio);
    this.call.blink(this.text);
  }

  /** It was seen. */
  rest(): void {
    this.text = "";
    this.call?.blink("");
  }
}
