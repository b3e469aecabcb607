// Line icons on a 20 by 20 grid, drawn as SVG elements.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  back: "M12.5 4.5 7 10l5.5 5.5",
  bell: "M5.5 8.5a4.5 4.5 0 0 1 9 0c0 4 1.5 5 1.5 5H4s1.5-1 1.5-5ZM8.3 16.5a2 2 0 0 0 3.4 0",
  chat: "M3.5 5.5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H9l-3.8 3v-3a1.8 1.8 0 0 1-1.7-2Z",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  checks: "m1.8 10.8 3.2 3.2 6.6-7.4M9.2 13.6l.4.4 7.6-7.4",
  clock: "M10 3.2a6.8 6.8 0 1 1 0 13.6 6.8 6.8 0 0 1 0-13.6ZM10 6.2V10l2.6 1.7",
  close: "m5.5 5.5 9 9m0-9-9 9",
  down: "M10 4.5v11m-4.5-4.5L10 15.5l4.5-4.5",
  external: "M8 5H5.5A1.5 1.5 0 0 0 4 6.5v8A1.5 1.5 0 0 0 5.5 16h8a1.5 1.5 0 0 0 1.5-1.5V12M11.5 4H16v4.5M16 4l-6.5 6.5",
  edit: "M12.7 4.3a1.6 1.6 0 0 1 2.3 0l.7.7a1.6 1.6 0 0 1 0 2.3L8 15l-3.8.8L5 12ZM11.5 5.5l3 3",
  undo: "M7.5 4.5 4 8l3.5 3.5M4.2 8h7.3a4 4 0 0 1 0 8H8",
  file: "M5.5 3.2h6l3 3v10.6h-9ZM11.5 3.2v3h3",
  form: "M4.5 4.5h11v11h-11ZM7.3 8h5.4M7.3 11.5h3.4",
  clip: "M14.8 9.6 9.6 14.8a3.1 3.1 0 0 1-4.4-4.4l6-6a2.1 2.1 0 0 1 3 3l-6 6a1 1 0 0 1-1.5-1.5l5.3-5.3",
  handoff: "M3.5 7h11m-3-3 3 3-3 3M16.5 13h-11m3-3-3 3 3 3",
  mail: "M3.5 5h13v10h-13ZM3.8 5.8l6.2 4.9 6.2-4.9",
  note: "M4 4.5h12v8l-4 3.5H4ZM12 16v-3.5h4M7 8h6M7 11h3",
  flag: "M5 17V3.5m0 .7c3.5-1.7 6 1.7 10 .2v7c-4 1.5-6.5-1.9-10-.2",
  hand: "M10 3.5v9m0-9 4 4m-4-4-4 4M4 16.5h12",
  info: "M10 3.2a6.8 6.8 0 1 1 0 13.6 6.8 6.8 0 0 1 0-13.6ZM10 9.2v4.3M10 6.5v.1",
  offline: "M3.5 8.2a10 10 0 0 1 4-2.3m3.4-.4a10 10 0 0 1 5.6 2.7M6.2 11.3a6 6 0 0 1 2.3-1.4m3.6.5a6 6 0 0 1 1.7 1M10 14.8v.1M4 3.5l12 13",
  reopen: "M4.2 10a5.8 5.8 0 1 0 1.9-4.3L4 7.6M4 3.8v3.8h3.8",
  search: "M9 3.8a5.2 5.2 0 1 1 0 10.4A5.2 5.2 0 0 1 9 3.8Zm3.9 9.1 3.6 3.6",
  send: "M10 15.8V4.2M5 9.2l5-5 5 5",
  settings: "M4 6h7m4 0h1M4 14h1m4 0h7M13 4v4M7 12v4",
  slash: "M12.8 4 7.2 16",
  star: "M10 3.4L11.9 8L16.8 8.4L13 11.6L14.2 16.4L10 13.8L5.8 16.4L7 11.6L3.2 8.4L8.1 8Z",
  user: "M10 3.8a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5",
  warn: "M10 3.5 17 16H3ZM10 8v3.8M10 13.7v.1",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration: what it says must also stand in text or in a label beside it. */
export function icon(name: IconName, extra = ""): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name} ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
