// The soak, in short: `npm run soak` is the long one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { soak } from "./soak.mjs";

test("what was shown as queued survives the browser's end at any moment, and arrives once and in order", async () => {
  const seed = Date.now() % 1_000_000;
  const told = await soak({ kills: 5, browser: "chromium", seed, say: (line) => console.log(`${line} (seed ${seed})`) });
  assert.ok(told.messages > 0, "messages were queued");
  assert.ok(told.connections > 0, "the desk was spoken with");
});
