// The checks of `deskside serve-check`: what a page, its scripts, its wasm and its index are served with.
import { brotliCompressSync, constants } from "node:zlib";
import { allows, allowsWasm, directive, isByNonce, parsePolicies } from "./csp.mjs";
import { messageOf } from "./failure.mjs";
import { get } from "./http.mjs";
import { named, read } from "./page.mjs";
import { say, size } from "./words.mjs";

/** @typedef {import("./http.mjs").Answer} Answer */

/**
 * @typedef {object} Finding
 * @property {"fix" | "advice"} level
 * @property {string} code
 * @property {string} url
 * @property {string} message
 */

/**
 * @typedef {object} Checked
 * @property {string} url
 * @property {number} bytes
 * @property {number} sentBytes
 * @property {string} encoding empty where nothing compresses
 * @property {string} type
 */

const files_max = 60;
/** Below this, compression saves less than a packet. */
const compressible_bytes_min = 1500;
const scriptTypes = new Set([
  "text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript", "application/ecmascript",
]);

export class Check {
  /** @param {string | undefined} origin of the page, where only a file is checked */
  constructor(origin) {
    /** @type {Finding[]} */
    this.findings = [];
    /** @type {Checked[]} */
    this.files = [];
    /** @private @type {Set<string>} */
    this.seen = new Set();
    /** @private */
    this.origin = origin;
  }

  /**
   * @param {Finding["level"]} level
   * @param {string} code
   * @param {string} url
   * @param {Record<string, string>} [values]
   * @private
   */
  find(level, code, url, values = {}) {
    this.findings.push({ level, code, url, message: say(`finding.${code}`, { url, ...values }) });
  }

  /**
   * @param {string} url of a page or a file
   * @returns {Promise<Answer>}
   */
  async run(url) {
    const answer = await get(url, this.origin);
    if (answer.status !== 200) throw new Error(say("checkStatus", { status: String(answer.status) }));
    this.seen.add(answer.url);
    if (isWasm(answer) || /\.(wasm|js|mjs|idx)$/.test(new URL(answer.url).pathname)) await this.file(answer, false);
    else await this.page(answer);
    return answer;
  }

