// Nothing lost, nothing twice, when the desk or the browser dies in the middle.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openStage, signIn, until, visitor, watch, patience_ms } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** What the desk has of a conversation, asked of it anew. @param {string} preview @param {number} count */
async function heardByTheDesk(preview, count) {
  const agent = await signIn(stage);
  await agent.openConversation(preview);
  const heard = await until(agent.heard, (all) => all.length >= count);
  await agent.page.context().close();
  return heard;
}

test("a desk that is killed in the middle of a burst has every message once and in order", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const page = await context.newPage();
  const problems = watch(page);
  const me = visitor(page);
  await page.goto(`${stage.shop}/?lang=en`);
  await me.openChat();
  const said = Array.from({ length: 24 }, (_, at) => `burst ${at + 1}.`);
  for (const [at, text] of said.entries()) {
    await me.box.fill(text);
    await me.box.press("Enter");
    if (at === 7 || at === 15) await stage.desk.kill();
    if (at === 11 || at === 19) await stage.desk.start();
  }
  await me.reaches("burst 24.", "sent", "delivered", "read");
  await until(() => page.locator("deskside-widget .message.mine:is([data-status=queued], [data-status=sending])").count(), (n) => n === 0);
  assert.deepEqual(await me.said(), said);
  assert.deepEqual(await heardByTheDesk("burst 24.", 24), said);
  assert.deepEqual(problems, []);
  await context.close();
});

test("what is written while the desk is down survives a reload and arrives once, in order", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const page = await context.newPage();
  const me = visitor(page);
  await page.goto(`${stage.shop}/?lang=en`);
  await me.openChat();
  await me.say("before the outage");
  await me.reaches("before the outage", "sent", "delivered", "read");
  await stage.desk.kill();
  for (const text of ["one while it is down", "two while it is down"]) {
    await me.say(text);
    await me.reaches(text, "queued");
  }
  await me.box.fill("a thought that is not finis");
  await page.waitForTimeout(700);
  await page.reload();
  await me.openChat();
  await me.reaches("two while it is down", "queued");
  await until(() => me.box.inputValue(), (text) => text === "a thought that is not finis");
  await page.getByText("We cannot reach the chat right now").first().waitFor({ timeout: patience_ms });
  await stage.desk.start();
  await page.getByRole("button", { name: "Try now" }).click().catch(() => undefined);
  await me.reaches("two while it is down", "sent", "delivered", "read");
  const said = ["before the outage", "one while it is down", "two while it is down"];
  assert.deepEqual(await me.said(), said);
  assert.deepEqual(await heardByTheDesk("two while", 3), said);
  await context.close();
});

test("a browser that is killed with messages in its queue sends them at its next start", async () => {
  await stage.desk.kill();
  const first = await stage.mortalBrowser("mortal");
  const me = visitor(first.page);
  await first.page.goto(`${stage.shop}/?lang=en`);
  await me.openChat();
  const said = ["written before the crash", "and a second one", "and a third"];
  for (const text of said) {
    await me.say(text);
    await me.reaches(text, "queued");
  }
  await first.kill();

  await stage.desk.start();
  const second = await stage.mortalBrowser("mortal");
  const again = visitor(second.page);
  // Something waits, so the page delivers it without being asked to.
  await second.page.goto(`${stage.shop}/?lang=en`);
  assert.deepEqual(await heardByTheDesk("and a third", 3), said);
  await again.openChat();
  await again.reaches("and a third", "sent", "delivered", "read");
  assert.deepEqual(await again.said(), said);
  await second.kill();
});

test("what is written in one tab is sent once, though two tabs know of it", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const [left, right] = [await context.newPage(), await context.newPage()];
  for (const page of [left, right]) await page.goto(`${stage.shop}/?lang=en`);
  const [me, other] = [visitor(left), visitor(right)];
  await me.openChat();
  await me.say("from the left");
  await me.reaches("from the left", "sent", "delivered", "read");
  await other.openChat();
  await other.message("from the left").waitFor({ timeout: patience_ms });
  await stage.desk.kill();
  await me.say("left, offline");
  await other.message("left, offline").waitFor({ timeout: patience_ms });
  await other.say("right, offline");
  await stage.desk.start();
  await me.reaches("right, offline", "sent", "delivered", "read");
  await other.reaches("right, offline", "sent", "delivered", "read");
  const said = ["from the left", "left, offline", "right, offline"];
  assert.deepEqual(await heardByTheDesk("right, offline", 3), said);
  assert.deepEqual(await me.said(), said);
  assert.deepEqual(await other.said(), said);
  await context.close();
});
