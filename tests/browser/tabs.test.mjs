// Several tabs of one visitor: one of them has the connection, all of them show the same, and none of
// them can take anything with it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openStage, patience_ms, signIn, until, visitor } from "./stage.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} Context */

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const arrived = ["sent", "delivered", "read"];

/**
 * A visitor with so many tabs, the chat open in each; the first one leads.
 * @param {number} count
 * @param {{ spoil?: () => void }} [options] `spoil` runs in each page before its own scripts
 */
async function tabsOf(count, { spoil } = {}) {
  const context = await stage.browser.newContext({ locale: "en" });
  if (spoil) await context.addInitScript(spoil);
  const tabs = [];
  for (let left = count; left > 0; left -= 1) tabs.push(await openTab(context));
  return { context, tabs };
}

/** @param {Context} context */
async function openTab(context) {
  const page = await context.newPage();
  /** @type {Set<unknown>} */
  const sockets = new Set();
  page.on("websocket", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await page.goto(`${stage.shop}/?lang=en`);
  const me = visitor(page);
  await me.openChat();
  return { ...me, sockets };
}

/**
 * Stops a tab in the middle of its script: it keeps its lock and its socket and does nothing, as one that
 * the system has frozen. (The browser's own freezing leaves pages alone that it believes to be seen, and
 * without a screen it believes so of all.)
 * @param {Context} context @param {Page} page
 */
async function freeze(context, page) {
  const session = await context.newCDPSession(page);
  const frozen = new Promise((resolve) => session.once("Debugger.paused", resolve));
  await session.send("Debugger.enable");
  await session.send("Debugger.pause");
  await frozen;
  return { wake: () => session.send("Debugger.disable") };
}

/** The tab dies without a word, as when the system takes its memory. @param {Context} context @param {Page} page */
async function crash(context, page) {
  const session = await context.newCDPSession(page);
  const gone = new Promise((resolve) => page.once("crash", resolve));
  session.send("Page.crash").catch(() => undefined);
  await gone;
}

/**
 * Types and sends within one turn of the page: a draft that rests is shown in the other tab as well, where
 * it would meet what is being typed there.
 * @param {{ box: import("playwright-core").Locator }} tab @param {string} text
 */
const sayAtOnce = ({ box }, text) =>
  box.evaluate((element, said) => {
    const travels = { bubbles: true, composed: true, cancelable: true };
    Object.assign(element, { value: said });
    element.dispatchEvent(new InputEvent("input", travels));
    element.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ...travels }));
  }, text);

/** @param {string} preview @param {number} count */
async function heardByTheDesk(preview, count) {
  const agent = await signIn(stage);
  await agent.openConversation(preview);
  const heard = await until(agent.heard, (all) => all.length >= count);
  await agent.page.context().close();
  return heard;
}

test("three tabs have one connection, and all three are told that it stands", async () => {
  const { context, tabs } = await tabsOf(3);
  const [first] = tabs;
  await first?.say("who is connected?");
  for (const tab of tabs) await tab.reaches("who is connected?", ...arrived);
  assert.deepEqual(tabs.map(({ sockets }) => sockets.size), [1, 0, 0]);
  await context.close();
});

// Row 17
test("what two tabs say at the same time arrives once each, in the order of the journal", async () => {
  const { context, tabs } = await tabsOf(2);
  const [left, right] = tabs;
  assert.ok(left && right);
  await left.say("hello from the left");
  await right.reaches("hello from the left", ...arrived);
  for (let round = 1; round <= 8; round += 1) {
    await Promise.all([sayAtOnce(left, `left ${round}.`), sayAtOnce(right, `right ${round}.`)]);
  }
  for (const tab of tabs) {
    for (const text of ["left 8.", "right 8."]) await tab.reaches(text, ...arrived);
    await until(() => tab.said(), (said) => said.length === 17);
  }
  const shown = await left.said();
  assert.equal(new Set(shown).size, 17);
  assert.deepEqual(await right.said(), shown);
  assert.deepEqual(await heardByTheDesk(shown.at(-1) ?? "", 17), shown);
  for (const side of ["left", "right"]) {
    const own = shown.filter((text) => text.startsWith(`${side} `));
    assert.deepEqual(own, Array.from({ length: 8 }, (_, at) => `${side} ${at + 1}.`));
  }
  await context.close();
});

