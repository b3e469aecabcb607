import { html, type TemplateResult } from "lit/html.js";
import type { App } from "../app.js";
import { picture } from "../icons.js";
import type { Attachment } from "../../types/protocol.js";
import type { FileView } from "../../types/view.js";
import { words } from "./words.js";

/** Pictures that a browser draws without running anything in them. */
const PICTURES = /^image\/(png|jpeg|gif|webp|avif)$/;
/** Pictures up to this size are shown without being asked for. */
const SHOWN_BYTES_MAX = 4_000_000;

const FILE = "M7 3.5h6.5L18 8v12.5H7zM13.5 3.5V8H18";

type Loaded = { readonly url: string } | "loading" | "failed";
const loaded = new Map<string, Loaded>();

/** A file of a message: a picture as a picture, anything else by its name. */
export function fileTile(app: App, { file, sentBytes }: FileView, mine: boolean): TemplateResult {
  const { uploadId, name, mime, size, width, height } = file;
  const isPicture = PICTURES.test(mime) && size <= SHOWN_BYTES_MAX;
  if (isPicture && !loaded.has(uploadId)) void load(app, file);
  const state = loaded.get(uploadId);
  const save = (): void => void saveFile(app, file);
  return html`
    <div class="file ${mine ? "mine" : "theirs"} ${isPicture ? "picture" : ""}" data-file=${uploadId}>
      <button class="file-open" type="button" title=${words(app, "file.save", { name })} @click=${save}>
        ${
          isPicture && typeof state === "object"
            ? html`<img src=${state.url} alt=${name} width=${width ?? ""} height=${height ?? ""} decoding="async" />`
            : html`${picture(FILE)}<span class="file-name"><b dir="auto">${name}</b><span>${state === "failed" ? words(app, "file.failed", { name }) : sizeOf(app, size)}</span></span>`
        }
      </button>
      ${
        sentBytes === null
          ? ""
          : html`<progress max=${size} .value=${sentBytes} aria-label=${words(app, "file.progress", { name })}></progress>`
      }
    </div>
  `;
}

/** The bytes as an address that only this page knows; they never reach a parser of markup. */
async function load(app: App, { uploadId, mime }: Attachment): Promise<string | null> {
  const known = loaded.get(uploadId);
  if (typeof known === "object") return known.url;
  loaded.set(uploadId, "loading");
  try {
    const client = await app.clientReady();
    const blob = await client.file(uploadId, mime);
    const url = URL.createObjectURL(blob);
    loaded.set(uploadId, { url });
    app.draw();
    return url;
  } catch {
    loaded.set(uploadId, "failed");
    app.draw();
    return null;
  }
}

async function saveFile(app: App, file: Attachment): Promise<void> {
  const url = await load(app, file);
  if (url === null) return;
  const link = document.createElement("a");
  link.href = url;
  // Saved, never opened: what is in it cannot act in the page's name.
  link.download = file.name;
  link.click();
}

function sizeOf(app: App, bytes: number): string {
  const mb = bytes / 1_000_000;
  const format = new Intl.NumberFormat(app.texts.locale, { maximumFractionDigits: 1 });
  if (mb >= 1) return words(app, "file.size", { n: format.format(mb) });
  return words(app, "file.sizeKb", { n: format.format(Math.max(1, Math.round(bytes / 1000))) });
}
