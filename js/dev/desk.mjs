// The reference desk: built by cargo with a profile that builds fast, run with its demo data.
import { join } from "node:path";
import { target } from "./paths.mjs";
import { run } from "./run.mjs";

/**
 * @param {(what: string) => void} doing
 * @returns {Promise<string>} the path of the program
 */
export async function buildDesk(doing) {
  await run("cargo", ["build", "--profile", "desk", "-p", "desk"], { onLine: doing });
  return join(target, "desk", process.platform === "win32" ? "desk.exe" : "desk");
}
