// What goes wrong on a phone, done to the real adapters and the real desk: nothing is lost, nothing comes twice.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Storage } from "./rig/storage.mjs";
import { openMini, signIn, startDesk, until } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof startDesk>>} */
let desk;
/** @type {Awaited<ReturnType<typeof signIn>>} */
let agent;

before(async () => {
  desk = await startDesk();
  agent = await signIn(desk);
});
after(async () => {
  agent.close();
  await desk.end();
});

/**
 * A mini-program that is closed at the end, whatever comes in between.
 * @param {import("node:test").TestContext} t @param {string} profile @param {Parameters<typeof openMini>[2]} [options]
 */
async function open(t, profile, options) {
  const me = await openMini(profile, desk, options);
  t.after(() => me.close());
  return me;
}

test("what was written without a network goes out at the next start of the mini-program, once", async (t) => {
  const first = await open(t, "wechat-android");
  first.runtime.setNetwork(false);
  const conv = await first.openChat();
  first.say("第一条");
  first.say("第二条");
  await first.reaches("第二条", "queued");
  first.runtime.kill();

  const second = await open(t, "wechat-android", { storage: first.runtime.storage });
  assert.equal(await second.openChat(), conv);
  await second.reaches("第二条", "sent", "delivered");
  assert.deepEqual(await agent.heard(conv), ["第一条", "第二条"]);
});

test("whichever write the process ends in, what was called queued is sent, and nothing is sent twice", async (t) => {
  for (let write = 1; write <= 16; write += 1) {
    const storage = new Storage();
    const first = await open(t, "wechat-android", { storage });
    first.runtime.setNetwork(false);
    await first.openChat();
    storage.writesLeft = write;
    /** @type {string[]} */
    const queued = [];
    for (const text of ["甲", "乙", "丙"]) {
      first.say(text);
      await until(() => first.runtime.isDead || first.said().some((/** @type {any} */ one) => one.text === text && one.status === "queued"), "the commit");
      if (!first.runtime.isDead) queued.push(text);
    }
    first.runtime.kill();
    storage.writesLeft = Infinity;

    const second = await open(t, "wechat-android", { storage });
    const conv = await second.openChat();
    await until(() => second.view().connection === "online" && second.view().waiting === 0, "the desk");
    const heard = queued.length > 0 || second.said().length > 0 ? await agent.heard(conv) : [];
    assert.deepEqual(heard.slice(0, queued.length), queued, `ended in write ${write}`);
    assert.ok(heard.length <= queued.length + 1 && new Set(heard).size === heard.length, heard.join());
    second.close();
  }
});

test("a socket that dies without a word is left for a new one, and what came in the meantime is there", async (t) => {
  for (const profile of ["wechat-ios14", "wechat-ios16", "no-wasm"]) {
    const me = await open(t, profile, { suspendAfter_ms: 30 });
    const conv = await me.openChat();
    me.say("在吗");
    await me.reaches("在吗", "sent", "delivered");
    me.runtime.background();
    await until(() => me.runtime.isSuspended, "the suspension");
    await agent.say(conv, "在的");
    me.say("写在后台");
    me.runtime.foreground();
    await me.hears("在的");
    await me.reaches("写在后台", "sent", "delivered");
    assert.deepEqual(await agent.heard(conv), ["在吗", "写在后台"]);
  }
});

test("where no socket is to be had, requests carry everything", async (t) => {
  for (const profile of ["wechat-ios16", "alipay"]) {
    const me = await open(t, profile);
    me.runtime.network.blocksSockets = true;
    const conv = await me.openChat();
    me.say("没有长连接");
    await me.reaches("没有长连接", "sent", "delivered");
    await agent.say(conv, "也能收到");
    await me.hears("也能收到");
    assert.ok(me.runtime.network.requests.size <= 10);
    assert.equal(me.runtime.network.sockets.size, 0);
    await agent.resolve(conv);
    await until(() => me.view().surveys[0], "the survey");
  }
});

