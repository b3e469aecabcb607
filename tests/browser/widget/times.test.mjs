import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

/** @type {typeof import("../../../js/widget/times.js")} */
const { dayName, shortTime } = await load("js/widget/times.ts");

const now = new Date(2026, 3, 14, 9, 5).getTime();
/** @param {number} days @param {number} hours */
const ago = (days, hours = 0) => new Date(2026, 3, 14 - days, 9 - hours, 5).getTime();

test("a day is named by the calendar, not by the hours that passed", () => {
  assert.equal(dayName(now, now, "en"), "Today");
  assert.equal(dayName(ago(0, 10), now, "en"), "Yesterday");
  assert.equal(dayName(ago(1), now, "zh-CN"), "昨天");
});

test("an older day is a date, with the year where it is another", () => {
  assert.equal(dayName(ago(4), now, "en-GB"), "Friday 10 April");
  assert.equal(dayName(ago(4), now, "zh-CN"), "4月10日星期五");
  assert.equal(dayName(ago(365), now, "en"), "April 14, 2025");
});

test("a list shows the time today, the weekday within a week, else the date", () => {
  assert.equal(shortTime(now, now, "en-GB"), "9:05");
  assert.equal(shortTime(ago(2), now, "zh-CN"), "周日");
  assert.equal(shortTime(ago(30), now, "en-GB"), "15 Mar");
  assert.equal(shortTime(ago(400), now, "en-GB"), "10 Mar 2025");
});

test("a clock of the desk that is ahead does not make a message come from tomorrow", () => {
  assert.equal(shortTime(now + 3 * 60_000, now, "en-GB"), "9:08");
});
