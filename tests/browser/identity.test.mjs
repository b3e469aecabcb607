// One customer whom the shop has signed in, on its web page and in its mini-program: one conversation, one
// count of what is unread, one set of read marks, one rating. And a visitor whom it has not signed in stays apart.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { chromiumArgs, findChromium } from "../../js/dev/chromium.mjs";
import { shopServer } from "../../js/dev/site.mjs";
import { openMini, signIn, startDesk, until as untilThere } from "../mini/stage.mjs";
import { patience_ms, until, visitor, watch } from "./stage.mjs";

const key = "a secret of the shop's own back end, and long enough";

/** As the shop's back end signs it. @param {string} sub @param {number} lasts_s */
function jwt(sub, lasts_s = 300) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub, aud: "demo", exp: Math.floor(Date.now() / 1000) + lasts_s, name: "Ana Ruiz" })}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

/** @type {Awaited<ReturnType<typeof startDesk>>} */
let desk;
/** @type {Awaited<ReturnType<typeof signIn>>} */
let agent;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("node:http").Server} */
let server;
let shop = "";
/** A folder of surveys: the rating after a chat, and two that come up at an event of their own name. */
let surveys = "";

before(async () => {
  surveys = await mkdtemp(join(tmpdir(), "deskside-surveys-"));
  for (const id of ["first", "second"]) {
    const survey = {
      ...{ schemaVersion: 1, id, version: 1, languages: ["en"], triggers: [{ type: "event", name: id }] },
      display: { displayOption: "respondMultiple", recontactDays: 90 },
      blocks: [{ id: "ask", elements: [{ type: "nps", id: "likely", headline: `Would you recommend us, ${id}?` }] }],
    };
    await writeFile(join(surveys, `${id}.json`), JSON.stringify(survey));
  }
  await copyFile(new URL("../../examples/desk/surveys/csat.json", import.meta.url), join(surveys, "csat.json"));
  desk = await startDesk({}, { identity: { algorithm: "HS256", key }, surveys });
  agent = await signIn(desk);
  server = shopServer(desk.origin).listen(0, "127.0.0.1");
  await once(server, "listening");
  shop = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  const executablePath = await findChromium();
  browser = await chromium.launch({ ...(executablePath && { executablePath }), args: chromiumArgs });
});
after(async () => {
  await browser.close();
  server.close();
  server.closeAllConnections();
  agent.close();
  await desk.end();
  await rm(surveys, { recursive: true });
});

/** A page of the shop, whose server gives tokens. @param {import("node:test").TestContext} t */
async function openShop(t) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en" });
  t.after(() => context.close());
  const page = await context.newPage();
  const problems = watch(page);
  /** @type {string[]} */
  const asked = [];
  /** What the shop's server answers with next, instead of a good token. @type {unknown[]} */
  const instead = [];
  await page.exposeFunction("tokenOf", (/** @type {string} */ user) => {
    asked.push(user);
    return instead.length > 0 ? instead.shift() : jwt(user);
  });
  await page.goto(`${shop}/?lang=en`);
  const me = visitor(page);
  await me.launcher.waitFor();
  return {
    ...me,
    me,
    context,
    problems,
    asked,
    instead,
    badge: page.locator("deskside-widget [part~=badge]"),
    /** @param {string | null} user */
    identify: (user) =>
      page.evaluate((user) => {
        const { deskside, tokenOf } = /** @type {any} */ (window);
        deskside("identify", user === null ? null : { user, token: () => tokenOf(user) });
      }, user),
    /** Everything said, by anybody, in order. */
    all: () => page.locator("deskside-widget .message .bubble").allInnerTexts(),
    /** @param {string} text */
    hears: (text) => page.locator("deskside-widget .message").filter({ hasText: text }).first().waitFor({ timeout: patience_ms }),
    close: () => page.getByRole("button", { name: "Close" }).first().click(),
  };
}

/** @param {import("node:test").TestContext} t @param {string} user @param {object} [options] */
async function openApp(t, user, options = {}) {
  const app = await openMini("wechat-ios16", desk, { identity: { user, token: () => Promise.resolve(jwt(user)) }, ...options });
  t.after(() => app.close());
  return app;
}

