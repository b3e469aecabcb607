// The text codec of runtimes without one says what the native one says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";
import { at } from "../../js/dev/paths.mjs";

const { outputFiles } = await build({ entryPoints: [at("js", "mini-program", "text-codec.ts")], bundle: true, format: "esm", write: false });
const ours = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString("base64")}`);

/** The same numbers in every run. */
function random(seed = 7) {
  return (/** @type {number} */ below) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

test("bytes of any kind become the text that the native decoder makes of them", () => {
  const below = random();
  const native = new TextDecoder("utf-8", { ignoreBOM: true });
  const decoder = new ours.TextDecoder();
  const leads = [0x00, 0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff];
  for (let round = 0; round < 40_000; round += 1) {
    const bytes = Uint8Array.from({ length: below(12) }, () => (below(2) ? (leads[below(leads.length)] ?? 0) : below(256)));
    assert.equal(decoder.decode(bytes), native.decode(bytes), Buffer.from(bytes).toString("hex"));
  }
});

test("texts of any kind, halves of pairs too, become the bytes that the native encoder makes of them", () => {
  const below = random();
  const native = new TextEncoder();
  const encoder = new ours.TextEncoder();
  for (let round = 0; round < 40_000; round += 1) {
    const unit = () => [below(0x80), below(0x800), 0xd800 + below(0x800), below(0x10000)][below(4)] ?? 0;
    const text = String.fromCharCode(...Array.from({ length: below(10) }, unit));
    assert.deepEqual(encoder.encode(text), native.encode(text));
    const [mine, theirs] = [new Uint8Array(7), new Uint8Array(7)];
    assert.deepEqual(encoder.encodeInto(text, mine), native.encodeInto(text, theirs));
    assert.deepEqual(mine, theirs);
  }
});

test("long texts go there and back", () => {
  const text = "包裹 📦 parcel ".repeat(20_000);
  assert.equal(new ours.TextDecoder().decode(new ours.TextEncoder().encode(text)), text);
  assert.deepEqual(new ours.TextDecoder().decode(), "");
});
