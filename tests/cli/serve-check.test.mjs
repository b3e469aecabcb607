// deskside serve-check, against real servers, good and bad.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";

const program = join(resolve(import.meta.dirname, "..", ".."), "js", "cli", "deskside.mjs");
const wasm = Buffer.concat([Buffer.from("\0asm\x01\0\0\0"), Buffer.alloc(20_000, "compressible ")]);
const page = (/** @type {string} */ head, script = "/dist/deskside.js") =>
  `<!doctype html><head>${head}<script type="module" src="${script}"></script></head>` +
  `<!-- <script src="/not/there.js"></script> --><deskside-widget desk="http://127.0.0.1:1" help='/help.idx'></deskside-widget>`;

/** @typedef {{ type?: string, body?: string | Buffer, encoding?: "br" | "gzip" | "", status?: number, headers?: Record<string, string> }} Served */

/** @type {Record<string, Served>} */
const good = {
  "/": { type: "text/html", body: page("") },
  "/dist/deskside.js": { type: "text/javascript", body: `const base="";fetch(\`\${base}deskside-core.wasm\`);import(\`\${base}deskside-widget.js\${retry}\`);` + " ".repeat(3000) },
  "/dist/deskside-widget.js": { type: "text/javascript", body: 'import("./chunks/panel-1.js")' },
  "/dist/chunks/panel-1.js": { type: "text/javascript", body: "export {}" },
  "/dist/deskside-core.wasm": { type: "application/wasm", body: wasm },
  "/help.idx": { type: "application/octet-stream", body: Buffer.alloc(4000) },
};

/** @type {import("node:http").Server[]} */
const servers = [];
after(() => servers.forEach((server) => server.close()));

/**
 * @param {Record<string, Served>} changes to a site that is served well
 * @returns {Promise<string>} its address
 */
