// The wasm builds of the one crate: cargo, then wasm-bindgen, then wasm-opt.
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { factory, scriptCore } from "./glue.mjs";
import { shortenImports } from "./imports.mjs";
import { at, dist, root, target } from "./paths.mjs";
import { step } from "./progress.mjs";
import { run } from "./run.mjs";
import { unlessFresh } from "./stamp.mjs";
import { bindgenCommands, wasmTarget } from "./toolchain.mjs";
import { withoutExportedGlobals } from "./wasm-binary.mjs";
import { newerFeatures } from "./wasm-features.mjs";
import { namedByLikeness } from "./wasm-order.mjs";

const made = join(target, "wasm-made");
const wasmOpt = at("node_modules", "binaryen", "bin", "wasm-opt");

/**
 * How the crate is compiled.
 * @typedef {{ flags: string[], args: string[], env?: NodeJS.ProcessEnv, folder: string }} Way
 */

/** @type {Way} */
const fast = { flags: [], args: [], folder: target };

/**
 * For browsers the standard library is built along, a sixth of the download less: for size, without
 * the places and words of panics (a panic ends the instance whatever it says), and with only what
 * the first WebAssembly had, but for instructions that copy and fill: lowered to a loop each, they are
 * smaller than the compiler's own functions. All of it is in the stable compiler, but asks to be let
 * in by name.
 * In a folder of its own: the permission to be asked for would build everything else anew.
 * @type {Way}
 */
const small = {
  flags: [
    "-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none", "-Ctarget-cpu=mvp",
    "-Ctarget-feature=+bulk-memory,+bulk-memory-opt",
  ],
  args: ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"],
  env: { RUSTC_BOOTSTRAP: "1" },
  folder: join(target, "small"),
};

/** Functions without names are exported by shorter ones. */
const nameless = ["--config", "profile.wasm.strip=true"];

const compilerFeatures = [
  "mutable-globals", "sign-ext", "bulk-memory", "bulk-memory-opt", "nontrapping-float-to-int", "multivalue",
  "reference-types",
].map((name) => `--enable-${name}`);
/**
 * The stack lies in low memory, and has overflowed where it reaches the first kilobyte.
 * What the last three passes take off is more than lost again when the module is compressed: calls,
 * and small functions that are alike, are its most frequent words. Never with `--traps-never-happen`:
 * the trap of a panic must happen.
 */
const smallest = [
  "-Oz", "--converge", "--low-memory-unused",
  ...["inlining-optimizing", "local-cse", "merge-similar-functions"].map((pass) => `--skip-pass=${pass}`),
];
const lowering = ["--signext-lowering", "--llvm-memory-copy-fill-lowering", "--llvm-nontrapping-fptoint-lowering"];
const strip = ["--strip-debug", "--strip-producers", "--strip-target-features"];

/**
 * Panic messages carry the paths of source files; those of this machine have no place in a public file.
 * @returns {Promise<string[]>}
 */
async function remapping() {
  await run("cargo", ["fetch"]);
  const sources = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry", "src");
  const sysroot = (await run("rustc", ["--print", "sysroot"])).trim();
  const prefixes = [
    ...(await readdir(sources)).map((registry) => [join(sources, registry), "crates"]),
    [join(sysroot, "lib", "rustlib", "src", "rust"), "rust"],
    [root, "deskside"],
  ];
  return prefixes.map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
}

/** @type {Promise<string[]> | undefined} */
let remapped;

/**
 * Cargo gives the module of every feature set the same name, so it is copied away at once. Built as a
 * library for Rust as well, as `Cargo.toml` has it, the crate would keep its public functions apart for
 * others to link: a twelfth of the download.
 * @param {string} feature
 * @param {"wasm" | "release"} profile
 * @param {Way} way
 * @param {(what: string) => void} doing
 * @returns {Promise<string>} the path of the module
 */
async function compile(feature, profile, way, doing) {
  remapped ??= remapping();
  const flags = JSON.stringify([...(await remapped), ...way.flags]);
  await run(
    "cargo",
    [
      "rustc", "--lib", "--crate-type", "cdylib", "--target", wasmTarget, "--profile", profile,
      "--no-default-features", "--features", feature,
      "--config", `target.${wasmTarget}.rustflags=${flags}`, "--target-dir", way.folder, ...way.args,
    ],
    { onLine: doing, env: way.env ?? {} },
  );
  const module = join(made, `${feature}.wasm`);
  await mkdir(made, { recursive: true });
  await copyFile(join(way.folder, wasmTarget, profile, "deskside.wasm"), module);
  return module;
}

/**
 * @param {string} compiled
 * @param {string} folder
 * @param {string[]} options
 * @param {(what: string) => void} doing
 */
async function bind(compiled, folder, options, doing) {
  doing("waiting for wasm-bindgen");
  const { bindgen } = await bindgenCommands();
  doing("wasm-bindgen");
  await run(bindgen, [compiled, "--out-dir", folder, ...options]);
}

/** @param {string[]} args */
const optimise = (args) => run(process.execPath, [wasmOpt, ...args]);

/**
 * Made small, then written once more under the old rules, in an order that compresses well.
 * @param {string} raw the path of the module
 */
async function shrunk(raw) {
  const [small, old] = [`${raw}.small`, `${raw}.old`];
  await optimise([...smallest, ...compilerFeatures, ...lowering, ...strip, raw, "-o", small]);
  await writeFile(small, namedByLikeness(await readFile(small)));
  await optimise(["--mvp-features", "--enable-mutable-globals", "--reorder-functions-by-name", small, "-o", old]);
  return readFile(old);
}

