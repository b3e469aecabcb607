// A WebAssembly module as bytes: its sections, and the numbers they are made of.

export const section = { custom: 0, type: 1, import: 2, function: 3, table: 4, memory: 5, global: 6, export: 7, start: 8, element: 9, code: 10, data: 11 };
export const kinds = ["function", "table", "memory", "global"];

/** Reads on from where it stands. */
export class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get more() {
    return this.at < this.bytes.length;
  }

  byte() {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error("the module breaks off");
    return byte;
  }

  /** An unsigned number. */
  number() {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** A signed number; only whether it is negative is of interest here. @returns {boolean} */
  isNegative() {
    let byte = this.byte();
    while (byte & 0x80) byte = this.byte();
    return (byte & 0x40) !== 0;
  }

  /** @param {number} count */
  take(count) {
    if (this.at + count > this.bytes.length) throw new Error("the module breaks off");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  name() {
    return Buffer.from(this.take(this.number())).toString("utf8");
  }
}

/**
 * @param {Uint8Array} wasm
 * @returns {Generator<{ id: number, body: Uint8Array, whole: Uint8Array }>}
 */
export function* sections(wasm) {
  const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  if (magic.some((byte, at) => wasm[at] !== byte)) throw new Error("this is no WebAssembly module");
  const reader = new Reader(wasm, magic.length);
  while (reader.more) {
    const start = reader.at;
    const id = reader.byte();
    const body = reader.take(reader.number());
    yield { id, body, whole: wasm.subarray(start, reader.at) };
  }
}

/** @param {number} value */
export function unsigned(value) {
  const bytes = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

/** The module without its exported globals, which WebAssembly on iOS does not hand out. @param {Uint8Array} wasm */
export function withoutExportedGlobals(wasm) {
  const parts = [wasm.subarray(0, 8)];
  for (const { id, body, whole } of sections(wasm)) {
    if (id !== section.export) {
      parts.push(whole);
      continue;
    }
    const reader = new Reader(body);
    const kept = [];
    for (let count = reader.number(); count > 0; count -= 1) {
      const start = reader.at;
      reader.name();
      const kind = kinds[reader.byte()];
      reader.number();
      if (kind !== "global") kept.push(body.subarray(start, reader.at));
    }
    const exports = Buffer.concat([unsigned(kept.length), ...kept]);
    parts.push(Buffer.from([section.export]), unsigned(exports.length), exports);
  }
  return Buffer.concat(parts);
}
