import { html, type TemplateResult } from "lit/html.js";

/** Lines on a 24 x 24 field. */
const paths = {
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  forward: "M9.5 5.5l6.5 6.5-6.5 6.5",
  search: "M10.8 17.3a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.6 15.6L20 20",
  send: "M12 19.5V5M5.8 11.2L12 5l6.2 6.2",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  down: "M12 5v14M5.8 12.8L12 19l6.2-6.2",
  chat: "M12 4c4.7 0 8.2 3 8.2 7.1s-3.5 7.1-8.2 7.1c-.9 0-1.7-.1-2.5-.3L5.2 20l.7-3.6c-1.3-1.3-2.1-3.2-2.1-5.3C3.8 7 7.3 4 12 4z",
  clock: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 7.5V12l3 2",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M2.5 12.5L7 17l8.5-9.5M11.5 16l1 1L21.5 7.5",
  alert: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v4.5M12 15.8h.01",
  offline: "M4 4l16 16M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 5-2.7M14.5 9.4A10 10 0 0 1 19 12M12 19h.01",
  thumb: "M7.5 10.5V20M7.5 11l3.8-7c1.4 0 2.2.9 2.2 2.2v3.3h4.3c1.2 0 2 1.1 1.7 2.2l-1.6 6.5c-.2.9-1 1.5-1.9 1.5H4.5v-9.2h3",
  clip: "M19 11.5l-7.2 7.2a4.6 4.6 0 0 1-6.5-6.5l7.6-7.6a3.1 3.1 0 0 1 4.3 4.3l-7.5 7.6a1.5 1.5 0 0 1-2.2-2.2l6.6-6.6",
} as const;

export type IconName = keyof typeof paths;

/** A picture that says nothing which the words beside it do not say. */
export function icon(name: IconName): TemplateResult {
  return picture(paths[name], name);
}

/** Any other picture, by its lines. */
export function picture(lines: string, name = ""): TemplateResult {
  return html`<svg class="icon icon-${name}" viewBox="0 0 24 24" aria-hidden="true"><path d=${lines}></path></svg>`;
}
