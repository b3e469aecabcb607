// Puts functions that are alike side by side. A module means the same in any order of its functions, but
// is compressed better where what repeats is near: a thirtieth of the core's download.
import { kinds, Reader, section, sections, unsigned } from "./wasm-binary.mjs";

/** So many bytes are what two functions may have in common. */
const phrase = 4;
/** A phrase that so many functions have says nothing. */
const owners_max = 400;

/**
 * The module with a name for each of its functions, for wasm-opt's `--reorder-functions-by-name`.
 * @param {Buffer} wasm
 */
export function namedByLikeness(wasm) {
  let imported = 0;
  /** @type {number[]} */
  const types = [];
  /** @type {Uint8Array[]} */
  const bodies = [];
  for (const { id, body } of sections(wasm)) {
    const reader = new Reader(body);
    if (id === section.import) imported = importedFunctions(reader);
    else if (id === section.function) for (let left = reader.number(); left > 0; left -= 1) types.push(reader.number());
    else if (id === section.code) for (let left = reader.number(); left > 0; left -= 1) bodies.push(reader.take(reader.number()));
  }
  const places = likenessOrder(types, bodies);
  const entries = [unsigned(imported + places.length)];
  for (let index = 0; index < imported + places.length; index += 1) {
    const place = index < imported ? index : imported + (places[index - imported] ?? 0);
    const name = Buffer.from(String(place).padStart(6, "0"));
    entries.push(unsigned(index), unsigned(name.length), name);
  }
  const functions = Buffer.concat(entries);
  const names = Buffer.concat([unsigned(4), Buffer.from("name"), unsigned(1), unsigned(functions.length), functions]);
  return Buffer.concat([wasm, unsigned(section.custom), unsigned(names.length), names]);
}

/** @param {Reader} reader of the imports, which are functions all */
function importedFunctions(reader) {
  const count = reader.number();
  for (let left = count; left > 0; left -= 1) {
    reader.name();
    reader.name();
    if (kinds[reader.byte()] !== "function") throw new Error("something is imported that is no function");
    reader.number();
  }
  return count;
}

/**
 * From each function to the one most like it of those that are left, first of the same type.
 * @param {number[]} types
 * @param {Uint8Array[]} bodies
 * @returns {number[]} the place of each
 */
function likenessOrder(types, bodies) {
  const phrases = bodies.map(phrasesOf);
  /** Which functions have a phrase. @type {Map<number, number[]>} */
  const owners = new Map();
  for (const [index, own] of phrases.entries()) {
    for (const one of own) owners.set(one, [...(owners.get(one) ?? []), index]);
  }
  const ownersOf = (/** @type {number} */ one) => owners.get(one) ?? [];
  const rarity = (/** @type {number} */ one) => Math.log(bodies.length / ownersOf(one).length);
  const weights = phrases.map((own) => [...own].reduce((sum, one) => sum + rarity(one), 0));

  const left = new Set(bodies.keys());
  /** @type {number[]} */
  const places = [];
  for (let at = 0; left.size > 0;) {
    left.delete(at);
    places[at] = bodies.length - left.size - 1;
    const shared = new Float64Array(bodies.length);
    for (const one of phrases[at] ?? []) {
      const having = ownersOf(one);
      if (having.length <= owners_max) for (const other of having) shared[other] = (shared[other] ?? 0) + rarity(one);
    }
    /** What both have, of what either has; more than that where the type is the same. @param {number} other */
    const likeness = (other) => {
      const both = shared[other] ?? 0;
      return both / ((weights[at] ?? 0) + (weights[other] ?? 0) - both + 1) + Number(types[at] === types[other]);
    };
    let [next, most] = [-1, -1];
    for (const other of left) {
      const like = likeness(other);
      if (like > most) [next, most] = [other, like];
    }
    at = next;
  }
  return places;
}

/** @param {Uint8Array} body @returns {Set<number>} */
function phrasesOf(body) {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  /** @type {Set<number>} */
  const found = new Set();
  for (let at = 0; at + phrase <= body.length; at += 1) found.add(view.getUint32(at));
  return found;
}
