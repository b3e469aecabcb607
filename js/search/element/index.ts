/** `deskside-search.js`: defines `<deskside-search>`. */
import { defineElement } from "./element.js";

// A page that carries the script twice has one definition all the same; where there is no page there is none.
if (typeof customElements === "object" && !customElements.get("deskside-search")) defineElement();
