// An agent at work: the console in a real browser, on a real desk.
import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, test } from "node:test";
import { openConsole, signIn, startBrowser, startDesk, until, visit } from "./desk.mjs";

/** @typedef {Awaited<ReturnType<typeof openConsole>>} Console */
/** @typedef {Awaited<ReturnType<typeof visit>>} Visitor */

/** @type {import("./desk.mjs").Browser} */
let browser;
/** @type {import("./desk.mjs").Desk} */
let desk;
/** @type {Console} */
let agent;
/** @type {import("playwright-core").Page} */
let page;
/** @type {Visitor} */
let visitor;

before(async () => {
  [browser, desk] = await Promise.all([startBrowser(), startDesk()]);
});

after(async () => {
  await browser.close();
  await desk.end();
});

beforeEach(async () => {
  await desk.start();
  agent = await openConsole(browser, desk);
  page = agent.page;
  await signIn(page, desk.agent);
  visitor = await visit(browser, desk);
});

afterEach(async () => {
  assert.deepEqual(agent.faults, []);
  await Promise.all([agent.close(), visitor.leave()]);
});

const row = (on = page) => on.locator(`a[href="#/${visitor.conv}"]`);
const composer = (on = page) => on.locator("#composer");
const bubble = (/** @type {string} */ text, on = page) => on.locator(".bubble", { hasText: text });
const button = (/** @type {string} */ name, on = page) => on.getByRole("button", { name, exact: false });

const action = (/** @type {string} */ name, on = page) => on.locator(".conversation-actions button", { hasText: name });

async function open(on = page) {
  await row(on).click();
  await on.locator(".conversation-header").waitFor();
  await composer(on).waitFor();
}

async function reply(/** @type {string} */ text) {
  await composer().fill(text);
  await composer().press("Enter");
}

const texts = async () => (await visitor.log()).flatMap(({ body }) => body.content?.text ?? []);

test("a visitor's message waits in the inbox, and is delivered before it is read", async () => {
  await visitor.say("Where is my parcel?");
  await row().getByText("Where is my parcel?").waitFor();
  await row().locator(".badge", { hasText: "1" }).waitFor();
  assert.match(await row().innerText(), /Waiting \d+ sec/);
  await until("the title to count", async () => (await page.title()).startsWith("("));
  await visitor.pushed(({ read }) => read?.by === "agent" && read.marks.deliveredSeq === 2 && read.marks.readSeq === 0);
  await open();
  await bubble("Where is my parcel?").waitFor();
  await visitor.pushed(({ read }) => read?.by === "agent" && read.marks.readSeq === 2);
  await row().locator(".badge").waitFor({ state: "hidden" });
});

test("the agent answers: typing shows, taking over is told, and the marks move from sent to read", async () => {
  await visitor.say("Hello");
  await open();
  await composer().pressSequentially("Good morning");
  await visitor.pushed(({ typing }) => typing?.active === true && typing.by.role === "agent");
  await composer().press("Enter");
  await bubble("Good morning").waitFor();
  await page.getByText("You took over").waitFor();
  await visitor.pushed(({ event }) => event?.body.content?.text === "Good morning");
  const mark = page.locator(".is-mine .mark");
  await mark.getByText("Sent").waitFor({ state: "attached" });
  const top = (await visitor.log()).length;
  await visitor.read(top, top - 1);
  await mark.getByText("Delivered").waitFor({ state: "attached" });
  await visitor.read(top, top);
  await mark.getByText("Read").waitFor();
  await page.locator(".filter", { hasText: "Mine" }).click();
  await row().waitFor();
});

test("the visitor's typing shows until the message is there", async () => {
  await visitor.say("Hello");
  await open();
  await bubble("Hello").waitFor();
  await visitor.typing(true);
  await page.getByText("is typing").waitFor();
  await visitor.say("One more thing");
  await bubble("One more thing").waitFor();
  await page.getByText("is typing").waitFor({ state: "hidden" });
});

