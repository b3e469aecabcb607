// What every page of the help centre has around it.
import { page, tag } from "./html.mjs";

/** @typedef {import("./html.mjs").Child} Child */
/** @typedef {import("./words.mjs").Words} Words */

/**
 * @typedef {object} About
 * @property {Words} words
 * @property {string} path of the page within the site, ending in a slash
 * @property {string} title
 * @property {string} description
 * @property {{ words: Words, path: string }[]} versions the same page in each language, its own too
 * @property {boolean} [isHome] the search stands in the page, not in its head
 */

/** Under this policy the whole site works; it is in each page, so that any server will do. */
const policy = [
  "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
  "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
].join("; ");

/** The way from a page to the top of the site. @param {string} path */
export const up = (path) => "../".repeat(path.split("/").length - 1) || "./";

/** @param {string} path */
export const icon = (path) => tag("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, tag("path", { d: path }));

/** The field, and what stands in its place where it cannot answer. @param {About} about */
export function search({ words, path }) {
  const top = up(path);
  return tag("deskside-search", { index: `${top}help.idx`, locale: words.locale, placeholder: words.say("placeholder"), recent: true },
    tag("a", { href: `${top}${words.locale}/all/` }, words.say("all")), " · ",
    tag("a", { href: `mailto:${words.mail}` }, words.say("write")));
}

/** @param {About} about @param {Child[]} content @returns {string} */
export function layout(about, ...content) {
  const { words, path, title, description, versions, isHome } = about;
  const top = up(path);
  const site = words.say("site");
  const mark = tag("svg", { viewBox: "0 0 32 32", "aria-hidden": "true", class: "mark" },
    tag("path", { d: "M16 3a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zm0 7v18M9 14h14M4 18c.5 6 5.5 10 12 10s11.5-4 12-10M4 18l-1.5 4M4 18l4 1.8m20-1.8 1.5 4M28 18l-4 1.8" }));
  return page(tag("html", { lang: words.locale },
    tag("head", {},
      tag("meta", { charset: "utf-8" }),
      tag("meta", { "http-equiv": "Content-Security-Policy", content: policy }),
      tag("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      tag("meta", { name: "color-scheme", content: "light dark" }),
      tag("title", {}, title === site ? site : `${title} · ${site}`),
      tag("meta", { name: "description", content: description }),
      tag("link", { rel: "icon", href: `${top}icon.svg` }),
      tag("link", { rel: "stylesheet", href: `${top}site.css` }),
      versions.map((one) => tag("link", { rel: "alternate", hreflang: one.words.locale, href: top + one.path })),
      tag("script", { type: "module", src: `${top}deskside/deskside-search.js` }),
      tag("script", { type: "module", src: `${top}site.js` })),
    tag("body", { class: isHome ? "at-home" : undefined },
      tag("a", { class: "skip", href: "#text" }, words.say("skip")),
      tag("header", { class: "head" },
        tag("div", { class: "wide" },
          tag("a", { class: "brand", href: `${top}${words.locale}/` }, mark, tag("span", {}, site)),
          isHome ? undefined : tag("div", { class: "head-search" }, search(about)),
          tag("nav", { class: "languages", "aria-label": words.say("switch") },
            versions.map((one) => tag("a", {
              href: top + one.path, lang: one.words.locale, hreflang: one.words.locale,
              "aria-current": one.words === words ? "true" : undefined,
            }, one.words.say("language")))))),
      tag("main", { id: "text", tabindex: "-1" }, ...content),
      tag("footer", { class: "foot" },
        tag("div", { class: "wide" },
          tag("p", {}, tag("strong", {}, words.say("contact")), " ", tag("a", { href: `mailto:${words.mail}` }, words.say("write"))),
          tag("p", { class: "quiet" }, words.say("foot"), " ",
            tag("a", { href: `${top}${words.locale}/team/` }, words.say("insight"))))))));
}
