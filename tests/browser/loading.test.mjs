// Two parts of the core, each loaded when it is needed: who only searches loads no conversation, nothing
// that is typed waits in vain, and what could not be loaded takes nothing else with it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openStage, patience_ms, shot, signIn, until, visitor, watch } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const searchPart = "**/deskside-search-core.wasm";
const chatPart = "**/deskside-core.wasm";

/** Says what the browser says of a visitor who pays for each byte. @param {import("playwright-core").Page} page */
const savingData = (page) =>
  page.addInitScript("Object.defineProperty(navigator, 'connection', { value: { saveData: true, effectiveType: '4g' } })");

/** @param {(page: import("playwright-core").Page) => Promise<unknown>} [prepare] */
async function visit(prepare = () => Promise.resolve()) {
  const context = await stage.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en" });
  const page = await context.newPage();
  const problems = watch(page);
  await prepare(page);
  /** @type {string[]} */
  const requests = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname.replace("/deskside/", "")));
  await page.goto(`${stage.shop}/?lang=en`);
  const me = visitor(page);
  return {
    context, page, problems, me,
    loaded: (/** @type {RegExp} */ name) => requests.some((path) => name.test(path)),
    articles: page.locator("deskside-widget [data-article]"),
    finds: async (/** @type {string} */ words) => {
      await page.getByRole("searchbox").fill(words);
      await page.locator("deskside-widget .results [data-article]").first().waitFor({ timeout: patience_ms });
    },
    askPerson: async () => {
      await page.locator("deskside-widget .ask button").first().click();
      await me.box.waitFor({ timeout: patience_ms });
    },
  };
}

/** Holds a file back until it is let go. @param {import("playwright-core").Page} page @param {string} file */
async function hold(page, file) {
  /** @type {(value?: unknown) => void} */
  let letGo = () => undefined;
  const gate = new Promise((resolve) => (letGo = resolve));
  await page.route(file, async (route) => {
    await gate;
    await route.continue();
  });
  return letGo;
}

/** As a lost connection would, until it is back. @param {import("playwright-core").Page} page @param {string} file */
const lose = (page, file) => page.route(file, (route) => route.abort("internetdisconnected"));

const conversation = /^deskside-(core|conversation)/;

test("who saves data, searches and reads loads no conversation, and nothing is stored", async () => {
  const { context, page, problems, me, loaded, articles, finds } = await visit(savingData);
  await me.open();
  await articles.first().waitFor({ timeout: patience_ms });
  await finds("how do i retrun somthing");
  await page.locator("deskside-widget .results [data-article]").first().click();
  await page.locator("deskside-widget [data-screen=article] article").waitFor();
  // Longer than the widget waits before it fetches what may be wanted next.
  await page.waitForTimeout(3_000);
  assert.ok(loaded(/^deskside-search-core\.wasm$/));
  assert.ok(!loaded(conversation));
  assert.deepEqual(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)), []);
  assert.deepEqual(problems, []);
  await context.close();
});

test("who has bytes to spare has the conversation fetched once home is there, and writes without a network", async () => {
  const { context, page, problems, me, loaded, articles, askPerson } = await visit();
  await me.open();
  await articles.first().waitFor({ timeout: patience_ms });
  await until(() => Promise.resolve(loaded(/^deskside-core\.wasm$/) && loaded(/^deskside-conversation/)), Boolean);
  assert.deepEqual(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)), [], "fetched, and not begun");
  await page.waitForLoadState("networkidle");
  await context.setOffline(true);
  await askPerson();
  await me.say("written without a network");
  await me.reaches("written without a network", "queued");
  await context.setOffline(false);
  await me.reaches("written without a network", "sent", "delivered");
  assert.deepEqual(problems, []);
  await context.close();
});

test("what is said before the conversation has come waits in the box, and arrives once", async () => {
  const { context, page, problems, me, articles, askPerson } = await visit(savingData);
  const letGo = await hold(page, chatPart);
  await me.open();
  await articles.first().waitFor({ timeout: patience_ms });
  await askPerson();
  await me.box.fill("said before it had come");
  await me.box.press("Enter");
  await page.getByText("This goes out as soon as the chat has loaded").waitFor();
  await shot(page, "loading-chat");
  // Looking around meanwhile takes nothing away.
  await me.goHome();
  await askPerson();
  assert.equal(await me.box.inputValue(), "said before it had come");
  await me.box.press("Enter");
  letGo();
  await me.reaches("said before it had come", "sent", "delivered");
  assert.equal(await me.box.inputValue(), "");
  const agent = await signIn(stage);
  await agent.openConversation("said before it had come");
  assert.deepEqual(await agent.heard(), ["said before it had come"]);
  await agent.page.context().close();
  assert.deepEqual(problems, []);
  await context.close();
});

