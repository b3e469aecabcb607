// Markup from a tree of tags. Strings are text and become text: what an article, a title or a name
// holds can never be markup.

/** Made by `tag` alone, so it is markup already. */
class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** @typedef {Markup | string | undefined} Leaf nothing, text, or a tag */
/** @typedef {Leaf | readonly Leaf[]} Child */

const empty = new Set(["br", "hr", "img", "link", "meta"]);

/** @type {Record<string, string>} */
const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? sign);

/** @param {Child} child @returns {string} */
function written(child) {
  if (child === undefined) return "";
  if (typeof child === "string") return escaped(child);
  return child instanceof Markup ? child.text : child.map(written).join("");
}

/** One after the other. @param {readonly Child[]} children */
export const all = (children) => new Markup(children.map(written).join(""));

/**
 * @param {string} name
 * @param {Record<string, string | true | undefined>} attributes those without a value are left out
 * @param {Child[]} children
 */
export function tag(name, attributes, ...children) {
  const inside = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? "" : value === true ? ` ${key}` : ` ${key}="${escaped(value)}"`);
  const start = `<${name}${inside.join("")}>`;
  return new Markup(empty.has(name) ? start : `${start}${all(children).text}</${name}>`);
}

/** @param {Markup} root @returns {string} */
export const page = (root) => `<!doctype html>\n${root.text}\n`;
