// What a Content-Security-Policy allows, as far as the widget asks for it.

/** @typedef {Map<string, string[]>} Policy directives and their sources */

/**
 * @param {string} text of a header, which may hold several policies parted by commas, or of a meta element
 * @returns {Policy[]}
 */
export const parsePolicies = (text) =>
  text.split(",").map((policy) => {
    /** @type {Policy} */
    const directives = new Map();
    for (const directive of policy.split(";")) {
      const [name, ...sources] = directive.trim().split(/\s+/);
      const key = name?.toLowerCase();
      if (key && !directives.has(key)) directives.set(key, sources);
    }
    return directives;
  }).filter((policy) => policy.size > 0);

/**
 * The directive that decides: the first of `names` that the policy has, or `default-src`.
 * @param {Policy} policy
 * @param {string[]} names
 * @returns {{ name: string, sources: string[] } | undefined} nothing where all is allowed
 */
export function directive(policy, names) {
  for (const name of [...names, "default-src"]) {
    const sources = policy.get(name);
    if (sources) return { name, sources };
  }
  return undefined;
}

/** @param {string[]} sources */
export const allowsWasm = (sources) => sources.some((source) => /^'(?:wasm-)?unsafe-eval'$/i.test(source));

const ports = new Map([["http:", "80"], ["ws:", "80"], ["https:", "443"], ["wss:", "443"]]);
/** @param {URL} url */
const portOf = (url) => url.port || (ports.get(url.protocol) ?? "");
/** @param {string} protocol */
const secured = (protocol) => (protocol === "http:" ? "https:" : protocol === "ws:" ? "wss:" : protocol);
/** A policy that names http also means https, and one that names either also means its sockets.
 * @param {string} wanted @param {string} protocol */
const sameScheme = (wanted, protocol) =>
  [wanted, secured(wanted), wanted.replace(/^http/, "ws"), secured(wanted).replace(/^http/, "ws")].includes(protocol);

/**
 * @param {string[]} sources
 * @param {URL} url
 * @param {URL} page
 */
export function allows(sources, url, page) {
  return sources.some((source) => {
    if (source === "*") return true;
    if (source.toLowerCase() === "'self'") {
      const samePort = portOf(url) === portOf(page) || (portOf(url) === "443" && portOf(page) === "80");
      return url.hostname === page.hostname && samePort && sameScheme(page.protocol, url.protocol);
    }
    if (/^[a-z][a-z0-9+.-]*:$/i.test(source)) return sameScheme(source.toLowerCase(), url.protocol);
    const parts = /^(?:([a-z][a-z0-9+.-]*:)\/\/)?([^/:']+)(?::(\d+|\*))?(\/.*)?$/i.exec(source);
    if (!parts) return false;
    const [, scheme, host = "", port, path] = parts;
    const named = host.toLowerCase();
    const hostFits = named.startsWith("*.") ? url.hostname.endsWith(named.slice(1)) : url.hostname === named;
    const portFits = port === "*" || (port ? portOf(url) === port : ["80", "443"].includes(portOf(url)));
    const pathFits = !path || path === "/" || (path.endsWith("/") ? url.pathname.startsWith(path) : url.pathname === path);
    return hostFits && portFits && pathFits && sameScheme(scheme?.toLowerCase() ?? page.protocol, url.protocol);
  });
}

/** Nonces, hashes and trust passed on cannot be judged from outside.
 * @param {string[]} sources */
export const isByNonce = (sources) => sources.some((source) => /^'(?:nonce-|sha\d+-|strict-dynamic)/i.test(source));
