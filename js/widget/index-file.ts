/**
 * The bytes of the help index: at once from the browser's cache where an earlier visit left them,
 * and from the network as well, so that search works offline and is never older than one visit.
 */
const CACHE = "deskside-help";

export interface IndexReader {
  /** Takes the bytes, the older ones first; rejects when they are no index. */
  open(bytes: Uint8Array): Promise<void>;
  /** There is no index to search. */
  failed(error: unknown): void;
}

/** `part` is what reads it, on its way. */
export async function loadIndex(address: string, part: Promise<unknown>, reader: IndexReader): Promise<void> {
  let opened = false;
  // It is waited for below; until then its failure is nobody's surprise.
  part.catch(() => undefined);
  try {
    const url = new URL(address, document.baseURI).href;
    const coming = fetchBytes(url);
    coming.catch(() => undefined);
    const cache = await openCache();
    const kept = await bytesOf(cache?.match(url));
    // Bytes that nothing can read yet are not known to be bad.
    await part;
    if (kept) {
      opened = await reader.open(kept).then(
        () => true,
        () => false,
      );
      if (!opened) await cache?.delete(url);
    }
    const { bytes, copy } = await coming;
    if (opened && kept && sameBytes(kept, bytes)) return;
    await reader.open(bytes);
    await keep(cache, url, copy);
  } catch (error) {
    if (!opened) reader.failed(error);
  }
}

async function fetchBytes(url: string): Promise<{ bytes: Uint8Array; copy: Response }> {
  const response = await fetch(url, { cache: "no-cache" });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const copy = response.clone();
  return { bytes: new Uint8Array(await response.arrayBuffer()), copy };
}

/** The Cache API is missing on plain http and refused in some private windows; it is a comfort only. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await caches.open(CACHE);
  } catch {
    return undefined;
  }
}

async function bytesOf(match: Promise<Response | undefined> | undefined): Promise<Uint8Array | undefined> {
  try {
    const response = await match;
    return response && new Uint8Array(await response.arrayBuffer());
  } catch {
    return undefined;
  }
}

/** Keeps the newest index, and no older one of the same path with another `?version`. */
async function keep(cache: Cache | undefined, url: string, response: Response): Promise<void> {
  try {
    const { origin, pathname } = new URL(url);
    for (const request of (await cache?.keys()) ?? []) {
      const old = new URL(request.url);
      if (old.origin === origin && old.pathname === pathname && old.href !== url)
        await cache?.delete(request);
    }
    await cache?.put(url, response);
  } catch {
    // No room, or not allowed: the next visit loads it again.
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
