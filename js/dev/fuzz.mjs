// npm run fuzz: everything that reads what comes from outside, under a fuzzer. What fails is kept in
// tests/fuzz/artifacts, what was found on the way in target/fuzz.
import { existsSync } from "node:fs";
import { cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { options } from "./options.mjs";
import { at, target, tools } from "./paths.mjs";
import { step } from "./progress.mjs";
import { finish, Notice, run } from "./run.mjs";

const command = join(tools, "bin", "cargo-fuzz");
/** Two at a time: a fuzzer uses a whole core, and people may want the others. */
const jobs = 2;
/** The largest input tried. */
const bytes_max = 16_384;

const targets = async () => (await readdir(at("tests", "fuzz", "targets"))).map((name) => name.replace(".rs", "")).sort();

async function ensureCommand() {
  if (existsSync(command)) return false;
  await run("cargo", ["install", "cargo-fuzz", "--root", tools, "--target-dir", join(tools, "build")]);
  return true;
}

// The sanitizer is in the stable compiler, but asks to be let in by name.
const env = { RUSTC_BOOTSTRAP: "1" };
const where = ["--fuzz-dir", at("tests", "fuzz"), "--target-dir", join(target, "fuzz", "build")];

/**
 * @param {string} name
 * @param {number} minutes
 */
async function fuzz(name, minutes) {
  const found = join(target, "fuzz", "corpus", name);
  await mkdir(found, { recursive: true });
  const seeds = at("tests", "fuzz", "corpus", name);
  const folders = existsSync(seeds) ? [found, seeds] : [found];
  if (name === "index") await cp(at("tests", "fixtures", "faq"), found, { recursive: true });
  const limits = [`-max_total_time=${minutes * 60}`, `-max_len=${bytes_max}`, "-timeout=10", "-rss_limit_mb=2048"];
  await step(`fuzz ${name}`, async (doing) => {
    await run(command, ["run", name, ...where, ...folders, "--", ...limits], { env, onLine: doing });
  });
}

await finish(async () => {
  const all = await targets();
  const usage = `npm run fuzz -- [--minutes N] [TARGET...]\n  --minutes  for each target (10)\n  TARGET     ${all.join(", ")}; all without one`;
  const { values, positionals } = options(usage, { options: { minutes: { type: "string", default: "10" } }, allowPositionals: true });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Notice("--minutes wants a number above 0.");
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Notice(`There is no fuzz target ${unknown}; there are ${all.join(", ")}.`);
  await step("cargo-fuzz command", ensureCommand);
  await step("fuzz targets", async (doing) => {
    await run(command, ["build", ...where], { env, onLine: doing });
  });
  const waiting = positionals.length > 0 ? positionals : all;
  /** @type {unknown[]} */
  const failures = [];
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      await fuzz(name, minutes).catch((/** @type {unknown} */ problem) => failures.push(problem));
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  if (failures.length > 0) throw failures[0];
});
