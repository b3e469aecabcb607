// npm run bench: the benchmarks, one at a time.
// npm run bench -- NAME [ARGUMENT...] runs one of them; `search` wants the folders to measure on.
import { readdir } from "node:fs/promises";
import { build } from "./build.mjs";
import { at } from "./paths.mjs";
import { finish, Notice, run } from "./run.mjs";
import { setup } from "./setup.mjs";

/** @typedef {{ program: string, args: string[], wantsArguments?: boolean }} Bench */

/** @returns {Promise<Map<string, Bench>>} */
async function benches() {
  /** @type {Map<string, Bench>} */
  const all = new Map([
    ["search", { program: "cargo", args: ["bench", "--features", "indexer", "--bench", "faq_quality", "--"], wantsArguments: true }],
    ["core", { program: "cargo", args: ["bench", "--profile", "desk", "--bench", "core", "--"] }],
    ["desk", { program: "cargo", args: ["bench", "-p", "desk", "--profile", "desk", "--bench", "throughput", "--"] }],
  ]);
  const scripts = (await readdir(at("benches"))).filter((name) => name.endsWith(".mjs")).sort();
  for (const name of scripts) all.set(name.replace(".mjs", ""), { program: process.execPath, args: [at("benches", name)] });
  return all;
}

await finish(async () => {
  const [name, ...rest] = process.argv.slice(2);
  const all = await benches();
  if (name !== undefined && !all.has(name)) throw new Notice(`There is no benchmark ${name}; there are ${[...all.keys()].join(", ")}.`);
  await setup();
  await build();
  for (const [title, { program, args, wantsArguments }] of all) {
    if (name !== undefined && title !== name) continue;
    console.log(`\n${title}`);
    if (wantsArguments && rest.length === 0) console.log(`  wants arguments: npm run bench -- ${title} FOLDER...`);
    else await run(program, [...args, ...rest], { show: true });
  }
});
