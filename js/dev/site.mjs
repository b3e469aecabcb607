// A static server for the demo shop and the help centre, under the strict policy that the documentation
// promises to work with. `/deskside/` is the SDK as built, `/help-center/` the help centre; everything
// else is the shop.
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { dist } from "./paths.mjs";
import { supportToken } from "./support-token.mjs";

/** @type {Record<string, string>} */
const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".idx": "application/octet-stream",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** The desk's address as the page on disk has it; the running one may have another port. */
const deskOnDisk = "http://127.0.0.1:8787";

/** @param {string} desk its origin */
const policy = (desk) =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    `img-src 'self' blob: ${desk}`,
    `connect-src 'self' ${desk} ${desk.replace("http", "ws")}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types lit-html",
  ].join("; ");

/** @param {string} address @returns {string | undefined} the file that it names, never one outside */
function fileOf(address) {
  let path;
  try {
    path = normalize(decodeURIComponent(new URL(address, "http://shop").pathname));
  } catch {
    return undefined;
  }
  if (path.includes("\0") || path.split(sep).includes("..")) return undefined;
  if (path.startsWith("/deskside/")) return join(dist, path.slice("/deskside/".length));
  if (/^\/help-center(\/|$)/.test(path)) return join(dist, path.endsWith("/") ? `${path}index.html` : path);
  return join(dist, "website", path.endsWith("/") ? `${path}index.html` : path);
}

/**
 * @param {string} desk the desk's origin
 * @param {string} [key] shared with the desk: with it, `/support-token` names the demo's customer
 * @returns {import("node:http").Server} not listening yet
 */
export function shopServer(desk, key) {
  return createServer((request, response) => {
    void (async () => {
      if (key !== undefined && request.method === "POST" && request.url === "/support-token") {
        response.writeHead(200, { "content-type": "text/plain", "cache-control": "no-store" }).end(supportToken(key));
        return;
      }
      const file = fileOf(request.url ?? "/");
      const body = file && (await readFile(file).catch(() => undefined));
      const isFolder = !body && file && (await stat(file).catch(() => undefined))?.isDirectory();
      if (isFolder) {
        const { pathname, search } = new URL(request.url ?? "/", "http://shop");
        response.writeHead(301, { location: `${pathname}/${search}` }).end();
        return;
      }
      if (!file || !body) {
        response.writeHead(404, { "content-type": "text/plain" }).end("Not found\n");
        return;
      }
      const page = extname(file) === ".html";
      response.writeHead(200, {
        "content-type": types[extname(file)] ?? "application/octet-stream",
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        ...(page && { "content-security-policy": policy(desk), "referrer-policy": "same-origin" }),
      });
      response.end(page ? body.toString("utf8").replaceAll(deskOnDisk, desk) : body);
    })();
  });
}
