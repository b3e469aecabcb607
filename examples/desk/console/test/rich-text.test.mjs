// The console reads a message as the visitor's core does, and nothing in it leads elsewhere than it seems.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./load.mjs";

const { parse } = /** @type {typeof import("../rich-text.js")} */ (await load("rich-text.ts"));
const { answerLink, linkTo, webAddress } = /** @type {typeof import("../link.js")} */ (await load("link.ts"));

/** @typedef {import("../../../../js/types/richtext.js").Block} Block */

const fixtures = /** @type {{ text: string, blocks: Block[] }[]} */ (
  JSON.parse(await readFile(new URL("../../../../tests/fixtures/richtext/messages.json", import.meta.url), "utf8"))
);

for (const { text, blocks } of fixtures) {
  test(`${JSON.stringify(text)} is the same tree as for the visitor`, () => {
    assert.deepEqual(parse(text), blocks);
  });
}

test("an address that hides its host is no link", () => {
  for (const address of ["https://bank@evil.example", "https://bank:x@evil.example/", "http:\\\\evil.example", "https://", "https://a\u202Eb.example", "https://a\u200Bb.example", "//evil.example", "javascript:alert(1)", "data:text/html,x"]) {
    assert.equal(linkTo(address, address), undefined, address);
  }
});

test("a host that looks like another is spelled out", () => {
  assert.equal(linkTo("https://аpple.com/login", "https://аpple.com/login")?.host, "xn--pple-43d.com");
  assert.equal(linkTo("https://apple.com/login", "https://apple.com/login")?.host, "");
  assert.equal(linkTo("HTTPS://Apple.com:443/", "HTTPS://Apple.com:443/")?.host, "");
});

test("of a very long text of marks nothing is lost", () => {
  for (const piece of ["**_", "[a](", "(@a.b", "_*x"]) {
    const text = piece.repeat(20_000);
    const shown = JSON.stringify(parse(text)).length;
    assert.ok(shown >= text.length, piece);
  }
});

test("the page a visitor came from is a link only if it is a web address", () => {
  assert.equal(webAddress("https://shop.example/cart"), "https://shop.example/cart");
  for (const address of ["javascript:alert(1)", "", "shop.example", "https://a b", "https://user@evil.example", "mailto:a@b.example"]) {
    assert.equal(webAddress(address), undefined, address);
  }
});

test("a ticket is answered by a mail that names it, or by a call", () => {
  const left = (/** @type {string} */ replyTo) => answerLink({ replyTo, name: "", number: 42 }, "My lamp & its bulb?\nIt flickers");
  assert.equal(left("mei+x@post.example"), "mailto:mei%2Bx@post.example?subject=%5B%2342%5D%20My%20lamp%20%26%20its%20bulb%3F");
  assert.equal(left("o'brien@例子.中国")?.startsWith("mailto:o'brien@%E4%BE%8B"), true);
  assert.equal(left("+44 (0)20 7946-0018"), "tel:+4402079460018");
  assert.equal(answerLink({ replyTo: "a@b.cn", name: "" }, "😀".repeat(90)), `mailto:a@b.cn?subject=${encodeURIComponent("😀".repeat(60))}`);
});

test("what is no address to answer to is no link, and adds nothing to one", () => {
  for (const replyTo of ["javascript:alert(1)", "a@b.cn?bcc=c@d.example", "a@b.cn&body=x", "a@b.cn, c@d.example", "<a@b.cn>", "a@b.cn\u202E", "a@b", "call me", "https://evil.example/@b.cn"]) {
    const href = answerLink({ replyTo, name: "", number: 1 }, "Hello");
    assert.ok(href === undefined || /^mailto:[^?&]+\?subject=[^?&]+$/u.test(href), `${replyTo} gave ${href}`);
  }
});
