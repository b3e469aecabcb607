// Which instructions and types newer than the first WebAssembly a module uses. Node runs them all, so
// that a module runs here says nothing of an old phone.
// node js/dev/wasm-features.mjs FILE... lists them.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { kinds, Reader, section, sections } from "./wasm-binary.mjs";

const i64 = 0x7e;
const end = 0x0b;

/** The value types of the first version: i32, i64, f32, f64. @param {number} type */
const isOld = (type) => type >= 0x7c && type <= 0x7f;

/**
 * @param {Uint8Array} wasm
 * @returns {Map<string, number>} how often each is used; none for a module of the first version without
 *   exported globals and without i64 in what JavaScript calls or is called by
 */
export function newerFeatures(wasm) {
  /** @type {Map<string, number>} */
  const found = new Map();
  const use = (/** @type {string} */ feature) => found.set(feature, (found.get(feature) ?? 0) + 1);
  /** Whether a function type has an i64. @type {boolean[]} */
  const wide = [];
  /** The types of the functions, imported ones first. @type {number[]} */
  const functions = [];

  /** @param {Reader} reader */
  const valueType = (reader) => {
    const type = reader.byte();
    if (type === 0x7b) use("simd");
    else if (!isOld(type)) use("reference-types");
    return type;
  };
  /** @param {Reader} reader */
  const limits = (reader) => {
    const flags = reader.byte();
    if (flags > 1) use("threads or memory64");
    reader.number();
    if (flags & 1) reader.number();
  };
  /** @param {Reader} reader */
  const table = (reader) => {
    if (reader.byte() !== 0x70) use("reference-types");
    limits(reader);
  };
  /** @param {Reader} reader */
  const constant = (reader) => {
    const instruction = reader.byte();
    if (instruction === 0x41 || instruction === 0x42) reader.isNegative();
    else if (instruction === 0x43) reader.take(4);
    else if (instruction === 0x44) reader.take(8);
    else if (instruction === 0x23) reader.number();
    else throw new Unknown(`constant 0x${instruction.toString(16)}`);
    if (reader.byte() !== end) throw new Unknown("a constant of several instructions");
  };
  /** @param {Reader} reader @param {(reader: Reader) => void} each */
  const list = (reader, each) => {
    for (let count = reader.number(); count > 0; count -= 1) each(reader);
  };

  /** @type {Record<number, (reader: Reader) => void>} */
  const read = {
    [section.type]: (reader) =>
      list(reader, () => {
        if (reader.byte() !== 0x60) throw new Unknown("a type that is no function");
        let isWide = false;
        list(reader, () => void (isWide = valueType(reader) === i64 || isWide));
        const results = reader.number();
        if (results > 1) use("multivalue");
        for (let at = 0; at < results; at += 1) isWide = valueType(reader) === i64 || isWide;
        wide.push(isWide);
      }),
    [section.import]: (reader) =>
      list(reader, () => {
        reader.name();
        reader.name();
        const kind = kinds[reader.byte()];
        if (kind === "function") {
          const type = reader.number();
          functions.push(type);
          if (wide[type]) use("i64 in an import");
        } else if (kind === "table") table(reader);
        else if (kind === "memory") limits(reader);
        else if (kind === "global") {
          valueType(reader);
          if (reader.byte() === 1) use("mutable-globals");
        } else throw new Unknown("an import of a new kind");
      }),
    [section.function]: (reader) => list(reader, () => void functions.push(reader.number())),
    [section.table]: (reader) => {
      const count = reader.number();
      if (count > 1) use("reference-types");
      for (let at = 0; at < count; at += 1) table(reader);
    },
    [section.memory]: (reader) => list(reader, limits),
    [section.global]: (reader) =>
      list(reader, () => {
        valueType(reader);
        reader.byte();
        constant(reader);
      }),
    [section.export]: (reader) =>
      list(reader, () => {
        reader.name();
        const kind = kinds[reader.byte()];
        const index = reader.number();
        if (kind === "global") use("exported global");
        if (kind === "function" && wide[functions[index] ?? -1]) use("i64 in an export");
      }),
    [section.element]: (reader) =>
      list(reader, () => {
        if (reader.number() !== 0) throw new Unknown("an element segment of a new kind");
        constant(reader);
        list(reader, () => void reader.number());
      }),
    [section.code]: (reader) =>
      list(reader, () => {
        const body = new Reader(reader.take(reader.number()));
        list(body, () => {
          body.number();
          valueType(body);
        });
        while (body.more) instruction(body, use, valueType);
      }),
    [section.data]: (reader) =>
      list(reader, () => {
        if (reader.number() !== 0) throw new Unknown("a data segment of a new kind");
        constant(reader);
        reader.take(reader.number());
      }),
  };

  for (const { id, body } of sections(wasm)) {
    try {
      if (id !== section.custom && id !== section.start) (read[id] ?? newSection(id))(new Reader(body));
    } catch (problem) {
      if (!(problem instanceof Unknown)) throw problem;
      // What cannot be read any further is newer than all that can.
      use(problem.message);
    }
  }
  return found;
}

