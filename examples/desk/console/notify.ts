// Makes a new message noticed: a soft sound, the count in the title, a notification if asked for.

import { filled, type I18n } from "./i18n.js";

const SOUND_GAP_MS_MIN = 1_500;
const NOTES_HZ = [659.26, 880];

export class Notifier {
  private audio: AudioContext | null = null;
  private soundedAt = 0;

  constructor() {
    // Browsers let a page sound only after it was touched.
    const unlock = () => {
      this.audio ??= new AudioContext();
      void this.audio.resume();
    };
    addEventListener("pointerdown", unlock, { once: true });
    addEventListener("keydown", unlock, { once: true });
  }

  sound(): void {
    const audio = this.audio;
    const now = performance.now();
    if (audio === null || audio.state !== "running" || now - this.soundedAt < SOUND_GAP_MS_MIN) return;
    this.soundedAt = now;
    NOTES_HZ.forEach((hz, index) => {
      const at = audio.currentTime + index * 0.11;
      const tone = new OscillatorNode(audio, { frequency: hz, type: "sine" });
      const loudness = new GainNode(audio, { gain: 0 });
      loudness.gain.linearRampToValueAtTime(0.09, at + 0.015);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.45);
      tone.connect(loudness).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.5);
    });
  }

  signedOut(i18n: I18n): void {
    document.title = i18n.t("login.title");
  }

  title(i18n: I18n, unread: number): void {
    const title = `${i18n.t("inbox.title")} · ${i18n.t("app.title")}`;
    const shown = unread === 0 ? title : filled(i18n.t("notify.title"), { count: i18n.formatNumber(unread), title });
    if (document.title !== shown) document.title = shown;
  }

  desktop(name: string, text: string, tag: string, onClick: () => void): void {
    if (desktopPermission() !== "granted" || document.visibilityState === "visible") return;
    const notification = new Notification(name, { body: text, tag: `deskside.${tag}` });
    notification.addEventListener("click", () => {
      notification.close();
      focus();
      onClick();
    });
  }
}

export function desktopPermission(): NotificationPermission | "absent" {
  return "Notification" in window ? Notification.permission : "absent";
}
