/**
 * What the parts that are loaded later take from the widget's script, so that nobody loads it twice.
 * The build leads their imports of these modules here: see `js/dev/bundle.mjs`.
 */
export { html, nothing, render, svg } from "lit/html.js";
export { live } from "lit/directives/live.js";
export { avatar } from "./avatar.js";
export { closeButton, iconButton } from "./bar.js";
export { languageOf } from "../loader/language.js";
export { canEnd } from "./chat.js";
export { reason } from "./composer.js";
export { contact } from "./failure.js";
export { icon, picture } from "./icons.js";
export { again, notice, notices } from "./notices.js";
export { isTouch, prefersStillness } from "./page.js";
export { wordsOf } from "./texts.js";
