// The text of an article: the tokens of the help index as tags.
import { all, tag } from "./html.mjs";

/** @typedef {import("../../js/types/richtext.js").Block} Block */
/** @typedef {import("../../js/types/richtext.js").Inline} Inline */
/** @typedef {import("./html.mjs").Leaf} Leaf */
/** @typedef {(id: string) => string | undefined} Address of an article, as seen from this page */

/** The indexer lets only these through; it is asked for once more where it is used. */
const followed = /^(https?:|mailto:|tel:|[^:]*$|[^:]*[/?#])/i;

/**
 * @param {readonly Block[]} blocks
 * @param {Address} addressOf
 * @returns {Leaf}
 */
export const text = (blocks, addressOf) => all(blocks.map((block) => blockOf(block, addressOf)));

/** @param {Block} block @param {Address} to @returns {Leaf} */
function blockOf(block, to) {
  if (block === "rule") return tag("hr", {});
  if ("paragraph" in block) return tag("p", {}, line(block.paragraph, to));
  if ("heading" in block) {
    const { level, anchor, content } = block.heading;
    // The title of the article is the heading over these.
    return tag(`h${Math.min(Math.max(level, 2), 4)}`, { id: anchor, tabindex: "-1" }, line(content, to));
  }
  if ("list" in block) {
    const { ordered, start, items } = block.list;
    const list = items.map((item) => tag("li", {}, item.map((one) => inItem(one, item, to))));
    return ordered ? tag("ol", start === 1 ? {} : { start: String(start) }, list) : tag("ul", {}, list);
  }
  if ("quote" in block) return tag("blockquote", {}, text(block.quote, to));
  if ("code" in block) return tag("pre", { tabindex: "0" }, tag("code", {}, block.code));
  const [head = [], ...rows] = block.table;
  return tag("div", { class: "table", tabindex: "0", role: "region", "aria-label": head.map(plain).join(", ") },
    tag("table", {},
      tag("thead", {}, tag("tr", {}, head.map((cell) => tag("th", { scope: "col" }, line(cell, to))))),
      tag("tbody", {}, rows.map((row) => tag("tr", {}, row.map((cell) => tag("td", {}, line(cell, to))))))));
}

/** A single paragraph needs no tag of its own. @param {Block} block @param {Block[]} item @param {Address} to @returns {Leaf} */
const inItem = (block, item, to) =>
  item.length === 1 && typeof block === "object" && "paragraph" in block ? line(block.paragraph, to) : blockOf(block, to);

/** @param {readonly Inline[]} content @param {Address} to @returns {Leaf} */
const line = (content, to) => all(content.map((inline) => inlineOf(inline, to)));

/** @param {Inline} inline @param {Address} to @returns {Leaf} */
function inlineOf(inline, to) {
  if (inline === "break") return tag("br", {});
  if ("text" in inline) return inline.text;
  if ("strong" in inline) return tag("strong", {}, line(inline.strong, to));
  if ("emphasis" in inline) return tag("em", {}, line(inline.emphasis, to));
  if ("code" in inline) return tag("code", {}, inline.code);
  if ("image" in inline) return tag("img", { src: inline.image.src, alt: inline.image.alt, loading: "lazy" });
  const { href, content } = inline.link;
  const inside = line(content, to);
  if (href.startsWith("#/")) {
    const [id = "", anchor] = href.slice(2).split("#");
    const address = to(id);
    return address === undefined ? inside : tag("a", { href: anchor ? `${address}#${anchor}` : address }, inside);
  }
  return followed.test(href) ? tag("a", { href, rel: href.startsWith("http") ? "noopener noreferrer" : undefined }, inside) : inside;
}

/** @param {readonly Inline[]} content @returns {string} */
export const plain = (content) =>
  content.map((inline) => {
    if (inline === "break") return " ";
    if ("text" in inline) return inline.text;
    if ("strong" in inline) return plain(inline.strong);
    if ("emphasis" in inline) return plain(inline.emphasis);
    if ("code" in inline) return inline.code;
    return "link" in inline ? plain(inline.link.content) : inline.image.alt;
  }).join("");

/** The first paragraph, for lists and for search engines. @param {readonly Block[]} blocks @returns {string} */
export function summary(blocks) {
  const first = blocks.find((block) => typeof block === "object" && "paragraph" in block);
  return typeof first === "object" && "paragraph" in first ? plain(first.paragraph).trim() : "";
}
