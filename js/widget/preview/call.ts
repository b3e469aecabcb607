import { prefersStillness } from "../page.js";

const BLINK_MS = 1200;

/** Calls the visitor: two notes, and the page's title. */
export class Call {
  private title: string | null = null;
  private shown = "";
  private timer = 0;

  /** Two soft notes. */
  ring(audio: AudioContext): void {
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
