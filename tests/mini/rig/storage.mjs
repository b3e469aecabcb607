// A runtime's key/value storage: 1 MB a key, 10 MB in all, and what can go wrong with it.

const keyBytesMax = 1024 * 1024;
const bytesMax = 10 * 1024 * 1024;

export class Storage {
  constructor() {
    /** As it lies on the device; outlives the mini-program. @type {Map<string, string>} */
    this.kept = new Map();
    this.bytesMax = bytesMax;
    /** Reads and writes fail, without a reason. */
    this.isBroken = false;
    /** Writes until the process ends in the middle of one. */
    this.writesLeft = Infinity;
    /** Called when that happens. */
    this.onEnd = () => {};
  }

  get bytes() {
    let bytes = 0;
    for (const [key, text] of this.kept) bytes += Buffer.byteLength(key) + Buffer.byteLength(text);
    return bytes;
  }

  /** @param {string} key @returns {unknown} */
  get(key) {
    if (this.isBroken) throw new Error("internal error");
    const text = this.kept.get(key);
    if (text === undefined) throw new Error("data not found");
    return JSON.parse(text);
  }

  /** @param {string} key @param {unknown} data */
  set(key, data) {
    if (this.isBroken) throw new Error("internal error");
    const text = JSON.stringify(data);
    if (Buffer.byteLength(text) > keyBytesMax) throw new Error("entry size limit reached");
    const before = Buffer.byteLength(this.kept.get(key) ?? "");
    if (this.bytes - before + Buffer.byteLength(text) > this.bytesMax) throw new Error("the maximum size of the storage limit is exceeded");
    this.writesLeft -= 1;
    if (this.writesLeft > 0) return void this.kept.set(key, text);
    // What a power cut leaves of it.
    const torn = String(data);
    this.kept.set(key, JSON.stringify(torn.slice(0, Math.floor(torn.length / 2))));
    this.onEnd();
    throw new Error("the process ended");
  }

  /** @param {string} key */
  remove(key) {
    if (this.isBroken) throw new Error("internal error");
    this.kept.delete(key);
  }
}
