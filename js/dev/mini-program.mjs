// The scripts of `js/mini-program`, for each family of runtimes, into `dist/mini-program`: CommonJS of
// ES2017, and nothing that a runtime may lack by name.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { dialects, markup } from "./mini-markup.mjs";
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

/** `<deskside-chat>`, in a folder of its own: it goes into the subpackage that shows it. @param {string} family */
export const chatOf = (family) => join(dist, "mini-program", "chat", family);

/** Its script, its template, its style. @param {import("./mini-markup.mjs").Family} family */
async function buildComponent(family) {
  const folder = chatOf(family);
  const source = (/** @type {string} */ name) => readFile(at("js", "mini-program", "chat", name), "utf8");
  const [template, lines, survey, css] = await Promise.all([source("chat.xml"), source("lines.xml"), source("survey.xml"), source("chat.css")]);
  const { template: xml, style } = dialects[family];
  const minified = await esbuild.transform(css, { loader: "css", minify: true, target: "safari13" });
  await mkdir(folder, { recursive: true });
  await Promise.all([
    esbuild.build({ ...common, entryPoints: [at("js", "mini-program", "chat", `${families[family]}.ts`)], outfile: join(folder, "index.js") }),
    writeFile(join(folder, "index.json"), `${JSON.stringify({ component: true, styleIsolation: "isolated" })}\n`),
    writeFile(join(folder, `index.${xml}`), markup(template, lines, survey, family)),
    writeFile(join(folder, `index.${style}`), minified.code),
  ]);
}

/** Once the core is built: its glue is bundled. */
export const buildMiniPrograms = () =>
  step("mini-program scripts", async () => {
    // The rest of the package is of ES modules; these are not.
    await Promise.all(Object.keys(families).map((family) => rm(folderOf(family), { recursive: true, force: true })));
    await mkdir(join(dist, "mini-program"), { recursive: true });
    await writeFile(join(dist, "mini-program", "package.json"), '{ "type": "commonjs" }\n');
    for (const [family, name] of Object.entries(families)) {
      await esbuild.build({ ...common, entryPoints: [at("js", "mini-program", `${name}.ts`)], outfile: join(folderOf(family), "index.js") });
      await buildComponent(/** @type {import("./mini-markup.mjs").Family} */ (family));
    }
  });
