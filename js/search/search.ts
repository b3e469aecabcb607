/** `deskside/search`: help search without a screen, on a page, in a worker, in Node. Importing it does nothing. */
import { openCore, type CoreSource } from "./core.js";
import { bytesOf, helpIndex, type HelpIndex } from "./help-index.js";

export { DesksideError } from "../client/error.js";
export { QueryLog, SETTLED_MS, answeredTsv, unansweredCsv, unansweredJson } from "./query-log.js";
export type { Settled, Unanswered } from "./query-log.js";
export type { CoreSource } from "./core.js";
export type * from "./help-index.js";
export type { Article, Listed, Run, Verdict } from "../types/faq.js";
export type { Block, Inline } from "../types/richtext.js";

/**
 * Opens a help index from its bytes: the whole file, or its first part alone (titles and phrasings), to
 * which `attachBodies` adds the rest.
 *
 * @throws DesksideError `core_load`, `core_refused`, `index_...`, `bad_argument`
 */
export async function open(bytes: Uint8Array | ArrayBuffer, source: CoreSource = {}): Promise<HelpIndex> {
  return helpIndex(await openCore(bytesOf(bytes), source));
}
