// npm test: makes the machine ready, builds, and checks everything. The last line counts all tests.
import { build } from "./build.mjs";
import { options } from "./options.mjs";
import { seconds, step } from "./progress.mjs";
import { finish, Notice, report, RunError } from "./run.mjs";
import { browserChecks, miniChecks, nodeChecks, sizeChecks, wasmChecks } from "./run-checks.mjs";
import { rustChecks } from "./rust-checks.mjs";
import { setup } from "./setup.mjs";
import { checkTally } from "./tally.mjs";
import { typeChecks } from "./type-checks.mjs";

/**
 * @typedef {import("./tally.mjs").Tally} Tally
 * @typedef {object} Check
 * @property {string} title
 * @property {(doing: (what: string) => void) => Promise<string>} run gives the output, or throws
 * @property {(output: string) => Tally} tally
 */

/** @type {Tally} */
const none = { passed: 0, failed: 0 };

/** @type {Record<string, Check[]>} */
const parts = {
  rust: rustChecks,
  types: typeChecks,
  wasm: wasmChecks,
  node: nodeChecks,
  mini: miniChecks,
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
    if (error instanceof RunError) console.error(report(error));
    else console.error(error instanceof Error ? error.message : error);
    const { passed, failed } = error instanceof RunError && check.tally !== checkTally ? check.tally(error.output) : none;
    // What broke off before it could count is one failure.
    return { passed, failed: Math.max(failed, 1) };
  }
}

async function main() {
  const started_ms = Date.now();
  const usage = `npm test -- [--only PART]\n  PART: ${Object.keys(parts).join(", ")}`;
  const { values } = options(usage, { options: { only: { type: "string" } } });
  const chosen = values.only === undefined ? Object.keys(parts) : [values.only];
  const checks = chosen.flatMap((name) => {
    const part = parts[name];
    if (!part) throw new Notice(`There is no part ${name}; there are ${Object.keys(parts).join(", ")}.`);
    return part;
  });
  await setup({ browser: chosen.some((name) => ["wasm", "mini", "browser"].includes(name)) });
  if (chosen.some((name) => name !== "rust" && name !== "wasm")) await build();
  /** @type {({ title: string } & Tally)[]} */
  const results = [];
  for (const check of checks) results.push({ title: check.title, ...(await perform(check)) });

  const sum = (/** @type {"passed" | "failed"} */ what) => results.reduce((total, result) => total + result[what], 0);
  const broken = results.filter(({ failed }) => failed > 0);
  console.log(`\nin ${seconds(Date.now() - started_ms)}`);
  for (const { title, failed } of broken) console.log(`FAILED ${title}: ${failed}`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  if (broken.length > 0) process.exitCode = 1;
}

await finish(main);
