// Runs the real command in a folder of its own.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after } from "node:test";

const root = resolve(import.meta.dirname, "..", "..");
const program = join(root, "js", "cli", "deskside.mjs");
const samples = join(root, "tests", "fixtures", "import");
/** The examples' own articles. */
export const shopHelp = join(root, "examples", "website", "help");

/** @type {string[]} */
const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/**
 * A folder with a copy of sample files, and files of the test's own.
 * @param {{ samples?: string, files?: Record<string, string> }} [content]
 */
export function folder({ samples: name, files = {} } = {}) {
  const path = mkdtempSync(join(tmpdir(), "deskside-cli-"));
  folders.push(path);
  if (name) cpSync(join(samples, name), path, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return path;
}

const env = { ...process.env, LC_ALL: "C.UTF-8" };

/**
 * @param {string[]} args
 * @param {string} [cwd]
 * @param {Record<string, string>} [more] environment
 * @returns {{ code: number | null, out: string, err: string }}
 */
export function deskside(args, cwd = tmpdir(), more = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd, encoding: "utf8", env: { ...env, ...more },
  });
  return { code: status, out: stdout, err: stderr };
}
