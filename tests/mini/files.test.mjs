// Pictures on their way: over restarts, through the background, without room, and what another runtime lacks.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openMini, picture, signIn, startDesk, until } from "./stage.mjs";

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

/** @param {import("node:test").TestContext} t @param {string} profile @param {Parameters<typeof openMini>[2]} [options] */
async function open(t, profile, options) {
  const me = await openMini(profile, desk, options);
  t.after(() => me.close());
  return Object.assign(me, {
    /** The visitor points at pictures, and they are said. @param {string} conv @param {Buffer[]} pictures */
    async show(conv, ...pictures) {
      me.runtime.chooses.push(...pictures);
      for (const file of await me.host.pickMedia({ count: 9 })) await me.client.attach(conv, file);
    },
    /** @returns {any[]} the status of each message that is a file */
    shown: () =>
      me.view().conversation.items.flatMap((/** @type {any} */ { body }) => (body.message?.files?.length > 0 ? [body.message.status] : [])),
  });
}

/** The files that the desk has of a conversation, by size. @param {string} conv @returns {Promise<number[]>} */
async function received(conv) {
  const messages = await agent.events(conv, "message");
  return messages.flatMap(({ body }) => (body.content.attachments ?? []).map((/** @type {any} */ { size }) => size));
}

/** What the desk gives back. @param {string} conv @returns {Promise<Buffer[]>} */
async function bytes(conv) {
  const messages = await agent.events(conv, "message");
  const ids = messages.flatMap(({ body }) => (body.content.attachments ?? []).map((/** @type {any} */ { uploadId }) => uploadId));
  return Promise.all(
    ids.map(async (id) => {
      const answer = await fetch(`${desk.origin}/v1/uploads/${id}`, { headers: { authorization: `Bearer ${agent.token}` } });
      return Buffer.from(await answer.arrayBuffer());
    }),
  );
}

for (const profile of ["wechat-android", "wechat-ios14", "douyin", "alipay"]) {
  test(`${profile}: pictures chosen without a network go out after the mini-program was ended and started again, whole and once`, async (t) => {
    const first = await open(t, profile);
    const conv = await first.openChat();
    first.say("照片来了");
    await first.reaches("照片来了", "sent", "delivered");
    first.runtime.setNetwork(false);
    const photos = [picture(600_000), picture(1_234)];
    await first.show(conv, ...photos);
    await until(() => first.shown().filter((status) => status === "queued").length === 2, "both to be queued");
    first.runtime.kill();
    assert.deepEqual(await received(conv), []);

    const { storage, files } = first.runtime;
    const second = await open(t, profile, { storage, files });
    await second.openChat();
    await until(() => second.view().waiting === 0 && second.shown().length === 2, "both to be sent");
    // Small ones may overtake large ones: each is a message of its own.
    assert.deepEqual((await received(conv)).sort(), [1_234, 600_000].sort());
    for (const sent of await bytes(conv)) assert.ok(photos.some((photo) => photo.equals(sent)));
    await until(() => files.kept.size === 0, "the device to let go of what the desk has");
  });
}

test("an upload that a stay in the background cut off goes on from what the desk has", async (t) => {
  const me = await open(t, "wechat-ios16", { suspendAfter_ms: 5 });
  const conv = await me.openChat();
  me.say("大图");
  await me.reaches("大图", "sent", "delivered");
  const photo = picture(3_000_000);
  const { requests } = me.runtime.network;
  // Put away with the first request: to look for one that is under way may miss them all.
  const add = requests.add.bind(requests);
  requests.add = (request) => {
    requests.add = add;
    me.runtime.background();
    return add(request);
  };
  await me.show(conv, photo);
  await until(() => me.runtime.isSuspended, "the suspension");
  me.runtime.foreground();
  await until(() => me.view().waiting === 0 && me.shown().length === 1, "the picture to be sent");
  assert.deepEqual(await received(conv), [photo.length]);
  assert.ok((await bytes(conv))[0]?.equals(photo));
});

test("a picture whose file is gone is parked with a reason, and the words go on", async (t) => {
  const me = await open(t, "wechat-android");
  const conv = await me.openChat();
  me.say("前");
  await me.reaches("前", "sent", "delivered");
  me.runtime.setNetwork(false);
  await me.show(conv, picture(5_000));
  await until(() => me.shown().includes("queued"), "it to be queued");
  me.runtime.files.kept.clear();
  me.say("后");
  me.runtime.setNetwork(true);
  me.client.dispatch("reconnect");
  await me.reaches("后", "sent", "delivered");
  await until(() => me.shown().some((status) => status?.failed?.code === "file_unreadable"), "the reason");
  assert.deepEqual(await agent.heard(conv).then((said) => said.filter(Boolean)), ["前", "后"]);
});

test("without room for the picture nothing is said, and the visitor is told by a code", async (t) => {
  const me = await open(t, "wechat-android");
  const conv = await me.openChat();
  me.runtime.files.bytesMax = 1_000;
  await assert.rejects(me.show(conv, picture(5_000)), { code: "quota" });
  assert.equal(me.shown().length, 0);
});

test("to change one's mind in the picker is no failure; a runtime without files says so with a code", async (t) => {
  const me = await open(t, "no-wasm");
  const conv = await me.openChat();
  assert.equal((await me.host.pickMedia({ count: 1 })).length, 0);
  await assert.rejects(me.show(conv, picture(5_000)), { code: "no_files" });
});
