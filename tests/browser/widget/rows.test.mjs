import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

/** @typedef {import("../../../js/types/view.js").Item} Item */
/** @typedef {import("../../../js/types/view.js").ItemBody} ItemBody */

/** @type {typeof import("../../../js/widget/rows.js")} */
const { rowsOf } = await load("js/widget/rows.ts");

const noon = new Date(2026, 3, 14, 12).getTime();
const minute = 60_000;
const mira = { role: /** @type {const} */ ("agent"), id: "1", name: "Mira" };
const jonas = { ...mira, id: "2", name: "Jonas" };
const anna = { ...mira, role: /** @type {const} */ ("visitor"), id: "v", name: "" };

/** @param {string} key @param {number} minutes after noon @param {typeof mira | typeof anna} author @returns {Item} */
const message = (key, minutes, author) => {
  const mine = author.role === "visitor";
  const content = [{ paragraph: [{ text: key }] }];
  const parts = { edited: false, writing: false, cards: [], form: null, files: [], ticket: null };
  const said = { mine, author, content, status: mine ? /** @type {const} */ ("sent") : null, ...parts };
  return { key, ts: noon + minutes * minute, body: { message: said } };
};

/** What the rows look like in short. @param {Item[]} items @param {string | null} firstUnread */
const drawn = (items, firstUnread = null) =>
  rowsOf(items, firstUnread).map((row) => {
    if (row.kind !== "message") return row.kind;
    return `${row.first ? "(" : ""}${row.key}${row.newest ? "*" : ""}${row.last ? ")" : ""}`;
  });

test("messages of one author stand together until five minutes pass", () => {
  const items = [message("a", 0, mira), message("b", 1, mira), message("c", 7, mira)];
  assert.deepEqual(drawn(items), ["day", "(a", "b)", "(c)"]);
});

test("another agent begins a group of their own", () => {
  assert.deepEqual(drawn([message("a", 0, mira), message("b", 1, jonas)]), ["day", "(a)", "(b)"]);
});

test("a day's first entry stands under its date, also when it goes on with the same author", () => {
  const items = [message("a", 719, mira), message("b", 721, mira)];
  assert.deepEqual(drawn(items), ["day", "(a)", "day", "(b)"]);
});

test("the line over what is new parts a group", () => {
  const items = [message("a", 0, mira), message("b", 1, mira)];
  assert.deepEqual(drawn(items, "b"), ["day", "(a)", "new", "(b)"]);
});

test("a system line parts a group", () => {
  const line = { key: "x", ts: noon + minute, body: /** @type {ItemBody} */ ("resolved") };
  assert.deepEqual(drawn([message("a", 0, mira), line, message("b", 2, mira)]), ["day", "(a)", "line", "(b)"]);
});

test("only the visitor's newest message says its status in words", () => {
  const items = [message("a", 0, anna), message("b", 1, anna), message("c", 2, mira)];
  assert.deepEqual(drawn(items), ["day", "(a", "b*)", "(c)"]);
});