test("the same customer goes on in the mini-program and back on the web: one timeline, one unread count, one set of read marks, one rating", async (t) => {
  const web = await openShop(t);
  await web.identify("customer-17");
  assert.deepEqual(web.asked, [], "who asks for nothing is not named to anybody");
  await web.me.openChat();
  await web.me.say("Asked on the web");
  await web.me.reaches("Asked on the web", "sent", "delivered");
  assert.deepEqual([...new Set(web.asked)], ["customer-17"]);

  const app = await openApp(t, "customer-17");
  await app.openChat();
  const { id: conv } = await untilThere(() => app.view().conversations[0], "the conversation of the web");
  app.client.dispatch({ open: { conv } });
  app.client.dispatch({ look: { visible: true } });
  await untilThere(() => app.said().some((/** @type {any} */ one) => one.mine && one.text === "Asked on the web"), "the same timeline");
  app.say("在小程序里接着问");
  await web.hears("在小程序里接着问");

  await t.test("what an agent has read is read on both", async () => {
    const events = await agent.events(conv, "message");
    const seq = events[events.length - 1].seq;
    await agent.ask("read", { conv, marks: { deliveredSeq: seq, readSeq: seq } });
    await app.reaches("Asked on the web", "read");
    await app.reaches("在小程序里接着问", "read");
    await web.me.reaches("在小程序里接着问", "read");
  });

  await t.test("what is unread is counted on both, and once read on one it is read on the other", async () => {
    await web.close();
    app.client.dispatch("leave");
    await agent.say(conv, "Two devices, one answer");
    await untilThere(() => app.view().unread === 1, "the count in the mini-program");
    await until(() => web.badge.textContent(), (text) => text === "1");
    app.client.dispatch({ open: { conv } });
    app.client.dispatch({ look: { visible: true } });
    await until(() => web.badge.textContent(), (text) => text === "");
    await web.me.open();
    await web.hears("Two devices, one answer");
  });

  await t.test("what is written offline on one waits while the other goes on, and both end with the same words in the same order", async () => {
    await web.context.setOffline(true);
    await web.me.say("Written in a tunnel");
    await web.me.reaches("Written in a tunnel", "queued");
    app.say("同时在小程序里");
    await app.reaches("同时在小程序里", "sent", "delivered");
    await agent.say(conv, "Go on");
    await app.hears("Go on");
    assert.ok(!(await agent.heard(conv)).includes("Written in a tunnel"));
    await web.context.setOffline(false);
    await web.me.reaches("Written in a tunnel", "sent", "delivered");
    await untilThere(() => app.said().some((/** @type {any} */ one) => one.text === "Written in a tunnel"), "the words from the tunnel");
    await web.hears("同时在小程序里");
    const words = await agent.heard(conv);
    assert.deepEqual(words, ["Asked on the web", "在小程序里接着问", "同时在小程序里", "Written in a tunnel"]);
    // Not by `deepEqual`: an array of the rig is of another realm.
    assert.equal((await web.all()).join("\n"), app.said().map((/** @type {any} */ one) => one.text).join("\n"));
  });

  await t.test("the rating is asked on both until it is given on one", async () => {
    await agent.resolve(conv);
    const survey = await untilThere(() => app.view().surveys[0], "the survey in the mini-program");
    await web.page.locator("deskside-widget .survey").getByRole("radio").first().waitFor({ timeout: patience_ms });
    const id = survey.responseId;
    app.client.dispatch({ survey: { act: "answer", id, name: "rating", value: 4 } });
    app.client.dispatch({ survey: { act: "next", id } });
    await web.page.locator("deskside-widget .survey").getByRole("radio").first().waitFor({ state: "detached", timeout: patience_ms });
    const answers = await agent.events(conv, "survey");
    assert.equal(answers.at(-1).body.response.rating, 4);
    assert.equal(new Set(answers.map(({ body }) => body.response.responseId)).size, 1);
  });
  assert.deepEqual(web.problems, []);
});

