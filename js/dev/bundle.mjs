// The scripts of the SDK and of the examples, by esbuild. Fast enough to run every time.
import { readFile, writeFile, mkdir } from "node:fs/promises";
import { join, posix } from "node:path";
import * as esbuild from "esbuild";
import { at, bundles, dist } from "./paths.mjs";

/**
 * A style sheet imported by a script becomes its minified text: it is adopted, never parsed as markup.
 * @type {esbuild.Plugin}
 */
const styles = {
  name: "styles",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = await esbuild.transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: css.code.trim(), loader: "text" };
    });
  },
};

/**
 * Templates keep the indentation of their source, which means no more than a space to a browser: each
 * line keeps its end alone. Nothing else in these folders has lines that matter.
 * @type {esbuild.Plugin}
 */
const templates = {
  name: "templates",
  setup(build) {
    build.onLoad({ filter: /[\\/]js[\\/](widget|survey)[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/\n[ \t]+/g, "\n"),
      loader: "ts",
    }));
  },
};

/** @type {esbuild.BuildOptions} */
const common = {
  bundle: true,
  minify: true,
  target: "es2020",
  format: "esm",
  charset: "utf8",
  // Lit's licence wants its notice to travel along: beside the file, not in it.
  legalComments: "external",
  sourcemap: "external",
  // These lie beside the scripts in `dist/` and are loaded when they are needed.
  external: ["*/deskside-core.js", "*/deskside-search-core.js"],
  plugins: [styles, templates],
  logLevel: "silent",
};

/**
 * @param {string} name of the file in `dist/`
 * @param {string} entry
 * @param {esbuild.BuildOptions} [options]
 */
async function bundle(name, entry, options = {}) {
  const entryPoints = [{ in: at(entry), out: name }];
  const { metafile } = await esbuild.build({ ...common, ...options, entryPoints, outdir: dist, metafile: true });
  // Which chunks a script loads: read by the size report.
  await mkdir(bundles, { recursive: true });
  await writeFile(join(bundles, `${name}.json`), JSON.stringify(metafile));
}

/** @type {esbuild.BuildOptions} */
const split = { splitting: true, chunkNames: "chunks/[name]-[hash]" };

/** Parts of the widget that are loaded when they are needed. @type {Record<string, string>} */
const laterParts = {
  parts: "js/widget/parts/index.ts",
  attach: "js/widget/attach/index.ts",
  more: "js/widget/more/index.ts",
  setup: "js/widget/setup/index.ts",
  preview: "js/widget/preview/index.ts",
  ticket: "js/widget/ticket/index.ts",
  unkept: "js/widget/unkept/index.ts",
  survey: "js/survey/screens.ts",
};

/**
 * They take what they share with the widget from its script (`js/widget/shared.ts`): with esbuild's own
 * splitting, everybody would load that as files of its own, one request after the other.
 * @type {esbuild.Plugin}
 */
const fromWidget = {
  name: "from-widget",
  setup(build) {
    build.onResolve({ filter: /^(lit\/(html|directives\/live)|\.\.\/(avatar|bar|composer|failure|icons|notices|page|texts|chat|loader\/language))\.js$/ }, () => ({
      path: "../deskside-widget.js",
      external: true,
    }));
  },
};

/** The widget's script, which knows its later parts by the names that they were given. */
async function bundleWidget() {
  const { metafile } = await esbuild.build({
    ...common,
    plugins: [styles, templates, fromWidget],
    entryPoints: Object.entries(laterParts).map(([name, source]) => ({ in: at(source), out: name })),
    entryNames: "chunks/[name]-[hash]",
    outdir: dist,
    metafile: true,
  });
  /** @type {Map<string | undefined, string>} */
  const names = new Map(Object.entries(metafile.outputs).map(([path, { entryPoint }]) => [entryPoint, path]));
  /** @type {esbuild.Plugin} */
  const later = {
    name: "later",
    setup(build) {
      build.onResolve({ filter: /^\.\.?\/\w+\/(index|screens)\.js$/ }, ({ path, kind }) => {
        const name = names.get(posix.join("js/widget", path.replace(/\.js$/, ".ts")));
        if (kind !== "dynamic-import" || name === undefined) return undefined;
        return { path: `./${name.slice("dist/".length)}`, external: true };
      });
    },
  };
  await bundle("deskside-widget", "js/widget/index.ts", { ...split, plugins: [styles, templates, later] });
  await writeFile(join(bundles, "deskside-widget-later.json"), JSON.stringify(metafile));
}

export async function bundleSdk() {
  await Promise.all([
    bundle("deskside", "js/loader/index.ts", { format: "iife" }),
    bundleWidget(),
    bundle("deskside-conversation", "js/client/conversation.ts", split),
    bundle("deskside-client", "js/client/client.ts", split),
    bundle("deskside-search", "js/search/element/index.ts"),
    bundle("deskside-search-api", "js/search/search.ts"),
  ]);
}

/** A page of its own, with its style sheet as a file. */
export async function bundleConsole() {
  const folder = at("examples", "desk", "console");
  const entryPoints = ["main.ts", "console.css", "surveys.ts", "surveys.css"].map((file) => join(folder, file));
  await esbuild.build({ ...common, plugins: [], entryPoints, outdir: join(dist, "console") });
}
