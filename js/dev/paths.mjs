// Where things are. Everything that is made lies under `target/` or `dist/`.
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");
export const dist = join(root, "dist");
export const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
export const tools = join(root, "target", "tools");
export const stamps = join(root, "target", "stamps");
export const bundles = join(root, "target", "bundles");

/** @param {string[]} parts */
export const at = (...parts) => join(root, ...parts);