async function site(changes = {}) {
  /** @type {Record<string, Served>} */
  const files = { ...good };
  for (const [path, change] of Object.entries(changes)) files[path] = { ...files[path], ...change };
  const server = createServer(({ url = "" }, response) => {
    const { type = "", body = "", encoding = "br", status = 200, headers = {} } = files[url] ?? { status: 404, type: "text/html" };
    response.writeHead(status, {
      "content-type": type, "x-content-type-options": "nosniff", ...(encoding && { "content-encoding": encoding }), ...headers,
    });
    response.end(encoding === "br" ? brotliCompressSync(body) : encoding === "gzip" ? gzipSync(body) : body);
  });
  servers.push(server);
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${address.port}`;
}

/**
 * @param {string[]} args
 * @returns {Promise<{ code: number, out: string, err: string }>}
 */
const check = (...args) =>
  new Promise((done) => {
    const child = spawn(process.execPath, [program, "serve-check", ...args], { env: { ...process.env, LC_ALL: "C" } });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => (out += String(chunk)));
    child.stderr.on("data", (chunk) => (err += String(chunk)));
    child.on("close", (code) => done({ code: code ?? -1, out, err }));
  });

/** @param {string[]} args @returns {Promise<{ code: number, found: string[], report: any }>} */
async function findings(...args) {
  const { code, out } = await check(...args, "--json");
  const report = JSON.parse(out);
  return { code, found: report.findings.map((/** @type {any} */ one) => `${one.level} ${one.code} ${new URL(one.url).pathname}`), report };
}

test("a site that serves everything well passes", async () => {
  const url = await site();
  const { code, out, err } = await check(url);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /deskside-core\.wasm: 20 kB, \d+ B as br\n/);
  assert.match(out, /panel-1\.js: 9 B/);
  assert.match(out, /All is well\.\n$/);
});

test("a wrong type of wasm or script must be put right", async () => {
  const { code, found } = await findings(await site({
    "/dist/deskside-core.wasm": { type: "application/octet-stream" },
    "/dist/chunks/panel-1.js": { type: "text/plain; charset=utf-8" },
  }));
  assert.equal(code, 1);
  assert.deepEqual(found, ["fix wasmType /dist/deskside-core.wasm", "fix scriptType /dist/chunks/panel-1.js"]);
});

test("a page in the place of the wasm is recognised", async () => {
  const { code, found } = await findings(await site({ "/dist/deskside-core.wasm": { type: "text/html", body: "<!doctype html>" } }));
  assert.deepEqual([code, found], [1, ["fix notWasm /dist/deskside-core.wasm"]]);
});

test("files that are not there are named", async () => {
  const { code, found } = await findings(await site({ "/help.idx": { status: 404 }, "/dist/deskside-core.wasm": { status: 403 } }));
  assert.deepEqual([code, found], [1, ["fix scriptRefused /dist/deskside-core.wasm", "fix scriptRefused /help.idx"]]);
});

test("missing compression, caching and nosniff are advice", async () => {
  const { code, found, report } = await findings(await site({
    "/dist/deskside-core.wasm": { encoding: "", headers: { "cache-control": "no-store" } },
    "/help.idx": { headers: { "x-content-type-options": "" } },
  }));
  assert.equal(code, 0);
  assert.deepEqual(found, [
    "advice notCompressed /dist/deskside-core.wasm", "advice cache /dist/deskside-core.wasm", "advice sniff /help.idx",
  ]);
  assert.match(report.findings[0].message, /about 20 kB less for each visitor/);
});

test("a policy that forbids wasm, the index or the desk is found, in the header and in the page", async () => {
  const header = { headers: { "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self' ws://127.0.0.1:1" } };
  const first = await findings(await site({ "/": header }));
  assert.deepEqual([first.code, first.found], [1, ["fix cspWasm /"]]);
  assert.match(first.report.findings[0].message, /Add 'wasm-unsafe-eval' to script-src\./);
  const meta = `<meta http-equiv="Content-Security-Policy" content="script-src 'self' 'wasm-unsafe-eval'; connect-src https://desk.example">`;
  const second = await findings(await site({ "/": { body: page(meta) } }));
  assert.equal(second.code, 1);
  assert.deepEqual(second.found, ["fix cspConnect /dist/deskside-core.wasm", "fix cspConnect /help.idx", "fix cspConnect /"]);
  assert.match(second.report.findings[2].message, /Add ws:\/\/127\.0\.0\.1:1 to connect-src/);
});

test("a strict policy that is enough passes, and one that allows too much is told", async () => {
  const strict = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws://127.0.0.1:*; require-trusted-types-for 'script'";
  const first = await findings(await site({ "/": { headers: { "content-security-policy": strict } } }));
  assert.deepEqual([first.code, first.found], [0, []]);
  const loose = await findings(await site({ "/": { headers: { "content-security-policy": "script-src * 'unsafe-eval'" } } }));
  assert.deepEqual([loose.code, loose.found], [0, ["advice cspEval /"]]);
});

test("files on another origin need its leave", async () => {
  const files = await site();
  const first = await findings(await site({ "/": { body: page("", `${files}/dist/deskside.js`) } }));
  assert.equal(first.code, 1);
  assert.deepEqual(first.found, ["fix noCors /dist/deskside.js", "fix noCors /dist/deskside-core.wasm", "fix noCors /dist/deskside-widget.js", "fix noCors /dist/chunks/panel-1.js"]);
  const headers = { "access-control-allow-origin": "https://other.example" };
  const other = await site({ "/dist/deskside-core.wasm": { headers } });
  const second = await findings(`${other}/dist/deskside-core.wasm`, "--origin", "https://shop.example/page");
  assert.deepEqual([second.code, second.found], [1, ["fix corsOther /dist/deskside-core.wasm"]]);
  const open = await site({ "/dist/deskside-core.wasm": { headers: { "access-control-allow-origin": "*" } } });
  assert.equal((await findings(`${open}/dist/deskside-core.wasm`, "--origin", "https://shop.example")).code, 0);
});

test("gzip is good, brotli better", async () => {
  const body = Buffer.concat([wasm.subarray(0, 8), Buffer.from(Array.from({ length: 4000 }, (_, n) => `local.get ${n * 7919 % 997} `).join(""))]);
  const { code, found } = await findings(await site({ "/dist/deskside-core.wasm": { encoding: "gzip", body } }));
  assert.deepEqual([code, found], [0, ["advice onlyGzip /dist/deskside-core.wasm"]]);
});

test("an address without the widget, or without a server, is an error in one sentence", async () => {
  const without = await check(await site({ "/": { body: "<p>Nothing here" } }));
  assert.equal(without.code, 1);
  assert.match(without.out, /No wasm file was found/);
  const nobody = await check("http://127.0.0.1:1/");
  assert.equal(nobody.code, 1);
  assert.match(nobody.err, /^http:\/\/127\.0\.0\.1:1\/: cannot be loaded: .*ECONNREFUSED.*\n$/);
  const moved = await check(await site({ "/": { status: 302, headers: { location: "file:///etc/passwd" } } }));
  assert.match(moved.err, /redirected to file:/);
  assert.equal((await check("https://")).code, 2);
});
