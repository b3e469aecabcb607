// Finds the web addresses in a message. Only http and https, and only where the reader sees the
// host that the browser will go to; everything else stays text.

export interface Run {
  text: string;
  /** Set where the run is a link. */
  href?: string;
  /** The real host, where the text does not spell it out. */
  host?: string;
}

/** Ends at white space, quotes, and the punctuation of languages that write without spaces. */
const ADDRESS = /https?:\/\/[^\s<>"'`\\，。；：！？、（）《》「」【】“”‘’…]+/giu;
const ADDRESS_CHARS_MAX = 2_048;
/** Controls, invisible and direction-changing characters have no place in an address. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export function linkify(text: string): Run[] {
  const runs: Run[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    const link = safe(address);
    if (link === undefined) continue;
    if (match.index > done) runs.push({ text: text.slice(done, match.index) });
    runs.push({ text: address, ...link });
    done = match.index + address.length;
  }
  if (done < text.length) runs.push({ text: text.slice(done) });
  return runs;
}

/** The stop at the end of a sentence, or the bracket around an address, is not part of it. */
function trimmed(address: string): string {
  let unopened = address.split(")").length - address.split("(").length;
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1] ?? "";
    if (last === ")" && unopened > 0) unopened -= 1;
    else if (!".,;:!?*_~]}".includes(last)) break;
  }
  return address.slice(0, end);
}

function safe(address: string): { href: string; host?: string } | undefined {
  if (address.length > ADDRESS_CHARS_MAX || UNSAFE.test(address)) return undefined;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return undefined;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  if (url.username !== "" || url.password !== "" || url.hostname === "") return undefined;
  const shown = /^https?:\/\/([^/?#]*)/iu.exec(address)?.[1]?.toLowerCase() ?? "";
  if (shown.includes("@")) return undefined;
  const plain = shown === url.host || shown === `${url.host}:${url.protocol === "https:" ? "443" : "80"}`;
  return plain ? { href: url.href } : { href: url.href, host: url.host };
}

/** The address itself if it may be followed. */
export function webAddress(address: string): string | undefined {
  return /^https?:\/\//iu.test(address) && !/[\s\\]/u.test(address) ? safe(address)?.href : undefined;
}