test("what was said goes out from home as well, and what was begun after it stays unsent", async () => {
  const { context, page, me, articles, askPerson } = await visit(savingData);
  const letGo = await hold(page, chatPart);
  await me.open();
  await articles.first().waitFor({ timeout: patience_ms });
  await askPerson();
  await me.box.fill("said, then gone home");
  await me.box.press("Enter");
  await me.goHome();
  letGo();
  const agent = await signIn(stage);
  await agent.openConversation("said, then gone home");
  assert.deepEqual(await agent.heard(), ["said, then gone home"]);
  await agent.page.context().close();
  await context.close();

  const other = await visit(savingData);
  const letOther = await hold(other.page, chatPart);
  await other.me.openChat();
  await other.me.box.fill("said");
  await other.me.box.press("Enter");
  await other.me.box.pressSequentially(" and gone on wri");
  letOther();
  await other.page.locator("deskside-widget .welcome").waitFor({ timeout: patience_ms });
  assert.equal(await other.me.box.inputValue(), "said and gone on wri");
  assert.equal(await other.me.messages.count(), 0);
  await other.context.close();
});

test("a conversation that does not come is said, search goes on, and another try sends what was said", async () => {
  const { context, page, me, articles, finds, askPerson } = await visit(savingData);
  await lose(page, chatPart);
  await lose(page, "**/deskside-core.js*");
  await lose(page, "**/deskside-conversation.js*");
  await me.open();
  await articles.first().waitFor({ timeout: patience_ms });
  await askPerson();
  await page.getByRole("alert").getByText("The chat could not start").waitFor({ timeout: patience_ms });
  await me.box.fill("said in vain at first");
  await shot(page, "loading-chat-failed");
  await me.goHome();
  await page.getByText("The chat is not running right now. The help articles still work.").waitFor();
  await finds("gift card");
  await shot(page, "loading-chat-failed-home");
  await page.getByRole("searchbox").fill("");
  await askPerson();
  assert.equal(await me.box.inputValue(), "said in vain at first");
  await me.box.press("Enter");
  await page.getByRole("alert").getByText("The chat could not start").waitFor({ timeout: patience_ms });
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await me.reaches("said in vain at first", "sent", "delivered");
  assert.deepEqual(await me.said(), ["said in vain at first"]);
  await context.close();
});

test("a search that does not come is said, the chat works, and another try finds", async () => {
  const { context, page, me, finds, askPerson } = await visit();
  await lose(page, searchPart);
  await lose(page, "**/deskside-search-core.js*");
  await me.open();
  await page.getByText("The help articles could not be loaded. You can still chat with us.").waitFor({ timeout: patience_ms });
  await shot(page, "loading-search-failed");
  await askPerson();
  await me.say("then I ask you");
  await me.reaches("then I ask you", "sent", "delivered");
  await me.goHome();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await finds("gift card");
  await context.close();
});

test("where neither part comes, one sentence says so, and another try brings both", async () => {
  const { context, page, me, articles, askPerson } = await visit();
  await lose(page, searchPart);
  await lose(page, chatPart);
  await me.open();
  await page.getByText("The help articles could not be loaded. You can still chat with us.").waitFor({ timeout: patience_ms });
  await askPerson();
  await page.getByRole("alert").getByText("The chat could not start").waitFor({ timeout: patience_ms });
  await me.goHome();
  await page.getByText("A part of it could not be loaded. Check your connection and try again.").waitFor();
  assert.equal(await page.locator("deskside-widget .notice").count(), 1);
  await page.unrouteAll();
  await page.getByRole("button", { name: "Try again" }).click();
  await articles.first().waitFor({ timeout: patience_ms });
  await page.locator("deskside-widget .notice").waitFor({ state: "detached", timeout: patience_ms });
  await context.close();
});

