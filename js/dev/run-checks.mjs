// What `npm test` runs for real: the wasm builds in a browser, the command line, the whole product in
// a browser with a real desk, and the size report.
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { findChromium, findDriver } from "./chromium.mjs";
import { buildDesk } from "./desk.mjs";
import { miniprogramCi } from "./miniprogram-ci.mjs";
import { at, root } from "./paths.mjs";
import { say } from "./progress.mjs";
import { run } from "./run.mjs";
import { cargoTally, checkTally, limit_ms, nodeTally } from "./tally.mjs";
import { bindgenCommands, wasmTarget } from "./toolchain.mjs";

/** @typedef {import("./test.mjs").Check} Check */

/**
 * Tests that run in a browser. They are one program, `tests/wasm/main.rs`.
 * @type {Check}
 */
const wasm = {
  title: "wasm in Chromium",
  run: async (doing) => {
    const { testRunner } = await bindgenCommands();
    const env = {
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: testRunner,
      CHROMEDRIVER: await findDriver(),
    };
    const args = ["test", "--target", wasmTarget, "--no-default-features", "--features", "web,search", "--test", "wasm"];
    return run("cargo", args, { env, onLine: doing, limit_ms });
  },
  tally: cargoTally,
};

/** @param {string[]} folders @returns {Promise<string[]>} */
async function testFiles(folders) {
  const found = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
      if (entry.isFile() && entry.name.endsWith(".test.mjs")) found.push(join(entry.parentPath, entry.name));
    }
  }
  return found.sort();
}

/**
 * @param {string} title
 * @param {string[]} folders
 * @param {string[]} [options]
 * @param {() => Promise<Record<string, string>>} [more] what else is told by the environment
 * @returns {Check}
 */
const nodeTests = (title, folders, options = [], more = () => Promise.resolve({})) => ({
  title,
  run: async (doing) => {
    const files = (await testFiles(folders)).map((file) => relative(root, file));
    if (files.length === 0) throw new Error(`no tests in ${folders.join(", ")}`);
    const env = { CHROMIUM: await findChromium(), DESK: await buildDesk(doing), ...(await more()) };
    return run(process.execPath, ["--test", "--test-reporter=spec", ...options, ...files], { env, onLine: doing, limit_ms });
  },
  tally: nodeTally,
});

export const wasmChecks = [wasm];
export const nodeChecks = [nodeTests("command line and packaging", [at("tests", "cli"), at("tests", "packaging")])];
export const miniChecks = [
  nodeTests("mini-programs", [at("tests", "mini")], [], async () => {
    const ci = await miniprogramCi();
    return ci === undefined ? {} : { MINIPROGRAM_CI: ci };
  }),
];
export const browserChecks = [
  nodeTests("browser", [at("tests", "browser")], ["--test-concurrency=1"]),
  nodeTests("soak, in short", [at("tests", "soak")]),
  nodeTests("agent console", [at("examples", "desk", "console", "test")], ["--test-concurrency=1"]),
];

/** @type {Check[]} */
export const sizeChecks = [
  {
    title: "sizes within budget",
    run: async () => {
      const table = await run(process.execPath, [at("js", "dev", "size.mjs")]);
      say(table.trimEnd());
      return table;
    },
    tally: checkTally,
  },
];
