import type { Host, HostFiles } from "./host.js";

const FILE = "help-index";
/** Says whose bytes lie there; written last, removed first. */
const KEY = "deskside:help";
/** Where there are no files, the bytes lie in storage as texts: so many under a key, and so many in all. */
const PART_BYTES = 300_000;
const STORED_BYTES_MAX = 3_000_000;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

interface Kept {
  readonly url: string;
  /** As the server names this version of it, or nothing. */
  readonly tag: string;
  readonly bytes: number;
}

/** The help index on the device, so that the next start can search without a network. One at a time. */
export class HelpCache {
  constructor(
    private readonly host: Host,
    private readonly url: string,
  ) {}

  /** What is kept of this address; null where nothing is, or not all of it. */
  async read(): Promise<{ tag: string; bytes: Uint8Array } | null> {
    try {
      const { url, tag, bytes: length } = JSON.parse((await this.host.storage.get(KEY)) ?? "{}") as Kept;
      if (url !== this.url) return null;
      const { files } = this.host;
      const bytes = files ? new Uint8Array(await files.read(FILE)) : await this.stored(length);
      return bytes.length === length ? { tag, bytes } : null;
    } catch {
      return null;
    }
  }

  /** Keeps the index; where there is no room, nothing of it. */
  async write(tag: string, bytes: Uint8Array): Promise<void> {
    const { files, storage } = this.host;
    try {
      await storage.remove(KEY);
      if (files) await this.toFile(files, bytes);
      else await this.toStorage(bytes);
      await storage.set(KEY, JSON.stringify({ url: this.url, tag, bytes: bytes.length } satisfies Kept));
    } catch (error) {
      this.host.log("warn", "deskside: the help index is not kept on this device", error);
      await this.forget(bytes.length);
    }
  }

  /** Makes room again. */
  async forget(length = 0): Promise<void> {
    const { files, storage } = this.host;
    try {
      await storage.remove(KEY);
      await files?.remove(FILE);
      for (let part = 0; !files && part * PART_BYTES < length; part += 1) await storage.remove(`${KEY}:${part}`);
    } catch {
      // A storage that takes nothing has nothing.
    }
  }

  private toFile(files: HostFiles, bytes: Uint8Array): Promise<void> {
    // A buffer of its own: the bytes may be a view of a larger one.
    return files.write(FILE, bytes.slice().buffer);
  }

  private async toStorage(bytes: Uint8Array): Promise<void> {
    if (bytes.length > STORED_BYTES_MAX) throw new Error(`${bytes.length} bytes are too many for the storage`);
    for (let part = 0; part * PART_BYTES < bytes.length; part += 1) {
      const from = part * PART_BYTES;
      await this.host.storage.set(`${KEY}:${part}`, toText(bytes.subarray(from, from + PART_BYTES)));
    }
  }

  private async stored(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let part = 0; part * PART_BYTES < length; part += 1) {
      bytes.set(fromText((await this.host.storage.get(`${KEY}:${part}`)) ?? ""), part * PART_BYTES);
    }
    return bytes;
  }
}

/** Base64 without the platform's: some have none. */
function toText(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let digit = 0; digit < 4 && at + digit <= bytes.length; digit += 1) {
      parts.push(DIGITS.charAt((group >> (18 - 6 * digit)) & 63));
    }
  }
  return parts.join("");
}

function fromText(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let [group, held, at] = [0, 0, 0];
  for (const digit of text) {
    group = ((group << 6) | DIGITS.indexOf(digit)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at] = (group >> held) & 0xff;
    at += 1;
  }
  return bytes;
}
