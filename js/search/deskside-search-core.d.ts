/** The glue of the search part, built from Rust into `dist/`. */
import type { SearchBindings } from "../client/core.js";

export function createBindings(): SearchBindings;
