// A visitor's file: fetched with the agent's token, which no address carries, and saved. It is never
// shown in this page.

import type { Attachment } from "../../../js/types/protocol.js";
import { el } from "./dom.js";
import type { I18n } from "./i18n.js";
import * as storage from "./storage.js";

const KIB = 1024;
const REVOKE_AFTER_MS = 60_000;

export function fileButton(i18n: I18n, file: Attachment): HTMLElement {
  const size = i18n.t("file.kilobytes", { size: i18n.formatNumber(Math.ceil(file.size / KIB)) });
  const trouble = el("span", { class: "file-trouble", role: "status" });
  const button = el(
    "button",
    {
      class: "file",
      type: "button",
      on: {
        click: () => {
          trouble.textContent = "";
          save(file).catch(() => (trouble.textContent = i18n.t("file.failed")));
        },
      },
    },
    el("span", { class: "file-name" }, file.name),
    el("span", { class: "file-size" }, size),
  );
  return el("div", {}, button, trouble);
}

async function save(file: Attachment): Promise<void> {
  const token = storage.credentials()?.token ?? "";
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`/v1/uploads/${encodeURIComponent(file.uploadId)}`, { headers });
  if (!response.ok) throw new Error(String(response.status));
  const address = URL.createObjectURL(await response.blob());
  el("a", { href: address, download: file.name }).click();
  // Not at once: a browser may fetch it a moment later.
  setTimeout(() => URL.revokeObjectURL(address), REVOKE_AFTER_MS);
}
