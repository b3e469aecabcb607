// The help index on the device: searched without a network at the next start, renewed where the server has a
// newer one, and given up where there is no room.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { buildIndex } from "../../js/node/index.mjs";
import { dist } from "../../js/dev/paths.mjs";
import { Files } from "./rig/files.mjs";
import { Storage } from "./rig/storage.mjs";
import { openMini, serveHelp, until } from "./stage.mjs";

const desk = { origin: "http://127.0.0.1:9" };
const shop = readFileSync(join(dist, "website", "help.idx"));

/** @type {Awaited<ReturnType<typeof serveHelp>>} */
let help;
before(async () => {
  help = await serveHelp();
});
beforeEach(() => {
  help.serve(shop);
  help.asked.length = 0;
});
after(() => help.close());

/** One start of the mini-program. @param {import("node:test").TestContext} t @param {string} profile @param {{ storage: Storage, files: Files }} device */
async function start(t, profile, device) {
  const me = await openMini(profile, desk, device);
  t.after(() => me.close());
  return Object.assign(me, {
    /** @param {string} query @returns {string} the titles that it finds */
    finds: (query) => me.client.search(query, { limit: 3, locale: "zh-CN" }).hits.map((/** @type {any} */ hit) => hit.title).join(),
  });
}

const newDevice = () => ({ storage: new Storage(), files: new Files() });

/** @param {Storage} storage */
const isKept = (storage) => storage.kept.has("deskside:help");

/** As a developer makes one. @param {string} title */
const indexOf = (title) => Buffer.from(buildIndex([{ id: "one", locale: "zh-CN", title, body: title }]));

// The last has no files: its index lies in storage.
for (const profile of ["wechat-ios14", "douyin", "alipay", "no-wasm"]) {
  test(`${profile}: the next start searches without a network, and asks the server only whether there is a newer one`, async (t) => {
    const device = newDevice();
    const first = await start(t, profile, device);
    await first.client.loadHelp(help.url);
    await until(() => isKept(device.storage), "the index to be kept");
    first.close();
    const largest = Math.max(...[...device.storage.kept.values()].map((text) => Buffer.byteLength(text)));
    assert.ok(largest < 1_000_000, `${largest} bytes under a key`);

    const offline = await start(t, profile, device);
    offline.runtime.setNetwork(false);
    await offline.client.loadHelp(help.url);
    assert.match(offline.finds("tuihuo"), /退/);
    offline.close();

    const online = await start(t, profile, device);
    await online.client.loadHelp(help.url);
    await until(() => help.asked.length === 2, "the question whether it is the same");
    assert.deepEqual(help.asked.map(({ status }) => status), [200, 304]);
    assert.match(online.finds("tuihuo"), /退/);
  });
}

test("a newer index takes the place of the one that is kept, and is there at the next start", async (t) => {
  const device = newDevice();
  const first = await start(t, "wechat-android", device);
  await first.client.loadHelp(help.url);
  await until(() => isKept(device.storage), "the index to be kept");
  first.close();

  const older = device.storage.kept.get("deskside:help");
  help.serve(indexOf("全新的文章"));
  const second = await start(t, "wechat-android", device);
  await second.client.loadHelp(help.url);
  await until(() => second.finds("全新的文章").includes("全新"), "the newer index");
  await until(() => isKept(device.storage) && device.storage.kept.get("deskside:help") !== older, "it to be kept");
  second.close();

  const third = await start(t, "wechat-android", device);
  third.runtime.setNetwork(false);
  await third.client.loadHelp(help.url);
  assert.match(third.finds("全新的文章"), /全新/);
});

test("what was damaged on the device is fetched anew", async (t) => {
  const device = newDevice();
  const first = await start(t, "wechat-android", device);
  await first.client.loadHelp(help.url);
  await until(() => isKept(device.storage), "the index to be kept");
  first.close();
  for (const bytes of device.files.kept.values()) bytes.fill(7, 200, 4_000);

  const second = await start(t, "wechat-android", device);
  await second.client.loadHelp(help.url);
  assert.match(second.finds("tuihuo"), /退/);
  assert.deepEqual(help.asked.map(({ status }) => status), [200, 200]);
});

for (const profile of ["wechat-android", "no-wasm"]) {
  test(`${profile}: where there is no room, or storage fails, the index is used and not kept`, async (t) => {
    for (const spoil of [(/** @type {ReturnType<typeof newDevice>} */ { storage, files }) => (storage.bytesMax = files.bytesMax = 20_000), (/** @type {ReturnType<typeof newDevice>} */ { storage, files }) => (storage.isBroken = files.isBroken = true)]) {
      const device = newDevice();
      spoil(device);
      const me = await start(t, profile, device);
      await me.client.loadHelp(help.url);
      assert.match(me.finds("tuihuo"), /退/);
      await until(() => me.runtime.warnings.some(([words]) => String(words).includes("not kept")), "the word of it");
      assert.equal([...device.storage.kept.keys()].filter((key) => key.startsWith("deskside:help")).length, 0);
      me.close();
    }
  });
}

test("without a network and without an index on the device that is said with a code", async (t) => {
  const me = await start(t, "wechat-android", newDevice());
  me.runtime.setNetwork(false);
  await assert.rejects(me.client.loadHelp(help.url), { code: "help_load" });
});
