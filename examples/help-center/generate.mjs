// Makes the help centre: node examples/help-center/generate.mjs [folder]
// Articles become a help index by our own command, and pages from what the index holds.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { open } from "../../js/node/index.mjs";
import { entrance, pages } from "./pages.mjs";
import { wordsOf } from "./words.mjs";

const here = import.meta.dirname;
const dist = join(here, "..", "..", "dist");
const out = process.argv[2] ?? join(dist, "help-center");
const sdk = ["deskside-search.js", "deskside-search-core.js", "deskside-search-core.wasm", "deskside-search-api.js"];
/** More than there are articles in a language. */
const articles_max = 100;

/** @param {string} path @param {string} text */
function write(path, text) {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), text);
}

rmSync(out, { recursive: true, force: true });
cpSync(join(here, "site"), out, { recursive: true });
for (const file of sdk) cpSync(join(dist, file), join(out, "deskside", file));

// Addresses are relative to the index, so the site may lie in any folder of any server.
const command = join(here, "..", "..", "js", "cli", "deskside.mjs");
const index = join(out, "help.idx");
execFileSync(process.execPath, [command, "index", join(here, "content"), "-o", index, "--base-url", ".", "--quiet"], { stdio: "inherit" });

const opened = open(readFileSync(index));
const subjects = /** @type {import("./pages.mjs").Subject[]} */ (JSON.parse(readFileSync(join(here, "categories.json"), "utf8")));
const centres = ["en", "zh-CN"].map((locale) => {
  const listed = opened.popular({ limit: articles_max, locale }).filter((one) => one.locale === locale);
  const articles = listed.flatMap(({ id }) => opened.article(id) ?? []);
  const placed = articles.map((article) => ({ ...article, place: `${(article.url ?? "").replace(/^\.\//, "")}/` }));
  return { words: wordsOf(locale), index: opened, subjects, articles: new Map(placed.map((one) => [one.id, one])) };
});
let count = 0;
for (const centre of centres) {
  for (const [path, html] of pages(centre, centres)) {
    write(`${path}index.html`, html);
    count += 1;
  }
}
write("index.html", entrance(centres));
console.log(`${out}: ${count + 1} pages`);
