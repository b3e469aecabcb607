/** `deskside.js`, the only thing that a page loads by itself. */
import { serveCommands } from "./commands.js";
import { defineElement } from "./element.js";
import { Launcher } from "./launcher.js";

const script = document.currentScript as HTMLScriptElement | null;

// A page that carries the script twice has one widget all the same.
if (!customElements.get("deskside-widget")) {
  const launcher = new Launcher(new URL(".", script?.src || document.baseURI).href);
  serveCommands(launcher);
  defineElement(launcher);
}
