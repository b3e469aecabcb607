// One customer, known to the site, in two mini-programs of different makers: one conversation, one count of
// what is unread, one rating.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { openMini, signIn, startDesk, until } from "./stage.mjs";

const key = "a secret of the shop's own back end, and long enough";

/** As the site's back end signs it. @param {string} sub @param {number} lasts_s */
function jwt(sub, lasts_s = 300) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now_s = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub, aud: "demo", exp: now_s + lasts_s, name: "Ana Ruiz" })}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

/** @type {Awaited<ReturnType<typeof startDesk>>} */
let desk;
/** @type {Awaited<ReturnType<typeof signIn>>} */
let agent;

before(async () => {
  desk = await startDesk({}, { identity: { algorithm: "HS256", key } });
  agent = await signIn(desk);
});
after(async () => {
  agent.close();
  await desk.end();
});

/** @param {import("node:test").TestContext} t @param {string} profile @param {string} user @param {object} [options] */
async function open(t, profile, user, options = {}) {
  const asked = { count: 0 };
  const identity = {
    user,
    token: () => {
      asked.count += 1;
      return Promise.resolve(jwt(user));
    },
  };
  const me = await openMini(profile, desk, { identity, ...options });
  t.after(() => me.close());
  return Object.assign(me, { asked });
}

test("the same customer goes on in another mini-program: one timeline, one unread count, one rating", async (t) => {
  const wechat = await open(t, "wechat-android", "customer-17");
  const conv = await wechat.openChat();
  wechat.say("在微信里问的");
  await wechat.reaches("在微信里问的", "sent", "delivered");
  assert.equal(wechat.asked.count, 1);

  const alipay = await open(t, "alipay", "customer-17");
  assert.equal(await alipay.openChat().then(() => until(() => alipay.view().conversations.find((/** @type {any} */ one) => one.id === conv), "the conversation").then((one) => one.id)), conv);
  alipay.client.dispatch({ open: { conv } });
  await until(() => alipay.said().some((/** @type {any} */ one) => one.text === "在微信里问的"), "the same timeline");
  alipay.say("在支付宝里接着问");
  await until(() => wechat.said().some((/** @type {any} */ one) => one.mine && one.text === "在支付宝里接着问"), "the other's words");

  alipay.client.dispatch("leave");
  wechat.client.dispatch("leave");
  await agent.say(conv, "两边都看得到");
  for (const me of [wechat, alipay]) await until(() => me.view().unread === 1, "the unread count");
  wechat.client.dispatch({ open: { conv } });
  wechat.client.dispatch({ look: { visible: true } });
  for (const me of [wechat, alipay]) await until(() => me.view().unread === 0, "what was read on one device to be read on both");

  await agent.resolve(conv);
  alipay.client.dispatch({ open: { conv } });
  for (const me of [wechat, alipay]) await until(() => me.view().surveys[0], "the survey on both");
  const id = alipay.view().surveys[0].responseId;
  alipay.client.dispatch({ survey: { act: "answer", id, name: "rating", value: 4 } });
  alipay.client.dispatch({ survey: { act: "next", id } });
  const isAsked = () => wechat.view().surveys.some((/** @type {any} */ one) => !one.finished);
  await until(() => !isAsked(), "the other device not to ask what was answered here");
});

test("another user of the same device sees nothing of the one before, whose words stay sealed", async (t) => {
  const ana = await open(t, "wechat-android", "ana");
  ana.runtime.setNetwork(false);
  await ana.openChat();
  ana.say("安娜的话");
  await ana.reaches("安娜的话", "queued");
  ana.runtime.kill();
  const { storage } = ana.runtime;

  const ben = await open(t, "wechat-android", "ben", { storage });
  await ben.openChat();
  ben.say("本的话");
  await ben.reaches("本的话", "sent", "delivered");
  assert.deepEqual(await agent.heard(ben.view().conversation.id), ["本的话"]);
  assert.ok(!JSON.stringify(ben.view()).includes("安娜"));
  ben.close();

  const again = await open(t, "wechat-android", "ana", { storage });
  await again.openChat();
  await again.reaches("安娜的话", "sent", "delivered");
});

test("a token that the desk refuses is asked for anew, and nothing is lost", async (t) => {
  const tokens = [jwt("someone", -60), "no token at all", jwt("cai")];
  const me = await open(t, "wechat-ios16", "cai", { identity: { user: "cai", token: () => Promise.resolve(tokens.shift() ?? jwt("cai")) } });
  await me.openChat();
  me.say("终于");
  await me.reaches("终于", "sent", "delivered");
  assert.deepEqual(tokens, []);
});
