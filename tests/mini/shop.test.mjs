// The whole way through the example shop, by taps and typing on its own pages, against the real desk.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { at } from "../../js/dev/paths.mjs";
import { openShop } from "./shop.mjs";
import { serveHelp, signIn, startDesk, until } from "./stage.mjs";

const minutes_ms = 60_000;

/** @type {Awaited<ReturnType<typeof startDesk>>} */
let desk;
/** @type {Awaited<ReturnType<typeof signIn>>} */
let agent;
/** @type {Awaited<ReturnType<typeof serveHelp>>} */
let help;

before(async () => {
  desk = await startDesk({}, { surveys: at("examples", "website", "surveys") });
  [agent, help] = await Promise.all([signIn(desk), serveHelp()]);
});
after(async () => {
  agent.close();
  help.close();
  await desk.end();
});

test("from the order to help, to an article, to a person, away for minutes and back, to a rating that the desk has", async (t) => {
  const shop = openShop({ desk: desk.origin, help: help.url });
  t.after(() => shop.close());
  const { runtime } = shop;
  /** Away for minutes, stopped by the system; `meanwhile` happens at the desk. @param {() => Promise<unknown>} meanwhile */
  const away = async (meanwhile) => {
    shop.background();
    await until(() => runtime.isSuspended, "the suspension");
    await meanwhile();
    runtime.pass(7 * minutes_ms);
    shop.foreground();
  };

  // The order, and from there to help.
  assert.match(shop.page().text(), /亚麻桌布.*运输中.*LL-20481963/);
  assert.equal(runtime.network.requestsMade, 0, "nothing is loaded before somebody asks");
  await shop.page().tapOn(".help", "帮助中心");
  let chat = await shop.inside(".support");
  await chat.until(() => chat.text().includes("热门问题"), "the popular questions");

  // Searches, in Chinese and in pinyin: hits have titles of their own kind.
  const finds = (/** @type {RegExp} */ title) => chat.until(() => chat.texts(".item-title").some((found) => title.test(found)), String(title));
  chat.type(".query", "退货");
  await finds(/退货/);
  assert.ok(chat.texts(".marked").includes("退货"));
  chat.tap(chat.one(".clear"));
  await chat.until(() => chat.all(".item-title").length === 0, "the hits to go");
  chat.type(".query", "tuihuo");
  await finds(/退/);
  assert.equal(runtime.network.socketsOpened, 0, "who only searches does not connect");

  // Reads.
  const title = chat.texts(".item-title")[0];
  chat.tap(chat.all(".item")[0]);
  await chat.until(() => chat.one(".article-title"), "the article");
  assert.deepEqual(chat.texts(".article-title"), [title]);
  assert.ok(chat.texts(".words").length > 2, "the article has its text");
  await chat.tapOn(".choice", "没帮助");

  // Asks a person.
  await chat.tapOn(".ask");
  await chat.until(() => chat.one(".field"), "the message field");
  chat.type(".field", "订单 LL-20481963 还没有到");
  chat.tap(chat.one(".send"));
  await chat.until(() => /还没有到.*已(发送|送达|读)/.test(chat.text()), "the message to be sent");
  const client = await runtime.realm.context.wx.desksideSetUp.client();
  const conv = client.view().conversation.id;
  assert.deepEqual(await agent.heard(conv), ["订单 LL-20481963 还没有到"]);
  await agent.say(conv, "我来看看");
  const theirs = () => chat.texts(".theirs .bubble");
  await chat.until(() => theirs().includes("我来看看"), "the answer");

  // Away with the chat before the eyes: what was written meanwhile is there once, and read.
  await away(async () => {
    await agent.say(conv, "包裹在路上");
    await agent.say(conv, "今天派送");
  });
  await chat.until(() => theirs().includes("今天派送"), "what was written meanwhile");
  assert.deepEqual(theirs(), ["我来看看", "包裹在路上", "今天派送"]);
  assert.equal(runtime.app.globalData.unread, 0);

  // Away with the order before the eyes: there it is counted, until it is read.
  shop.back();
  await away(async () => {
    await agent.say(conv, "已到驿站");
    await agent.say(conv, "取件码 5-2-118");
  });
  const order = shop.page();
  await order.until(() => order.text().includes("联系客服（2）"), "the count");
  await order.tapOn(".chat");
  chat = await shop.inside(".support");
  await chat.until(() => theirs().includes("取件码 5-2-118"), "what was counted");
  assert.deepEqual(theirs(), ["我来看看", "包裹在路上", "今天派送", "已到驿站", "取件码 5-2-118"]);
  assert.deepEqual(chat.texts(".mine .bubble"), ["订单 LL-20481963 还没有到"]);
  await until(() => runtime.app.globalData.unread === 0, "nothing to be unread");

  // The agent ends it, the visitor rates it, the desk has the rating.
  await agent.resolve(conv);
  await chat.until(() => chat.all(".star .point").length === 5, "the stars");
  chat.tap(chat.all(".star .point")[3]);
  await chat.until(() => chat.all(".point.lit").length === 4, "the lit stars");
  chat.type(".survey .comment", "回得很快");
  await chat.tapOn(".survey .primary");
  await chat.until(() => chat.text().includes("感谢您的评价"), "the thanks");
  await until(() => client.view().waiting === 0, "the rating to be sent");
  const { response } = (await agent.events(conv, "survey")).at(-1).body;
  assert.deepEqual([response.rating, response.comment, response.finished], [4, "回得很快", true]);
  shop.back();
  assert.doesNotMatch(shop.page().text(), /（/, "nothing is unread");
  assert.deepEqual(runtime.errors, []);
});
