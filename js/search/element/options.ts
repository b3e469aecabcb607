import type { HelpHit } from "../help-index.js";
import { el, icon, marked } from "./dom.js";

const AGAIN = "M12 8v4l3 2M3.5 12a8.5 8.5 0 1 0 2.6-6.1L3 9m0-5v5h5";

/** Another query to try: a correction, or one from before. */
export function queryOption(query: string, lead: string, choose: () => void): HTMLElement {
  const option = el("div", { role: "option", class: "option query", part: "option" }, lead ? `${lead} ` : icon(AGAIN));
  option.append(el("b", { dir: "auto" }, query));
  option.addEventListener("click", choose);
  return option;
}

/** An article: a link that opens as links do, in another tab too. Its title is said first, whatever stands above it. */
export function hitOption(hit: HelpHit, href: string | null, choose: (event: MouseEvent) => void): HTMLElement {
  const { title, passage } = hit.highlights;
  const about = { role: "option", class: "option article", part: "option", lang: hit.locale };
  const option: HTMLElement = href === null ? el("div", about) : el("a", { ...about, href, tabindex: "-1" });
  const line = (part: string, content: (Node | string)[]): void => {
    if (content.length > 0) option.append(el("span", { class: part, part, dir: "auto" }, ...content), " ");
  };
  line("title", marked(title));
  line("passage", marked(passage));
  if (hit.path.length > 0) line("path", [hit.path.join(" › ")]);
  option.addEventListener("click", choose);
  return option;
}

/** Where an article is read: its address as seen from the index, at the heading that answers. */
export function addressOf({ url, anchor, highlights }: HelpHit, index: string): string | null {
  if (url === null) return null;
  try {
    const address = new URL(url, index);
    if (!/^https?:$/.test(address.protocol)) return null;
    // Where the title itself fits, the article is read from its top.
    if (anchor && !address.hash && !highlights.title.some((run) => run.marked)) address.hash = anchor;
    return address.href;
  } catch {
    return null;
  }
}
