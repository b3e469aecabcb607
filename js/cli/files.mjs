// The files to index: those that were named, and those of known kinds in the folders that were named.
import { readFile, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { Failure, messageOf } from "./failure.mjs";
import { say } from "./words.mjs";

const kinds = new Set([
  ".md", ".mdx", ".markdown", ".csv", ".tsv", ".html", ".htm", ".json", ".jsonl", ".ndjson", ".jsonld",
]);

/**
 * @typedef {object} File
 * @property {string} file where it is
 * @property {string} path its place in the help centre: the importer takes locale and category from it
 */

/** @param {string} path */
const slashed = (path) => path.split(sep).join("/");

/**
 * The named path seen from here, or what is left of it where it lies elsewhere.
 * @param {string} named
 */
function place(named) {
  const whole = resolve(named);
  const here = relative(process.cwd(), whole);
  const beneath = here !== "" && !here.startsWith("..") && here !== whole;
  return beneath ? here : join(basename(dirname(whole)), basename(whole));
}

/**
 * @param {string} folder
 * @param {string} root
 * @param {{ files: File[], ignored: number }} found
 */
async function walk(folder, root, found) {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await walk(path, root, found);
    else if (entry.isFile() && kinds.has(extname(entry.name).toLowerCase())) {
      found.files.push({ file: path, path: slashed(join(basename(root), relative(root, path))) });
    } else if (entry.isFile()) found.ignored += 1;
  }
}

/**
 * @param {string[]} names
 * @returns {Promise<{ files: File[], ignored: number }>}
 */
export async function findFiles(names) {
  const found = { files: /** @type {File[]} */ ([]), ignored: 0 };
  for (const name of names) {
    const info = await stat(name).catch(() => undefined);
    if (!info) throw new Failure(say("errorNotThere", { path: name }));
    try {
      if (info.isDirectory()) await walk(resolve(name), resolve(name), found);
      else found.files.push({ file: name, path: slashed(place(name)) });
    } catch (error) {
      throw new Failure(say("errorRead", { path: name, message: messageOf(error) }));
    }
  }
  return found;
}

/**
 * @param {string} path
 * @returns {Promise<Uint8Array>}
 */
export async function read(path) {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Failure(say("errorRead", { path, message: messageOf(error) }));
  }
}
