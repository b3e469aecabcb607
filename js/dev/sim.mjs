// npm run sim: the deterministic simulation of visitors, tabs, network and desk (tests/sim).
// npm run sim -- --seeds 1000000 [--from N] [--jobs N], or --seed N for a trace, or --mutations.
import { finish, run } from "./run.mjs";
import { setup } from "./setup.mjs";

/** Fast, with every check of a development build, and with the bugs that it must catch. */
export const simulation = ["test", "--profile", "sim", "--features", "planted", "--test", "sim", "--"];

if (process.argv[1] === import.meta.filename) {
  await finish(async () => {
    await setup();
    const wanted = process.argv.slice(2);
    await run("cargo", [...simulation, ...(wanted.length > 0 ? wanted : ["--seeds", "10000"])], { show: true });
  });
}
