// npm run size: bytes of what a visitor downloads, against budgets.json. A KB is 1,000 bytes.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { options } from "./options.mjs";
import { at, bundles, dist } from "./paths.mjs";
import { finish, Notice } from "./run.mjs";

/**
 * `brotli_kb_held`: over its budget as yet, and held below this so that it only shrinks.
 * `raw_kb_max`: of packages that are counted as they lie there.
 * `later`: only the part whose source this is, which the file loads when it is needed.
 * @typedef {{ what: string, files: string[], later?: string, brotli_kb_max?: number, brotli_kb_held?: number, raw_kb_max?: number }} Budget
 * @typedef {{ raw: number, gzip: number, brotli: number }} Size
 * @typedef {Size & { file: string }} Measured
 * @typedef {{ name: string, budget: Budget, files: Measured[], total: Size }} Group
 */

/** What the survey engine may add to the core, in KB. */
const survey_brotli_kb_max = 15;

/** @param {string} file @returns {Promise<Measured>} */
async function measure(file) {
  return { file, ...sizeOf(await readFile(join(dist, file))) };
}

/** @param {Buffer} bytes @returns {Size} */
function sizeOf(bytes) {
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
}

/** What surveys add to the core. */
async function surveyShare() {
  const { measuredBuild } = await import("./wasm.mjs");
  const { step } = await import("./progress.mjs");
  const [without, all] = [
    sizeOf(await step("wasm without surveys", (doing) => measuredBuild("browser", doing))),
    sizeOf(await step("wasm with surveys", (doing) => measuredBuild("web", doing))),
  ];
  const share = { raw: all.raw - without.raw, gzip: all.gzip - without.gzip, brotli: all.brotli - without.brotli };
  console.log([row("  without surveys", without), row("  with surveys", all), row("  surveys", share, `of ${survey_brotli_kb_max}`)].join("\n"));
  if (share.brotli > survey_brotli_kb_max * 1000) throw new Notice("Over budget: surveys.");
}

/**
 * The chunks that a script of ours loads: those it imports always, and of those it chooses between
 * (the languages) the largest; or, where `later` names the source of a part that is loaded when it is
 * needed, what comes with that.
 * @param {string} file
 * @param {string} [later]
 * @returns {Promise<Measured[]>}
 */
async function chunks(file, later) {
  const name = basename(file, ".js");
  const outputs = { ...(await outputsOf(name)), ...(await outputsOf(`${name}-later`)) };
  /** @param {string} path @param {string} kind */
  const imported = (path, kind) =>
    (outputs[path]?.imports ?? []).filter((one) => one.kind === kind && one.path in outputs).map((one) => one.path);
  /** @param {string} path @returns {string[]} */
  const always = (path) => imported(path, "import-statement").flatMap((one) => [one, ...always(one)]);
  const sizes = (/** @type {string[]} */ paths) =>
    Promise.all([...new Set(paths)].map((path) => measure(path.slice("dist/".length))));
  const script = `dist/${file}`;
  const eager = always(script);
  if (later !== undefined) {
    const part = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === later);
    if (part === undefined) throw new Notice(`${file} does not load ${later} by itself.`);
    return sizes([part, ...always(part)].filter((path) => path !== script && !eager.includes(path)));
  }
  const chosen = [script, ...eager].flatMap((path) => imported(path, "dynamic-import"));
  const languages = await sizes(chosen.filter((path) => outputs[path]?.entryPoint?.endsWith(".json")));
  const [largest] = languages.sort((a, b) => b.brotli - a.brotli);
  return [...(await sizes(eager)), ...(largest ? [largest] : [])];
}

/** @param {string} name @returns {Promise<import("esbuild").Metafile["outputs"]>} what the build said that it wrote */
async function outputsOf(name) {
  const text = await readFile(join(bundles, `${name}.json`), "utf8").catch(() => undefined);
  if (text === undefined) return {};
  const { outputs } = /** @type {import("esbuild").Metafile} */ (JSON.parse(text));
  return outputs;
}

/** @param {Size[]} sizes @returns {Size} */
const sum = (sizes) => {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  for (const { raw, gzip, brotli } of sizes) {
    total.raw += raw;
    total.gzip += gzip;
    total.brotli += brotli;
  }
  return total;
};

/** @returns {Promise<Group[]>} */
export async function measureAll() {
  const text = await readFile(at("js", "dev", "budgets.json"), "utf8");
  const budgets = /** @type {Record<string, Budget>} */ (JSON.parse(text));
  return Promise.all(
    Object.entries(budgets).map(async ([name, budget]) => {
      const { later } = budget;
      const of = async (/** @type {string} */ file) =>
        later ? chunks(file, later) : [await measure(file), ...(await chunks(file))];
      const files = (await Promise.all(budget.files.map(of))).flat();
      return { name, budget, files, total: sum(files) };
    }),
  );
}

const kb = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1).padStart(8);

/** @param {string} name @param {Size} size @param {string} [remark] */
const row = (name, { raw, gzip, brotli }, remark = "") =>
  `${name.padEnd(40)}${kb(raw)}${kb(gzip)}${kb(brotli)}  ${remark}`.trimEnd();

/** What counts of a group, and how much it may be. @param {Budget} budget @param {Size} total */
const counted = ({ brotli_kb_max, raw_kb_max = 0 }, { raw, brotli }) =>
  brotli_kb_max === undefined ? { size: raw, max: raw_kb_max } : { size: brotli, max: brotli_kb_max };

/** @param {Group[]} groups */
function table(groups) {
  const lines = [`${"KB of 1,000 bytes".padEnd(40)}     raw    gzip  brotli`];
  for (const { name, budget, files, total } of groups) {
    const { brotli_kb_held: held } = budget;
    const { size, max } = counted(budget, total);
    const over = size > max * 1000;
    const remark = over ? `  OVER BUDGET${held ? `, held below ${held}` : ""}` : "";
    lines.push("", `${name}: ${budget.what}`);
    for (const one of files) lines.push(row(`  ${one.file}`, one));
    lines.push(row("  together", total, `of ${max}${budget.raw_kb_max ? " raw" : ""}${remark}`));
  }
  return lines.join("\n");
}

await finish(async () => {
  const usage = `npm run size -- [--json | --functions | --surveys]
  --json       the same for programs
  --functions  which functions the core's bytes are in
  --surveys    what surveys weigh: the core is built with and without them`;
  const { values } = options(usage, { options: { json: { type: "boolean" }, functions: { type: "boolean" }, surveys: { type: "boolean" } } });
  if (values.surveys) return surveyShare();
  if (values.functions) {
    const { functionReport } = await import("./functions.mjs");
    console.log(await functionReport("web"));
    return;
  }
  const groups = await measureAll();
  console.log(values.json ? JSON.stringify(groups, null, 2) : table(groups));
  const over = groups.filter(({ budget, total }) => {
    const { size, max } = counted(budget, total);
    return size > (budget.brotli_kb_held ?? max) * 1000;
  });
  if (over.length > 0) throw new Notice(`Over budget: ${over.map(({ name }) => name).join(", ")}.`);
});