test("the sixth socket is refused, and requests take its place", async (t) => {
  const me = await open(t, "wechat-android");
  const { network } = me.runtime;
  for (let at = 0; at < 5; at += 1) network.connect(`${desk.origin.replace("http", "ws")}/v1/socket`);
  await me.openChat();
  me.say("第六个");
  await me.reaches("第六个", "sent", "delivered");
  assert.equal(network.socketsOpened, 5);
});

test("requests that a stay in the background interrupted are made again, and nothing is doubled", async (t) => {
  const me = await open(t, "wechat-ios16", { suspendAfter_ms: 30 });
  me.runtime.network.blocksSockets = true;
  const conv = await me.openChat();
  me.say("一");
  await me.reaches("一", "sent", "delivered");
  for (const text of ["二", "三", "四"]) {
    me.say(text);
    me.runtime.background();
    await until(() => me.runtime.isSuspended, "the suspension");
    me.runtime.foreground();
  }
  await me.reaches("四", "sent", "delivered");
  assert.deepEqual(await agent.heard(conv), ["一", "二", "三", "四"]);
});

test("the desk restarts in the middle of it all", async (t) => {
  const me = await open(t, "wechat-android");
  const conv = await me.openChat();
  me.say("之前");
  await me.reaches("之前", "sent", "delivered");
  await desk.kill();
  me.say("期间");
  await me.reaches("期间", "queued", "sending");
  await desk.start();
  agent.close();
  agent = await signIn(desk);
  me.client.dispatch("reconnect");
  await me.reaches("期间", "sent", "delivered");
  assert.deepEqual(await agent.heard(conv), ["之前", "期间"]);
});

test("a storage without room says so, and the message is sent all the same", async (t) => {
  const storage = new Storage();
  storage.bytesMax = 40;
  const me = await open(t, "wechat-android", { storage });
  const conv = await me.openChat();
  me.say("放不下");
  await me.reaches("放不下", "sent", "delivered");
  assert.equal(me.view().storage.memory.code, "quota");
  assert.deepEqual(await agent.heard(conv), ["放不下"]);
});

test("a storage that does not work at all is left alone, and the visitor is told", async (t) => {
  for (const profile of ["wechat-android", "douyin", "alipay"]) {
    const storage = new Storage();
    storage.isBroken = true;
    const me = await open(t, profile, { storage });
    await me.openChat();
    assert.equal(me.view().storage.memory.code, "unavailable");
    me.say("还是能聊");
    await me.reaches("还是能聊", "sent", "delivered");
    assert.equal(storage.kept.size, 0);
  }
});

test("no key comes near the megabyte, however much is said", async (t) => {
  const me = await open(t, "wechat-android");
  me.runtime.setNetwork(false);
  await me.openChat();
  const long = "长".repeat(5_000);
  for (let at = 0; at < 60; at += 1) me.say(`${at} ${long}`);
  await me.reaches(`59 ${long}`, "queued");
  const largest = Math.max(...[...me.runtime.storage.kept.values()].map((text) => Buffer.byteLength(text)));
  assert.ok(largest < 200_000, `${largest} bytes`);
});

test("without a source of randomness nothing starts", async () => {
  const places = { randomSeed: undefined };
  await assert.rejects(openMini("alipay", desk, { places }), { code: "no_random" });
});

test("a module that the engine refuses is replaced by the script", async (t) => {
  const me = await open(t, "wechat-android", { places: { wasm: "/support/missing.wasm" } });
  await me.openChat();
  me.say("用脚本");
  await me.reaches("用脚本", "sent", "delivered");
  assert.match(String(me.runtime.warnings[0]?.[0]), /the script takes its place/);
});

test("where nothing can run the core, that is said with a code", async () => {
  const places = { wasm: undefined, script: undefined };
  await assert.rejects(openMini("no-wasm", desk, { places }), { code: "core_refused" });
});
