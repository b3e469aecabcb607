#!/usr/bin/env node
// The command `deskside`: looks at its first word and hands over.
import { readFileSync } from "node:fs";
import { Failure, Usage } from "./failure.mjs";
import { say } from "./words.mjs";

/** @type {Record<string, () => Promise<{ run: (args: string[]) => Promise<number> }>>} */
const commands = {
  index: () => import("./index-command.mjs"),
  "serve-check": () => import("./serve-check.mjs"),
};

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main([command, ...rest]) {
  if (command === "--version" || command === "-v") {
    const { version } = /** @type {{ version: string }} */ (
      JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
    );
    console.log(version);
    return 0;
  }
  if (command === "--help" || command === "-h" || command === "help" || rest.includes("--help")) {
    console.log(say("help"));
    return 0;
  }
  if (command === undefined) throw new Usage(say("usageNoCommand"));
  const load = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (!load) throw new Usage(say("usageUnknownCommand", { command }));
  return (await load()).run(rest);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Usage || error instanceof Failure) {
    console.error(error.message);
    process.exitCode = error instanceof Usage ? 2 : 1;
  } else {
    console.error(say("errorInternal", { message: error instanceof Error ? (error.stack ?? error.message) : String(error) }));
    process.exitCode = 1;
  }
}
