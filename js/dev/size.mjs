// npm run size: bytes of what a visitor downloads, against budgets.json. A KB is 1,000 bytes.
// --json gives the same for programs; --functions shows which functions the core's bytes are in.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { at, bundles, dist } from "./paths.mjs";
import { finish, Notice } from "./run.mjs";

/**
 * `brotli_kb_held`: over its budget as yet, and held below this so that it only shrinks.
 * @typedef {{ what: string, files: string[], brotli_kb_max: number, brotli_kb_held?: number }} Budget
 * @typedef {{ raw: number, gzip: number, brotli: number }} Size
 * @typedef {Size & { file: string }} Measured
 * @typedef {{ name: string, budget: Budget, files: Measured[], total: Size }} Group
 */

/** @param {string} file @returns {Promise<Measured>} */
async function measure(file) {
  const bytes = await readFile(join(dist, file));
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  return { file, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
}

/**
 * The chunks that a script of ours loads: those it imports always, and of those it chooses between
 * (the languages) the largest.
 * @param {string} file
 * @returns {Promise<Measured[]>}
 */
async function chunks(file) {
  const text = await readFile(join(bundles, `${basename(file, ".js")}.json`), "utf8").catch(() => undefined);
  if (text === undefined) return [];
  const { outputs } = /** @type {import("esbuild").Metafile} */ (JSON.parse(text));
  const script = Object.entries(outputs).find(([path]) => path === `dist/${file}`)?.[1];
  const inside = (script?.imports ?? []).filter((one) => one.path.startsWith("dist/"));
  const of = (/** @type {string} */ kind) =>
    Promise.all(inside.filter((one) => one.kind === kind).map((one) => measure(one.path.slice("dist/".length))));
  const choices = (await of("dynamic-import")).sort((a, b) => b.brotli - a.brotli);
  return [...(await of("import-statement")), ...choices.slice(0, 1)];
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
      const files = (await Promise.all(budget.files.map(async (file) => [await measure(file), ...(await chunks(file))]))).flat();
      return { name, budget, files, total: sum(files) };
    }),
  );
}

const kb = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1).padStart(8);

/** @param {string} name @param {Size} size @param {string} [remark] */
const row = (name, { raw, gzip, brotli }, remark = "") =>
  `${name.padEnd(40)}${kb(raw)}${kb(gzip)}${kb(brotli)}  ${remark}`.trimEnd();

/** @param {Group[]} groups */
function table(groups) {
  const lines = [`${"KB of 1,000 bytes".padEnd(40)}     raw    gzip  brotli`];
  for (const { name, budget, files, total } of groups) {
    const { brotli_kb_max: max, brotli_kb_held: held } = budget;
    const over = total.brotli > max * 1000;
    const remark = over ? `  OVER BUDGET${held ? `, held below ${held}` : ""}` : "";
    lines.push("", `${name}: ${budget.what}`);
    for (const one of files) lines.push(row(`  ${one.file}`, one));
    lines.push(row("  together", total, `of ${max}${remark}`));
  }
  return lines.join("\n");
}

await finish(async () => {
  const { values } = parseArgs({ options: { json: { type: "boolean" }, functions: { type: "boolean" } } });
  if (values.functions) {
    const { functionReport } = await import("./functions.mjs");
    console.log(await functionReport("web"));
    return;
  }
  const groups = await measureAll();
  console.log(values.json ? JSON.stringify(groups, null, 2) : table(groups));
  const limit = (/** @type {Budget} */ { brotli_kb_max, brotli_kb_held }) => brotli_kb_held ?? brotli_kb_max;
  const over = groups.filter(({ budget, total }) => total.brotli > limit(budget) * 1000);
  if (over.length > 0) throw new Notice(`Over budget: ${over.map(({ name }) => name).join(", ")}.`);
});
