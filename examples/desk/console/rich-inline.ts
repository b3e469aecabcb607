// What stands within a line of a message: emphasis, code, links, breaks. Linear in the text, whatever the
// text is: no mark looks ahead twice over the same stretch.

import type { Inline } from "../../../js/types/richtext.js";
import { linkTo } from "./link.js";

/** What begins at a place, and where it ends; without `inline` the stretch is text. */
interface Found {
  start: number;
  end: number;
  inline?: Inline;
}

/** A stretch of text inside an open mark. The outermost has no mark. */
interface Open {
  mark: string;
  width: number;
  content: Inline[];
}

class Writer {
  readonly open: Open[] = [{ mark: "", width: 0, content: [] }];

  push(inline: Inline): void {
    const content = this.open.at(-1)?.content ?? [];
    const last = content.at(-1);
    if (typeof last === "object" && "text" in last && typeof inline === "object" && "text" in inline) last.text += inline.text;
    else content.push(typeof inline === "object" && "text" in inline ? { ...inline } : inline);
  }

  text(text: string): void {
    if (text !== "") this.push({ text });
  }

  /** Ends the innermost stretch without giving its mark a meaning. */
  abandon(): void {
    const open = this.open.pop();
    if (open === undefined) return;
    this.text(open.mark.repeat(open.width));
    for (const inline of open.content) this.push(inline);
  }

  /** Ends the stretch at `index` with its meaning; whatever was opened inside it has none. */
  close(index: number): void {
    while (this.open.length > index + 1) this.abandon();
    const open = this.open.pop();
    if (open !== undefined) this.push(open.width === 2 ? { strong: open.content } : { emphasis: open.content });
  }

  finish(): Inline[] {
    while (this.open.length > 1) this.abandon();
    return this.open[0]?.content ?? [];
  }
}

export function inlines(text: string, withLinks: boolean): Inline[] {
  const writer = new Writer();
  /** No run of so many backticks lies ahead. */
  const noneAhead = new Set<number>();
  let plain = 0;
  let at = 0;
  while (at < text.length) {
    const c = text[at] ?? "";
    const isEscaped = text[at - 1] === "\\";
    if ((c === "*" || c === "_") && !isEscaped) {
      writer.text(text.slice(plain, at));
      let end = at;
      while (text[end] === c) end += 1;
      emphasis(writer, text, at, end);
      at = plain = end;
      continue;
    }
    const found = foundAt(text, at, plain, withLinks, isEscaped, noneAhead);
    if (found?.inline === undefined) {
      at = found?.end ?? at + 1;
    } else {
      writer.text(text.slice(plain, found.start));
      writer.push(found.inline);
      at = plain = found.end;
    }
  }
  writer.text(text.slice(plain));
  return writer.finish();
}

function foundAt(text: string, at: number, from: number, withLinks: boolean, isEscaped: boolean, noneAhead: Set<number>): Found | undefined {
  switch (text[at]) {
    case "\n":
      return { start: at, end: at + 1, inline: "break" };
    case "`":
      return isEscaped ? undefined : code(text, at, noneAhead);
    case "[":
      return withLinks && !isEscaped ? namedLink(text, at) : undefined;
    case "@":
      return withLinks ? email(text, from, at) : undefined;
    case "h":
    case "H":
    case "w":
    case "W":
      return withLinks ? address(text, at) : undefined;
    default:
      return undefined;
  }
}

/** Code between runs of as many backticks, or where the run at `at` ends if it begins none. */
function code(text: string, at: number, noneAhead: Set<number>): Found {
  const run = (from: number) => {
    let end = from;
    while (text[end] === "`") end += 1;
    return end - from;
  };
  const width = run(at);
  const start = at + width;
  const none = { start: at, end: start };
  if (width >= 32 || noneAhead.has(width)) return none;
  for (let end = text.indexOf("`", start); end >= 0; ) {
    const closing = run(end);
    if (closing === width) {
      const inside = text.slice(start, end);
      return isSpaces(inside) ? none : { start: at, end: end + width, inline: { code: inside } };
    }
    end = text.indexOf("`", end + closing);
  }
  noneAhead.add(width);
  return none;
}

