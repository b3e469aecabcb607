// npm run size -- --functions: which functions and which modules the core's bytes are in.
import { readFile } from "node:fs/promises";
import { step } from "./progress.mjs";
import { namedBuild } from "./wasm.mjs";

const shown_max = 80;
const codeSection = 10;
const functionNames = 1;

/** @param {Buffer} bytes @param {number} from */
function reader(bytes, from) {
  let at = from;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  const skip = () => {
    const length = number();
    at += length;
    return length;
  };
  const text = () => {
    const length = skip();
    return bytes.toString("utf8", at - length, at);
  };
  return { number, skip, text, position: () => at, more: () => at < bytes.length };
}

/** @param {Buffer} wasm @returns {number[]} the length of each function of its own */
function functionLengths(wasm) {
  const read = reader(wasm, 8);
  while (read.more()) {
    if (wasm[read.position()] === codeSection) {
      read.number();
      read.number();
      return Array.from({ length: read.number() }, read.skip);
    }
    read.number();
    read.skip();
  }
  return [];
}

/** @param {WebAssembly.Module} module @returns {Map<number, string>} by the function's number */
function nameTable(module) {
  /** @type {Map<number, string>} */
  const names = new Map();
  const bytes = Buffer.from(WebAssembly.Module.customSections(module, "name")[0] ?? new ArrayBuffer(0));
  const read = reader(bytes, 0);
  while (read.more()) {
    if (read.number() !== functionNames) read.skip();
    else {
      read.number();
      for (let left = read.number(); left > 0; left -= 1) names.set(read.number(), read.text());
    }
  }
  return names;
}

/** The crate and module of a function's name: `<a::b::C as d::E>::f` is in `a::b`. @param {string} name */
const moduleOf = (name) => /[a-z_]\w*(::[a-z_]\w*)?/.exec(name.replace(/\[[0-9a-f]+\]/g, ""))?.[0] ?? name;

/** @param {string} feature */
export async function functionReport(feature) {
  /** @type {string} */
  const path = await step(`wasm ${feature}, with names`, (doing) => namedBuild(feature, doing));
  const wasm = await readFile(path);
  const module = await WebAssembly.compile(wasm);
  const imported = WebAssembly.Module.imports(module).filter(({ kind }) => kind === "function").length;
  const names = nameTable(module);
  const functions = functionLengths(wasm).map((bytes, index) => ({ bytes, name: names.get(imported + index) ?? `function ${index}` }));
  /** @type {Map<string, number>} */
  const modules = new Map();
  for (const { bytes, name } of functions) modules.set(moduleOf(name), (modules.get(moduleOf(name)) ?? 0) + bytes);
  const line = (/** @type {number} */ bytes, /** @type {string} */ name) => `${String(bytes).padStart(8)}  ${name.slice(0, 140)}`;
  return [
    "bytes before compression, by function",
    ...functions.sort((a, b) => b.bytes - a.bytes).slice(0, shown_max).map(({ bytes, name }) => line(bytes, name)),
    "",
    "by module",
    ...[...modules].sort((a, b) => b[1] - a[1]).slice(0, shown_max / 2).map(([name, bytes]) => line(bytes, name)),
  ].join("\n");
}
