// The vectors of tests/vectors on the core of mini-programs, as WebAssembly and as a script.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { at } from "../../js/dev/paths.mjs";
import { openMini, until } from "./stage.mjs";

/** @type {any[]} */
const vectors = JSON.parse(readFileSync(at("tests", "vectors", "offline.json"), "utf8"));

/** The text of all runs, whatever they look like. @param {any} blocks @returns {string} */
const text = (blocks) => {
  if (Array.isArray(blocks)) return blocks.map(text).join("");
  if (typeof blocks !== "object" || blocks === null) return "";
  return typeof blocks.text === "string" ? blocks.text : Object.values(blocks).map(text).join("");
};

for (const profile of ["wechat-ios14", "no-wasm"]) {
  for (const { name, steps, expect } of vectors) {
    test(`${profile}: ${name}`, async (t) => {
      const me = await openMini(profile, { origin: "http://127.0.0.1:9" });
      t.after(() => me.close());
      me.runtime.setNetwork(false);
      await until(() => me.view().ready, "the store");
      for (const step of steps) {
        const conv = me.view().conversation?.id;
        const action = "open" in step ? { open: { conv: null } } : "draft" in step ? { draft: { conv, text: step.draft } } : { send: { conv, text: step.send, ticket: step.ticket } };
        const act = () => me.client.dispatch(action);
        if (step.refused) assert.throws(act, { code: step.refused });
        else act();
      }
      const facts = () => {
        const { conversation, waiting, unread } = me.view();
        const items = conversation.items.map((/** @type {any} */ { body: { message } }) => [text(message.content), message.status, ...(message.ticket ? [message.ticket.replyTo] : [])]);
        return JSON.stringify({ items, waiting, unread, draft: conversation.draft, state: conversation.state });
      };
      await until(() => facts() === JSON.stringify(expect), `${JSON.stringify(expect)}, not ${facts()}`);
    });
  }
}
