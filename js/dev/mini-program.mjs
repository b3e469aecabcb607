// The scripts of `js/mini-program`, for each family of runtimes, into `dist/mini-program`: CommonJS of
// ES2017, and nothing that a runtime may lack by name.
import { join } from "node:path";
import * as esbuild from "esbuild";
import { at, dist } from "./paths.mjs";
import { step } from "./progress.mjs";
import { miniGlue } from "./wasm.mjs";

/** The folder of each family, and the name under which its runtime is known. */
export const families = /** @type {const} */ ({ wechat: "wx", alipay: "my", douyin: "tt" });

/** @param {string} family */
export const folderOf = (family) => join(dist, "mini-program", family);

/** @type {esbuild.BuildOptions} */
const common = {
  bundle: true,
  minify: true,
  format: "cjs",
  target: "es2017",
  charset: "utf8",
  legalComments: "none",
  logLevel: "silent",
  alias: { "deskside-mini-glue": miniGlue },
  inject: [at("js", "mini-program", "inject.ts")],
};

/** Once the core is built: its glue is bundled. */
export const buildMiniPrograms = () =>
  step("mini-program scripts", async () => {
    for (const [family, name] of Object.entries(families)) {
      await esbuild.build({ ...common, entryPoints: [at("js", "mini-program", `${name}.ts`)], outfile: join(folderOf(family), "index.js") });
    }
  });