test("the agent resolves after a question, and the rating with its comment stands out", async () => {
  await visitor.say("Hello");
  await open();
  await reply("Solved");
  await bubble("Solved").waitFor();
  await action("Resolve").click();
  await page.getByRole("dialog").getByRole("button", { name: "Not yet" }).click();
  await page.keyboard.press("Alt+r");
  await page.getByRole("dialog").getByRole("button", { name: "Resolve" }).click();
  await page.getByText("You resolved the conversation").waitFor();
  await visitor.pushed(({ event }) => event?.type === "invitation");
  await visitor.rate(4, "Quick and kind");
  const card = page.locator(".rating-card");
  await card.getByText("Quick and kind").waitFor();
  assert.equal(await card.getByRole("img", { name: "4 of 5 stars" }).count(), 1);
  assert.match(await card.innerText(), /for you/);
  await page.locator(".filter", { hasText: "Resolved" }).click();
  await row().getByText("Rated 4").waitFor({ state: "attached" });
  await visitor.say("It broke again");
  await page.getByText("Reopened: the visitor wrote again").waitFor();
  await page.locator(".filter", { hasText: "Waiting" }).click();
  await row().getByText("Reopened").waitFor();
});

test("a message written while the desk is away waits, survives a reload, and arrives once", async () => {
  await visitor.say("Hello");
  await open();
  await reply("before");
  await bubble("before").waitFor();
  await desk.kill();
  await page.locator(".banner", { hasText: "No connection to the desk" }).waitFor();
  await reply("first");
  await reply("second");
  await page.locator(".mark", { hasText: "Waits to be sent" }).first().waitFor();
  await desk.start();
  await visitor.again();
  // Unless it has come back by itself already.
  await button("Retry now").click({ timeout: 2_000 }).catch(() => undefined);
  await page.locator(".mark.is-sent").waitFor();
  await until("all messages", async () => (await texts()).length === 4);
  await desk.kill();
  await page.locator(".banner", { hasText: "No connection to the desk" }).waitFor();
  await reply("third");
  // The console's files come from the desk too: a reload works once it is back.
  await desk.start();
  await page.reload();
  await visitor.again();
  await until("the third message", async () => (await texts()).length === 5);
  assert.deepEqual(await texts(), ["Hello", "before", "first", "second", "third"]);
  await bubble("third").waitFor();
});

test("a message whose answer is lost is sent again under the same id, and stands once", async () => {
  let isLost = false;
  await page.routeWebSocket(/agent\/socket/, (socket) => {
    const server = socket.connectToServer();
    let isGone = false;
    server.onMessage((message) => {
      if (isGone) return;
      if (isLost || !String(message).includes('"sent"')) {
        socket.send(message);
        return;
      }
      isLost = true;
      isGone = true;
      void socket.close();
      void server.close();
    });
  });
  await page.reload();
  await visitor.say("Hello");
  await open();
  await reply("only once");
  await until("the answer to be lost", () => Promise.resolve(isLost));
  await page.locator(".is-mine .mark.is-sent").waitFor();
  await reply("and then this");
  await bubble("and then this").waitFor();
  await until("both messages", async () => (await texts()).length === 3);
  assert.deepEqual(await texts(), ["Hello", "only once", "and then this"]);
  // The browser notes what was on its way to the connection that was cut here.
  agent.faults.splice(0, Infinity, ...agent.faults.filter((fault) => !fault.includes("CLOSING or CLOSED")));
});

test("a session that ends asks for the password and keeps the draft", async () => {
  await visitor.say("Hello");
  await open();
  await composer().fill("A long answer that took a while");
  await page.evaluate(() => {
    const { token } = JSON.parse(localStorage.getItem("deskside.console.credentials") ?? "{}");
    return fetch("../v1/agent/logout", { method: "POST", headers: { authorization: `Bearer ${token}` } });
  });
  await page.getByText("Your session has ended").waitFor();
  assert.equal(await page.locator("#email").inputValue(), desk.agent.email);
  await signIn(page, desk.agent);
  await composer().waitFor();
  assert.equal(await composer().inputValue(), "A long answer that took a while");
});

test("a message that the desk refuses says why, and can be edited or discarded", async () => {
  await visitor.say("Hello");
  await open();
  await reply("x".repeat(20_000));
  await page.getByText("Not sent: the message is too long").waitFor();
  await reply("A short one goes out all the same");
  await page.locator(".is-mine .mark.is-sent").waitFor();
  await page.locator(".failure").getByRole("button", { name: "Edit" }).click();
  assert.equal((await composer().inputValue()).length, 20_000);
  await composer().press("Enter");
  await page.getByText("Not sent: the message is too long").waitFor();
  await button("Discard").click();
  await page.getByText("Not sent").waitFor({ state: "detached" });
  assert.deepEqual(await texts(), ["Hello", "A short one goes out all the same"]);
});

