// Draws a template of a mini-program in a browser, from its WXML and WXSS as they are published and the data
// that it was given: near to what a phone draws, without its own widgets.

/** What the platform's own elements look like before any style of ours. */
const ground = `
  html, body { margin: 0; height: 100%; font: 16px/1.4 -apple-system, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
  wx-view, wx-scroll-view, wx-picker { display: block; }
  wx-scroll-view { overflow: auto; }
  wx-text { white-space: pre-line; }
  wx-image { display: inline-block; width: 320px; height: 240px; overflow: hidden; }
  wx-image img { width: 100%; height: 100%; object-fit: contain; }
  wx-image[mode=aspectFill] img { object-fit: cover; }
  wx-image[mode=widthFix], wx-image[mode=widthFix] img { height: auto; }
  wx-button { position: relative; display: block; box-sizing: border-box; padding: 0 14px; border-radius: 5px; background: #f8f8f8; text-align: center; font-size: 18px; line-height: 2.55555556; overflow: hidden; cursor: pointer; }
  wx-input, wx-textarea { display: block; overflow: hidden; }
  wx-input { min-height: 1.4rem; }
  wx-input > input, wx-textarea > textarea { all: unset; display: block; box-sizing: border-box; width: 100%; height: 100%; color: inherit; font: inherit; white-space: pre-wrap; }
  wx-textarea[auto-height] { height: auto; }
  wx-textarea[auto-height] > textarea { height: 1.5em; }
  :is(input, textarea)::placeholder { color: #757575; opacity: 1; }
`;

/**
 * Runs in the page.
 * @param {{ wxml: string, wxss: string, ground: string, data: any }} given
 */
function draw({ wxml, wxss, ground, data }) {
  /** @param {string} source @param {Record<string, unknown>} scope @returns {any} */
  const evaluate = (source, scope) => {
    // An expression of the template sees the data, and `undefined` for what is not there.
    const seen = new Proxy(scope, { has: (_, name) => typeof name === "string", get: (all, name) => (typeof name === "string" ? all[name] : undefined) });
    // The template is ours, and its expressions are JavaScript's.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    return new Function("seen", `with (seen) { return (${source}); }`)(seen);
  };
  /** @param {string} text @param {Record<string, unknown>} scope @returns {any} */
  const value = (text, scope) => {
    const whole = /^\{\{([^]*)\}\}$/.exec(text);
    if (whole && !whole[1]?.includes("{{")) return evaluate(whole[1] ?? "", scope);
    return text.replace(/\{\{([^]*?)\}\}/g, (_, /** @type {string} */ source) => String(evaluate(source, scope) ?? ""));
  };
  /** @param {Element} element @param {Record<string, unknown>} scope @param {Node} into */
  const put = (element, scope, into) => {
    const list = element.getAttribute("wx:for");
    if (list !== null) {
      const [item, bare] = [element.getAttribute("wx:for-item") ?? "item", /** @type {Element} */ (element.cloneNode(true))];
      bare.removeAttribute("wx:for");
      const all = /** @type {unknown[]} */ (value(list, scope) ?? []);
      all.forEach((one, index) => put(bare, { ...scope, [item]: one, index }, into));
      return;
    }
    const wanted = element.getAttribute("wx:if");
    if (wanted !== null && !value(wanted, scope)) return;
    const made = document.createElement(`wx-${element.tagName}`);
    for (const { name, value: text } of element.attributes) {
      if (/^(wx:|bind|data-)/.test(name)) continue;
      const given = value(text, scope);
      if (name === "value" || name === "placeholder" || name === "src") continue;
      if (given === undefined || (given === false && !name.startsWith("aria-"))) continue;
      made.setAttribute(name === "aria-role" ? "role" : name, String(given));
    }
    if ([...element.attributes].some(({ name }) => name === "bindtap")) made.setAttribute("data-tap", "");
    const of = (/** @type {string} */ name) => String(value(element.getAttribute(name) ?? "", scope) ?? "");
    if (element.tagName === "image") made.append(Object.assign(document.createElement("img"), { src: of("src"), alt: of("aria-label") }));
    if (element.tagName === "input" || element.tagName === "textarea") {
      const field = document.createElement(element.tagName);
      Object.assign(field, { value: of("value"), placeholder: of("placeholder"), ariaLabel: of("aria-label") });
      made.append(field);
    }
    for (const child of element.childNodes) {
      if (child instanceof Element) put(child, scope, made);
      else made.append(String(value(child.textContent ?? "", scope)));
    }
    into.appendChild(made);
  };
  // As XML, and in a test's page alone.
  // eslint-disable-next-line no-restricted-globals
  const source = new DOMParser().parseFromString(`<all xmlns:wx="wx">${wxml.replace(/&&/g, "&amp;&amp;")}</all>`, "text/xml");
  // 750 rpx are as wide as the screen, and a tag is one of the platform's.
  const styles = wxss.replace(/(-?[\d.]+)rpx/g, (_, /** @type {string} */ n) => `calc(100vw * ${n} / 750)`);
  const sheet = document.createElement("style");
  sheet.textContent = `${ground}\n${styles}`;
  document.head.replaceChildren(sheet);
  document.body.replaceChildren();
  for (const child of source.documentElement.children) put(child, data, document.body);
  const anchor = document.getElementById(String(data["last"] ?? ""));
  anchor?.scrollIntoView({ block: "end" });
}

/**
 * @param {import("playwright-core").Page} page
 * @param {{ wxml: string, wxss: string }} template
 * @param {any} data what `setData` was given so far
 */
export async function drawOn(page, template, data) {
  await page.evaluate(draw, { ...template, ground, data: JSON.parse(JSON.stringify(data)) });
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => undefined))));
}
