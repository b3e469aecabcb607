// What `npm test` asks of the Rust code.
import { simulation } from "./sim.mjs";
import { wasmTarget } from "./toolchain.mjs";
import { cargoTally, checkTally, limit_ms } from "./tally.mjs";
import { run } from "./run.mjs";

/** @typedef {import("./test.mjs").Check} Check */

const denied = ["--", "-D", "warnings"];
/** The desk asks for little of the crate; the tests are of all of it. */
const everything = ["--workspace", "--features", "deskside/import"];

/**
 * @param {string} title
 * @param {string[]} args
 * @returns {Check}
 */
const cargo = (title, args) => ({
  title,
  run: (doing) => run("cargo", args, { onLine: doing, limit_ms }),
  tally: args[0] === "test" ? cargoTally : checkTally,
});

/** @param {string} feature @returns {Check} */
const wasmClippy = (feature) =>
  cargo(`clippy, wasm ${feature}`, [
    "clippy", "--lib", "--target", wasmTarget, "--no-default-features", "--features", feature, ...denied,
  ]);

export const rustChecks = [
  cargo("cargo fmt", ["fmt", "--all", "--check"]),
  cargo("clippy", ["clippy", ...everything, "--all-targets", ...denied]),
  wasmClippy("web"),
  wasmClippy("mini"),
  wasmClippy("search"),
  wasmClippy("node"),
  cargo("cargo test", ["test", ...everything, "--no-fail-fast"]),
  cargo("simulation, 10,000 seeds", [...simulation, "--seeds", "10000", "--jobs", "2"]),
  cargo("simulation, planted bugs", [...simulation, "--mutations", "--once", "--seeds", "20000", "--jobs", "2"]),
];
