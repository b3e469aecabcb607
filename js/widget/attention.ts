import { prefersStillness } from "./page.js";

const BLINK_MS = 1200;

/** Calls the visitor's attention to new messages: the page's title, and a sound for those who want it. */
export class Attention {
  sound = false;
  private audio: AudioContext | undefined;
  private title: string | null = null;
  private shown = "";
  private timer = 0;

  /** The visitor did something, which is when a browser lets a page prepare a sound. */
  prepare(): void {
    if (!this.sound || this.audio || !("AudioContext" in window)) return;
    this.audio = new AudioContext();
  }

  /** Two soft notes. */
  ring(): void {
    const audio = this.audio;
    if (!this.sound || !audio) return;
    void audio.resume();
    [660, 880].forEach((frequency, at) => {
      const start = audio.currentTime + at * 0.11;
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.08, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.3);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.32);
    });
  }

  /** Shows `text` in turn with the page's title while the page is in the background; empty text ends it. */
  blink(text: string): void {
    clearInterval(this.timer);
    this.restore();
    if (!text || !document.hidden) return;
    this.title = document.title;
    this.swap(text);
    if (!prefersStillness()) this.timer = window.setInterval(() => this.swap(text), BLINK_MS);
  }

  private swap(text: string): void {
    // A page that changed its title meanwhile keeps its own.
    if (this.shown && document.title !== this.shown && document.title !== this.title)
      this.title = document.title;
    this.shown = document.title === text ? (this.title ?? "") : text;
    document.title = this.shown;
  }

  private restore(): void {
    if (this.title !== null && document.title === this.shown) document.title = this.title;
    this.title = null;
    this.shown = "";
  }
}
