// deskside/search: searching without a screen, here in Node with the core built for browsers.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { dist } from "../../js/dev/paths.mjs";
import { buildIndex, open as openInNode } from "../../js/node/index.mjs";
import { readPairs } from "../../js/cli/lists.mjs";
import { folder } from "./command.mjs";

/** @type {typeof import("../../js/search/search.js")} */
const { DesksideError, QueryLog, SETTLED_MS, answeredTsv, open, unansweredCsv, unansweredJson } = await import(
  join(dist, "deskside-search-api.js")
);

const bytes = buildIndex([
  { id: "returns", title: "Return an item", alternatives: ["send something back"], body: "## By post\n\nYou have **30 days**.", category: "Orders", tags: ["post"], url: "https://shop.example/returns" },
  { id: "refunds", title: "When do I get my money back?", body: "Five working days.", category: "Payment", weight: 9 },
  { id: "退款", locale: "zh-CN", translationOf: "refunds", title: "退款多久到账", body: "五个工作日。", category: "Payment" },
]);
const wasm = readFileSync(join(dist, "deskside-search-core.wasm"));

/** @param {string} code */
const refusal = (code) => (/** @type {any} */ error) => error instanceof DesksideError && error.code === code;

test("an index opened in Node answers as the one of deskside/node does", async () => {
  const [index, same] = [await open(bytes), openInNode(bytes)];
  for (const query of ["send it back", "retrun", "mony", "退款", "tuikuan", "nothing of the kind"]) {
    assert.deepEqual(index.ask(query, { locale: "en" }), same.ask(query, { locale: "en" }), query);
  }
  assert.deepEqual(index.search("post"), index.ask("post").hits);
  assert.deepEqual(index.suggest("ret"), same.suggest("ret"));
  assert.deepEqual(index.article("returns"), same.article("returns"));
  assert.deepEqual(index.popular({ limit: 1 }), same.popular({ limit: 1 }));
  assert.deepEqual(index.related("returns"), same.related("returns"));
  assert.equal(index.forUrl("https://shop.example/returns?a=b", { locale: "en" })[0]?.id, "returns");
  assert.equal(index.article("missing"), undefined);
});

test("filters, locale and the whole outcome are as asked for", async () => {
  const index = await open(bytes);
  assert.deepEqual(index.search("back", { filters: { category: "Payment" }, locale: "en" }).map(({ id }) => id), ["refunds"]);
  assert.deepEqual(index.search("back", { filters: { tag: "post" } }).map(({ id }) => id), ["returns"]);
  assert.equal(index.search("退款", { locale: "zh-CN" })[0]?.id, "退款");
  assert.equal(index.ask("retrun an item").didYouMean, "return an item");
  assert.equal(index.ask("return an item").verdict, "answer");
  assert.equal(index.ask("zzyzx").verdict, "nothing");
  const [hit] = index.search("退款", { locale: "zh-CN" });
  assert.deepEqual(hit?.highlights.title.find((run) => run.marked), { text: "退款", marked: true });
});

