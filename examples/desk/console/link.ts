// Which addresses may become a link: only where the reader sees the host that the browser will go to.

import type { Ticket } from "../../../js/types/protocol.js";

export interface Link {
  href: string;
  /** The real host, where the text does not spell it out; else empty. */
  host: string;
}

const ADDRESS_CHARS_MAX = 2_048;
/** Controls, invisible and direction-changing characters, and what browsers read as a slash. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s\\]/u;

/** The link to an address under a text, if it may be followed. */
export function linkTo(address: string, text: string): Link | undefined {
  if (address.length > ADDRESS_CHARS_MAX || UNSAFE.test(address)) return undefined;
  if (/^mailto:[^\s]+$/iu.test(address)) return { href: address, host: "" };
  if (/^tel:[0-9a-z+\-.()*#;=]+$/iu.test(address)) return { href: address, host: "" };
  const [, authority = "", rest = ""] = /^https?:\/\/([^/?#]+)(.*)$/iu.exec(address) ?? [];
  if (authority === "" || authority.includes("@") || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  // The host as the browser understands it, the rest as it is written.
  const port = /:\d+$/u.exec(authority)?.[0] ?? "";
  return { href: `${url.protocol}//${url.hostname}${port}${rest}`, host: spells(text, url) ? "" : url.host };
}

/** Whether a text shows the host to which an address leads. */
function spells(text: string, { host, protocol }: URL): boolean {
  const shown = /^(?:[a-z]+:\/\/)?([^/?#]*)/iu.exec(text.trim())?.[1]?.toLowerCase() ?? "";
  return shown === host || shown === `${host}:${protocol === "https:" ? "443" : "80"}`;
}

/** The address itself if it may be followed on the web. */
export function webAddress(address: string): string | undefined {
  return /^https?:/iu.test(address) ? linkTo(address, address)?.href : undefined;
}

const SUBJECT_CHARS_MAX = 60;

/** Where a ticket is answered: a mail about it, or a call. None where what was left is neither. */
export function answerLink({ number, replyTo }: Ticket, text: string): string | undefined {
  if (/^\+?[\d\s()./-]+$/u.test(replyTo)) return `tel:${replyTo.replace(/[^+\d]/gu, "")}`;
  if (UNSAFE.test(replyTo) || !/^[^@"(),:;<>[\]]+@[^@"(),:;<>[\]]+\.[^@"(),:;<>[\]]+$/u.test(replyTo)) return undefined;
  const [line = ""] = text.trim().split("\n");
  const about = Array.from(line).slice(0, SUBJECT_CHARS_MAX).join("");
  const subject = number === undefined ? about : `[#${number}] ${about}`;
  return `mailto:${encodeURIComponent(replyTo).replaceAll("%40", "@")}?subject=${encodeURIComponent(subject.trim())}`;
}
