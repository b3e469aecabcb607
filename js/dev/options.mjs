// What a command was asked to do, or a sentence that says how to ask it.
import { parseArgs } from "node:util";
import { Notice } from "./run.mjs";

/**
 * @template {import("node:util").ParseArgsConfig} Config
 * @param {string} usage shown for `--help`, and below what was not understood
 * @param {Config} config
 * @returns {ReturnType<typeof parseArgs<Config>>}
 */
export function options(usage, config) {
  if ((config.args ?? process.argv.slice(2)).includes("--help")) {
    console.log(usage);
    process.exit();
  }
  try {
    return parseArgs(config);
  } catch (error) {
    const known = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
    throw known ? new Notice(`${error.message}\n\n${usage}`) : error;
  }
}
