/** The glue of the search core, built from Rust into `dist/`. */
import type { CoreSearch } from "../client/core.js";

export interface Bindings {
  (module: { module_or_path: WebAssembly.Module }): Promise<unknown>;
  Search: new (bytes: Uint8Array) => CoreSearch;
}

export function createBindings(): Bindings;
