// The npm packages of package-lock.json, installed when the lock is newer than what is there.
import { stat } from "node:fs/promises";
import { at } from "./paths.mjs";
import { run } from "./run.mjs";

/** @param {string} path */
const changed_ms = async (path) => (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;

/** @param {(what: string) => void} doing */
export async function ensurePackages(doing) {
  // npm writes this file last.
  const installed_ms = await changed_ms(at("node_modules", ".package-lock.json"));
  if (installed_ms >= (await changed_ms(at("package-lock.json")))) return false;
  await run("npm", ["ci", "--prefer-offline"], { onLine: doing });
  return true;
}
