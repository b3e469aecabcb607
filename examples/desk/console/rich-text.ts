// The small markdown of messages as a tree of tokens: the same tree that the visitor's core makes of the
// same text (`src/richtext/message.rs`), as `tests/fixtures/richtext/messages.json` proves of both. A mark
// that means nothing stays as text, so nothing that was typed disappears.

import type { Block } from "../../../js/types/richtext.js";
import { inlines } from "./rich-inline.js";

const DEPTH_MAX = 8;
/** What would change how the rest of a line reads, or cannot be shown. */
const ODD = /(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

export function parse(text: string): Block[] {
  return blocks(text.replace(/\r\n?/gu, "\n").replace(ODD, "\ufffd").split("\n"), 0);
}

interface Taken {
  block: Block;
  lines: number;
}

function blocks(lines: readonly string[], depth: number): Block[] {
  const found: Block[] = [];
  const paragraph: string[] = [];
  const endParagraph = () => {
    if (paragraph.length > 0) found.push({ paragraph: inlines(paragraph.splice(0).join("\n"), true) });
  };
  // Fences of so many backticks or more are known to have no end below.
  let unclosed = Infinity;
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (isBlank(line)) {
      endParagraph();
      at += 1;
      continue;
    }
    let taken: Taken | undefined;
    if (depth < DEPTH_MAX) {
      const width = fenceWidth(line);
      if (width >= 3 && width < unclosed) {
        const end = fenceEnd(lines, at, width);
        if (end === undefined) unclosed = width;
        else taken = fence(lines, at, end);
      }
      taken ??= quote(lines, at, depth) ?? list(lines, at, depth);
    }
    if (taken === undefined) {
      paragraph.push(line);
      at += 1;
    } else {
      endParagraph();
      found.push(taken.block);
      at += taken.lines;
    }
  }
  endParagraph();
  return found;
}

function isBlank(line: string): boolean {
  return /^[ \t]*$/u.test(line);
}

// ---- code

/** How many backticks open a block here; 0 where none does. */
function fenceWidth(line: string): number {
  const [, ticks = "", info = ""] = /^\s*(`*)(.*)$/su.exec(line) ?? [];
  return info.includes("`") ? 0 : ticks.length;
}

function fenceEnd(lines: readonly string[], at: number, width: number): number | undefined {
  for (let end = at + 1; end < lines.length; end++) {
    const line = (lines[end] ?? "").trim();
    if (line.length >= width && /^`+$/u.test(line)) return end;
  }
  return undefined;
}

/** What follows the opening fence (a language, or the code itself) is kept as its first line. */
function fence(lines: readonly string[], at: number, end: number): Taken | undefined {
  const info = (lines[at] ?? "").trimStart().replace(/^`+/u, "").trim();
  const inside = lines.slice(at + 1, end);
  if (info === "" && inside.every(isBlank)) return undefined;
  const code = info === "" ? inside : [info, ...inside];
  return { block: { code: code.join("\n") }, lines: end - at + 1 };
}

// ---- quotations

function quote(lines: readonly string[], at: number, depth: number): Taken | undefined {
  const inner: string[] = [];
  for (let next = at; next < lines.length; next++) {
    const text = quoted(lines[next] ?? "");
    if (text === undefined) break;
    inner.push(text);
  }
  if (inner.every(isBlank)) return undefined;
  return { block: { quote: blocks(inner, depth + 1) }, lines: inner.length };
}

/** The text after a quotation mark; `>_<` and `>5` are no quotations. */
function quoted(line: string): string | undefined {
  const rest = /^ *>(.*)$/su.exec(line)?.[1];
  if (rest === undefined || rest === "" || rest.startsWith(">")) return rest;
  return rest.startsWith(" ") ? rest.slice(1) : undefined;
}

// ---- lists

interface Marker {
  number: number | undefined;
  /** Columns before the text. */
  width: number;
  text: string;
}

function marker(line: string | undefined): Marker | undefined {
  const [, before = "", digits, text = ""] = /^( *(?:[-*]|(\d{1,9})[.)]) )(.*)$/su.exec(line ?? "") ?? [];
  // "007." would lose its zeros.
  if (before === "" || isBlank(text) || (digits !== undefined && digits.length > 1 && digits.startsWith("0"))) return undefined;
  return { number: digits === undefined ? undefined : Number(digits), width: before.length, text };
}

function list(lines: readonly string[], from: number, depth: number): Taken | undefined {
  const first = marker(lines[from]);
  if (first === undefined) return undefined;
  const items: Block[][] = [];
  let number = first.number;
  let at = from;
  for (let item = marker(lines[at]); item !== undefined && item.number === number; item = marker(lines[at])) {
    if (number !== undefined) number += 1;
    const inner = [item.text];
    let next = at + 1;
    // Blank lines belong to the item if an indented line follows, to the list if an item does.
    let blank = 0;
    while (next + blank < lines.length) {
      const line = lines[next + blank] ?? "";
      if (isBlank(line)) {
        blank += 1;
      } else if (indent(line) >= 2) {
        for (; blank > 0; blank--, next++) inner.push("");
        inner.push(dedent(line, item.width));
        next += 1;
      } else {
        break;
      }
    }
    items.push(blocks(inner, depth + 1));
    at = next + blank;
  }
  return { block: { list: { ordered: first.number !== undefined, start: first.number ?? 1, items } }, lines: at - from };
}

const TAB_COLUMNS = 4;

function indent(line: string): number {
  const space = /^[ \t]*/u.exec(line)?.[0] ?? "";
  const tabs = space.split("\t").length - 1;
  return space.length + tabs * (TAB_COLUMNS - 1);
}

function dedent(line: string, width: number): string {
  const spaces = /^ */u.exec(line.slice(0, width))?.[0].length ?? 0;
  return spaces === 0 ? line.replace(/^\t+/u, "") : line.slice(spaces);
}
