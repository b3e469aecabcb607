// deskside/node: building and searching in Node.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { buildIndex, open, scores } from "../../js/node/index.mjs";

const records = [
  { id: "returns", title: "Return an item", alternatives: ["send something back"], body: "You have **30 days**.", category: "Orders", tags: ["returns"], weight: 2 },
  { id: "refunds", title: "When do I get my money back?", body: "## Card\n\nFive working days.", category: "Payment", weight: 9 },
  { id: "退款", locale: "zh-CN", translationOf: "refunds", title: "退款多久到账", body: [{ paragraph: [{ text: "五个工作日。" }] }], category: "Payment" },
];

test("records become an index that answers with score, confidence and highlights", () => {
  const index = open(buildIndex(records));
  const [hit] = index.search("send it back", { limit: 1 });
  assert.equal(hit?.id, "returns");
  assert.ok(hit.score > 0 && hit.confidence > 0 && hit.confidence <= 1);
  assert.deepEqual(index.search("return an item")[0]?.highlights.title.filter((run) => run.marked).map((run) => run.text), ["Return an item"]);
  assert.deepEqual(index.article("returns")?.body, [{ paragraph: [{ text: "You have " }, { strong: [{ text: "30 days" }] }, { text: "." }] }]);
  index.close();
});

test("locale and filters choose the articles", () => {
  const index = open(buildIndex(records));
  assert.deepEqual(index.search("money back", { locale: "zh-CN" }).map(({ id }) => id).includes("refunds"), false, "its translation stands for it");
  assert.equal(index.search("退款", { locale: "zh-CN" })[0]?.id, "退款");
  assert.deepEqual(index.search("back", { filters: { category: "Payment" }, locale: "en" }).map(({ id }) => id), ["refunds"]);
  assert.deepEqual(index.search("back", { filters: { tag: "returns" } }).map(({ id }) => id), ["returns"]);
  assert.deepEqual(index.popular({ locale: "en" }).map(({ id }) => id), ["refunds", "returns"]);
  assert.equal(index.suggest("ret", { locale: "en" })[0]?.id, "returns");
  assert.equal(index.article("missing"), undefined);
});

test("validity, visibility and times are kept", () => {
  const now_ms = Date.parse("2026-06-01T00:00:00Z");
  /** @type {import("../../js/node/declarations.js").BuildRemark[]} */
  const remarks = [];
  const bytes = buildIndex([
    { id: "old", title: "Old", validUntil: new Date("2026-05-01") },
    { id: "new", title: "New", updatedAt: new Date("2026-05-02T00:00:00Z") },
    { id: "staff", title: "Staff", visibility: "internal" },
  ], { now_ms, onRemark: (remark) => remarks.push(remark) });
  const index = open(bytes);
  assert.deepEqual(remarks.map(({ id, code }) => [id, code]), [["old", "expired"], ["staff", "internal"]]);
  assert.equal(index.article("new")?.updatedAt, Date.parse("2026-05-02T00:00:00Z"));
});

test("a record that cannot be read throws, or is told", () => {
  const bad = /** @type {any} */ ([{ title: "A" }, { id: 7 }]);
  assert.throws(() => buildIndex(bad), { name: "DesksideError", code: "record_refused", message: "Record 2: It has no title." });
  /** @type {unknown[]} */
  const remarks = [];
  const index = open(buildIndex(bad, { onRemark: (remark) => remarks.push(remark) }));
  assert.deepEqual(remarks, [{ code: "noTitle", reason: "It has no title.", record: 1 }]);
  assert.equal(index.article("a")?.title, "A");
  assert.throws(() => buildIndex(/** @type {any} */ ({ title: "no list" })), { code: "record_refused" });
});

test("bytes that are no index throw, whatever they are", () => {
  const good = buildIndex(records);
  const middle = Math.floor(good.length / 2);
  const damaged = good.map((byte, at) => (at === middle ? byte ^ 255 : byte));
  for (const bytes of [new Uint8Array(), new Uint8Array(1000), good.slice(0, good.length - 1), damaged]) {
    assert.throws(() => open(bytes), (/** @type {any} */ error) => error.name === "DesksideError" && /^index_/.test(error.code));
  }
});