test("whether an article helped reaches the desk from who had loaded no conversation", async () => {
  const { context, page, me, articles } = await visit(savingData);
  /** @type {string[]} */
  const frames = [];
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => void frames.push(String(payload))));
  await me.open();
  await articles.first().click({ timeout: patience_ms });
  await page.getByRole("button", { name: "Yes", exact: true }).click();
  await page.getByText("Thank you, that is good to know").waitFor();
  await until(() => Promise.resolve(frames.filter((frame) => frame.includes('"feedback"')).length), (count) => count === 1);
  const waiting = () =>
    page.evaluate(
      (desk) =>
        new Promise((resolve) => {
          const opening = indexedDB.open(`deskside:demo@${desk}`);
          opening.onsuccess = () => {
            const count = opening.result.transaction("outbox").objectStore("outbox").count();
            count.onsuccess = () => resolve(count.result);
            opening.result.close();
          };
          opening.onupgradeneeded = () => opening.transaction?.abort();
          opening.onerror = () => resolve(-1);
        }),
      stage.desk.origin,
    );
  // Gone from the journal once the desk has it.
  await until(waiting, (count) => count === 0);
  await context.close();
});

test("what is typed before the conversation has come outlives a reload, and becomes its draft", async () => {
  const { context, page, problems, me, askPerson } = await visit(savingData);
  const letGo = await hold(page, chatPart);
  await me.open();
  await askPerson();
  await me.box.fill("typed into nothing");
  await page.reload();
  await me.open();
  await askPerson();
  assert.equal(await me.box.inputValue(), "typed into nothing");
  letGo();
  // From here on it is the conversation's own.
  const kept = () => page.evaluate("Object.keys(sessionStorage).filter((key) => key.endsWith(':typed')).length");
  await until(kept, (count) => count === 0);
  await me.box.press("Enter");
  await me.reaches("typed into nothing", "sent", "delivered");
  assert.deepEqual(problems, []);
  await context.close();
});

test("who comes back with a conversation sees it on home, data saved or not", async () => {
  const { context, page, me } = await visit(savingData);
  await me.openChat();
  await me.say("I come back");
  await me.reaches("I come back", "sent", "delivered");
  await page.reload();
  await me.open();
  await me.goHome();
  await page.locator("deskside-widget [data-conversation]").first().waitFor({ timeout: patience_ms });
  await context.close();
});

test("a page whose surveys may come up has the conversation loaded without a click, and no help search", async () => {
  stage.spoil((html) => html.replace("<deskside-widget", "<deskside-widget surveys"));
  const { context, page, problems, loaded } = await visit(async (page) => {
    await savingData(page);
    await page.addInitScript(`window.deskside = (...command) => (window.deskside.q ??= []).push(command);
      deskside("on", "ready", () => (window.conversationRuns = true))`);
  });
  await until(() => page.evaluate("window.conversationRuns === true"), Boolean);
  assert.ok(loaded(/^deskside-core\.wasm$/));
  assert.ok(!loaded(/deskside-search-core|help\.idx/));
  stage.spoil(undefined);
  assert.deepEqual(problems, []);
  await context.close();
});

test("a search that panics is opened anew by itself, and the conversation goes on", async () => {
  const { context, page, me, articles, finds, askPerson } = await visit(async (page) => {
    // A trap in the middle of a call, in the module of the search alone.
    await page.addInitScript(() => {
      const instantiate = WebAssembly.instantiate.bind(WebAssembly);
      const traps = { next: false, made: 0 };
      Object.assign(window, { trapSearch: () => (traps.next = true), searchesMade: () => traps.made });
      Object.assign(WebAssembly, {
        instantiate: (/** @type {any} */ module, /** @type {any} */ imports) => {
          if (!WebAssembly.Module.exports(module).some(({ name }) => name.startsWith("search_"))) return instantiate(module, imports);
          traps.made += 1;
          for (const group of Object.values(imports)) {
            for (const [name, host] of Object.entries(group)) {
              group[name] = (/** @type {any[]} */ ...args) => {
                if (!traps.next) return host(...args);
                traps.next = false;
                throw new WebAssembly.RuntimeError("unreachable");
              };
            }
          }
          return instantiate(module, imports);
        },
      });
    });
  });
  await me.openChat();
  await me.say("before the panic");
  await me.reaches("before the panic", "sent", "delivered");
  await me.box.fill("typed, not sent");
  await me.goHome();
  await articles.first().waitFor({ timeout: patience_ms });
  const made = await page.evaluate("searchesMade()");
  await page.evaluate("trapSearch()");
  await finds("gift card");
  assert.equal(await page.evaluate("searchesMade()"), Number(made) + 1);
  await page.getByRole("searchbox").fill("");
  await askPerson();
  await me.message("before the panic").waitFor();
  assert.equal(await me.box.inputValue(), "typed, not sent");
  assert.equal(await page.getByText("The chat had to restart").count(), 0);
  await context.close();
});
