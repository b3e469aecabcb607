// Rust: cargo itself must be there; the wasm target, the standard library's source and
// wasm-bindgen's commands are fetched.
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { at, tools } from "./paths.mjs";
import { step } from "./progress.mjs";
import { ask, Notice, run } from "./run.mjs";

export const wasmTarget = "wasm32-unknown-unknown";
const bindgen = join(tools, "bin", "wasm-bindgen");
const testRunner = join(tools, "bin", "wasm-bindgen-test-runner");

/** The command and the library must be of one version: the one in Cargo.lock. */
async function lockedVersion() {
  const lock = await readFile(at("Cargo.lock"), "utf8");
  const found = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(lock)?.[1];
  if (!found) throw new Notice("Cargo.lock names no wasm-bindgen.");
  return found;
}

async function ensureTarget() {
  const libraries = await ask("rustc", ["--print", "target-libdir", "--target", wasmTarget]);
  if (libraries && existsSync(libraries)) return false;
  const rustup = await ask("rustup", ["--version"]);
  if (!rustup) throw new Notice(`Rust has no ${wasmTarget} target, and there is no rustup to add it. Get Rust by rustup.`);
  await run("rustup", ["target", "add", wasmTarget]);
  return true;
}

/** @param {(what: string) => void} doing */
async function ensureBindgen(doing) {
  const version = await lockedVersion();
  if ((await ask(bindgen, ["--version"])) === `wasm-bindgen ${version}`) return false;
  const targetDir = join(tools, "build");
  // Unoptimised: built in a fifth of the time, and it still runs in a fraction of a second.
  const args = ["install", "wasm-bindgen-cli", "--version", version, "--root", tools, "--target-dir", targetDir, "--debug"];
  const quiet = { onLine: doing, env: { CARGO_PROFILE_DEV_DEBUG: "false" } };
  try {
    await run("cargo", [...args, "--locked"], quiet);
  } catch {
    // Its own lock file may name a crate that a registry mirror does not have yet.
    await run("cargo", args, quiet);
  }
  await rm(targetDir, { recursive: true, force: true });
  return true;
}

/** What the browser builds ask of the compiler (`-Cpanic=immediate-abort`) came with this version. */
const minor_min = 92;

async function ensureVersion() {
  const version = await ask("rustc", ["--version"]);
  const minor = Number(/^rustc 1\.(\d+)\./.exec(version ?? "")?.[1] ?? minor_min);
  if (minor < minor_min) throw new Notice(`Rust 1.${minor_min} or newer is needed; this is ${version}. Get it by: rustup update`);
}

/** The standard library's source: the browser builds compile it along, for size. */
async function ensureSource() {
  const sysroot = await ask("rustc", ["--print", "sysroot"]);
  if (sysroot && existsSync(join(sysroot, "lib", "rustlib", "src", "rust", "library", "Cargo.lock"))) return false;
  const rustup = await ask("rustup", ["--version"]);
  if (!rustup) throw new Notice("Rust's source is missing (rust-src), and there is no rustup to add it. Get Rust by rustup.");
  await run("rustup", ["component", "add", "rust-src"]);
  return true;
}

export async function ensureRust() {
  if (!(await ask("cargo", ["--version"]))) {
    throw new Notice("Rust is missing: install it with rustup (https://rustup.rs), then run this again.");
  }
  await ensureVersion();
  await step(`Rust target ${wasmTarget}`, ensureTarget);
  await step("Rust source", ensureSource);
}

/** @type {Promise<unknown> | undefined} */
let installing;

/** The commands of wasm-bindgen. Built while the crate compiles: both take a while on a fresh machine. */
export async function bindgenCommands() {
  installing ??= step("wasm-bindgen command", ensureBindgen);
  await installing;
  return { bindgen, testRunner };
}
