// The vectors of tests/vectors on the core of the web, in a page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { at } from "../../js/dev/paths.mjs";
import { openStage, until } from "./stage.mjs";

/** @type {any[]} */
const vectors = JSON.parse(readFileSync(at("tests", "vectors", "offline.json"), "utf8"));
/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

for (const { name, steps, expect } of vectors) {
  test(`web: ${name}`, async () => {
    const context = await stage.browser.newContext();
    const page = await context.newPage();
    await page.goto(stage.shop);
    await page.evaluate(async (desk) => {
      const { createClient } = await import(`${location.origin}/deskside/deskside-client.js`);
      const at = (/** @type {string} */ file) => `${location.origin}/deskside/${file}`;
      const nothing = () => undefined;
      const options = { desk, site: "demo", locale: "en", page: "", coreUrl: at("deskside-core.js"), wasmUrl: at("deskside-core.wasm") };
      Object.assign(window, { client: await createClient({ ...options, onChange: nothing, onEvent: nothing, onCrash: nothing }) });
    }, stage.desk.origin);
    await context.setOffline(true);
    await until(() => page.evaluate(() => /** @type {any} */ (window).client.view().ready), Boolean);
    for (const step of steps) {
      const refused = await page.evaluate((given) => {
        const { client } = /** @type {any} */ (window);
        const conv = client.view().conversation?.id;
        const action = "open" in given ? { open: { conv: null } } : "draft" in given ? { draft: { conv, text: given.draft } } : { send: { conv, text: given.send, ticket: given.ticket } };
        try {
          client.dispatch(action);
          return null;
        } catch (error) {
          return /** @type {any} */ (error).code;
        }
      }, step);
      assert.equal(refused, step.refused ?? null);
    }
    const facts = () =>
      page.evaluate(() => {
        /** The text of all runs, whatever they look like. @param {any} blocks @returns {string} */
        const text = (blocks) => {
          if (Array.isArray(blocks)) return blocks.map(text).join("");
          if (typeof blocks !== "object" || blocks === null) return "";
          return typeof blocks.text === "string" ? blocks.text : Object.values(blocks).map(text).join("");
        };
        const { conversation, waiting, unread } = /** @type {any} */ (window).client.view();
        const items = conversation.items.map((/** @type {any} */ { body: { message } }) => [text(message.content), message.status, ...(message.ticket ? [message.ticket.replyTo] : [])]);
        return { items, waiting, unread, draft: conversation.draft, state: conversation.state };
      });
    assert.deepEqual(await until(facts, (seen) => JSON.stringify(seen) === JSON.stringify(expect)), expect);
    await context.close();
  });
}
