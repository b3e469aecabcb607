// The help centre of the examples, asked in visitors' words: benches/help-center/LOCALE.tsv has a question a line
// and the articles that answer it, the best first; a line without one is about something else. They were written
// from the articles' titles; BENCHMARKS.md says what was chosen by them. --misses lists the questions whose answer did not come first.
import { readdirSync, readFileSync } from "node:fs";
import { at } from "../js/dev/paths.mjs";
import { open } from "../js/node/index.mjs";

const shown = 10;

/** One letter more, fewer, or two in each other's place, as the line number says, in the longest word. @param {string} text @param {number} line */
function mistyped(text, line) {
  const word = text.split(" ").reduce((longest, next) => (next.length > longest.length ? next : longest));
  const letters = Array.from(word);
  if (letters.length < 3) return text;
  const where = 1 + (line % (letters.length - 2));
  if (line % 3 === 0) letters.splice(where, 1);
  else if (line % 3 === 1) letters.splice(where, 2, letters[where + 1] ?? "", letters[where] ?? "");
  else letters.splice(where, 0, letters[where - 1] ?? "");
  return text.replace(word, letters.join(""));
}

/** The first three quarters, as one types. @param {string} text */
const cut = (text) => text.slice(0, Math.max(2, Math.round(text.length * 0.75)));

/** How often a sure thing is surer than one that is none. @param {number[]} right @param {number[]} wrong */
const area = (right, wrong) =>
  right.reduce((sum, one) => sum + wrong.reduce((less, other) => less + (one > other ? 1 : one === other ? 0.5 : 0), 0), 0) /
  (right.length * wrong.length);

const index = open(readFileSync(at("dist", "help-center", "help.idx")));
const percent = (/** @type {number} */ part) => (part * 100).toFixed(1).padStart(8);
console.log(`${"".padEnd(8)}questions   hit@1     MRR    typo     cut   AUROC`);
for (const file of readdirSync(at("benches", "help-center")).filter((name) => name.endsWith(".tsv"))) {
  const locale = file.replace(".tsv", "");
  const lines = readFileSync(at("benches", "help-center", file), "utf8").trimEnd().split("\n").map((line) => line.split("\t"));
  const [asked, foreign] = [lines.filter((line) => line.length > 1), lines.filter((line) => line.length === 1)];
  const ask = (/** @type {string} */ query) => index.search(query, { limit: shown, locale });
  const rank = (/** @type {(query: string, line: number) => string} */ change) =>
    asked.map(([query = "", ...ids], line) => {
      const place = ask(change(query, line)).findIndex(({ id }) => ids.includes(id.replace(`.${locale}`, "")));
      return place < 0 ? 0 : 1 / (place + 1);
    });
  const mean = (/** @type {number[]} */ all) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const confidence = (/** @type {string[][]} */ all) => all.map(([query = ""]) => ask(query)[0]?.confidence ?? 0);
  const plain = rank((query) => query);
  if (process.argv.includes("--misses")) {
    plain.forEach((place, line) => place < 1 && console.log(`  ${asked[line]?.join(" | ")}  <-  ${ask(asked[line]?.[0] ?? "").slice(0, 3).map(({ id }) => id).join(", ")}`));
  }
  const row = [mean(plain.map((place) => Number(place === 1))), mean(plain), mean(rank(mistyped)), mean(rank(cut)), area(confidence(asked), confidence(foreign))];
  console.log(`${locale.padEnd(8)}${String(asked.length).padStart(9)}${row.map(percent).join("")}`);
}
