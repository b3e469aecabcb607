// The agent console, the demo shop and the help centre, into folders of `dist/`.
import { cp, mkdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { bundleConsole } from "./bundle.mjs";
import { at, dist } from "./paths.mjs";
import { step } from "./progress.mjs";
import { run } from "./run.mjs";
import { unlessFresh } from "./stamp.mjs";

/**
 * @param {string} from
 * @param {string} to
 * @param {(path: string) => boolean} wanted by the path inside the folder
 */
async function copyPage(from, to, wanted) {
  await mkdir(to, { recursive: true });
  const filter = (/** @type {string} */ path) => path === from || wanted(relative(from, path));
  await cp(from, to, { recursive: true, filter });
}

/** Scripts, words and styles are bundled; the page and its pictures are copied. */
export async function buildConsole() {
  const bundled = /\.(ts|css|md)$|^(locales|test)\b/;
  await copyPage(at("examples", "desk", "console"), join(dist, "console"), (path) => !bundled.test(path));
  await bundleConsole();
}

/** The shop is a page as anyone would write it, copied; its articles become a help index by our own command. */
export async function buildWebsite() {
  const shop = at("examples", "website");
  await copyPage(shop, join(dist, "website"), (path) => path !== "README.md" && path.split(sep)[0] !== "help");
  const index = join(dist, "website", "help.idx");
  const inputs = [join(shop, "help"), at("js", "cli"), join(dist, "node")];
  await step("help index of the shop", () =>
    unlessFresh("help.idx", { inputs, outputs: [index] }, async () => {
      await run(process.execPath, [at("js", "cli", "deskside.mjs"), "index", join(shop, "help"), "-o", index]);
    }),
  );
}

/** The help centre makes its own pages, from the articles and from what else was built. */
export async function buildHelpCenter() {
  const folder = at("examples", "help-center");
  const out = join(dist, "help-center");
  const sdk = ["deskside-search.js", "deskside-search-api.js", "deskside-search-core.js", "deskside-search-core.wasm"];
  const inputs = [folder, at("js", "cli"), at("js", "node"), join(dist, "node"), ...sdk.map((name) => join(dist, name))];
  await step("help centre", () =>
    unlessFresh("help-center", { inputs, outputs: [join(out, "index.html"), join(out, "help.idx")] }, async () => {
      await run(process.execPath, [join(folder, "generate.mjs"), out]);
    }),
  );
}
