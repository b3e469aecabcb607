import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./load.mjs";

/** @type {typeof import("../../../js/widget/texts.js")} */
const { Texts, formatLocale } = await load("js/widget/texts.ts");

/** @typedef {Record<string, string | Record<string, string>>} Catalogue */

/** @param {string} folder @returns {Promise<Map<string, Catalogue>>} */
async function catalogues(folder) {
  const found = new Map();
  for (const file of await readdir(folder)) found.set(file, JSON.parse(await readFile(`${folder}/${file}`, "utf8")));
  return found;
}

/** The names in braces, whatever the plural. @param {string | Record<string, string> | undefined} entry */
const placeholders = (entry = "") =>
  [...new Set(JSON.stringify(entry).match(/\{\w+\}/g) ?? [])].sort().join(" ");

const folders = ["loader", "widget", "widget/attach", "widget/more", "widget/parts", "widget/setup"];
for (const folder of folders.map((name) => `js/${name}/locales`)) {
  test(`every language in ${folder} has the same texts, with the same names to fill in`, async () => {
    const all = await catalogues(folder);
    const english = all.get("en.json") ?? {};
    assert.ok(all.size >= 2);
    for (const [file, texts] of all) {
      assert.deepEqual(Object.keys(texts), Object.keys(english), file);
      for (const key of Object.keys(english)) {
        assert.equal(placeholders(texts[key]), placeholders(english[key]), `${file}: ${key}`);
      }
    }
  });

  test(`every plural in ${folder} has the forms of its language`, async () => {
    for (const [file, texts] of await catalogues(folder)) {
      const forms = new Intl.PluralRules(file.replace(".json", "")).resolvedOptions().pluralCategories;
      for (const [key, entry] of Object.entries(texts)) {
        if (typeof entry !== "string") assert.deepEqual(Object.keys(entry).sort(), [...forms].sort(), `${file}: ${key}`);
      }
    }
  });
}

test("a number chooses the plural, and names are filled in as they are", async () => {
  const english = (await catalogues("js/widget/locales")).get("en.json");
  const texts = new Texts("en", "en-GB", /** @type {import("../../../js/widget/texts.js").Catalogue} */ (english));
  assert.equal(texts.t("unread", { n: 1 }), "1 new message");
  assert.equal(texts.t("unread", { n: 12 }), "12 new messages");
  assert.equal(texts.t("chat.typing", { name: "{n} <b>$&" }), "{n} <b>$& is typing");
});

test("times follow the visitor's region where it speaks the language, and the language where not", () => {
  assert.equal(formatLocale("en", "en-au"), "en-AU");
  assert.equal(formatLocale("zh-CN", "zh-TW"), "zh-TW");
  assert.equal(formatLocale("en", "fr"), "en");
  assert.equal(formatLocale("en", "not a locale"), "en");
});
