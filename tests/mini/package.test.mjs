// What WeChat's packer takes from the npm package, and what that adds to a mini-program's main package.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { test } from "node:test";
import { chatOf, folderOf } from "../../js/dev/mini-program.mjs";
import { at } from "../../js/dev/paths.mjs";
import { run } from "../../js/dev/run.mjs";

const load = createRequire(import.meta.url);
/** What the main package gets, and the subpackage beside the core. */
const [main_bytes_max, chat_bytes_max] = [60_000, 60_000];

/** @param {string} folder @returns {string[]} the files in it, by their paths inside */
const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();

/** @param {string} folder */
const bytes = (folder) => files(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);

const manifest = () => JSON.parse(readFileSync(at("package.json"), "utf8"));

for (const family of ["wechat", "alipay", "douyin"]) {
  test(`${family}: the scripts add less than 60 KB to the main package, and the chat less than 60 KB to its subpackage`, () => {
    const [main, chat] = [bytes(folderOf(family)), bytes(chatOf(family))];
    assert.ok(main < main_bytes_max, `${main} bytes`);
    assert.ok(chat < chat_bytes_max, `${chat} bytes`);
  });

  for (const [what, folder] of [["scripts", folderOf(family)], ["chat", chatOf(family)]]) {
    test(`${family}: the ${what}: CommonJS of ES2017 that names nothing that a runtime may lack`, async () => {
      const file = join(String(folder), "index.js");
      const esbuild = at("node_modules", "esbuild", "bin", "esbuild");
      const [old, newest] = await Promise.all(["es2017", "esnext"].map((target) => run(esbuild, [file, `--target=${target}`])));
      assert.ok(old === newest, "something newer is left");
      const text = readFileSync(file, "utf8");
      for (const name of ["Intl", "performance", "document", "window", "fetch", "globalThis", "process", "eval"]) {
        assert.ok(!new RegExp(`(?<![.\\w"'-])${name}\\b(?=[.(\\[])`).test(text), name);
      }
      // Methods that came after ES2017, and that nothing here gives.
      for (const name of ["flatMap", "flat", "replaceAll", "at", "fromEntries", "matchAll", "allSettled", "any", "hasOwn", "trimStart", "finally"]) {
        assert.ok(!new RegExp(`\\.${name}\\(`).test(text), name);
      }
    });
  }
}

test("package.json leads WeChat's packer to the scripts, and every runtime to its own", () => {
  const { miniprogram, exports } = manifest();
  assert.ok(existsSync(at(miniprogram, "index.js")));
  for (const family of ["wechat", "alipay", "douyin"]) assert.ok(existsSync(at(exports[`./mini-program/${family}`].default)));
});

test("WeChat's own packer packs it", async (t) => {
  const where = process.env["MINIPROGRAM_CI"];
  if (!where) {
    t.skip("not run: miniprogram-ci could not be had (`npm test` fetches it; or set MINIPROGRAM_CI to its folder)");
    return;
  }
  const ci = load(where);
  const folder = mkdtempSync(join(tmpdir(), "deskside-pack-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { name, version, miniprogram } = manifest();
  const installed = join(folder, "node_modules", name);
  mkdirSync(installed, { recursive: true });
  cpSync(at(miniprogram), join(installed, miniprogram), { recursive: true });
  writeFileSync(join(installed, "package.json"), JSON.stringify({ name, version, miniprogram }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "shop", version: "1.0.0", dependencies: { [name]: version } }));
  const packed = await ci.packNpmManually({ packageJsonPath: join(folder, "package.json"), miniprogramNpmDistDir: folder });
  assert.deepEqual({ ...packed }, { miniProgramPackNum: 1, otherNpmPackNum: 0, warnList: [] });
  const made = join(folder, "miniprogram_npm", name);
  assert.deepEqual(files(made), files(at(miniprogram)));
  assert.ok(bytes(made) < main_bytes_max);
});
