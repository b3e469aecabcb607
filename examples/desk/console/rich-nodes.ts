// A tree of tokens as elements: strings become text nodes and attributes, never markup.

import type { Block, Inline } from "../../../js/types/richtext.js";
import { el } from "./dom.js";
import type { I18n } from "./i18n.js";
import { parse } from "./rich-text.js";

export function richNodes(i18n: I18n, text: string): Node[] {
  return parse(text).map((block) => blockNode(i18n, block));
}

function blockNode(i18n: I18n, block: Block): Node {
  if (typeof block !== "object") return el("hr");
  if ("paragraph" in block) return el("p", { dir: "auto" }, ...runs(i18n, block.paragraph));
  if ("quote" in block) return el("blockquote", {}, ...block.quote.map((inner) => blockNode(i18n, inner)));
  if ("code" in block) return el("pre", { tabindex: 0 }, el("code", {}, block.code));
  if ("list" in block) {
    const { ordered, start, items } = block.list;
    const lines = items.map((item) => el("li", { dir: "auto" }, ...item.map((inner) => blockNode(i18n, inner))));
    return ordered ? el("ol", { start }, ...lines) : el("ul", {}, ...lines);
  }
  // Messages have no headings and no tables.
  return el("p", { dir: "auto" }, ...("heading" in block ? runs(i18n, block.heading.content) : []));
}

function runs(i18n: I18n, content: readonly Inline[]): (Node | string)[] {
  return content.flatMap((inline): (Node | string)[] => {
    if (inline === "break") return [el("br")];
    if ("text" in inline) return [inline.text];
    if ("code" in inline) return [el("code", {}, inline.code)];
    if ("strong" in inline) return [el("strong", {}, ...runs(i18n, inline.strong))];
    if ("emphasis" in inline) return [el("em", {}, ...runs(i18n, inline.emphasis))];
    if ("image" in inline) return [inline.image.alt];
    return linkNodes(i18n, inline.link.href, inline.link.host, runs(i18n, inline.link.content));
  });
}

function linkNodes(i18n: I18n, href: string, host: string, text: (Node | string)[]): Node[] {
  if (/^(mailto|tel):/iu.test(href)) return [el("a", { href }, ...text)];
  const link = el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", title: i18n.t("panel.opensNew") }, ...text);
  return host === "" ? [link] : [link, el("span", { class: "link-host" }, ` (${host})`)];
}
