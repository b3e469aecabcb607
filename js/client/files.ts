/**
 * The bytes of files that wait on this device, and their way to the desk. Nothing of this is loaded
 * before there is a file. The core knows only ids, sizes and how far each has come.
 */
import type { Chunk, Uploaded } from '../types/client.js';
import type { Attachment, ErrorBody } from '../types/protocol.js';

/** Kept in parts, each an ArrayBuffer: some browsers mix up Blobs that they keep. */
const PART_BYTES = 256 * 1024;
const STORE = 'blob';
/** What a crash left behind between keeping a file and saying it; the core forgets messages earlier. */
const ORPHAN_AGE_MS = 90 * 24 * 60 * 60 * 1000;
/** How long another tab may take to hand over a file. */
const OTHER_TAB_MS = 2000;

/** How a file is called, and how large a picture is. */
export interface Naming {
  readonly name: string;
  readonly width?: number;
  readonly height?: number;
}

type Parts = Map<string, ArrayBuffer[]>;

/** What tabs say to each other of a file that the device has no room for: who has it, here it is, it is gone. */
interface Word {
  readonly uploadId: string;
  readonly parts?: ArrayBuffer[] | null;
}

export class Files {
  /** Where the browser keeps nothing. */
  private readonly memory: Parts = new Map();
  private database: Promise<IDBDatabase | null>;
  private readonly digests = new Map<string, string>();
  private readonly base: string;
  private readonly name: string;
  /** The other tabs: the one that sends a file need not be the one that holds it. */
  private readonly tabs: BroadcastChannel | undefined;

  constructor(site: string, desk: string) {
    this.base = desk.trim().replace(/\/+$/, '');
    this.name = `deskside-files:${site}@${this.base}`;
    this.database = open(this.name);
    try {
      this.tabs = new BroadcastChannel(this.name);
      this.tabs.onmessage = ({ data }: MessageEvent<Word>) => this.hear(data);
    } catch {
      // An old browser, or one that refuses: each tab sends what it holds itself.
    }
    void this.sweep();
  }

  /** Keeps a file, then says it. Whether the device keeps it; else this page does, as long as it is open. */
  async say(blob: Blob, { name, width, height }: Naming, say: (file: Attachment) => void): Promise<boolean> {
    const uploadId = uuid(Date.now());
    const kept = await this.keep(uploadId, blob);
    const mime = blob.type || 'application/octet-stream';
    const pixels = width && height ? { width, height } : {};
    try {
      say({ uploadId, name, mime, size: blob.size, ...pixels });
    } catch (error) {
      void this.forget(uploadId);
      throw error;
    }
    return kept;
  }

  /** The bytes of a file: from here, or from the desk. */
  async get(uploadId: string, type: string, token: string): Promise<Blob> {
    const own = await this.read(uploadId, type);
    if (own) return own;
    const headers = { Authorization: `Bearer ${token}` };
    const response = await fetch(`${this.base}/v1/uploads/${uploadId}`, { headers, credentials: 'omit' });
    if (!response.ok) {
      const missing = new Error(`the desk answered ${response.status}`);
      throw Object.assign(missing, { code: 'file_missing' });
    }
    // The type is the one in the message: what the desk says of the bytes need not fit it.
    return new Blob([await response.arrayBuffer()], { type });
  }

  private async keep(uploadId: string, file: Blob): Promise<boolean> {
    const bytes = await file.arrayBuffer();
    const parts: ArrayBuffer[] = [];
    for (let at = 0; at < bytes.byteLength; at += PART_BYTES) parts.push(bytes.slice(at, at + PART_BYTES));
    const kept = await this.write((store) => parts.map((part, index) => store.put(part, [uploadId, index])).pop());
    if (!kept) this.memory.set(uploadId, parts);
    return kept;
  }

  /** What the core asks for: some bytes sent, or, of none, the file forgotten. */
  async perform(chunk: Chunk): Promise<Uploaded | undefined> {
    if (chunk.bytes > 0) return this.send(chunk);
    await this.forget(chunk.uploadId);
    return undefined;
  }