/** A run of `*` or `_`: it ends what is open, begins something, or is text. */
function emphasis(writer: Writer, text: string, start: number, end: number): void {
  const mark = text[start] ?? "";
  const [before, after] = [text[start - 1] ?? "", text[end] ?? ""];
  const stands = (c: string) => c !== "" && !isSpaces(c);
  // `snake_case` and `2*3*4` are no emphasis; `这是**重点**内容` is, though no space parts it.
  const canOpen = stands(after) && !isLetter(before);
  const canClose = stands(before) && !isLetter(after);
  let left = end - start;
  if (left <= 3) {
    while (canClose && left > 0) {
      const fits = (width: (open: Open) => boolean) => writer.open.findLastIndex((open) => open.mark === mark && width(open));
      let index = fits(({ width }) => width === left);
      if (index < 0) index = fits(({ width }) => width < left);
      const width = writer.open[index]?.width;
      if (width === undefined) break;
      left -= width;
      writer.close(index);
    }
    for (const width of [2, 1]) {
      const isOpen = writer.open.some((open) => open.mark === mark && open.width === width);
      if (!canOpen || left < width || isOpen) continue;
      writer.open.push({ mark, width, content: [] });
      left -= width;
    }
  }
  writer.text(text.slice(end - left, end));
}

function isSpaces(text: string): boolean {
  return /^[ \t\n\u00a0\u3000]*$/u.test(text);
}

/** Letters and digits of the scripts that part words by spaces. */
function isLetter(c: string): boolean {
  return /^[A-Za-z0-9\u00c0-\u1fff]$/u.test(c);
}

// ---- links

/** `[text](address)` */
function namedLink(text: string, at: number): Found | undefined {
  const shape = /\[([^[\]]*)\]\(/uy;
  shape.lastIndex = at;
  const words = shape.exec(text)?.[1];
  if (words === undefined || /^[ \t]*$/u.test(words)) return undefined;
  const start = shape.lastIndex;
  let depth = 0;
  let end = start;
  for (; end < text.length; end++) {
    const c = text[end] ?? "";
    depth += Number(c === "(") - Number(c === ")");
    if (depth < 0 || c === "[" || isSpaces(c)) break;
  }
  if (text[end] !== ")") return undefined;
  const content = inlines(words, false);
  const link = linkTo(text.slice(start, end), textOf(content));
  return link && { start: at, end: end + 1, inline: { link: { ...link, content } } };
}

/** Chinese and Japanese put no space after an address, so their letters and marks end it. */
const ADDRESS = /(?:https?:\/\/|www\.)[^\s\u00a0\u3000<>"`\u2000-\u206f\u2e80-\uffff]*/iuy;

/** An address written out. */
function address(text: string, at: number): Found | undefined {
  if (isLetter(text[at - 1] ?? "")) return undefined;
  ADDRESS.lastIndex = at;
  const whole = ADDRESS.exec(text)?.[0];
  if (whole === undefined) return undefined;
  const shown = withoutPunctuation(whole);
  const isBare = /^www/iu.test(shown);
  // `www.` needs a name and its end behind it.
  const isWhole = !isBare || /^www\.[^./?#]+\.[^./?#]/iu.test(shown);
  const link = isWhole ? linkTo(isBare ? `https://${shown}` : shown, shown) : undefined;
  if (link === undefined) return { start: at, end: at + whole.length };
  return { start: at, end: at + shown.length, inline: { link: { ...link, content: [{ text: shown }] } } };
}

/** The stop at the end of a sentence, or the bracket around an address, is not part of it. */
function withoutPunctuation(address: string): string {
  const unopened = (open: string, close: string) => address.split(close).length - address.split(open).length;
  let [round, square] = [unopened("(", ")"), unopened("[", "]")];
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1] ?? "";
    if (last === ")" && round > 0) round -= 1;
    else if (last === "]" && square > 0) square -= 1;
    else if (!".,;:!?'*_~".includes(last)) break;
  }
  return address.slice(0, end);
}

const NAME_CHARS_MAX = 64;
const DOMAIN_CHARS_MAX = 255;

/** A mail address around the `@` at `at`; its name starts no earlier than `from`. */
function email(text: string, from: number, at: number): Found | undefined {
  const name = /[A-Za-z0-9._%+-]*$/u.exec(text.slice(Math.max(from, at - NAME_CHARS_MAX), at))?.[0] ?? "";
  const after = /^[A-Za-z0-9.-]*/u.exec(text.slice(at + 1, at + 1 + DOMAIN_CHARS_MAX))?.[0] ?? "";
  const domain = after.replace(/[.-]+$/u, "");
  if (name === "" || !domain.includes(".") || domain.split(".").includes("")) return undefined;
  const written = `${name}@${domain}`;
  const link = linkTo(`mailto:${written}`, written);
  return link && { start: at - name.length, end: at + 1 + domain.length, inline: { link: { ...link, content: [{ text: written }] } } };
}

/** The plain text of a run. */
export function textOf(content: readonly Inline[]): string {
  return content
    .map((inline): string => {
      if (inline === "break") return "\n";
      if ("text" in inline) return inline.text;
      if ("code" in inline) return inline.code;
      if ("strong" in inline) return textOf(inline.strong);
      if ("emphasis" in inline) return textOf(inline.emphasis);
      return "link" in inline ? textOf(inline.link.content) : inline.image.alt;
    })
    .join("");
}
