// How long a message takes from the visitor's key to "queued": written to the device's disk, in Chromium.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";
import { chromiumArgs, findChromium } from "../js/dev/chromium.mjs";
import { dist } from "../js/dev/paths.mjs";

const messages = 800;

/** @type {Record<string, string>} */
const types = { ".js": "text/javascript", ".wasm": "application/wasm" };
const server = createServer((request, response) => {
  const path = new URL(request.url ?? "/", "http://bench").pathname;
  if (path === "/") return void response.writeHead(200, { "content-type": "text/html" }).end("<title>bench</title>");
  readFile(join(dist, path)).then(
    (body) => response.writeHead(200, { "content-type": types[extname(path)] ?? "text/plain" }).end(body),
    () => response.writeHead(404).end(),
  );
});
server.listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());

/** Runs in the page: the milliseconds of each message. @param {number} count @returns {Promise<number[]>} */
async function measure(count) {
  const { origin } = location;
  /** @type {{ createClient: typeof import("../js/client/client.js").createClient }} */
  const { createClient } = await import(`${origin}/deskside-client.js`);
  const client = await createClient({
    // Nobody listens there: what is measured is the device alone.
    desk: "http://127.0.0.1:9",
    site: "bench",
    locale: "en",
    page: origin,
    coreUrl: `${origin}/deskside-core.js`,
    wasmUrl: `${origin}/deskside-core.wasm`,
    onChange: () => seen(),
    onEvent: () => undefined,
    onCrash: () => undefined,
  });
  const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
  let seen = () => undefined;
  while (!client.view().ready) await pause(5);
  const times = [];
  for (let number = 0; number < count; number += 1) {
    // A conversation for each few: what is measured is the store, not a long list.
    if (number % 20 === 0) client.dispatch("openNew");
    const conv = client.view().conversation?.id ?? "";
    const queued = new Promise((resolve) => {
      seen = () => {
        const last = client.view().conversation?.items.at(-1)?.body;
        if (typeof last === "object" && "message" in last && last.message.status === "queued") resolve(undefined);
        return undefined;
      };
    });
    const said = performance.now();
    client.dispatch({ send: { conv, text: `message ${number}` } });
    await queued;
    times.push(performance.now() - said);
    await pause(5);
  }
  client.close();
  return times;
}

/** @param {number[]} sorted @param {number} share */
const quantile = (sorted, share) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);

const folder = await mkdtemp(join(tmpdir(), "deskside-queued-"));
const executablePath = await findChromium();
const context = await chromium.launchPersistentContext(folder, { args: chromiumArgs, ...(executablePath && { executablePath }) });
try {
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  const sorted = (await page.evaluate(measure, messages)).sort((a, b) => a - b);
  console.log(`  from the key to "queued", ${sorted.length} messages: p50 ${quantile(sorted, 0.5)} ms, p99 ${quantile(sorted, 0.99)} ms`);
} finally {
  await context.close();
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
}
