// The rig itself: a test in it means something only while it lacks what the runtimes lack.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { WebSocketServer } from "ws";
import { profiles } from "./rig/profiles.mjs";
import { Runtime } from "./rig/runtime.mjs";
import { until } from "./stage.mjs";

/** Answers nothing until it is told to. */
const server = createServer((_, response) => void held.push(() => response.end("{}")));
/** @type {(() => void)[]} */
const held = [];
let origin = "";

before(async () => {
  new WebSocketServer({ server });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** @param {import("node:test").TestContext} t @param {string} name @param {object} [options] */
function open(t, name, options) {
  const runtime = new Runtime(name, {}, options);
  t.after(() => runtime.kill());
  const api = runtime.realm.context[runtime.profile.api];
  return { runtime, api, run: (/** @type {string} */ text) => runtime.realm.run(text) };
}

for (const name of Object.keys(profiles)) {
  test(`${name}: what no mini-program has is not there`, (t) => {
    const { runtime, run } = open(t, name);
    const absent = [
      "window", "document", "fetch", "WebSocket", "URL", "Blob", "TextEncoder", "TextDecoder", "crypto", "performance", "queueMicrotask", "atob",
      "localStorage", "indexedDB", "WebAssembly", "Intl", "process", "require", ...runtime.profile.lacks,
    ];
    for (const what of absent) assert.equal(run(`typeof ${what}`), "undefined", what);
    assert.throws(() => run("new Function('return 1')"), /Code generation from strings disallowed/);
    for (const [of, method] of runtime.profile.lacksMethods) assert.equal(run(`${of}.${method} || ${of}.prototype.${method}`), undefined, method);
    assert.equal(typeof runtime.realm.context[String(runtime.profile.wasm)], runtime.profile.wasm === null ? "undefined" : "object");
  });
}

test("a promise of iOS 14 is made of tasks: a timer that was there first comes first", async (t) => {
  for (const [name, order] of [["wechat-ios14", "timer, promise"], ["wechat-ios16", "promise, timer"]]) {
    const { run, runtime } = open(t, String(name));
    run("var order = []; setTimeout(function () { order.push('timer'); }, 0); Promise.resolve().then(function () { order.push('promise'); });");
    await until(() => runtime.realm.context["order"].length === 2, "both");
    assert.equal(runtime.realm.context["order"].join(", "), order, String(name));
  }
});

test("an eleventh request waits for the first ten, and none may be a PATCH", async (t) => {
  const { api, runtime } = open(t, "wechat-android");
  held.length = 0;
  let answered = 0;
  for (let at = 0; at < 11; at += 1) api.request({ url: `http://${origin}/`, success: () => (answered += 1) });
  await until(() => held.length === 10, "ten on the way");
  assert.equal(runtime.network.requests.size, 10);
  held.splice(0, 1)[0]?.();
  await until(() => held.length === 10, "the eleventh");
  held.splice(0).forEach((answer) => answer());
  await until(() => answered === 11, "the answers");
  assert.throws(() => api.request({ url: `http://${origin}/`, method: "PATCH" }), /no method PATCH/);
});

test("a sixth socket is refused by `fail`, and by no event", async (t) => {
  const { api } = open(t, "wechat-android");
  /** @type {string[]} */
  const refused = [];
  for (let at = 0; at < 6; at += 1) api.connectSocket({ url: `ws://${origin}/`, fail: (/** @type {any} */ { errMsg }) => refused.push(errMsg) });
  await until(() => refused.length > 0, "the refusal");
  assert.match(refused.join(), /max connection limit/);
  assert.equal(refused.length, 1);
});

test("after five seconds in the background timers stand still, requests are interrupted, and sockets die, on iOS without a word", async (t) => {
  assert.equal(open(t, "wechat-ios16").runtime.suspendAfter_ms, 5_000);
  for (const [name, tells] of /** @type {const} */ ([["wechat-android", true], ["wechat-ios16", false], ["wechat-ios14", false]])) {
    const { api, runtime } = open(t, name, { suspendAfter_ms: 20 });
    const heard = { open: false, close: false, interrupted: "", rang: false };
    const socket = api.connectSocket({ url: `ws://${origin}/` });
    socket.onOpen(() => (heard.open = true));
    socket.onClose(() => (heard.close = true));
    await until(() => heard.open, "the socket");
    api.request({ url: `http://${origin}/`, fail: (/** @type {any} */ { errMsg }) => (heard.interrupted = errMsg) });
    runtime.background();
    runtime.realm.context["setTimeout"](() => (heard.rang = true), 60);
    await until(() => runtime.isSuspended, "the suspension");
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.deepEqual(heard, { open: true, close: false, interrupted: "", rang: false }, "nothing runs");
    runtime.foreground();
    await until(() => heard.interrupted, "the interrupted request");
    assert.match(heard.interrupted, /interrupted/);
    await until(() => heard.rang, "the timer");
    assert.equal(heard.close, tells, name);
    assert.equal(runtime.network.sockets.size, 0);
  }
});

test("storage takes one megabyte a key and ten in all, and says which of the two it was", async (t) => {
  const { api } = open(t, "wechat-android");
  const set = (/** @type {string} */ key, /** @type {number} */ bytes) =>
    new Promise((resolve) => api.setStorage({ key, data: "x".repeat(bytes), success: () => resolve("kept"), fail: (/** @type {any} */ { errMsg }) => resolve(errMsg) }));
  assert.match(String(await set("large", 1_048_577)), /entry size limit/);
  for (let at = 0; at < 10; at += 1) assert.equal(await set(`part ${at}`, 1_040_000), "kept");
  assert.match(String(await set("one more", 1_040_000)), /storage limit is exceeded/);
});

test("WebAssembly takes a path in the package, never bytes", async (t) => {
  const { runtime } = open(t, "wechat-android");
  const wasm = runtime.realm.context["WXWebAssembly"];
  await assert.rejects(wasm.instantiate(new Uint8Array(8), {}), /not a path/);
  await assert.rejects(wasm.instantiate("https://example.com/a.wasm", {}), /not a path/);
});