test("a conversation that the visitor has ended cannot be answered", async () => {
  await visitor.say("Never mind");
  await open();
  await visitor.end();
  await page.getByText("The visitor ended this conversation").waitFor();
  assert.equal(await composer().isVisible(), false);
  assert.equal(await action("Resolve").isVisible(), false);
});

test("each conversation keeps its own draft, over a reload too", async () => {
  await visitor.say("Hello");
  const other = await visit(browser, desk);
  await other.say("Good day");
  await open();
  await composer().fill("for the first");
  await page.locator(`a[href="#/${other.conv}"]`).click();
  await page.locator(".bubble", { hasText: "Good day" }).waitFor();
  assert.equal(await composer().inputValue(), "");
  await composer().fill("for the second");
  await row().getByText("Draft").waitFor();
  await page.reload();
  await page.locator(".bubble", { hasText: "Good day" }).waitFor();
  assert.equal(await composer().inputValue(), "for the second");
  await row().click();
  await bubble("Hello").waitFor();
  assert.equal(await composer().inputValue(), "for the first");
  await other.leave();
});

test("Enter sends, Shift+Enter breaks the line, and neither ends an input method's word", async () => {
  await visitor.say("Hello");
  await open();
  await composer().pressSequentially("one");
  await composer().press("Shift+Enter");
  await composer().pressSequentially("two");
  const composing = [{ key: "Enter", isComposing: true }, { key: "Process", keyCode: 229 }, { key: "Enter", keyCode: 229 }];
  for (const init of composing) await composer().dispatchEvent("keydown", { bubbles: true, cancelable: true, ...init });
  assert.equal(await composer().inputValue(), "one\ntwo");
  await composer().press("Enter");
  await until("both messages", async () => (await texts()).length === 2);
  assert.deepEqual(await texts(), ["Hello", "one\ntwo"]);
});

test("a canned reply is chosen by its name, in the visitor's language", async () => {
  const chinese = await visit(browser, desk, { locale: "zh-CN" });
  await chinese.say("你好");
  await page.locator(`a[href="#/${chinese.conv}"]`).click();
  await composer().waitFor();
  await composer().pressSequentially("/ref");
  await page.getByRole("option", { name: "退款处理中" }).waitFor();
  await composer().press("Enter");
  assert.match(await composer().inputValue(), /退款已经提交/);
  await composer().press("Enter");
  await chinese.pushed(({ event }) => event?.body.content?.text.startsWith("您的退款") === true);
  await chinese.leave();
});

test("what a visitor writes is shown as text, and only safe addresses are links", async () => {
  const hostile = `<img src=x onerror=alert(1)> <svg onload=alert(2)> {{x}} javascript:alert(3) https://bank@evil.example https://shop.example/a`;
  page.on("dialog", () => assert.fail("something was executed"));
  await visitor.say(hostile);
  await open();
  const shown = page.locator(".is-visitor .bubble");
  assert.equal(await shown.innerText(), hostile);
  assert.deepEqual(await shown.locator("*").evaluateAll((all) => all.map(({ tagName }) => tagName)), ["P", "A"]);
  const link = shown.locator("a");
  assert.equal(await link.getAttribute("href"), "https://shop.example/a");
  assert.match((await link.getAttribute("rel")) ?? "", /noopener noreferrer/);
});

test("a long conversation is read back to its start by scrolling up, and stays where it was", async () => {
  await visitor.say("line 1 of many");
  await open();
  for (let at = 2; at <= 180; at++) await visitor.say(`line ${at} of many`);
  await page.reload();
  await bubble("line 180 of many").waitFor();
  assert.equal(await bubble("line 1 of many").count(), 0);
  const scroll = page.locator(".scroll");
  const firstBefore = await page.locator(".is-message .bubble").first().innerText();
  await scroll.evaluate((node) => node.scrollTo({ top: 0 }));
  await bubble("line 1 of many").first().waitFor();
  const kept = page.locator(".bubble", { hasText: firstBefore });
  const [top = 0, edge = 0] = await Promise.all([kept, scroll].map(async (node) => (await node.boundingBox())?.y));
  assert.ok(Math.abs(top - edge) < 200, `${top} is near ${edge}`);
  await button("Latest messages").click();
  await until("the end", () => scroll.evaluate((node) => node.scrollHeight - node.scrollTop - node.clientHeight < 2));
  await page.getByText("Start of the conversation").waitFor({ state: "attached" });
});