/** Something that the first version did not have, and that is not told apart here. */
class Unknown extends Error {}

/** @param {number} id @returns {() => never} */
const newSection = (id) => () => {
  throw new Unknown(`section ${id}`);
};

/**
 * @param {Reader} reader
 * @param {(feature: string) => void} use
 * @param {(reader: Reader) => number} valueType
 */
function instruction(reader, use, valueType) {
  const code = reader.byte();
  if (code >= 0x45 && code <= 0xbf) return; // arithmetic and comparisons
  if (code >= 0x28 && code <= 0x3e) {
    // loads and stores: alignment, offset
    if (reader.number() & 0x40) throw new Unknown("multi-memory");
    reader.number();
    return;
  }
  if (code >= 0x20 && code <= 0x24) return void reader.number(); // variables
  if (code >= 0xc0 && code <= 0xc4) { use("sign-ext"); return; }
  switch (code) {
    case 0x00: // unreachable, nop, else, end, return, drop, select
    case 0x01:
    case 0x05:
    case end:
    case 0x0f:
    case 0x1a:
    case 0x1b:
      return;
    case 0x02: // block, loop, if
    case 0x03:
    case 0x04:
      { blockType(reader, use); return; }
    case 0x0c: // br, br_if, call
    case 0x0d:
    case 0x10:
      return void reader.number();
    case 0x0e: {
      // br_table
      for (let count = reader.number(); count >= 0; count -= 1) reader.number();
      return;
    }
    case 0x11: {
      // call_indirect: a type, and in the first version one byte of zero
      reader.number();
      const before = reader.at;
      if (reader.number() !== 0 || reader.at - before !== 1) use("reference-types");
      return;
    }
    case 0x3f: // memory.size, memory.grow
    case 0x40:
      if (reader.byte() !== 0) throw new Unknown("multi-memory");
      return;
    case 0x41: // constants
    case 0x42:
      return void reader.isNegative();
    case 0x43:
      return void reader.take(4);
    case 0x44:
      return void reader.take(8);
    case 0x1c: {
      use("reference-types");
      for (let count = reader.number(); count > 0; count -= 1) valueType(reader);
      return;
    }
    case 0xfc: {
      const which = reader.number();
      if (which <= 7) { use("nontrapping-float-to-int"); return; }
      if (which > 14) throw new Unknown("reference-types");
      use("bulk-memory");
      reader.number();
      if (which !== 9 && which !== 11 && which !== 13) reader.number();
      return;
    }
    case 0xfd:
      throw new Unknown("simd");
    case 0xfe:
      throw new Unknown("threads");
    default:
      throw new Unknown(`instruction 0x${code.toString(16)}`);
  }
}

/** @param {Reader} reader @param {(feature: string) => void} use */
function blockType(reader, use) {
  const type = reader.bytes[reader.at] ?? 0;
  if (type === 0x40 || isOld(type)) return void reader.byte();
  if (type === 0x7b) throw new Unknown("simd");
  use(reader.isNegative() ? "reference-types" : "multivalue");
}

/** @param {string} file */
async function report(file) {
  const found = newerFeatures(await readFile(file));
  console.log(`${file}: ${[...found].map(([name, count]) => `${name} (${count})`).join(", ") || "the first version of WebAssembly"}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) for (const file of process.argv.slice(2)) await report(file);
