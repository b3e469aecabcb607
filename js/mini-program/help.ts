import { DesksideError } from "../client/error.js";
import { HelpCache } from "./help-cache.js";
import type { Host, HostResponse } from "./host.js";

/** Takes an index, or throws. */
type OpenIndex = (bytes: Uint8Array) => void;

const TIMEOUT_MS = 30_000;

/** Opens the index of this address: the one that is kept, then the server's where that is newer. */
export async function loadHelp(host: Host, open: OpenIndex, url: string, onChange: () => void): Promise<void> {
  const cache = new HelpCache(host, url);
  const kept = await cache.read();
  let tag: string | null = null;
  if (kept !== null) {
    try {
      open(kept.bytes);
      tag = kept.tag;
    } catch (error) {
      host.log("warn", "deskside: the help index on this device is damaged", error);
      await cache.forget(kept.bytes.length);
    }
  }
  const renewed = renew(host, open, cache, url, tag);
  if (tag === null) {
    await renewed;
    return;
  }
  // What is kept answers meanwhile, and where the server cannot be reached.
  renewed.then((isNew) => isNew && onChange(), (error: unknown) => host.log("warn", "deskside: no newer help articles", error));
}

/** Opens and keeps what the server has, where that is not the version that is named `tag`. */
async function renew(host: Host, open: OpenIndex, cache: HelpCache, url: string, tag: string | null): Promise<boolean> {
  const fetched = await fetchIndex(host, url, tag);
  if (fetched === null) return false;
  open(fetched.bytes);
  void cache.write(fetched.tag, fetched.bytes);
  return true;
}

/** The index, or null where it is the one that is named `tag`. */
async function fetchIndex(host: Host, url: string, tag: string | null): Promise<{ tag: string; bytes: Uint8Array } | null> {
  try {
    const headers: Record<string, string> = tag ? { [/^(W\/)?"/.test(tag) ? "if-none-match" : "if-modified-since"]: tag } : {};
    const task = host.request({ url, method: "GET", headers, binary: true, timeout_ms: TIMEOUT_MS });
    const response = await task.promise;
    const { status, body } = response;
    if (status === 304 && tag !== null) return null;
    if (status !== 200 || typeof body === "string") throw new Error(`status ${status}`);
    return { tag: headerOf(response, "etag") || headerOf(response, "last-modified"), bytes: new Uint8Array(body) };
  } catch (error) {
    throw new DesksideError("help_load", `the help index could not be loaded from ${url}`, { cause: error });
  }
}

function headerOf({ headers }: HostResponse, name: string): string {
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? [];
  return typeof value === "string" ? value : "";
}