test("two agents see each other take over", async () => {
  await visitor.say("Hello");
  const tom = await openConsole(browser, desk);
  await signIn(tom.page, desk.colleague);
  await open();
  await open(tom.page);
  await action("Take over", tom.page).click();
  await page.getByText("Tom Okafor took over").waitFor();
  await page.locator(".conversation-assignee", { hasText: "With Tom Okafor" }).waitFor();
  await reply("I take this one back");
  await tom.page.getByText("Robin Vale took over").waitFor();
  await bubble("I take this one back", tom.page).waitFor();
  assert.deepEqual(tom.faults, []);
  await tom.close();
});

test("the keyboard goes through the inbox", async () => {
  await visitor.say("Hello");
  await row().waitFor();
  await page.keyboard.press("Alt+3");
  assert.equal(await page.locator(".filter", { hasText: "All" }).getAttribute("aria-pressed"), "true");
  await page.keyboard.press("Alt+ArrowDown");
  await composer().waitFor();
  const first = await page.locator(".row").first().getAttribute("href");
  assert.equal(await page.evaluate(() => location.hash), first);
  await page.keyboard.press("Alt+ArrowDown");
  await until("the next conversation", async () => (await page.evaluate(() => location.hash)) !== first);
  await page.locator(".entry.is-message").first().waitFor();
  await composer().waitFor();
  await page.keyboard.press("Alt+ArrowUp");
  await until("the first again", async () => (await page.evaluate(() => location.hash)) === first);
  await page.keyboard.press("Alt+h");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
});

test("the settings change language and appearance at once, and last", async () => {
  await visitor.say("Hello");
  await open();
  await composer().fill("draft");
  await button("Settings and account").click();
  await page.getByRole("button", { name: "Dark" }).click();
  await page.getByLabel("Language").selectOption("zh-CN");
  await page.getByRole("heading", { name: "会话", level: 1 }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "会话", level: 1 }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).colorScheme), "dark");
  assert.equal(await composer().inputValue(), "draft");
});

test("signing out ends the session at the desk", async () => {
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem("deskside.console.credentials") ?? "{}").token);
  await button("Settings and account").click();
  const done = page.waitForResponse(/logout/);
  await button("Sign out").click();
  assert.equal((await done).status(), 204);
  await page.locator("#password").waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem("deskside.console.credentials")), null);
  const again = await page.request.post(`${desk.origin}/v1/agent/logout`, { headers: { authorization: `Bearer ${token}` } });
  assert.ok(again.status() === 204 || again.status() === 401);
});

test("a ticket is listed with its number, is answered by mail under it, and is done with when it is resolved", async () => {
  await visitor.leaveTicket("My lamp flickers", { replyTo: "ana@post.example", name: "Ana <b>B</b>" });
  const tickets = page.getByRole("button", { name: "Tickets" });
  await until("the list to count it", async () => (await tickets.innerText()).includes("1"));
  await tickets.click();
  await row().locator(".tag", { hasText: "#1" }).waitFor();
  await open();
  const mail = page.getByRole("link", { name: "ana@post.example" });
  assert.equal(await mail.getAttribute("href"), "mailto:ana@post.example?subject=%5B%231%5D%20My%20lamp%20flickers");
  await page.getByText("Ana <b>B</b>", { exact: true }).waitFor();
  await reply("We send you a new one.");
  await bubble("We send you a new one.").waitFor();
  await action("Resolve").click();
  await page.getByRole("dialog").getByRole("button", { name: "Resolve" }).click();
  await row().waitFor({ state: "detached" });
  assert.deepEqual(await texts(), ["My lamp flickers", "We send you a new one."]);
});

test("a ticket that is taken back leaves no address on the screen", async () => {
  await visitor.leaveTicket("Call me", { replyTo: "+49 30 1234567", name: "" });
  await open();
  await page.getByRole("link", { name: "+49 30 1234567" }).waitFor();
  await page.locator(".entry.is-visitor").hover();
  await page.locator(".message-action").click();
  await page.getByRole("dialog").getByRole("button", { name: /take it back|take back/i }).click();
  await page.getByRole("link", { name: "+49 30 1234567" }).waitFor({ state: "detached" });
});
