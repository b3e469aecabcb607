// npm test: makes the machine ready, builds, and checks everything. The last line counts all tests.
// npm test -- --only rust|types|wasm|node|browser|size runs one part.
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { seconds, step } from "./progress.mjs";
import { finish, Notice, RunError } from "./run.mjs";
import { browserChecks, nodeChecks, sizeChecks, wasmChecks } from "./run-checks.mjs";
import { rustChecks } from "./rust-checks.mjs";
import { setup } from "./setup.mjs";
import { typeChecks } from "./type-checks.mjs";

/**
 * @typedef {import("./tally.mjs").Tally} Tally
 * @typedef {object} Check
 * @property {string} title
 * @property {(doing: (what: string) => void) => Promise<string>} run gives the output, or throws
 * @property {(output: string) => Tally} tally
 */

/** @type {Record<string, Check[]>} */
const parts = {
  rust: rustChecks,
  types: typeChecks,
  wasm: wasmChecks,
  node: nodeChecks,
  browser: browserChecks,
  size: sizeChecks,
};

/**
 * @param {Check} check
 * @returns {Promise<Tally>}
 */
async function perform(check) {
  try {
    return check.tally(await step(check.title, (doing) => check.run(doing)));
  } catch (error) {
    const output = error instanceof RunError ? error.output : "";
    console.error(output || (error instanceof Error ? error.message : error));
    const { passed, failed } = check.tally(output);
    // A run that broke off before it could count is one failure.
    return failed > 0 ? { passed, failed } : { passed: 0, failed: 1 };
  }
}

async function main() {
  const started_ms = Date.now();
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  const chosen = values.only === undefined ? Object.keys(parts) : [values.only];
  const checks = chosen.flatMap((name) => {
    const part = parts[name];
    if (!part) throw new Notice(`There is no part ${name}; there are ${Object.keys(parts).join(", ")}.`);
    return part;
  });
  await setup({ browser: chosen.some((name) => name === "wasm" || name === "browser" || name === "node") });
  if (chosen.some((name) => name !== "rust" && name !== "wasm")) await build();
  let [passed, failed] = [0, 0];
  for (const check of checks) {
    const tally = await perform(check);
    passed += tally.passed;
    failed += tally.failed;
  }
  console.log(`\nin ${seconds(Date.now() - started_ms)}\n${passed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

await finish(main);
