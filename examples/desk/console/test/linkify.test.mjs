import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { linkify, webAddress } = /** @type {typeof import("../linkify.js")} */ (await load("linkify.ts"));

const links = (/** @type {string} */ text) => linkify(text).flatMap(({ text: shown, href }) => (href === undefined ? [] : [shown]));
const whole = (/** @type {string} */ text) => linkify(text).map(({ text: shown }) => shown).join("");

test("an address becomes a link and everything around it stays", () => {
  const text = "See https://shop.example/orders?id=7#top, please.";
  assert.deepEqual(links(text), ["https://shop.example/orders?id=7#top"]);
  assert.equal(whole(text), text);
});

test("the stop or bracket after an address is not part of it", () => {
  assert.deepEqual(links("(https://a.example/x)"), ["https://a.example/x"]);
  assert.deepEqual(links("https://a.example/x_(y)"), ["https://a.example/x_(y)"]);
  assert.deepEqual(links("[here](https://a.example/x)."), ["https://a.example/x"]);
  assert.deepEqual(links("https://a.example/x?!"), ["https://a.example/x"]);
});

test("Chinese punctuation ends an address", () => {
  assert.deepEqual(links("看https://a.example/x。谢谢"), ["https://a.example/x"]);
  assert.deepEqual(links("（https://a.example/x）"), ["https://a.example/x"]);
});

test("only http and https become links", () => {
  for (const text of ["javascript:alert(1)", "JaVa\tScript:alert(1)", "data:text/html,x", "vbscript:x", "blob:https://", "//evil.example", "ftp://a.example"]) {
    assert.deepEqual(links(text), [], text);
    assert.equal(whole(text), text);
  }
});

test("an address that hides its host stays text", () => {
  for (const text of ["https://bank@evil.example", "https://bank:x@evil.example/", "http:\\\\evil.example", "https://", "https://a\u202Eb.example", "https://a\u200Bb.example"]) {
    assert.deepEqual(links(text), [], text);
    assert.equal(whole(text), text);
  }
});

test("a host that looks like another is spelled out", () => {
  const [link] = linkify("https://аpple.com/login");
  assert.equal(link?.host, "xn--pple-43d.com");
  assert.equal(linkify("https://apple.com/login")[0]?.host, undefined);
  assert.equal(linkify("HTTPS://Apple.com:443/")[0]?.host, undefined);
});

test("a very long address stays text, and a very long text costs little time", () => {
  assert.deepEqual(links(`https://a.example/${"x".repeat(5_000)}`), []);
  const text = `${"https://a.example/) ".repeat(20_000)}${"(".repeat(100_000)}`;
  const started = performance.now();
  assert.equal(links(text).length, 20_000);
  assert.ok(performance.now() - started < 2_000);
});

test("the page a visitor came from is a link only if it is a web address", () => {
  assert.equal(webAddress("https://shop.example/cart"), "https://shop.example/cart");
  for (const address of ["javascript:alert(1)", "", "shop.example", "https://a b", "https://user@evil.example"]) {
    assert.equal(webAddress(address), undefined, address);
  }
});
