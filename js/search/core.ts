import { compile, refused, type CoreSearch } from "../client/core.js";
import { DesksideError, refusalOf } from "../client/error.js";
import { searchOf } from "../client/search.js";

/** Where the search core comes from; as a rule it is found beside this script. */
export interface CoreSource {
  /** The address of `deskside-search-core.wasm`. */
  readonly wasmUrl?: string | URL | undefined;
  /** Its bytes, or what was compiled from them: nothing is loaded then. */
  readonly wasm?: BufferSource | WebAssembly.Module | undefined;
}

/** What has been compiled, by its address. A failure is not kept: the next one tries again. */
const modules = new Map<string, Promise<WebAssembly.Module>>();

/**
 * A core of its own for each index: should one fail, the others go on; and what is closed is gone.
 *
 * @throws DesksideError `core_load` where a file did not come, `core_refused` where it is not run,
 * `index_...` where the bytes are no index
 */
export async function openCore(index: Uint8Array, source: CoreSource): Promise<CoreSearch> {
  const [glue, module] = await Promise.all([loadGlue(), moduleOf(source)]);
  const bindings = glue.createBindings();
  try {
    await bindings({ module_or_path: module });
  } catch (error) {
    throw refused(error);
  }
  try {
    return searchOf(new bindings.Search(index));
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

/** Fetches and compiles, so that the first search need not wait for it. */
export async function prepare(source: CoreSource): Promise<void> {
  await Promise.all([loadGlue(), moduleOf(source)]);
}

async function loadGlue(): Promise<typeof import("./deskside-search-core.js")> {
  try {
    return await import("./deskside-search-core.js");
  } catch (error) {
    throw new DesksideError("core_load", "deskside-search-core.js could not be loaded", { cause: error });
  }
}

async function moduleOf({ wasm, wasmUrl }: CoreSource): Promise<WebAssembly.Module> {
  if (wasm !== undefined) return wasm instanceof WebAssembly.Module ? wasm : compile(wasm);
  const url = wasmUrl === undefined ? new URL("./deskside-search-core.wasm", import.meta.url) : addressOf(wasmUrl);
  const known = modules.get(url.href);
  if (known) return known;
  const module = read(url).then(compile);
  modules.set(url.href, module);
  module.catch(() => modules.delete(url.href));
  return module;
}

/** @throws DesksideError `bad_argument` */
function addressOf(address: string | URL): URL {
  try {
    const base = (globalThis as { document?: Document }).document?.baseURI ?? import.meta.url;
    return new URL(address, base);
  } catch (error) {
    throw new DesksideError("bad_argument", `wasmUrl is no address: ${String(address)}`, { cause: error });
  }
}

async function read(url: URL): Promise<BufferSource> {
  try {
    const files = url.protocol === "file:" ? filesOfNode() : undefined;
    if (files) return await files.promises.readFile(url);
    const response = await fetch(url);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.arrayBuffer();
  } catch (error) {
    throw new DesksideError("core_load", `the search core could not be loaded from ${url.href}`, { cause: error });
  }
}

interface Files {
  promises: { readFile(url: URL): Promise<BufferSource> };
}

/** Node fetches no files. Not by an import: a bundler for browsers would look for the module. */
function filesOfNode(): Files | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => Files } };
  return process?.getBuiltinModule?.("node:fs");
}
