/** The glue of the search core, built from Rust into `dist/`. */
import type { RawSearch } from "../client/search.js";

export interface Bindings {
  (module: { module_or_path: WebAssembly.Module }): Promise<unknown>;
  Search: new (bytes: Uint8Array) => RawSearch;
}

export function createBindings(): Bindings;
