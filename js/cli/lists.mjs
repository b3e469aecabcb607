// The small text files that come beside the articles: synonyms, log, pins.
import { read } from "./files.mjs";

/**
 * @param {string} path
 * @returns {Promise<[string, number][]>} lines that say something, with their numbers
 */
async function lines(path) {
  const text = new TextDecoder().decode(await read(path));
  return text
    .split(/\r?\n/)
    .map((line, at) => /** @type {[string, number]} */ ([line.trim(), at + 1]))
    .filter(([line]) => line !== "" && !line.startsWith("#"));
}

/**
 * @param {string} path
 * @returns {Promise<string[][]>}
 */
export async function readSynonyms(path) {
  const groups = (await lines(path)).map(([line]) => line.split(/[,，、\t]/).map((word) => word.trim()).filter(Boolean));
  return groups.filter((group) => group.length > 1);
}

/**
 * @param {string} path
 * @returns {Promise<{ pairs: { query: string, id: string }[], wrong: number[] }>} `wrong`: lines without a tab
 */
export async function readPairs(path) {
  const pairs = [];
  const wrong = [];
  for (const [line, number] of await lines(path)) {
    const [query, id] = line.split("\t").map((part) => part.trim());
    if (query && id) pairs.push({ query, id });
    else wrong.push(number);
  }
  return { pairs, wrong };
}
