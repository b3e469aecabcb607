// Makes a fresh machine ready: Rust 1.92 or newer by rustup and Node are all that must be there.
// Only Node's own modules may be imported before `ensurePackages` is through.
import { readFile } from "node:fs/promises";
import { ensureChromium } from "./chromium.mjs";
import { ensurePackages } from "./packages.mjs";
import { at } from "./paths.mjs";
import { step } from "./progress.mjs";
import { Notice } from "./run.mjs";
import { ensureRust } from "./toolchain.mjs";

async function checkNode() {
  const text = await readFile(at("package.json"), "utf8");
  const { devEngines } = /** @type {{ devEngines: { runtime: { version: string } } }} */ (JSON.parse(text));
  const needed = devEngines.runtime.version.replace(">=", "");
  const have = process.versions.node;
  if (have.localeCompare(needed, "en", { numeric: true }) < 0) {
    throw new Notice(`Node ${needed} or newer is needed; this is ${have}.`);
  }
}

/** What cannot be installed from here. */
export async function checkTools() {
  await checkNode();
  await ensureRust();
}

/** @param {{ browser?: boolean }} [options] `browser`: also what the tests need */
export async function setup(options = {}) {
  await checkTools();
  await step("npm packages", ensurePackages);
  if (options.browser) await ensureChromium();
}