test("what a customer was asked on the web is not asked in the mini-program, and the other way round", async (t) => {
  const web = await openShop(t);
  await web.identify("hana");
  await web.page.evaluate(`window.told = [];
    deskside("on", "surveySuppressed", ({ surveyId, detail }) => told.push(surveyId + ": " + detail))`);
  const told = () => /** @type {Promise<string>} */ (web.page.evaluate("told.join()"));
  /** @param {string} id */
  const happens = (id) => web.page.evaluate((id) => /** @type {any} */ (window).deskside("survey", "event", id), id);
  await web.me.openChat();
  await web.me.say("Signed in as Hana");
  await web.me.reaches("Signed in as Hana", "sent", "delivered");
  await web.close();
  await happens("first");
  const card = web.page.locator("deskside-widget .survey").filter({ hasText: "Would you recommend us, first?" });
  await card.waitFor({ timeout: patience_ms });
  await card.getByRole("button", { name: "Not now" }).click();
  await card.waitFor({ state: "detached", timeout: patience_ms });

  const open = async (/** @type {string} */ user) => {
    const app = await openApp(t, user);
    await app.openChat();
    await untilThere(() => app.view().connection === "online", "the desk");
    const suppressed = () =>
      app.events.flatMap((/** @type {any} */ { survey }) => (survey?.what === "suppressed" ? `${survey.surveyId}: ${survey.detail}` : [])).join();
    /** @param {string} name */
    const happens = (name) => app.client.dispatch({ survey: { act: "event", id: "", name, value: {} } });
    return { ...app, suppressed, happens };
  };
  const app = await open("hana");
  app.happens("first");
  await untilThere(() => app.suppressed() === "first: recontact", "what was shown on the web to be left out");
  assert.equal(app.view().surveys.length, 0);

  app.happens("second");
  const { responseId: id } = await untilThere(() => app.view().surveys[0], "the other survey");
  for (const act of ["seen", "dismiss"]) app.client.dispatch({ survey: { act, id, name: "", value: null } });
  // It is acknowledged after the web has been told.
  const { id: conv } = await untilThere(() => app.view().conversations[0], "the conversation");
  await untilThere(() => app.view().waiting === 0, "the desk to have it");
  await agent.say(conv, "Is there anything else?");
  await until(web.all, (said) => said.includes("Is there anything else?"));
  await happens("second");
  assert.equal(await until(told, (text) => text !== ""), "second: recontact");

  const other = await open("ines");
  other.happens("first");
  await untilThere(() => other.view().surveys[0], "the survey, of a customer who was not asked yet");
  assert.deepEqual(web.problems, []);
});

test("an unknown visitor who signs in is another visitor: what was said before stays with that one, and is there again after signing out", async (t) => {
  const web = await openShop(t);
  await web.me.openChat();
  await web.me.say("Said before signing in");
  await web.me.reaches("Said before signing in", "sent", "delivered");

  await web.identify("dora");
  await web.page.locator("deskside-widget [data-screen=home]").waitFor();
  await web.me.openChat.call({ ...web.me, open: () => Promise.resolve() });
  assert.deepEqual(await web.all(), []);
  await web.me.say("Said as Dora");
  await web.me.reaches("Said as Dora", "sent", "delivered");
  const app = await openApp(t, "dora");
  await app.openChat();
  await untilThere(() => app.view().conversations.length > 0 && app.view().connection === "online", "the desk");
  assert.ok(!JSON.stringify(app.view()).includes("before signing in"));

  await web.identify(null);
  await web.page.locator("deskside-widget [data-screen=home]").waitFor();
  await web.me.openChat.call({ ...web.me, open: () => Promise.resolve() });
  await web.hears("Said before signing in");
  assert.ok(!(await web.all()).includes("Said as Dora"));
  assert.deepEqual(web.problems, []);
});

test("a token that does not come, is none, or is too old is asked for again, and nothing is lost", async (t) => {
  const web = await openShop(t);
  web.instead.push(jwt("emil", -60), 17, "no token at all");
  await web.identify("emil");
  await web.me.openChat();
  await web.me.say("In the end");
  await web.me.reaches("In the end", "sent", "delivered");
  assert.deepEqual(web.instead, []);
});

test("the launcher wakes for what the signed-in visitor has left, and for nobody else's", async (t) => {
  const web = await openShop(t);
  await web.identify("fay");
  await web.me.openChat();
  await web.context.setOffline(true);
  await web.me.say("Left unsent");
  await web.me.reaches("Left unsent", "queued");
  await web.context.setOffline(false);
  await web.page.close();

  const woken = async (/** @type {string | null} */ user) => {
    const page = await web.context.newPage();
    await page.addInitScript((user) => {
      const queue = /** @type {any} */ (window);
      queue.deskside = (/** @type {unknown[]} */ ...call) => (queue.deskside.q ??= []).push(call);
      if (user !== null) queue.deskside("identify", { user, token: () => new Promise(() => undefined) });
    }, user);
    let isWoken = false;
    page.on("request", (request) => (isWoken ||= request.url().includes("deskside-widget.js")));
    await page.goto(`${shop}/?lang=en`);
    // It looks when the page is idle; after that it has looked.
    await page.evaluate(() => new Promise((idle) => requestIdleCallback(() => setTimeout(idle, 800), { timeout: 6_000 })));
    await page.close();
    return isWoken;
  };
  assert.equal(await woken(null), false, "for an unknown visitor");
  assert.equal(await woken("gil"), false, "for another");
  assert.equal(await woken("fay"), true, "for the one who left it");
});
