// Fetches as a browser does, but keeps what was really sent: `fetch` would hide the compression.
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

const redirects_max = 5;
const timeout_ms = 10_000;
const body_bytes_max = 64 << 20;

/**
 * @typedef {object} Answer
 * @property {string} url where the last redirect led
 * @property {number} status
 * @property {Record<string, string>} headers by lower-case name
 * @property {number} sentBytes
 * @property {Buffer} body decompressed
 */

/**
 * @param {string} url
 * @param {Record<string, string>} headers
 * @returns {Promise<{ status: number, headers: Record<string, string>, sent: Buffer }>}
 */
function once(url, headers) {
  return new Promise((resolve, reject) => {
    const request = url.startsWith("https:") ? secureRequest : plainRequest;
    const outgoing = request(url, { headers }, (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      let length = 0;
      response.on("data", (/** @type {Buffer} */ chunk) => {
        length += chunk.length;
        if (length > body_bytes_max) outgoing.destroy(new Error("more than 64 MB"));
        chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => {
        const named = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(", ")]);
        const plain = /** @type {Record<string, string>} */ (Object.fromEntries(named));
        resolve({ status: response.statusCode ?? 0, headers: plain, sent: Buffer.concat(chunks) });
      });
    });
    outgoing.setTimeout(timeout_ms, () => outgoing.destroy(new Error(`no answer in ${timeout_ms / 1000} s`)));
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/**
 * @param {Buffer} sent
 * @param {string | undefined} encoding
 */
function decompress(sent, encoding) {
  const options = { maxOutputLength: body_bytes_max };
  switch (encoding) {
    case "br": return brotliDecompressSync(sent, options);
    case "gzip": return gunzipSync(sent, options);
    case "deflate": return inflateSync(sent, options);
    default: return sent;
  }
}

/**
 * @param {string} url
 * @param {string} [origin] of the page that asks
 * @returns {Promise<Answer>}
 */
export async function get(url, origin) {
  const headers = { accept: "*/*", "accept-encoding": "br, gzip, deflate", ...(origin && { origin }) };
  let at = url;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await once(at, headers);
    const location = answer.headers["location"];
    if (answer.status >= 300 && answer.status < 400 && location && redirects < redirects_max) {
      const next = new URL(location, at);
      if (!/^https?:$/.test(next.protocol)) throw new Error(`redirected to ${next.protocol}`);
      at = next.href;
      continue;
    }
    const body = decompress(answer.sent, answer.headers["content-encoding"]);
    return { url: at, status: answer.status, headers: answer.headers, sentBytes: answer.sent.length, body };
  }
}