  private async send({ uploadId, url, token, offset, bytes }: Chunk): Promise<Uploaded> {
    const index = Math.floor(offset / PART_BYTES);
    const here = async (): Promise<ArrayBuffer | undefined> => (await this.parts(uploadId, index, index))[0];
    const part = (await here()) ?? (await this.askTabs(uploadId), await here());
    const from = offset - index * PART_BYTES;
    const body = part?.slice(from, from + bytes);
    if (!body?.byteLength) return { uploadId, error: failure('file_unreadable', false) };
    try {
      const headers = {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/offset+octet-stream',
        'Upload-Offset': String(offset),
      };
      const response = await fetch(url, { method: 'PATCH', headers, body, credentials: 'omit' });
      const answer = (await response.json()) as Partial<ErrorBody> & { offset?: number };
      if (response.ok && typeof answer.offset === 'number') {
        const sha256 = await this.digest(uploadId);
        return { uploadId, offset: answer.offset, ...(sha256 ? { sha256 } : {}) };
      }
      if (typeof answer.code === 'string') {
        const { code, message = '', temporary = response.status >= 500, retryAfterMs } = answer;
        return { uploadId, error: { code, message, temporary, ...(retryAfterMs ? { retryAfterMs } : {}) } };
      }
    } catch {
      // No network, or a proxy's page: neither is an answer of the desk.
    }
    return { uploadId, error: failure('network', true) };
  }

  /** A file that is still here. */
  private async read(uploadId: string, type: string): Promise<Blob | null> {
    const parts = await this.parts(uploadId, 0, Infinity);
    return parts.length > 0 ? new Blob(parts, { type }) : null;
  }

  async forget(uploadId: string): Promise<void> {
    this.memory.delete(uploadId);
    this.tabs?.postMessage({ uploadId, parts: null });
    await this.write((store) => store.delete(IDBKeyRange.bound([uploadId], [uploadId, []])));
  }

  private async parts(uploadId: string, from: number, to: number): Promise<ArrayBuffer[]> {
    const range = IDBKeyRange.bound([uploadId, from], [uploadId, to]);
    const held = this.memory.get(uploadId)?.slice(from, to + 1);
    return held ?? (await this.transact<ArrayBuffer[]>('readonly', (store) => store.getAll(range)))?.result ?? [];
  }

  /** Until another tab has handed over a file that it alone holds, or none will. */
  private askTabs(uploadId: string): Promise<void> {
    return new Promise((resolve) => {
      const { tabs } = this;
      if (!tabs) return resolve();
      const over = new AbortController();
      const end = (): void => {
        over.abort();
        resolve();
      };
      const heard = ({ data }: MessageEvent<Word>): void => {
        if (data.uploadId === uploadId && data.parts) end();
      };
      tabs.addEventListener('message', heard, over);
      tabs.postMessage({ uploadId });
      setTimeout(end, OTHER_TAB_MS);
    });
  }

  private hear({ uploadId, parts }: Word): void {
    const held = this.memory.get(uploadId);
    if (parts === null) this.memory.delete(uploadId);
    else if (parts) this.memory.set(uploadId, parts);
    else if (held) this.tabs?.postMessage({ uploadId, parts: held });
  }

  /** The SHA-256 of a file; secure pages alone may have one made. */
  private async digest(uploadId: string): Promise<string | null> {
    if (!isSecureContext) return null;
    let digest = this.digests.get(uploadId);
    if (!digest) {
      const bytes = await new Blob(await this.parts(uploadId, 0, Infinity)).arrayBuffer();
      digest = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
      this.digests.set(uploadId, digest);
    }
    return digest;
  }

  /** Whether it was committed. */
  private async write(change: (store: IDBObjectStore) => IDBRequest | undefined): Promise<boolean> {
    return !!(await this.transact('readwrite', change));
  }

  /** What a transaction gave, once it was committed. A connection that died, as of a page put away, is opened once more. */
  private async transact<T>(
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest<T> | undefined,
  ): Promise<{ result: T | undefined } | undefined> {
    for (const first of [true, false]) {
      const opened = this.database;
      const database = await opened;
      if (!database) return undefined;
      try {
        // Written down before its message is: that is the promise of "queued".
        const tx = database.transaction(STORE, mode, { durability: 'strict' });
        const request = act(tx.objectStore(STORE));
        await new Promise<void>((resolve, reject) => {
          tx.oncomplete = () => resolve();
          tx.onabort = () => reject(tx.error ?? new Error('aborted'));
        });
        return { result: request?.result };
      } catch {
        if (first && this.database === opened) this.database = open(this.name);
      }
    }
    return undefined;
  }

  private async sweep(): Promise<void> {
    const oldest = uuid(Date.now() - ORPHAN_AGE_MS);
    await this.write((store) => store.delete(IDBKeyRange.upperBound([oldest])));
  }
}

function failure(code: string, temporary: boolean): ErrorBody {
  return { code, message: '', temporary };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('not read'));
  });
}

async function open(name: string): Promise<IDBDatabase | null> {
  try {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    const database = await done(request);
    // Whoever erases what the device keeps is not held up.
    database.onversionchange = () => database.close();
    return database;
  } catch {
    return null;
  }
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A UUID, version 7: in the order in which they were made. */
function uuid(now_ms: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let at = 0; at < 6; at += 1) bytes[at] = Math.floor(now_ms / 2 ** (40 - 8 * at)) % 256;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
