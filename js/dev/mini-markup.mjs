// One template, three dialects: WXML, AXML, TTML. What the source says as `if`, `each` and `on-tap`, each
// says in its own words.

/** @typedef {"wechat" | "alipay" | "douyin"} Family */

/** @type {Record<Family, { prefix: string, on: (event: string) => string, template: string, style: string }>} */
export const dialects = {
  wechat: { prefix: "wx", on: (event) => `bind${event}`, template: "wxml", style: "wxss" },
  douyin: { prefix: "tt", on: (event) => `bind${event}`, template: "ttml", style: "ttss" },
  alipay: { prefix: "a", on: (event) => alipayEvents[event] ?? `on${event.charAt(0).toUpperCase()}${event.slice(1)}`, template: "axml", style: "acss" },
};

/** @type {Record<string, string>} */
const alipayEvents = { keyboardheightchange: "onKeyboardHeightChange", scrolltolower: "onScrollToLower" };

/** The platform's own customer service, without any code of ours. @type {Record<Family, (attributes: string, text: string) => string>} */
const contact = {
  wechat: (attributes, text) => `<button${attributes} open-type="contact">${text}</button>`,
  douyin: (attributes, text) => `<button${attributes} open-type="im">${text}</button>`,
  // Alipay's needs the ids of a service account: the page that knows them shows its own.
  alipay: () => "",
};

/**
 * @param {string} source
 * @param {string} lines what draws lines of text, where the source says `<lines of="..."/>`
 * @param {string} survey what draws a survey, where it says `<survey />`
 * @param {Family} family
 */
export function markup(source, lines, survey, family) {
  const { prefix, on } = dialects[family];
  return source
    .replace("<survey />", survey)
    .replace(/<!--[^]*?-->\s*/g, "")
    .replace(/<lines of="\{\{([^}]+)\}\}" \/>/g, (_, /** @type {string} */ of) => lines.trim().replace("LINES", of))
    .replace(/<contact([^>]*)>([^<]*)<\/contact>/g, (_, /** @type {string} */ attributes, /** @type {string} */ text) => contact[family](attributes, text))
    .replace(/ if="/g, ` ${prefix}:if="`)
    .replace(/ each="([^"]+)" item="([^"]+)" key="([^"]+)"/g, ` ${prefix}:for="$1" ${prefix}:for-item="$2" ${prefix}:key="$3"`)
    .replace(/ on-([a-z]+)="/g, (_, /** @type {string} */ event) => ` ${on(event)}="`)
    // WeChat has a name of its own for it.
    .replace(/ role="/g, family === "wechat" ? ' aria-role="' : ' role="')
    .replace(/>\s+</g, "><");
}
