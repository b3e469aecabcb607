// Loads a module of the console as the browser gets it: bundled from its TypeScript.
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

/**
 * @param {string} name of the file beside this folder
 * @returns {Promise<unknown>} its exports
 */
export async function load(name) {
  const entry = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const { outputFiles } = await esbuild.build({ entryPoints: [entry], bundle: true, write: false, format: "esm", target: "es2022" });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
  return import(`data:text/javascript;base64,${code}`);
}
