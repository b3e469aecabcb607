/** `deskside-widget.js`: everything that is loaded when the visitor shows intent. */
import type { Host, Widget } from "../loader/contract.js";
import { localeOf } from "../loader/language.js";
import { App } from "./app.js";
import { styles } from "./styles.js";
import { loadTexts } from "./texts.js";

export * from "./shared.js";

/** Takes over the launcher's shadow root. */
export async function attach(host: Host, signal: AbortSignal): Promise<Widget> {
  const texts = await loadTexts(localeOf(host.element));
  if (signal.aborted) throw new Error("given up");
  host.addStyles(styles);
  return new App(host, texts);
}
