// Turns wasm-bindgen's glue into an ES module whose bindings can be made more than once. The glue
// keeps the instance and its memory in variables, so after a panic a fresh instance needs fresh glue.
import { transform } from "esbuild";

const opening = "let wasm_bindgen = (function(exports) {\n";
// It would look for its own script's address, to guess where the wasm lies; ours is always told.
const guess = /^ {4}let script_src;\n {4}if \(typeof document[^]*?\n {4}\}\n/m;
// It would load the module in six ways, of which ours is none: what has been compiled is given to it.
const loading = /^ {4}async function __wbg_load\([^]*(?=^\}\)\(\{ __proto__: null \}\);)/m;
const instantiation = `
  return Object.assign(async ({ module_or_path }) => {
    const made = await WebAssembly.instantiate(module_or_path, __wbg_get_imports());
    return __wbg_finalize_init(made.instance ?? made);
  }, exports);
`;
// Nobody asks for these.
const kept = /^ {8}(wasmInstance = instance|wasmModule = module);\n/gm;

// A memory that has grown is another buffer. Of the core as a script the old one stays whole, so that its
// length does not tell.
const growths = [
  /(cachedUint8ArrayMemory0)\.byteLength === 0/,
  /(cachedDataViewMemory0)\.buffer\.detached === true \|\| \([^)]+\)/,
];

/**
 * @param {string} glue what `wasm-bindgen --target no-modules` wrote
 * @returns {Promise<string>} `export function createBindings(host)`, minified
 */
export async function factory(glue) {
  if (!glue.startsWith(opening) || ![guess, loading, kept, ...growths].every((part) => glue.search(part) >= 0)) {
    throw new Error("the glue is not of the form that this script knows: has wasm-bindgen's output changed?");
  }
  for (const growth of growths) glue = glue.replace(growth, "$1.buffer !== wasm.memory.buffer");
  const module = `
    export function createBindings(host = globalThis) {
      const { WebAssembly, TextDecoder, TextEncoder } = host;
      ${glue.replace(guess, "").replace(loading, () => instantiation).replace(kept, "")}
      return wasm_bindgen;
    }`;
  const { code } = await transform(module, { minify: true, format: "esm", target: "es2020", legalComments: "none" });
  return code;
}

const importing = /^import \* as a from 'a';\n/m;
const exporting = /^export var \w+ = retasmFunc\.\w+;\n/gm;

/**
 * Turns what wasm2js wrote, a module that is one instance, into a CommonJS module that makes one for
 * each call, as WebAssembly does.
 *
 * @param {string} module
 * @returns {Promise<string>} `exports.instantiate = (imports) => exports`
 */
export async function scriptCore(module) {
  if (!importing.test(module) || !/^ *var retasmFunc = /m.test(module)) {
    throw new Error("the script is not of the form that this script knows: has wasm2js's output changed?");
  }
  const body = module.replace(importing, "").replace(exporting, "");
  const text = `exports.instantiate = function (imports) { var a = imports.a; ${body}; return retasmFunc; };`;
  const { code } = await transform(text, { minify: true, format: "cjs", target: "es2017", legalComments: "none" });
  return code;
}
