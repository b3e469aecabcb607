// What a page loads for the widget, read from its text.

/** @param {string} text */
const unescape = (text) =>
  text.replace(/&(?:amp|#38|#x26);/gi, "&").replace(/&(?:quot|#34|#x22);/gi, '"').replace(/&(?:apos|#39|#x27);/gi, "'");

/**
 * @param {string} html
 * @param {string} name of an element
 * @returns {Map<string, string>[]} the attributes of each
 */
export function elements(html, name) {
  const found = [];
  const visible = html.replace(/<!--[^]*?-->/g, "");
  for (const [, inside = ""] of visible.matchAll(new RegExp(`<${name}(?=[\\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)>`, "gi"))) {
    const attributes = inside.matchAll(/([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?/g);
    found.push(new Map([...attributes].map(([, key = "", double, single, bare]) =>
      [key.toLowerCase(), unescape(double ?? single ?? bare ?? "")])));
  }
  return found;
}

/**
 * @param {string} address
 * @param {string} base
 * @returns {string | undefined}
 */
export function resolve(address, base) {
  try {
    const url = new URL(address, base);
    url.hash = "";
    return /^https?:$/.test(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @typedef {object} Parts
 * @property {string[]} policies Content-Security-Policy of meta elements
 * @property {{ url: string, isModule: boolean }[]} scripts
 * @property {string[]} indexes
 * @property {string[]} desks
 */

/**
 * @param {string} html
 * @param {string} url
 * @returns {Parts}
 */
export function read(html, url) {
  const base = resolve(elements(html, "base")[0]?.get("href") ?? "", url) ?? url;
  /** @param {(string | undefined)[]} addresses */
  const resolved = (addresses) =>
    addresses.flatMap((address) => (address ? [resolve(address, base)] : [])).filter((one) => one !== undefined);
  const widgets = [...elements(html, "deskside-widget"), ...elements(html, "deskside-search")];
  const metas = elements(html, "meta").filter((meta) => meta.get("http-equiv")?.toLowerCase() === "content-security-policy");
  return {
    policies: metas.map((meta) => meta.get("content") ?? ""),
    scripts: elements(html, "script").flatMap((script) => {
      const [address] = resolved([script.get("src")]);
      return address ? [{ url: address, isModule: script.get("type") === "module" }] : [];
    }),
    indexes: resolved(widgets.flatMap((widget) => [widget.get("help"), widget.get("index")])),
    desks: resolved(widgets.map((widget) => widget.get("desk"))),
  };
}

/**
 * The files that a script names and that lie beside it.
 * @param {string} script
 * @param {string} url
 * @returns {{ wasm: string[], scripts: string[] }}
 */
export function named(script, url) {
  const names = new Set([...script.matchAll(/["'`}]((?:[\w.-]*\/)*[\w.-]*\.(?:wasm|js))(?=["'`?]|\$\{)/g)].map(([, name = ""]) => name));
  const addresses = [...names].map((name) => resolve(name, url)).filter((one) => one !== undefined);
  return {
    wasm: addresses.filter((address) => address.endsWith(".wasm")),
    // Of other people's scripts the widget knows nothing.
    scripts: addresses.filter((address) => /\/(?:deskside[\w.-]*|chunks\/[\w.-]+)\.js$/.test(address)),
  };
}