test("a draft, an answer, its being read and somebody's typing are the same in every tab", async () => {
  const { context, tabs } = await tabsOf(2);
  const [left, right] = tabs;
  assert.ok(left && right);
  await right.say("is anybody there?");
  await left.reaches("is anybody there?", ...arrived);

  await left.box.fill("I have been thinking");
  await until(() => right.box.inputValue(), (text) => text === "I have been thinking");
  await right.box.fill("I have been thinking about it");
  await until(() => left.box.inputValue(), (text) => text === "I have been thinking about it");

  const agent = await signIn(stage);
  await agent.openConversation("is anybody there?");
  await agent.box.pressSequentially("Ye");
  for (const tab of tabs) await tab.page.locator("deskside-widget .typing").waitFor({ timeout: patience_ms });
  await agent.box.fill("");
  await agent.say("Yes, here I am");
  for (const tab of tabs) await tab.answers.filter({ hasText: "here I am" }).waitFor({ timeout: patience_ms });
  for (const tab of tabs) await tab.reaches("is anybody there?", "read");
  assert.equal(await right.box.inputValue(), "I have been thinking about it");
  await agent.page.context().close();
  await context.close();
});

test("what was typed into a conversation that another tab ends can be said in the next one", async () => {
  const { context, tabs } = await tabsOf(2);
  const [left, right] = tabs;
  assert.ok(left && right);
  await left.say("hello");
  await right.reaches("hello", ...arrived);
  await left.box.fill("a long thought");
  await until(() => right.box.inputValue(), (text) => text === "a long thought");
  await right.page.locator("deskside-widget [data-focus=menu]").click();
  await right.page.getByText("End conversation").first().click();
  await right.page.locator("deskside-widget").getByRole("button", { name: /^End/ }).last().click();
  await left.page.locator("deskside-widget [data-state=closed]").waitFor({ timeout: patience_ms });
  await left.page.locator("deskside-widget [data-screen=chat] [part=footer] button").click();
  await until(() => left.box.inputValue(), (text) => text === "a long thought");
  await left.box.press("Enter");
  await left.reaches("a long thought", ...arrived);
  await context.close();
});

test("what is read in a tab that has no connection is read everywhere", async () => {
  const { context, tabs } = await tabsOf(2);
  const [leader, follower] = tabs;
  assert.ok(leader && follower);
  await leader.say("tell me when it is done");
  await follower.reaches("tell me when it is done", ...arrived);
  for (const tab of tabs) await tab.page.keyboard.press("Escape");
  const agent = await signIn(stage);
  await agent.openConversation("tell me when it is done");
  await agent.say("It is done");
  const badge = (/** @type {Page} */ page) => page.locator("deskside-widget .launcher .badge, deskside-widget [part~=badge]").first();
  for (const tab of tabs) await badge(tab.page).waitFor({ timeout: patience_ms });
  await follower.openChat();
  await follower.answers.filter({ hasText: "It is done" }).waitFor({ timeout: patience_ms });
  await badge(leader.page).waitFor({ state: "hidden", timeout: patience_ms });
  await agent.page.context().close();
  await context.close();
});

// Row 18
test("when the tab with the connection is closed, another one goes on with what waits", async () => {
  const { context, tabs } = await tabsOf(2);
  const [leader, follower] = tabs;
  assert.ok(leader && follower);
  await leader.say("before it closes");
  await follower.reaches("before it closes", ...arrived);
  await stage.desk.kill();
  await leader.say("said by the one that closes");
  await leader.reaches("said by the one that closes", "queued");
  await leader.page.close();
  await follower.say("said by the one that stays");
  await stage.desk.start();
  await follower.reaches("said by the one that stays", ...arrived);
  // A desk that came back between two tries may have been asked by requests first.
  await until(() => Promise.resolve(follower.sockets.size), (count) => count === 1);
  const said = ["before it closes", "said by the one that closes", "said by the one that stays"];
  assert.deepEqual(await follower.said(), said);
  assert.deepEqual(await heardByTheDesk(said[2] ?? "", 3), said);
  await context.close();
});