test("the core may be given as bytes, as a module, or by an address", async () => {
  const server = createServer((_, response) => response.end(wasm)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    for (const source of [{ wasm }, { wasm: await WebAssembly.compile(wasm) }, { wasmUrl: `http://127.0.0.1:${port}/a.wasm` }]) {
      assert.equal((await open(bytes, source)).search("return")[0]?.id, "returns");
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test("a core that did not come is not remembered: the next try succeeds", async () => {
  let broken = true;
  const server = createServer((_, response) => (broken ? response.writeHead(500).end() : response.end(wasm))).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    const wasmUrl = `http://127.0.0.1:${port}/core.wasm`;
    await assert.rejects(open(bytes, { wasmUrl }), refusal("core_load"));
    broken = false;
    assert.equal((await open(bytes, { wasmUrl })).search("return")[0]?.id, "returns");
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test("bytes that are no index, and arguments that are none, are refused with a code", async () => {
  const cut = bytes.slice(0, bytes.length - 9);
  const damaged = bytes.map((byte, at) => (at === 200 ? byte ^ 1 : byte));
  await assert.rejects(open(new TextEncoder().encode("<!doctype html><title>Not found</title>")), refusal("index_not_an_index"));
  await assert.rejects(open(new Uint8Array()), refusal("index_not_an_index"));
  await assert.rejects(open(cut), refusal("index_truncated"));
  await assert.rejects(open(damaged), refusal("index_corrupted"));
  await assert.rejects(open(/** @type {any} */ ("help.idx")), refusal("bad_argument"));
  await assert.rejects(open(bytes, { wasm: new Uint8Array([1, 2, 3]) }), refusal("core_refused"));
  await assert.rejects(open(bytes, { wasmUrl: "http://[" }), refusal("bad_argument"));
  const index = await open(/** @type {ArrayBuffer} */ (bytes.slice().buffer));
  assert.throws(() => index.search("a", /** @type {any} */ ({ limit: "many" })), refusal("bad_argument"));
  assert.throws(() => index.search(/** @type {any} */ (7)), refusal("bad_argument"));
  assert.throws(() => index.article(/** @type {any} */ ({ id: "returns" })), refusal("bad_argument"));
  assert.throws(() => index.suggest("a", /** @type {any} */ ({ locale: 1 })), refusal("bad_argument"));
  assert.equal(index.search("return")[0]?.id, "returns", "and it goes on");
});

test("the first part answers, the bodies come after it", async () => {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  const index = await open(bytes.slice(0, length));
  assert.deepEqual(index.search("return")[0]?.highlights.passage, []);
  index.attachBodies(bytes.slice(length));
  assert.equal(index.search("thirty 30 days")[0]?.anchor, "by-post");
  assert.throws(() => index.attachBodies(bytes.slice(0, length)), refusal("index_not_an_index"));
});

test("a closed index says so, and the others go on", async () => {
  const [one, other] = [await open(bytes), await open(bytes)];
  one.close();
  assert.throws(() => one.search("return"), refusal("index_closed"));
  assert.equal(other.search("return")[0]?.id, "returns");
});

test("a core that fails says so for good, and the index can be opened again", async () => {
  const { instantiate } = WebAssembly;
  const failing = async (/** @type {WebAssembly.Module} */ module, /** @type {WebAssembly.Imports} */ imports) => {
    const { exports } = await instantiate(module, imports);
    const trap = () => {
      throw new WebAssembly.RuntimeError("unreachable");
    };
    return { exports: { ...exports, search_ask: trap } };
  };
  WebAssembly.instantiate = /** @type {any} */ (failing);
  const index = await open(bytes);
  WebAssembly.instantiate = instantiate;
  assert.throws(() => index.search("return"), refusal("crashed"));
  assert.throws(() => index.search("return"), refusal("index_closed"));
  assert.equal((await open(bytes)).search("return")[0]?.id, "returns");
});

const nothing = { hits: [], verdict: /** @type {const} */ ("nothing") };
const answer = { hits: [1], verdict: /** @type {const} */ ("answer") };

/** A log on a clock that is set by hand. */
function logAt(now_ms = 0) {
  const clock = { now_ms };
  return { clock, log: new QueryLog(() => clock.now_ms) };
}

test("keystrokes within thirty seconds count as one search, the last of them", () => {
  const { clock, log } = logAt();
  for (const query of ["c", "ca", "can i p", "can i pay by cheque"]) {
    log.searched(query, nothing);
    clock.now_ms += SETTLED_MS - 1;
  }
  assert.deepEqual(log.unanswered(), [], "it may still go on");
  clock.now_ms += 1;
  assert.deepEqual(log.unanswered().map(({ query, count }) => [query, count]), [["can i pay by cheque", 1]]);
});

test("a search that found an answer in the end is no question without one", () => {
  const { clock, log } = logAt();
  log.searched("mony", nothing);
  log.searched("money back", answer);
  assert.deepEqual(log.settle(), { query: "money back", hits: 1, verdict: "answer" });
  clock.now_ms += SETTLED_MS;
  assert.deepEqual(log.unanswered(), []);
});

test("the same question counts again, the most asked comes first", () => {
  const { clock, log } = logAt(1_770_000_000_000);
  for (const query of ["Gift wrap", "cheque", "gift  wrap"]) {
    const rested = log.searched(query, nothing);
    if (query !== "Gift wrap") assert.ok(rested, "the search before has come to rest");
    clock.now_ms += SETTLED_MS;
  }
  assert.deepEqual(log.unanswered(), [
    { query: "Gift wrap", count: 2, first_ms: 1_770_000_000_000, last_ms: 1_770_000_060_000 },
    { query: "cheque", count: 1, first_ms: 1_770_000_030_000, last_ms: 1_770_000_030_000 },
  ]);
});

test("an emptied field is no search", () => {
  const { log } = logAt();
  log.searched("cheque", nothing);
  log.searched("  ", nothing);
  assert.equal(log.settle()?.query, "cheque");
  assert.equal(log.settle(), null);
});

test("the CSV of unanswered queries opens in a spreadsheet and runs nothing there", () => {
  const queries = ['=HYPERLINK("http://evil")', "＝1+1", " @SUM(A1)", "-2+3", '说"退款"', "a,b\r\nc"].map((query) => ({
    query, count: 1, first_ms: 0, last_ms: 1000,
  }));
  const lines = unansweredCsv(queries);
  assert.ok(lines.startsWith("\ufeffquery,count,first,last\r\n"));
  assert.ok(lines.includes(`"'=HYPERLINK(""http://evil"")",1,1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.000Z\r\n`));
  for (const start of ["'＝1", "' @SUM", "'-2", '说""退款""']) assert.ok(lines.includes(`"${start}`), start);
  assert.ok(lines.includes('"a,b\r\nc"'));
  assert.deepEqual(JSON.parse(unansweredJson(queries.slice(0, 1))), {
    format: "deskside-unanswered",
    version: 1,
    queries: [{ query: '=HYPERLINK("http://evil")', count: 1, first: "1970-01-01T00:00:00.000Z", last: "1970-01-01T00:00:01.000Z" }],
  });
});

test("what helped is read by the command line as its log", async () => {
  const { log } = logAt();
  log.helped("  money   back ", "refunds");
  log.helped("money back", "refunds");
  log.helped("#1 question", "returns");
  log.helped("", "returns");
  const file = join(folder(), "answered.tsv");
  writeFileSync(file, answeredTsv(log.answered()));
  assert.deepEqual(await readPairs(file), {
    pairs: [{ query: "money back", id: "refunds" }, { query: "1 question", id: "returns" }],
    wrong: [],
  });
});
