// A runtime's files: those that the mini-program keeps, and those that are gone with it.

const bytesMax = 200 * 1024 * 1024;

export class Files {
  constructor() {
    /** Of the mini-program's own folder; outlive it. @type {Map<string, Buffer>} */
    this.kept = new Map();
    /** What was chosen or downloaded. @type {Map<string, Buffer>} */
    this.temporary = new Map();
    this.bytesMax = bytesMax;
    /** Reads and writes fail, without a reason. */
    this.isBroken = false;
    this.lastTemporary = 0;
  }

  /** @param {Buffer} bytes @param {string} ending */
  putTemporary(bytes, ending) {
    const path = `wxfile://tmp_${++this.lastTemporary}.${ending}`;
    this.temporary.set(path, bytes);
    return path;
  }

  /** @param {string} path @returns {Buffer} */
  read(path) {
    if (this.isBroken) throw new Error("internal error");
    const bytes = this.kept.get(path) ?? this.temporary.get(path);
    if (!bytes) throw new Error(`no such file or directory ${path}`);
    return bytes;
  }

  /** @param {string} path @param {Buffer} bytes */
  write(path, bytes) {
    if (this.isBroken) throw new Error("internal error");
    if (!path.startsWith("wxfile://usr/")) throw new Error(`permission denied, open ${path}`);
    const others = [...this.kept].reduce((sum, [name, { length }]) => sum + (name === path ? 0 : length), 0);
    if (others + bytes.length > this.bytesMax) throw new Error("the maximum size of the file storage limit is exceeded");
    this.kept.set(path, bytes);
  }

  /** @param {string} path */
  remove(path) {
    if (!this.kept.delete(path)) throw new Error(`no such file or directory ${path}`);
  }
}
