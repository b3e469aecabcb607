// The core's files: of the first WebAssembly version, and the scanner that says so finds what is newer.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import { at, dist } from "../../js/dev/paths.mjs";
import { run } from "../../js/dev/run.mjs";
import { withoutExportedGlobals } from "../../js/dev/wasm-binary.mjs";
import { newerFeatures } from "../../js/dev/wasm-features.mjs";

const core = (/** @type {string} */ name) => readFile(join(dist, "mini-program", "core", name));

/** @param {string} text of a module @returns {Promise<Buffer>} */
async function assembled(text) {
  const { default: binaryen } = await import("binaryen");
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  return Buffer.from(module.emitBinary());
}

test("the core uses nothing newer than the first version, for base library 2.14 and every one after it", async () => {
  assert.deepEqual([...newerFeatures(await core("deskside.wasm"))], []);
  const { length } = brotliDecompressSync(await core("deskside.wasm.br"));
  assert.equal(length, (await core("deskside.wasm")).length);
});

test("the script is one of ES2017", async () => {
  const file = join(dist, "mini-program", "core", "deskside-core.js");
  const esbuild = at("node_modules", "esbuild", "bin", "esbuild");
  // Nothing is left to lower.
  const [old, newest] = await Promise.all(["es2017", "esnext"].map((target) => run(esbuild, [file, `--target=${target}`])));
  assert.ok(old === newest, "something newer is left");
});

/** @type {Record<string, string>} */
const newer = {
  "sign-ext": "(func (export \"f\") (param i32) (result i32) (i32.extend8_s (local.get 0)))",
  "nontrapping-float-to-int": "(func (export \"f\") (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0)))",
  "bulk-memory": "(memory 1) (func (export \"f\") (memory.fill (i32.const 0) (i32.const 0) (i32.const 1)))",
  multivalue: "(func (export \"f\") (result i32 i32) (i32.const 1) (i32.const 2))",
  "reference-types": "(func (export \"f\") (param externref))",
  simd: "(func (export \"f\") (drop (v128.const i32x4 0 0 0 0)))",
  "i64 in an export": "(func (export \"f\") (param i64))",
  "i64 in an import": "(import \"a\" \"b\" (func (param i64)))",
  "mutable-globals": "(import \"a\" \"b\" (global (mut i32)))",
  "exported global": "(global (export \"g\") i32 (i32.const 1))",
};

for (const [feature, text] of Object.entries(newer)) {
  test(`the scanner finds ${feature}`, async () => {
    assert.ok(newerFeatures(await assembled(`(module ${text})`)).has(feature));
  });
}

test("exported globals are taken out, and the rest is as it was", async () => {
  const before = await assembled(`(module (global (export "g") i32 (i32.const 7)) (func (export "f") (result i32) (i32.const 3)))`);
  const module = await WebAssembly.compile(withoutExportedGlobals(before));
  const { exports } = await WebAssembly.instantiate(module);
  assert.deepEqual(Object.keys(exports), ["f"]);
  assert.equal(/** @type {() => number} */ (exports["f"])(), 3);
});
