// The wasm builds of the one crate: cargo, then wasm-bindgen, then wasm-opt.
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { at, dist, root, target } from "./paths.mjs";
import { step } from "./progress.mjs";
import { run } from "./run.mjs";
import { unlessFresh } from "./stamp.mjs";
import { bindgen, wasmTarget } from "./toolchain.mjs";

const made = join(target, "wasm-made");
const wasmOpt = at("node_modules", "binaryen", "bin", "wasm-opt");

/** What the compiler may use; whatever is newer than the MVP is lowered for old phones and webviews. */
const compilerFeatures = [
  "mutable-globals", "sign-ext", "bulk-memory", "bulk-memory-opt", "nontrapping-float-to-int", "multivalue",
  "reference-types",
].map((name) => `--enable-${name}`);
const lowering = ["--signext-lowering", "--llvm-memory-copy-fill-lowering", "--llvm-nontrapping-fptoint-lowering"];
const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];

/** Panic messages carry the paths of source files; those of this machine have no place in a public file. */
function remapping() {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  return [`--remap-path-prefix=${cargoHome}=cargo`, `--remap-path-prefix=${root}=deskside`];
}

/**
 * Cargo gives the module of every feature set the same name, so it is copied away at once.
 * @param {string} feature
 * @param {"wasm" | "release"} profile
 * @param {string[]} rustflags
 * @param {(what: string) => void} doing
 * @returns {Promise<string>} the path of the module
 */
async function compile(feature, profile, rustflags, doing) {
  const flags = JSON.stringify([...remapping(), ...rustflags]);
  await run(
    "cargo",
    [
      "build", "--lib", "--target", wasmTarget, "--no-default-features", "--features", feature, "--profile", profile,
      "--config", `target.${wasmTarget}.rustflags=${flags}`,
    ],
    { onLine: doing },
  );
  const module = join(made, `${feature}.wasm`);
  await mkdir(made, { recursive: true });
  await copyFile(join(target, wasmTarget, profile, "deskside.wasm"), module);
  return module;
}

/** @param {string[]} args */
const optimise = (args) => run(process.execPath, [wasmOpt, ...args]);

/**
 * A build for browsers: small, and of the first WebAssembly version plus mutable globals, which every
 * engine since iOS 13 and Chrome 66 runs.
 * @param {string} feature
 * @param {string} name of the files in `dist/`
 */
async function browserBuild(feature, name) {
  await step(`wasm ${feature}`, async (doing) => {
    const compiled = await compile(feature, "wasm", ["-Ctarget-cpu=mvp"], doing);
    const outputs = [join(dist, `${name}.js`), join(dist, `${name}.wasm`)];
    const folder = join(made, feature);
    return unlessFresh(name, { inputs: [compiled, at("js", "dev"), at("package-lock.json")], outputs }, async () => {
      doing("wasm-bindgen");
      await rm(folder, { recursive: true, force: true });
      await run(bindgen, [
        compiled, "--target", "no-modules", "--omit-default-module-path", "--out-dir", folder, "--out-name", name,
      ]);
      doing("wasm-opt");
      const [raw, small] = [join(folder, `${name}_bg.wasm`), join(folder, `${name}.small.wasm`)];
      await optimise(["-Oz", ...compilerFeatures, ...lowering, ...strip, raw, "-o", small]);
      // Written once more under the old rules: this fails if anything newer is left.
      await mkdir(dist, { recursive: true });
      await optimise(["--mvp-features", "--enable-mutable-globals", small, "-o", join(dist, `${name}.wasm`)]);
      const { factory } = await import("./glue.mjs");
      await writeFile(join(dist, `${name}.js`), await factory(join(folder, `${name}.js`)));
    });
  });
}

/** The build for Node: the command line and `deskside/node`. Speed counts there, bytes do not. */
async function nodeBuild() {
  await step("wasm node", async (doing) => {
    const compiled = await compile("node", "release", [], doing);
    const folder = join(dist, "node");
    const outputs = [join(folder, "deskside.js"), join(folder, "deskside_bg.wasm")];
    return unlessFresh("deskside-node", { inputs: [compiled, at("js", "dev")], outputs }, async () => {
      await rm(folder, { recursive: true, force: true });
      await run(bindgen, [compiled, "--target", "experimental-nodejs-module", "--out-dir", folder, "--out-name", "deskside"]);
      const wasm = join(folder, "deskside_bg.wasm");
      doing("wasm-opt");
      await optimise(["-O3", ...compilerFeatures, ...strip, wasm, "-o", wasm]);
    });
  });
}

export async function buildWasm() {
  await Promise.all([browserBuild("web", "deskside-core"), nodeBuild()]);
}
