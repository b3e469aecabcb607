import type { Block, Inline } from "../../types/richtext.js";

/** A stretch of text of one look. */
export interface RunData {
  readonly text: string;
  /** As in `strong link`: names of classes. */
  readonly look: string;
  /** Where it leads, or nothing. */
  readonly href: string;
}

/** A line of text as a template draws it: templates cannot call themselves, so blocks lie flat. */
export interface LineData {
  readonly kind: "text" | "heading" | "code" | "rule" | "image";
  /** How far it stands in: lists and quotations. */
  readonly depth: number;
  /** The bullet or number of a list's item, on its first line. */
  readonly mark: string;
  readonly runs: readonly RunData[];
  readonly src: string;
}

const plain = { depth: 0, mark: "", runs: [], src: "" };

/** `flatMap`, which older runtimes lack. */
const joined = <T>(parts: readonly T[][]): T[] => ([] as T[]).concat(...parts);

/** Blocks as lines. */
export function linesOf(blocks: readonly Block[]): LineData[] {
  const parts = blocks.map((block): LineData[] => {
    if (block === "rule") return [{ ...plain, kind: "rule" }];
    if ("heading" in block) return textLines("heading", block.heading.content);
    if ("paragraph" in block) return textLines("text", block.paragraph);
    if ("code" in block) return [{ ...plain, kind: "code", runs: [{ text: block.code, look: "code", href: "" }] }];
    if ("quote" in block) return linesOf(block.quote).map(indented);
    if ("table" in block) return joined(block.table.map((row) => textLines("text", joined(row.map(cell)))));
    const { items, ordered, start } = block.list;
    const lines = items.map((item, at) =>
      linesOf(item).map((line, first) => ({
        ...indented(line),
        mark: first > 0 ? line.mark : ordered ? `${start + at}.` : "•",
      })),
    );
    return joined(lines);
  });
  return joined(parts);
}

const indented = (line: LineData): LineData => ({ ...line, depth: line.depth + 1 });

const cell = (content: Inline[], at: number): Inline[] => (at === 0 ? content : [{ text: "  |  " }, ...content]);

/** A line of text, parted where a picture stands in it. */
function textLines(kind: "text" | "heading", content: readonly Inline[]): LineData[] {
  const lines: LineData[] = [];
  let runs: RunData[] = [];
  const end = (): void => {
    if (runs.length > 0) lines.push({ ...plain, kind, runs });
    runs = [];
  };
  const add = (inlines: readonly Inline[], look: string, href: string): void => {
    for (const inline of inlines) {
      if (inline === "break") runs.push({ text: "\n", look, href });
      else if ("text" in inline) runs.push({ text: inline.text, look, href });
      else if ("code" in inline) runs.push({ text: inline.code, look: `${look} code`, href });
      else if ("strong" in inline) add(inline.strong, `${look} strong`, href);
      else if ("emphasis" in inline) add(inline.emphasis, `${look} emphasis`, href);
      else if ("image" in inline) {
        end();
        lines.push({ ...plain, kind: "image", src: inline.image.src, mark: inline.image.alt });
      } else {
        add(inline.link.content, `${look} link`, inline.link.href);
        // The real host, where the words would hide it.
        if (inline.link.host) runs.push({ text: ` (${inline.link.host})`, look: `${look} host`, href: "" });
      }
    }
  };
  add(content, "", "");
  end();
  return lines;
}
