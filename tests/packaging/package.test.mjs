// What is published, used the way a stranger would: packed, installed in an empty folder, imported.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";

const root = resolve(import.meta.dirname, "..", "..");
const quiet = { NO_UPDATE_NOTIFIER: "1", npm_config_loglevel: "error" };
/** @type {string} */
let folder;
/** @type {string} */
let installed;

/** @param {string} program @param {string[]} args @param {string} [cwd] */
const run = (program, args, cwd = folder) =>
  execFileSync(program, args, { cwd, encoding: "utf8", env: { ...process.env, ...quiet }, stdio: ["ignore", "pipe", "pipe"] });

before(() => {
  folder = mkdtempSync(join(tmpdir(), "deskside-packed-"));
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], root));
  writeFileSync(join(folder, "package.json"), '{ "name": "stranger", "private": true, "type": "module" }');
  run("npm", ["install", "--offline", "--no-audit", join(folder, packed.filename)]);
  installed = join(folder, "node_modules", "deskside");
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** @returns {string[]} every file of the package */
const files = () =>
  readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test("brings no other package along", () => {
  assert.deepEqual(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith(".")), ["deskside"]);
});

test("holds no source map, no test and no path of the machine that built it", () => {
  const own = [root, homedir()].filter((path) => path.length > 1);
  for (const file of files()) {
    assert.doesNotMatch(file, /\.map$|\.test\.|fixtures/);
    const bytes = readFileSync(file);
    for (const path of own) assert.equal(bytes.includes(`${path}/`), false, `${file} names ${path}`);
  }
});

test("every entry that package.json names is there", () => {
  const { exports, bin } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  const targets = [...Object.values(exports), ...Object.values(bin)].flatMap((one) => (typeof one === "string" ? [one] : Object.values(one)));
  for (const target of targets.filter((one) => !one.includes("*"))) readFileSync(join(installed, target));
});

test("the command builds a help index", () => {
  writeFileSync(join(folder, "returns.md"), "---\nid: returns\ntitle: Return an item\n---\n\nYou have 30 days.\n");
  run("npx", ["--no-install", "deskside", "index", "returns.md", "-o", "help.idx"]);
  assert.ok(readFileSync(join(folder, "help.idx")).length > 100);
});

test("deskside/node builds and searches an index", () => {
  const script =
    'const { buildIndex, open } = await import("deskside/node");' +
    'const bytes = buildIndex([{ id: "returns", title: "Return an item", body: "You have 30 days." }]);' +
    'console.log(open(bytes).search("retrun")[0].id);';
  assert.equal(run(process.execPath, ["--input-type=module", "-e", script]).trim(), "returns");
});

test("deskside/search finds its core by itself, also in a worker thread", () => {
  const search =
    'const { open } = await import("deskside/search");' +
    'const { buildIndex } = await import("deskside/node");' +
    'const index = await open(buildIndex([{ id: "returns", title: "Return an item" }]));' +
    'console.log(index.search("retrun")[0].id);';
  assert.equal(run(process.execPath, ["--input-type=module", "-e", search]).trim(), "returns");
  writeFileSync(join(folder, "worker.mjs"), search);
  const start = 'import { Worker } from "node:worker_threads"; new Worker("./worker.mjs").on("error", (e) => { throw e; });';
  writeFileSync(join(folder, "start.mjs"), start);
  assert.equal(run(process.execPath, ["start.mjs"]).trim(), "returns");
});

for (const entry of ["deskside/search", "deskside/search-box"]) {
  test(`importing ${entry} in Node does nothing and breaks nothing`, () => {
    const script = `const before = Object.keys(globalThis).join(); await import("${entry}"); console.log(before === Object.keys(globalThis).join())`;
    assert.equal(run(process.execPath, ["--input-type=module", "-e", script]).trim(), "true");
  });

  test(`a bundler for browsers takes in ${entry}`, async () => {
    const result = await build({
      stdin: { contents: `export * from "${entry}";`, resolveDir: folder },
      bundle: true,
      write: false,
      format: "esm",
      logLevel: "silent",
    });
    assert.deepEqual(result.warnings, []);
    assert.ok(result.outputFiles[0]?.text.includes("deskside-search-core.wasm"));
  });
}

test("importing the client in Node does nothing and breaks nothing", () => {
  const script = 'const before = Object.keys(globalThis).join(); const { createClient } = await import("deskside"); console.log(typeof createClient, before === Object.keys(globalThis).join())';
  assert.equal(run(process.execPath, ["--input-type=module", "-e", script]).trim(), "function true");
});

test("a bundler finds the client", async () => {
  const result = await build({
    stdin: { contents: 'import { createClient } from "deskside"; console.log(createClient);', resolveDir: folder },
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "silent",
  });
  assert.deepEqual(result.warnings, []);
  assert.ok(result.outputFiles[0]?.text.includes("core_load"), "its error codes are in the bundle");
});

for (const resolution of ["bundler", "nodenext"]) {
  test(`the types hold under strict TypeScript with ${resolution} resolution`, () => {
    writeFileSync(
      join(folder, "use.ts"),
      'import { createClient } from "deskside";\nimport { buildIndex, open } from "deskside/node";\n' +
        'import * as search from "deskside/search";\nimport type { OpenDetail } from "deskside/search-box";\n' +
        'import type { View } from "deskside/types";\n' +
        'export const hits = open(buildIndex([{ title: "Return an item" }])).search("return").length;\n' +
        "export const make: typeof createClient = createClient;\nexport const unread = (view: View): number => view.unread;\n" +
        "export const found = async (bytes: ArrayBuffer): Promise<search.HelpHit[]> => (await search.open(bytes)).search('return');\n" +
        'export const route = ({ href }: OpenDetail): string | null => href;\n' +
        "export const box = (page: Document): string | undefined => page.querySelector('deskside-search')?.value;\n",
    );
    const module = resolution === "bundler" ? "esnext" : "nodenext";
    const options = ["--strict", "--noEmit", "--target", "es2022", "--module", module, "--moduleResolution", resolution];
    run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), ...options, "use.ts"]);
  });
}
