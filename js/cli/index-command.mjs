// deskside index: reads a help centre, builds its index, says what became of every file.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { Failure, Usage, messageOf } from "./failure.mjs";
import { findFiles, read } from "./files.mjs";
import { readPairs, readSynonyms } from "./lists.mjs";
import { progress } from "./progress.mjs";
import { print, summarise } from "./report.mjs";
import { say } from "./words.mjs";

/** @typedef {import("./core.mjs").Core} Core */
/** @typedef {import("./core.mjs").Remark} Remark */

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        output: { type: "string", short: "o", default: "help.idx" },
        split: { type: "boolean", default: false },
        locale: { type: "string", default: "en" },
        "base-url": { type: "string" },
        synonyms: { type: "string" },
        log: { type: "string" },
        pins: { type: "string" },
        "include-restricted": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new Usage(say("usageOption", { message: messageOf(error).replace(/\.$/, "") }));
  }
}

/** @returns {Promise<Core>} */
async function loadCore() {
  try {
    return (await import("./core.mjs")).core;
  } catch (error) {
    throw new Failure(say("errorCore", { message: messageOf(error) }));
  }
}

/**
 * Whole or not at all: a page that loads the index meanwhile gets the old one.
 * @param {string} path
 * @param {Uint8Array} bytes
 */
async function write(path, bytes) {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, bytes);
    await rename(`${path}.part`, path);
  } catch (error) {
    throw new Failure(say("errorWrite", { path, message: messageOf(error) }));
  }
}

/**
 * @param {string | undefined} path
 * @param {Remark[]} warnings
 */
async function pairs(path, warnings) {
  if (path === undefined) return [];
  const { pairs, wrong } = await readPairs(path);
  const reason = say("lineWithoutTab");
  warnings.push(...wrong.map((line) => ({ path, place: { line }, code: "syntax", detail: reason, reason })));
  return pairs;
}

/** Articles whose validity has ended stay out; a build may be repeated as of another day. */
function now_ms() {
  const seconds = Number(process.env["SOURCE_DATE_EPOCH"] ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : Date.now();
}

/** @param {string} path */
const bodiesPath = (path) => (path.endsWith(".idx") ? `${path.slice(0, -4)}.bodies.idx` : `${path}.bodies`);
/** @param {string} path */
const titlesPath = (path) => (path.endsWith(".idx") ? `${path.slice(0, -4)}.titles.idx` : `${path}.titles`);

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
export async function run(args) {
  const { values: options, positionals: names } = parse(args);
  if (names.length === 0) throw new Usage(say("usageNoFiles"));
  const bar = progress(options.quiet || options.json);
  /** @type {Remark[]} */
  const warnings = [];
  try {
    const { Indexer } = await loadCore();
    const synonyms = options.synonyms === undefined ? [] : await readSynonyms(options.synonyms);
    const log = await pairs(options.log, warnings);
    const pinned = (await pairs(options.pins, warnings)).map(({ query, id }) => ({
      query,
      ids: id.split(/[,，]/).map((one) => one.trim()).filter(Boolean),
    }));
    const { files, ignored } = await findFiles(names);
    const indexer = new Indexer({ locale: options.locale, baseUrl: options["base-url"] });
    for (const [at, { file, path }] of files.entries()) {
      bar.show(say("progressRead", { done: at + 1, total: files.length }), (at + 1) / files.length);
      indexer.addFile(path, await read(file));
    }
    bar.show(say("progressImport"));
    const taken = indexer.importFiles();
    warnings.push(...taken.warnings);
    bar.show(say("progressBuild", { count: taken.articles.length }));
    const { titles, bodies, report } = indexer.build({
      defaultLocale: options.locale,
      synonyms,
      log,
      pinned,
      nowMs: now_ms(),
      includeRestricted: options["include-restricted"],
    });
    const bytes = Buffer.concat([titles, bodies]);
    bar.show(say("progressWrite"));
    const summary = summarise({ taken, warnings, report, ignored });
    if (report.indexed > 0) {
      await write(options.output, bytes);
      if (options.split) {
        await write(titlesPath(options.output), titles);
        await write(bodiesPath(options.output), bodies);
      }
      summary.output = { path: options.output, bytes: bytes.length, gzipBytes: gzipSync(bytes).length };
    }
    bar.done();
    if (options.json) console.log(JSON.stringify(summary, undefined, 2));
    else if (!options.quiet) print(summary);
    if (report.indexed === 0) throw new Failure(say("errorNothing"));
    return 0;
  } finally {
    bar.done();
  }
}
