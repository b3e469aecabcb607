// A file in a message: a picture by preview, anything else by name and size. Its bytes are fetched with the
// agent's token, which no address carries; they are shown as a picture or saved, never opened as a page.

import type { Attachment } from "../../../js/types/protocol.js";
import { el } from "./dom.js";
import * as fileStore from "./file-store.js";
import type { I18n } from "./i18n.js";
import { icon } from "./icons.js";
import * as storage from "./storage.js";

const REVOKE_AFTER_MS = 60_000;
/** Pictures that a browser draws without running anything in them. */
const PICTURE = /^image\/(png|jpeg|gif|webp)$/u;
/** Pictures up to this size are shown without being asked for. */
const SHOWN_BYTES_MAX = 4_000_000;
const PREVIEWS_HELD_MAX = 60;
const PREVIEW_PX_MAX = 280;

export function fileNode(i18n: I18n, file: Attachment): HTMLElement {
  const trouble = el("span", { class: "file-trouble", role: "status" });
  const face = icon("file");
  const button = el(
    "button",
    { class: "file", type: "button", title: i18n.t("file.save", { name: file.name }) },
    face,
    el("span", { class: "file-name", dir: "auto" }, file.name),
    el("span", { class: "file-size" }, i18n.formatBytes(file.size)),
  );
  button.addEventListener("click", () => {
    trouble.textContent = "";
    save(file).catch(() => (trouble.textContent = i18n.t("file.failed")));
  });
  const node = el("div", { class: "file-place" }, button, trouble);
  if (PICTURE.test(file.mime) && file.size <= SHOWN_BYTES_MAX) void showPicture(i18n, file, button);
  return node;
}

async function showPicture(i18n: I18n, file: Attachment, button: HTMLElement): Promise<void> {
  const picture = el("img", { class: "file-picture", alt: i18n.t("file.picture", { name: file.name }), decoding: "async", ...sizeOf(file) });
  button.classList.add("is-picture");
  button.prepend(picture);
  try {
    picture.src = await preview(file);
    await picture.decode();
  } catch {
    // By its name and size then, as any file.
    button.classList.remove("is-picture");
    picture.remove();
  }
}

/** As large as it will be, so that nothing moves when it has come. */
function sizeOf({ width = 0, height = 0 }: Attachment): { width?: number; height?: number } {
  if (width === 0 || height === 0) return {};
  const scale = Math.min(1, PREVIEW_PX_MAX / Math.max(width, height));
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}

const previews = new Map<string, Promise<string>>();

function preview({ uploadId, mime }: Attachment): Promise<string> {
  const known = previews.get(uploadId);
  if (known !== undefined) return known;
  // What goes out from here is not at the desk yet.
  const found = fileStore.bytesOf(uploadId).then((own) => own ?? fetched(uploadId));
  const address = found.then((bytes) => URL.createObjectURL(new Blob([bytes], { type: mime })));
  previews.set(uploadId, address);
  address.catch(() => previews.delete(uploadId));
  const [oldest] = previews.keys();
  if (previews.size > PREVIEWS_HELD_MAX && oldest !== undefined) {
    void previews.get(oldest)?.then((shown) => setTimeout(() => URL.revokeObjectURL(shown), REVOKE_AFTER_MS));
    previews.delete(oldest);
  }
  return address;
}

async function fetched(uploadId: string): Promise<Blob> {
  const token = storage.credentials()?.token ?? "";
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`../v1/uploads/${encodeURIComponent(uploadId)}`, { headers, credentials: "omit" });
  if (!response.ok) throw new Error(String(response.status));
  return response.blob();
}

async function save(file: Attachment): Promise<void> {
  const address = URL.createObjectURL(await fetched(file.uploadId));
  el("a", { href: address, download: file.name }).click();
  // Not at once: a browser may fetch it a moment later.
  setTimeout(() => URL.revokeObjectURL(address), REVOKE_AFTER_MS);
}
