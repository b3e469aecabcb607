// Which files can be sent, said before anything is sent; and what the desk must know of them.

import type { Attachment, WireLimits } from "../../../js/types/protocol.js";
import * as fileStore from "./file-store.js";
import type { I18n } from "./i18n.js";
import { uuidV7 } from "./ids.js";

/** What the desk takes, by the ends of names: it looks at the bytes itself. */
const TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  pdf: "application/pdf",
  txt: "text/plain",
};
export const ACCEPTED = Object.keys(TYPES).map((end) => `.${end}`).join(",");

/** Why a file cannot be sent, in words; undefined if it can. */
export function refusal(i18n: I18n, file: File, limits: WireLimits | null): string | undefined {
  const { name } = file;
  const bytesMax = limits?.attachmentBytesMax;
  if (bytesMax === 0) return i18n.t("attach.none");
  if (file.size === 0) return i18n.t("attach.empty", { name });
  if (bytesMax !== undefined && file.size > bytesMax) {
    return i18n.t("attach.tooLarge", { name, size: i18n.formatBytes(file.size), max: i18n.formatBytes(bytesMax) });
  }
  return typeOf(file) === undefined ? i18n.t("attach.type", { name }) : undefined;
}

function typeOf(file: File): string | undefined {
  if (Object.values(TYPES).includes(file.type)) return file.type;
  const end = /\.([^.]+)$/u.exec(file.name)?.[1]?.toLowerCase() ?? "";
  return TYPES[end];
}

/** Keeps the bytes until they are sent. */
export async function kept(file: File): Promise<Attachment> {
  const uploadId = uuidV7(Date.now());
  const mime = typeOf(file) ?? file.type;
  const attachment: Attachment = { uploadId, name: nameOf(file), mime, size: file.size };
  if (mime.startsWith("image/")) {
    const picture = await createImageBitmap(file).catch(() => undefined);
    if (picture !== undefined) Object.assign(attachment, { width: picture.width, height: picture.height });
    picture?.close();
  }
  // A handle to a file would be empty once that is moved or changed: its bytes are copied.
  await fileStore.keep(uploadId, new Blob([await file.arrayBuffer()], { type: mime }));
  return attachment;
}

/** Without folders, and without characters that are not shown. */
function nameOf(file: File): string {
  return file.name.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069/\\]/gu, "_").slice(0, 150) || "file";
}