/**
 * A build for browsers and mini-programs: small, and of the first WebAssembly version, which every engine
 * runs that runs any: iOS 11, Chrome 57, WeChat's base library 2.13.
 * @param {string} feature
 * @param {string} name of the files
 * @param {string} [into] the folder
 */
async function browserBuild(feature, name, into = dist) {
  await step(`wasm ${feature}`, async (doing) => {
    const outputs = [join(into, `${name}.js`), join(into, `${name}.wasm`)];
    const folder = join(made, feature);
    // Cargo itself would link again: the modules of all feature sets lie under one name.
    const inputs = [at("src"), at(".cargo"), at("Cargo.toml"), at("Cargo.lock"), at("js", "dev"), at("package-lock.json")];
    return unlessFresh(name, { inputs, words: await run("rustc", ["-vV"]), outputs }, async () => {
      const compiled = await compile(feature, "wasm", { ...small, args: [...small.args, ...nameless] }, doing);
      await rm(folder, { recursive: true, force: true });
      const options = ["--target", "no-modules", "--omit-default-module-path", "--out-name", name];
      await bind(compiled, folder, options, doing);
      doing("wasm-opt");
      const raw = join(folder, `${name}_bg.wasm`);
      await writeFile(raw, withoutExportedGlobals(await readFile(raw)));
      const short = shortenImports(await shrunk(raw), await readFile(join(folder, `${name}.js`), "utf8"));
      const newer = [...newerFeatures(short.wasm).keys()];
      if (newer.length > 0) throw new Error(`${name}.wasm uses what old engines do not have: ${newer.join(", ")}`);
      await mkdir(into, { recursive: true });
      await writeFile(join(into, `${name}.wasm`), short.wasm);
      await writeFile(join(into, `${name}.js`), await factory(short.glue));
    });
  });
}

/**
 * The build for Node: the command line and `deskside/node`. Speed counts there, bytes do not; wasm-opt
 * makes what the compiler optimised for speed no faster, so it only strips.
 */
async function nodeBuild() {
  await step("wasm node", async (doing) => {
    const compiled = await compile("node", "release", fast, doing);
    const folder = join(dist, "node");
    const outputs = [join(folder, "deskside.js"), join(folder, "deskside_bg.wasm")];
    return unlessFresh("deskside-node", { inputs: [compiled, at("js", "dev")], outputs }, async () => {
      await rm(folder, { recursive: true, force: true });
      await bind(compiled, folder, ["--target", "experimental-nodejs-module", "--out-name", "deskside"], doing);
      const wasm = join(folder, "deskside_bg.wasm");
      await optimise([...compilerFeatures, ...strip, wasm, "-o", wasm]);
    });
  });
}

/**
 * A browser build that keeps the names of its functions, for the size report.
 * @param {string} feature
 * @param {(what: string) => void} doing
 * @returns {Promise<string>} the path of the module
 */
export async function namedBuild(feature, doing) {
  const compiled = await compile(feature, "wasm", small, doing);
  const folder = join(made, `${feature}-named`);
  await bind(compiled, folder, ["--target", "no-modules", "--out-name", "named", "--keep-debug"], doing);
  const [raw, optimised] = [join(folder, "named_bg.wasm"), join(folder, "small.wasm")];
  await optimise([...smallest, "--debuginfo", ...compilerFeatures, ...lowering, raw, "-o", optimised]);
  return optimised;
}

const miniCore = join(dist, "mini-program", "core");
/** What `js/mini-program` imports as `deskside-mini-glue`. */
export const miniGlue = join(made, "mini-core", "deskside.js");

/**
 * The core of mini-programs: `.wasm`, the same compressed, and as a script for engines without
 * WebAssembly. Its glue goes into the bundles of `js/mini-program`.
 */
export async function buildMiniCore() {
  await browserBuild("mini", "deskside", join(made, "mini-core"));
  const [wasm, compressed, script] = /** @type {[string, string, string]} */ (
    ["deskside.wasm", "deskside.wasm.br", "deskside-core.js"].map((name) => join(miniCore, name))
  );
  const made_of = join(made, "mini-core", "deskside.wasm");
  await step("mini-program core", async (doing) =>
    unlessFresh("mini-core", { inputs: [made_of, at("js", "dev"), at("package-lock.json")], outputs: [wasm, compressed, script] }, async () => {
      await mkdir(miniCore, { recursive: true });
      const bytes = await readFile(made_of);
      await writeFile(wasm, bytes);
      await writeFile(compressed, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      doing("wasm2js");
      const module = join(made, "mini-core", "script.mjs");
      await run(process.execPath, [at("node_modules", "binaryen", "bin", "wasm2js"), "-Oz", made_of, "-o", module]);
      await writeFile(script, await scriptCore(await readFile(module, "utf8")));
    }),
  );
}

/**
 * A browser build like that of the widget, kept out of `dist/`: for the size report.
 * @param {string} feature
 * @param {(what: string) => void} doing
 * @returns {Promise<Buffer>}
 */
export async function measuredBuild(feature, doing) {
  const compiled = await compile(feature, "wasm", { ...small, args: [...small.args, ...nameless] }, doing);
  const folder = join(made, `${feature}-measured`);
  await bind(compiled, folder, ["--target", "no-modules", "--omit-default-module-path", "--out-name", "measured"], doing);
  return shrunk(join(folder, "measured_bg.wasm"));
}

export async function buildWasm() {
  await Promise.all([
    bindgenCommands(), browserBuild("web", "deskside-core"), browserBuild("search", "deskside-search-core"), nodeBuild(),
    buildMiniCore(),
  ]);
}
