// Gives the functions that the module imports short names, in the module and in its glue. Their long
// ones end in a hash that no compression shortens: 2.6 KB of the widget's download.

/** @param {Buffer} bytes @param {number} start @returns {[value: number, end: number]} */
function readLeb(bytes, start) {
  let [value, at, shift] = [0, start, 0];
  for (;;) {
    const byte = bytes.readUInt8(at);
    at += 1;
    value |= (byte & 0x7f) << shift;
    shift += 7;
    if (byte < 0x80) return [value >>> 0, at];
  }
}

/** @param {number} value @returns {Buffer} */
function leb(value) {
  const bytes = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

/** @param {Buffer} bytes @returns {Buffer} with its length before it */
const counted = (bytes) => Buffer.concat([leb(bytes.length), bytes]);

const importSection = 2;
const functionKind = 0;
const moduleName = "a";

/**
 * @param {Buffer} section
 * @param {string[]} names takes the names that were there
 * @returns {Buffer}
 */
function renamed(section, names) {
  let [count, at] = readLeb(section, 0);
  const parts = [leb(count)];
  const text = () => {
    const [length, start] = readLeb(section, at);
    at = start + length;
    return section.toString("utf8", start, at);
  };
  for (; count > 0; count -= 1) {
    text(); // the module: one for all
    const short = names.length.toString(36);
    names.push(text());
    if (section[at] !== functionKind) throw new Error(`${names.at(-1)} is imported, but is no function`);
    const [type, end] = readLeb(section, at + 1);
    at = end;
    parts.push(counted(Buffer.from(moduleName)), counted(Buffer.from(short)), Buffer.from([functionKind]), leb(type));
  }
  return Buffer.concat(parts);
}

/**
 * @param {Buffer} wasm
 * @param {string} glue as `wasm-bindgen --target no-modules` writes it
 * @returns {{ wasm: Buffer, glue: string }}
 */
export function shortenImports(wasm, glue) {
  /** @type {string[]} */
  const names = [];
  const parts = [wasm.subarray(0, 8)];
  for (let at = 8; at < wasm.length;) {
    const [length, start] = readLeb(wasm, at + 1);
    const end = start + length;
    if (wasm[at] !== importSection) parts.push(wasm.subarray(at, end));
    else parts.push(Buffer.from([importSection]), counted(renamed(wasm.subarray(start, end), names)));
    at = end;
  }
  const replaceOne = (/** @type {RegExp} */ pattern, /** @type {string} */ by) => {
    if (!pattern.test(glue)) throw new Error(`the glue has no ${pattern.source}: has wasm-bindgen's output changed?`);
    glue = glue.replace(pattern, by);
  };
  replaceOne(/^( +)"\.\/[\w-]+_bg\.js": import0,$/m, `$1${moduleName}: import0,`);
  for (const [index, name] of names.entries()) replaceOne(new RegExp(`^( +)${name}: function`, "m"), `$1"${index.toString(36)}": function`);
  return { wasm: Buffer.concat(parts), glue };
}
