// A module of the widget, bundled as the build does it and loaded into Node.
import { build } from "esbuild";

/**
 * @template T
 * @param {string} path of the TypeScript source, from the project's root
 * @returns {Promise<T>}
 */
export async function load(path) {
  const { outputFiles } = await build({
    entryPoints: [path], bundle: true, format: "esm", target: "es2020", write: false, logLevel: "silent",
  });
  const source = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
  return /** @type {T} */ (await import(`data:text/javascript;base64,${source}`));
}
