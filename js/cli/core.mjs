// The WebAssembly build for Node, with its types. Found at run time, so that this folder can be
// checked before anything is built.

/**
 * @typedef {object} Remark
 * @property {string} path
 * @property {{ line: number } | { item: number }} [place]
 * @property {string} code
 * @property {string} detail
 * @property {string} reason
 */

/**
 * @typedef {object} Taken
 * @property {{ id: string, locale: string, title: string, path: string }[]} articles
 * @property {Remark[]} skipped
 * @property {Remark[]} warnings
 */

/**
 * @typedef {object} BuildReport
 * @property {number} indexed
 * @property {number} alternatives
 * @property {number} passages
 * @property {number} terms
 * @property {number} titlesBytes
 * @property {number} bodiesBytes
 * @property {{ id: string, reason: string }[]} skipped
 */

/**
 * @typedef {object} BuildOptions
 * @property {string} [defaultLocale]
 * @property {string[][]} [synonyms]
 * @property {{ query: string, id: string }[]} [log]
 * @property {{ query: string, ids: string[] }[]} [pinned]
 * @property {number} [nowMs]
 * @property {boolean} [includeRestricted]
 */

/**
 * @typedef {object} Indexer
 * @property {(path: string, bytes: Uint8Array) => void} addFile
 * @property {() => Taken} importFiles
 * @property {(json: string) => Taken} addRecords
 * @property {(options: BuildOptions) => { titles: Uint8Array, bodies: Uint8Array, report: BuildReport }} build
 * @property {() => void} free
 */

/**
 * @typedef {import("../client/search.js").RawSearch & { free(): void }} Search
 */

/**
 * @typedef {object} Core
 * @property {new (options?: { locale?: string, baseUrl?: string | undefined }) => Indexer} Indexer
 * @property {new (bytes: Uint8Array) => Search} Search
 * @property {(kind: string, answers: Uint8Array, points: number) => import("../types/index.js").Score} score
 */

const built = new URL("../../dist/node/deskside.js", import.meta.url).href;

export const core = /** @type {Core} */ (await import(built));
