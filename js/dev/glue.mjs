// Turns wasm-bindgen's glue into an ES module whose bindings can be made more than once. The glue
// keeps the instance and its memory in variables, so after a panic a fresh instance needs fresh glue.
import { transform } from "esbuild";

// It would look for its own script's address, to guess where the wasm lies; ours is always told.
const guess = /^ {4}let script_src;\n {4}if \(typeof document[^]*?\n {4}\}\n/m;
const opening = "let wasm_bindgen = (function(exports) {\n";

/**
 * @param {string} glue what `wasm-bindgen --target no-modules` wrote
 * @returns {Promise<string>} `export function createBindings(host)`, minified
 */
export async function factory(glue) {
  if (!glue.startsWith(opening) || !guess.test(glue)) {
    throw new Error("the glue is not of the form that this script knows: has wasm-bindgen's output changed?");
  }
  const module = `
    export function createBindings(host = globalThis) {
      const { WebAssembly, TextDecoder, TextEncoder } = host;
      ${glue.replace(guess, "")}
      return wasm_bindgen;
    }`;
  const { code } = await transform(module, { minify: true, format: "esm", target: "es2020", legalComments: "none" });
  return code;
}
