// The published .d.ts files, from the same sources as the scripts.
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { at, dist } from "./paths.mjs";
import { step } from "./progress.mjs";
import { run } from "./run.mjs";
import { unlessFresh } from "./stamp.mjs";

const folder = join(dist, "types");

/** Node's module resolution wants file names whole; the generated types name modules without an ending. */
async function completeImports() {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace(/(from )(["'])(\.{1,2}\/[^"']+?)(?:\.js)?\2/g, "$1$2$3.js$2"));
  }
}

export const buildDeclarations = () =>
  step("type declarations", () => {
    const inputs = [at("js", "client"), at("js", "node"), at("js", "search"), at("js", "types"), at("tsconfig.types.json")];
    return unlessFresh("declarations", { inputs, outputs: [folder] }, async () => {
      await rm(folder, { recursive: true, force: true });
      await run(process.execPath, [at("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.types.json"]);
      await completeImports();
    });
  });
