import { DesksideError } from "../../client/error.js";

/** How an index begins; the length of its first part stands at `LENGTH_AT`, little-endian. */
const MAGIC = [0x44, 0x53, 0x4b, 0x41];
const LENGTH_AT = 8;
const LENGTH_END = LENGTH_AT + 4;

/** A help index as it arrives: the first part answers while the bodies are still on their way. */
export class IndexFile {
  private bytes = new Uint8Array(0);
  private ended = false;

  private constructor(private readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>) {}

  /** @throws DesksideError `index_load` */
  static async fetch(url: string): Promise<IndexFile> {
    return arriving(async () => {
      const response = await fetch(url);
      if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`);
      return new IndexFile(response.body.getReader());
    });
  }

  /** The first part, or whatever else these bytes are: the core says what is wrong with them. */
  async first(): Promise<Uint8Array> {
    await this.fill(LENGTH_END);
    const isIndex = this.bytes.length >= LENGTH_END && MAGIC.every((byte, at) => byte === this.bytes[at]);
    if (!isIndex) {
      void this.reader.cancel().catch(() => undefined);
      return this.bytes;
    }
    const length = new DataView(this.bytes.buffer).getUint32(LENGTH_AT, true);
    await this.fill(length);
    const first = this.bytes.slice(0, length);
    this.bytes = this.bytes.slice(length);
    return first;
  }

  /** What follows it; nothing where the file holds the first part alone. */
  async rest(): Promise<Uint8Array> {
    await this.fill(Infinity);
    return this.bytes;
  }

  private async fill(wanted: number): Promise<void> {
    const parts = [this.bytes];
    let length = this.bytes.length;
    while (length < wanted && !this.ended) {
      const { done, value } = await arriving(() => this.reader.read());
      this.ended = done;
      if (!value) continue;
      parts.push(value);
      length += value.length;
    }
    if (parts.length === 1) return;
    this.bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      this.bytes.set(part, at);
      at += part.length;
    }
  }
}

async function arriving<T>(what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (error) {
    throw new DesksideError("index_load", "the help index could not be loaded", { cause: error });
  }
}
