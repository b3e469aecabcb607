import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./load.mjs";

const { I18n, cannedReplies, chooseLanguage } = /** @type {typeof import("../i18n.js")} */ (await load("i18n.ts"));

/** @typedef {string | Record<string, string>} Text */
/** @typedef {{ messages: Record<string, Text>, canned: { name: string, title: string, text: string }[] }} Locale */

const folder = new URL("../", import.meta.url);
const read = async (/** @type {string} */ tag) => /** @type {Locale} */ (JSON.parse(await readFile(new URL(`locales/${tag}.json`, folder), "utf8")));
const en = await read("en");
const zh = await read("zh-CN");

const forms = (/** @type {Text} */ text) => (typeof text === "string" ? [text] : Object.values(text));
const blanks = (/** @type {string} */ text) => [...text.matchAll(/\{\w+\}/g)].map(([blank]) => blank).sort();

test("both languages say the same things, with the same blanks", () => {
  assert.deepEqual(Object.keys(zh.messages).sort(), Object.keys(en.messages).sort());
  for (const [key, text] of Object.entries(en.messages)) {
    const wanted = new Set(forms(text).flatMap(blanks));
    for (const form of forms(zh.messages[key] ?? "")) assert.deepEqual(new Set(blanks(form)), wanted, key);
  }
  assert.deepEqual(zh.canned.map(({ name }) => name), en.canned.map(({ name }) => name));
});

test("every text is used somewhere", async () => {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts"));
  const code = (await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")))).join("\n");
  const unused = Object.keys(en.messages).filter((key) => !code.includes(`"${key}"`) && !/^(state|mistake)\./.test(key));
  assert.deepEqual(unused, []);
});

test("a number chooses its plural form and is written in the language", () => {
  const english = new I18n("en");
  assert.equal(english.t("inbox.unread", { count: 1 }), "1 unread message");
  assert.equal(english.t("inbox.unread", { count: 1200 }), "1,200 unread messages");
  assert.equal(new I18n("zh-CN").t("inbox.unread", { count: 1 }), "1 条未读消息");
});

test("the first language that is here is taken, else English", () => {
  assert.equal(chooseLanguage(["fr", "zh-Hans-CN", "en"]), "zh-CN");
  assert.equal(chooseLanguage(["pt-BR"]), "en");
  assert.equal(chooseLanguage(["EN-us"]), "en");
});

test("canned replies follow the visitor's language, then the agent's", () => {
  assert.equal(cannedReplies(["zh-TW", "en"])[0]?.text, zh.canned[0]?.text);
  assert.equal(cannedReplies(["pt-PT", "zh-CN"])[0]?.text, zh.canned[0]?.text);
  assert.equal(cannedReplies(["", "en"])[0]?.text, en.canned[0]?.text);
});

test("days near by have names, and days of other years their year", () => {
  const english = new I18n("en");
  const noon = new Date(2026, 2, 2, 12).getTime();
  const before = (/** @type {number} */ days) => new Date(2026, 2, 2 - days, 23).getTime();
  assert.equal(english.formatDay(noon, noon), "Today");
  assert.equal(english.formatDay(before(1), noon), "Yesterday");
  assert.equal(english.formatDay(before(2), noon), "Saturday, February 28");
  assert.equal(english.formatDay(new Date(2025, 11, 24).getTime(), noon), "December 24, 2025");
});

test("a wait is told in its largest unit, a countdown never as nothing", () => {
  const english = new I18n("en");
  assert.equal(english.formatDuration(59_999), "59 sec");
  assert.equal(english.formatDuration(60_000), "1 min");
  assert.equal(english.formatDuration(26 * 3_600_000), "1 day");
  assert.equal(english.formatDuration(-5), "0 sec");
  assert.equal(english.formatCountdown(0), "1 sec");
  assert.equal(english.formatCountdown(7_400), "8 sec");
});

test("a language tag that names nothing is shown as it is", () => {
  const english = new I18n("en");
  assert.equal(english.formatLanguage("zh-CN"), "Chinese (China)");
  assert.equal(english.formatLanguage("not a tag"), "not a tag");
});
