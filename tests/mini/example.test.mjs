// The example's own files: the order page leads to help, and the app's set-up to a chat with the real desk.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { at, dist } from "../../js/dev/paths.mjs";
import { Runtime } from "./rig/runtime.mjs";
import { signIn, startDesk, until } from "./stage.mjs";

const example = (/** @type {string[]} */ ...path) => at("examples", "mini-program", ...path);
const json = (/** @type {string[]} */ ...path) => JSON.parse(readFileSync(example(...path), "utf8"));

test("every page that app.json names is whole, and every component is in the package", () => {
  const { pages, subpackages } = json("app.json");
  const all = [...pages, ...subpackages.flatMap((/** @type {{ root: string, pages: string[] }} */ { root, pages: inside }) => inside.map((page) => `${root}/${page}`))];
  for (const page of all) {
    for (const ending of ["js", "json", "wxml", "wxss"]) assert.ok(existsSync(example(`${page}.${ending}`)), page);
    const components = Object.values(json(`${page}.json`).usingComponents ?? {});
    for (const path of /** @type {string[]} */ (components)) {
      // Copied there, as the README says.
      const inside = path.replace(/^\.\.\/deskside-chat\//, "");
      assert.ok(existsSync(join(dist, "mini-program", "chat", "wechat", `${inside}.wxml`)), path);
    }
  }
});

test("from the order to help, to a person, away and back, with the app's own set-up", async (t) => {
  const desk = await startDesk();
  const agent = await signIn(desk);
  // The example names the desk of `npm start`; this one has a port of its own.
  const folder = mkdtempSync(join(tmpdir(), "deskside-example-"));
  const app_js = join(folder, "app.js");
  writeFileSync(app_js, readFileSync(example("app.js"), "utf8").replace("http://127.0.0.1:8787", desk.origin));
  const core = (/** @type {string} */ name) => join(dist, "mini-program", "core", name);
  const runtime = new Runtime("wechat-ios16", {
    "/app.js": app_js,
    "/pages/order/index.js": example("pages", "order", "index.js"),
    "/support/help/index.js": example("support", "help", "index.js"),
    "/support/deskside.wasm.br": core("deskside.wasm.br"),
    "/deskside": join(dist, "mini-program", "wechat", "index.js"),
  }, { suspendAfter_ms: 30 });
  t.after(async () => {
    runtime.kill();
    agent.close();
    await desk.end();
    rmSync(folder, { recursive: true });
  });
  const sdk = runtime.require("/deskside");
  runtime.require("/app.js");
  const app = runtime.launch();
  const order = runtime.open("/pages/order/index.js");
  order.onShow();
  assert.equal(order.data.unread, 0);
  order.onChat();
  assert.equal(runtime.visited.at(-1), "/support/help/index?opens=chat");
  const help = runtime.open("/support/help/index.js");
  help.onLoad({ opens: "chat" });
  assert.deepEqual({ ...help.data }, { opens: "chat", ready: true });
  assert.equal(runtime.network.socketsOpened, 0, "nothing is loaded before somebody asks");

  const client = await sdk.client();
  await until(() => client.view().ready, "the store");
  client.dispatch({ open: { conv: null } });
  const conv = client.view().conversation.id;
  client.dispatch({ send: { conv, text: "订单 LL-20481963 还没有到" } });
  await until(() => client.view().waiting === 0 && client.view().connection === "online", "the message to be sent");
  runtime.background();
  await until(() => runtime.isSuspended, "the suspension");
  await agent.say(conv, "明天送到");
  runtime.foreground();
  await until(() => app.globalData.unread === 1, "the badge");
  order.onShow();
  assert.equal(order.data.unread, 1);
  assert.deepEqual(runtime.errors, []);
});
