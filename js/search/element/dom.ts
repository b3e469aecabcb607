import type { Run } from "../../types/faq.js";

type Attributes = Record<string, string | null | undefined>;

const SVG = "http://www.w3.org/2000/svg";

/** An element with its attributes (those that are null are left out) and children; strings become text. */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (typeof value === "string") node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** A line drawing of 24 by 24. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** Text with its matches marked. */
export function marked(runs: readonly Run[]): (Node | string)[] {
  return runs.map((run) => (run.marked ? el("mark", { part: "mark" }, run.text) : run.text));
}