test("what cannot be asked is refused with a code, and what is nearly right is understood", () => {
  const index = open(/** @type {ArrayBuffer} */ (buildIndex(records).buffer));
  const any = /** @type {any} */ (index);
  for (const query of [undefined, null, 5, {}, ["money"]]) assert.throws(() => any.search(query), { code: "bad_argument" });
  for (const limit of [-1, NaN, "3"]) assert.throws(() => any.search("money", { limit }), { code: "bad_argument" });
  assert.throws(() => any.search("money", { filters: { category: ["Payment", 5] } }), { code: "bad_argument" });
  assert.throws(() => any.search("money", { filters: 5 }), { code: "bad_argument" });
  assert.throws(() => any.search("money", { filters: { kind: "faq" } }), { code: "bad_argument", message: "filters.kind is no filter; there are category and tag." });
  const of = (/** @type {string[]} */ ...category) => any.search("back", { filters: { category }, locale: "en" }).map((/** @type {any} */ { id }) => id).sort();
  assert.deepEqual(of("Payment", "Orders"), [...of("Payment"), ...of("Orders")].sort());
  assert.deepEqual(of("Payment", "nowhere"), of("Payment"));
  assert.deepEqual(of("nowhere"), []);
  assert.throws(() => any.search("money", { filters: { tag: 5 } }), { code: "bad_argument" });
  assert.deepEqual(any.search("back", { filters: { category: ["Payment"] }, locale: "en" }).map((/** @type {any} */ { id }) => id), ["refunds"]);
  const all = index.search("back").length;
  for (const options of [{ filters: null }, { limit: null }, { limit: Infinity }, { locale: null }]) assert.equal(any.search("back", options).length, all);
  assert.equal(index.search("back", { limit: 0 }).length, 0);
  index.close();
  index.close();
  assert.throws(() => index.search("money"), { code: "index_closed" });
  for (const bytes of [undefined, null, "text", {}]) assert.throws(() => open(/** @type {any} */ (bytes)), { code: "bad_argument" });
});

test("what cannot be built is refused with a code", () => {
  const build = /** @type {any} */ (buildIndex);
  assert.throws(() => build([{ id: 1n, title: "A" }]), { code: "bad_argument" });
  for (const bad of [undefined, null, "text"]) assert.throws(() => build(bad), { code: "record_refused" });
  for (const bad of [{ synonyms: "refund" }, { synonyms: ["refund"] }, { log: [["a", "b"]] }, { pinned: [{ query: "a" }] }, { locale: 5 }]) {
    assert.throws(() => build(records, bad), { code: "bad_argument" });
  }
  const twice = [{ id: "a", title: "One" }, { id: "a", title: "Two" }];
  assert.throws(() => buildIndex(twice), { code: "record_refused", message: 'Two records have the id "a".' });
  /** @type {unknown[]} */
  const remarks = [];
  buildIndex(twice, { onRemark: (remark) => remarks.push(remark) });
  assert.deepEqual(remarks, [{ code: "repeatedId", reason: "repeatedId", id: "a" }]);
});

test("ids may be numbers everywhere, and half a character is no reason to refuse a text", () => {
  const index = open(buildIndex([{ id: 1, title: "Refund \ud800" }, { id: 2, title: "Delivery \\ud800" }], {
    log: [{ query: "send it back", id: 1 }],
    pinned: [{ query: "hello", ids: [2] }],
  }));
  assert.equal(index.search("send it back")[0]?.id, "1");
  assert.equal(index.search("hello")[0]?.id, "2");
  assert.equal(index.article("1")?.title, "Refund \ufffd");
  assert.equal(index.article("2")?.title, "Delivery \\ud800");
});

test("links of records that may not be followed are gone", () => {
  const body = [{ paragraph: [{ link: { href: "javascript:alert(1)", host: "", content: [{ text: "x" }] } }] }];
  const index = open(buildIndex([{ id: "a", title: "A", body }, { id: "b", title: "B", body: "[x](data:text/html,1)" }]));
  assert.deepEqual(index.article("a")?.body, [{ paragraph: [{ text: "x" }] }]);
  assert.deepEqual(index.article("b")?.body, [{ paragraph: [{ text: "x" }] }]);
});

test("an index built here is, byte for byte, the index that the desk builds", async () => {
  const fixture = (/** @type {string} */ name) => readFile(new URL(`../fixtures/faq/${name}`, import.meta.url), "utf8");
  const bytes = Buffer.from(buildIndex(JSON.parse(await fixture("records.json")), { locale: "en", now_ms: 0 }));
  const titles = bytes.readUInt32LE(8);
  // The checksum in each part's header, which covers all of it.
  const sums = [0, titles].map((at) => `${bytes.subarray(at + 16, at + 24).toString("hex")}\n`).join("");
  assert.equal(sums, await fixture("records.sums"));
});

test("the scores of surveys come with how many answered and how sure that is", () => {
  const times = (/** @type {number} */ count, /** @type {number} */ answer) => Array(count).fill(answer);
  const near = (/** @type {number | null} */ value, /** @type {number} */ expected) =>
    assert.ok(value !== null && Math.abs(value - expected) < 1e-3, `${value} is not ${expected}`);

  const csat = scores.csat([...times(8, 5), 3, 1]);
  near(csat.value, 80);
  near(csat.low, 49.0162);
  near(csat.high, 94.3318);
  const nps = scores.nps([...times(50, 10), ...times(30, 8), ...times(20, 2)]);
  near(nps.value, 30);
  near(nps.high, 45.3078);
  assert.equal(nps.n, 100);
  assert.deepEqual(scores.nps(times(10, 9)).low, null, "all alike: no interval of no width");
  near(scores.ces([7, 6, 5, 2]).index, 25);
  assert.equal(scores.csat([]).value, null);
  assert.throws(() => scores.csat([6]), { code: "bad_argument" });
  assert.throws(() => scores.nps([1.5]), { code: "bad_argument" });
});
