// Skips work whose inputs have not changed since it was last done. The stamp is a hash of the input
// files, so a new checkout or a touched file costs nothing.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { root, stamps } from "./paths.mjs";

/**
 * @param {string} path a file or a folder
 * @returns {Promise<string[]>} its files
 */
async function files(path) {
  if (!(await stat(path)).isDirectory()) return [path];
  const inside = await readdir(path, { withFileTypes: true, recursive: true });
  return inside.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/**
 * @param {string[]} paths
 * @param {string} words
 */
async function hash(paths, words) {
  const digest = createHash("sha256").update(words);
  const all = (await Promise.all(paths.map(files))).flat().sort();
  for (const file of all) digest.update(`\0${relative(root, file)}\0`).update(await readFile(file));
  return digest.digest("hex");
}

/**
 * @param {string} name
 * @param {{ inputs: string[], words?: string, outputs: string[] }} about files and folders read,
 *   anything else that the result depends on, and what is made
 * @param {() => Promise<void>} make
 * @returns {Promise<boolean>} whether it was made now
 */
export async function unlessFresh(name, about, make) {
  const stamp = join(stamps, name);
  const now = await hash(about.inputs, about.words ?? "");
  const before = await readFile(stamp, "utf8").catch(() => "");
  if (now === before && about.outputs.every((path) => existsSync(path))) return false;
  await rm(stamp, { force: true });
  await make();
  await mkdir(dirname(stamp), { recursive: true });
  await writeFile(stamp, now);
  return true;
}
