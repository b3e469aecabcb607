// The console reads a message as the visitor's core does, and nothing in it leads elsewhere than it seems.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./load.mjs";

const { parse } = /** @type {typeof import("../rich-text.js")} */ (await load("rich-text.ts"));
const { linkTo, webAddress } = /** @type {typeof import("../link.js")} */ (await load("link.ts"));

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
