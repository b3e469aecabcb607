// The whole path: look for an answer, ask a person, be answered, be offline, rate.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openStage, shot, signIn, until, visitor, watch, patience_ms } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

test("a visitor finds an answer, asks a person, goes on offline, and rates", async (t) => {
  const context = await stage.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en" });
  const page = await context.newPage();
  const problems = watch(page);
  /** @type {string[]} */
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("websocket", (socket) => requests.push(socket.url()));
  const me = visitor(page);
  const agent = await signIn(stage);

  await t.test("before intent there is only the launcher", async () => {
    await page.goto(`${stage.shop}/?lang=en`, { waitUntil: "networkidle" });
    await me.launcher.waitFor();
    const own = requests.filter((url) => url.includes("/deskside/") || url.includes(stage.desk.origin.slice(7)));
    assert.deepEqual(own, [`${stage.shop}/deskside/deskside.js`]);
    assert.ok(!requests.some((url) => url.endsWith(".wasm") || url.endsWith(".idx")));
    const stored = await page.evaluate(async () => [
      ...Object.keys(localStorage),
      ...(await indexedDB.databases()).map((database) => database.name),
      ...(await caches.keys()),
      document.cookie,
    ]);
    assert.deepEqual(stored.filter(Boolean), []);
    await shot(page, "1-launcher");
  });

  await t.test("home offers search, popular articles and a person", async () => {
    await me.open();
    await page.locator("deskside-widget [data-article]").first().waitFor({ timeout: patience_ms });
    assert.ok((await page.locator("deskside-widget [data-article]").count()) >= 4);
    assert.ok(await page.getByRole("searchbox").isVisible());
    await shot(page, "2-home");
    assert.ok(!requests.some((url) => url.startsWith("ws")), "who only looks around does not connect");
  });

  await t.test("typing finds an article, which opens in the panel and asks whether it helped", async () => {
    await page.getByRole("searchbox").pressSequentially("how do i retrun somthing", { delay: 5 });
    const first = page.locator("deskside-widget .results [data-article]").first();
    await first.waitFor({ timeout: patience_ms });
    await shot(page, "3-search");
    assert.match(await first.innerText(), /return/i);
    await first.click();
    await page.locator("deskside-widget [data-screen=article] article").waitFor();
    await shot(page, "4-article");
    await page.getByRole("button", { name: "No", exact: true }).click();
  });

  await t.test("a message is sent, delivered, read and answered", async () => {
    await page.locator("deskside-widget .ask button").first().click();
    await me.box.waitFor();
    await me.say("My parcel **LL-20481963** has not come");
    await me.reaches("My parcel", "sent", "delivered");
    await agent.openConversation("My parcel");
    await me.reaches("My parcel", "read");
    await agent.box.pressSequentially("Let me look", { delay: 20 });
    await page.getByRole("img", { name: /is typing/ }).waitFor({ timeout: patience_ms });
    await shot(page, "5-typing");
    await agent.box.press("Enter");
    await me.answers.filter({ hasText: "Let me look" }).waitFor({ timeout: patience_ms });
    await shot(page, "6-chat");
    await shot(agent.page, "6-console");
  });

  await t.test("the badge counts what came while the panel was closed", async () => {
    await page.keyboard.press("Escape");
    await me.panel.waitFor({ state: "hidden" });
    await agent.say("It is on its way");
    await agent.say("and arrives tomorrow");
    await page.getByRole("button", { name: /2 new messages/ }).waitFor({ timeout: patience_ms });
    await shot(page, "7-badge");
    await me.launcher.click();
    await me.answers.filter({ hasText: "arrives tomorrow" }).waitFor();
    await until(() => page.getByRole("button", { name: /new message/ }).count(), (count) => count === 0);
  });

  await t.test("without a network writing goes on, and search still answers", async () => {
    await context.setOffline(true);
    await me.say("Is the blue one");
    await me.say("still in stock?");
    await me.reaches("Is the blue one", "queued");
    await page.getByText("You are offline").first().waitFor({ timeout: patience_ms });
    await shot(page, "8-offline");
    await me.goHome();
    await page.getByRole("searchbox").fill("gift card");
    await page.locator("deskside-widget .results [data-article]").first().waitFor({ timeout: patience_ms });
    await page.getByRole("searchbox").fill("");
    await page.locator("deskside-widget .ask button").first().click();
    await context.setOffline(false);
  });

  await t.test("and it arrives once, in order, when the network is back", async () => {
    await me.reaches("still in stock?", "sent", "delivered", "read");
    const heard = await until(agent.heard, (all) => all.length >= 3);
    assert.deepEqual(heard.slice(1), ["Is the blue one", "still in stock?"]);
  });

  await t.test("the end asks for a rating, whose stars and words reach the desk", async () => {
    await agent.resolve();
    const stars = page.locator("deskside-widget .survey input[type=radio]");
    await stars.first().waitFor({ state: "attached", timeout: patience_ms });
    await shot(page, "9-rating");
    await stars.nth(3).check({ force: true });
    await page.locator("deskside-widget .survey textarea").fill("quick and kind");
    await page.locator("deskside-widget .survey button[type=submit]").click();
    await page.getByText("Thank you for the rating").waitFor({ timeout: patience_ms });
    await shot(page, "10-rated");
    await agent.page.getByText("quick and kind").first().waitFor({ timeout: patience_ms });
    await shot(agent.page, "10-console");
  });

  assert.deepEqual([...problems, ...agent.problems], []);
  await context.close();
  await agent.page.context().close();
});