// Row 18
test("when the tab with the connection crashes, another one goes on with what it had queued", async () => {
  const { context, tabs } = await tabsOf(2);
  const [leader, follower] = tabs;
  assert.ok(leader && follower);
  await leader.say("before the crash");
  await follower.reaches("before the crash", ...arrived);
  await stage.desk.kill();
  await leader.say("queued before the crash");
  await leader.reaches("queued before the crash", "queued");
  await crash(context, leader.page);
  await stage.desk.start();
  await follower.reaches("queued before the crash", ...arrived);
  await follower.say("after the crash");
  await follower.reaches("after the crash", ...arrived);
  const said = ["before the crash", "queued before the crash", "after the crash"];
  assert.deepEqual(await heardByTheDesk(said[2] ?? "", 3), said);
  await context.close();
});

// Rows 19 and 20
test("from a frozen tab the connection is taken, and when it wakes it follows and shows all", async () => {
  const { context, tabs } = await tabsOf(2);
  const [leader, follower] = tabs;
  assert.ok(leader && follower);
  await leader.say("before the frost");
  await follower.reaches("before the frost", ...arrived);
  const frost = await freeze(context, leader.page);
  await follower.say("during the frost");
  await follower.reaches("during the frost", ...arrived);
  assert.equal(follower.sockets.size, 1);
  await frost.wake();
  await leader.reaches("during the frost", ...arrived);
  await leader.say("after the frost");
  await follower.reaches("after the frost", ...arrived);
  await leader.reaches("after the frost", ...arrived);
  await until(() => Promise.resolve(leader.sockets.size), (count) => count === 0);
  const said = ["before the frost", "during the frost", "after the frost"];
  for (const tab of tabs) assert.deepEqual(await tab.said(), said);
  assert.deepEqual(await heardByTheDesk("after the frost", 3), said);
  await context.close();
});

// Row 21
test("in a browser without locks every tab sends, and everything arrives once", async () => {
  const { context, tabs } = await tabsOf(2, {
    spoil: () => Object.defineProperty(Navigator.prototype, "locks", { get: () => undefined }),
  });
  const [left, right] = tabs;
  assert.ok(left && right);
  await left.say("left without locks");
  await right.message("left without locks").waitFor({ timeout: patience_ms });
  await right.say("right without locks");
  for (const tab of tabs) {
    await tab.reaches("right without locks", ...arrived);
    await tab.reaches("left without locks", ...arrived);
  }
  assert.deepEqual(tabs.map(({ sockets }) => sockets.size), [1, 1]);
  const said = ["left without locks", "right without locks"];
  for (const tab of tabs) assert.deepEqual(await tab.said(), said);
  assert.deepEqual(await heardByTheDesk("right without locks", 2), said);
  await context.close();
});

// Row 22
test("in a browser without BroadcastChannel a tab learns by itself what another has queued", async () => {
  const { context, tabs } = await tabsOf(2, {
    spoil: () => Reflect.deleteProperty(globalThis, "BroadcastChannel"),
  });
  const [left, right] = tabs;
  assert.ok(left && right);
  await left.say("left without a channel");
  await right.message("left without a channel").waitFor({ timeout: patience_ms });
  await stage.desk.kill();
  await left.say("left, offline, without a channel");
  await right.message("left, offline, without a channel").waitFor({ timeout: patience_ms });
  await left.box.fill("half a thought");
  await until(() => right.box.inputValue(), (text) => text === "half a thought");
  await stage.desk.start();
  for (const tab of tabs) await tab.reaches("left, offline, without a channel", ...arrived);
  const said = ["left without a channel", "left, offline, without a channel"];
  assert.deepEqual(await heardByTheDesk(said[1] ?? "", 2), said);
  await context.close();
});
