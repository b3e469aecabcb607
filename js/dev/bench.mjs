// npm run bench: every benchmark there is, one at a time: Rust's by `cargo bench`, then benches/*.mjs.
// What follows `--` goes to each of them.
import { readdir } from "node:fs/promises";
import { build } from "./build.mjs";
import { at } from "./paths.mjs";
import { finish, run } from "./run.mjs";
import { setup } from "./setup.mjs";

await finish(async () => {
  await setup();
  await build();
  const passed = process.argv.slice(2);
  const programs = (await readdir(at("benches"))).filter((name) => name.endsWith(".mjs")).sort();
  await run("cargo", ["bench", "--workspace", "--features", "deskside/indexer", "--benches", "--", ...passed], { show: true });
  for (const program of programs) await run(process.execPath, [at("benches", program), ...passed], { show: true });
});