  /**
   * @param {Answer} answer
   * @private
   */
  async page(answer) {
    const page = new URL(answer.url);
    this.origin = page.origin;
    const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|.*\.localhost)$/.test(page.hostname);
    if (page.protocol === "http:" && !local) this.find("advice", "insecure", answer.url);
    const parts = read(answer.body.toString("utf8"), answer.url);
    const texts = [answer.headers["content-security-policy"] ?? "", ...parts.policies];
    const policies = texts.flatMap(parsePolicies);
    for (const { url, isModule } of parts.scripts) await this.load(url, isModule);
    for (const url of parts.indexes) await this.load(url, false);
    this.policies(policies, page, parts);
  }

  /**
   * @param {ReturnType<typeof parsePolicies>} policies
   * @param {URL} page
   * @param {import("./page.mjs").Parts} parts
   * @private
   */
  policies(policies, page, parts) {
    const fetched = this.files.filter(({ url }) => /\.(wasm|idx)$/.test(new URL(url).pathname)).map(({ url }) => url);
    const sockets = parts.desks.map((desk) => new URL(desk.replace(/^http/, "ws")).origin);
    for (const policy of policies) {
      const scripts = directive(policy, ["script-src"]);
      const elements = directive(policy, ["script-src-elem", "script-src"]);
      const connections = directive(policy, ["connect-src"]);
      if (scripts && !allowsWasm(scripts.sources)) this.find("fix", "cspWasm", page.href, { directive: scripts.name });
      if (scripts?.sources.includes("'unsafe-eval'")) this.find("advice", "cspEval", page.href);
      for (const { url } of elements && !isByNonce(elements.sources) ? parts.scripts : []) {
        if (elements && !allows(elements.sources, new URL(url), page)) {
          this.find("fix", "cspScript", url, { directive: elements.name, source: sourceFor(url, page) });
        }
      }
      for (const url of connections ? [...fetched, ...parts.indexes, ...sockets].filter(unique) : []) {
        if (connections && !allows(connections.sources, new URL(url), page)) {
          this.find("fix", "cspConnect", url, { directive: connections.name, source: sourceFor(url, page) });
        }
      }
    }
  }

  /**
   * @param {string} url
   * @param {boolean} isModule
   * @private
   */
  async load(url, isModule) {
    if (this.seen.has(url) || this.seen.size > files_max) return;
    this.seen.add(url);
    try {
      const answer = await get(url, this.origin);
      if (answer.status !== 200) throw new Error(say("checkStatus", { status: String(answer.status) }));
      await this.file({ ...answer, url }, isModule);
    } catch (error) {
      this.find("fix", "scriptRefused", url, { message: messageOf(error) });
    }
  }

  /**
   * @param {Answer} answer
   * @param {boolean} isModule
   * @private
   */
  async file(answer, isModule) {
    const { url, headers, body, sentBytes } = answer;
    const encoding = headers["content-encoding"] ?? "";
    const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
    this.files.push({ url, bytes: body.length, sentBytes, encoding, type });
    const path = new URL(url).pathname;
    const isScript = /\.m?js$/.test(path);
    if (path.endsWith(".wasm")) {
      if (!isWasm(answer)) {
        this.find("fix", "notWasm", url);
        return;
      }
      if (type !== "application/wasm") this.find("fix", "wasmType", url, { type });
    } else if (isScript && !scriptTypes.has(type)) {
      this.find("fix", "scriptType", url, { type });
    }
    this.crossOrigin(url, headers, isModule || !isScript);
    this.compression(url, encoding, body, sentBytes);
    if (headers["x-content-type-options"]?.toLowerCase() !== "nosniff") this.find("advice", "sniff", url);
    const cache = headers["cache-control"] ?? "";
    if (/\bno-store\b/i.test(cache)) this.find("advice", "cache", url, { value: cache });
    if (!isScript) return;
    const beside = named(body.toString("utf8"), url);
    for (const address of beside.wasm) await this.load(address, false);
    // A script that loads parts of itself loads them as modules.
    for (const address of beside.scripts) await this.load(address, true);
  }

  /**
   * @param {string} url
   * @param {Answer["headers"]} headers
   * @param {boolean} isShared whether browsers ask the other origin for leave
   * @private
   */
  crossOrigin(url, headers, isShared) {
    const { origin } = this;
    if (!isShared || origin === undefined || new URL(url).origin === origin) return;
    const allowed = headers["access-control-allow-origin"];
    if (allowed === undefined) this.find("fix", "noCors", url, { origin });
    else if (allowed !== "*" && allowed !== origin) this.find("fix", "corsOther", url, { origin, allowed });
  }

  /**
   * @param {string} url
   * @param {string} encoding
   * @param {Buffer} body
   * @param {number} sentBytes
   * @private
   */
  compression(url, encoding, body, sentBytes) {
    if (body.length < compressible_bytes_min || encoding === "br" || encoding === "zstd") return;
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
    const saved = sentBytes - brotliCompressSync(body, options).length;
    const values = { size: size(body.length), saved: size(Math.max(saved, 0)) };
    if (encoding === "") this.find("advice", "notCompressed", url, values);
    else if (saved > sentBytes / 20) this.find("advice", "onlyGzip", url, values);
  }
}

/** @param {Answer} answer */
const isWasm = ({ body }) => body.subarray(0, 4).equals(Buffer.from("\0asm"));

/** @param {string} one @param {number} at @param {string[]} all */
const unique = (one, at, all) => all.indexOf(one) === at;

/**
 * @param {string} url
 * @param {URL} page
 */
const sourceFor = (url, page) => (new URL(url).origin === page.origin ? "'self'" : new URL(url).origin);
