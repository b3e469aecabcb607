// The stage of the mini-program tests: a real desk process, a runtime of the rig with the built SDK in
// its package, and an agent who speaks the protocol.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WebSocket } from "ws";
import { startDesk } from "../../examples/desk/console/test/desk.mjs";
import { dist } from "../../js/dev/paths.mjs";
import { profiles } from "./rig/profiles.mjs";
import { Runtime } from "./rig/runtime.mjs";

export { startDesk };

/** Long enough for a slow machine; a wait that is over earlier ends earlier. */
export const patience_ms = 20_000;

/** Waits until `look` gives something true. @template T @param {() => T} look @param {string} what @returns {Promise<NonNullable<T>>} */
export async function until(look, what) {
  const end_ms = Date.now() + patience_ms;
  for (;;) {
    const seen = look();
    if (seen) return seen;
    if (Date.now() > end_ms) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const folders = { wx: "wechat", tt: "douyin", my: "alipay" };

/** The package of a mini-program with the SDK as it is published. @param {"wx" | "tt" | "my"} api */
const packageOf = (api) => ({
  "/deskside/index.js": join(dist, "mini-program", folders[api], "index.js"),
  "/support/deskside.wasm": join(dist, "mini-program", "core", "deskside.wasm"),
  "/support/deskside.wasm.br": join(dist, "mini-program", "core", "deskside.wasm.br"),
  "/support/deskside-core.js": join(dist, "mini-program", "core", "deskside-core.js"),
});

/**
 * A visitor's mini-program.
 * @param {string} profile
 * @param {{ origin: string }} desk
 * @param {{ storage?: import("./rig/storage.mjs").Storage, files?: import("./rig/files.mjs").Files, suspendAfter_ms?: number, places?: object, identity?: object }} [options]
 */
export async function openMini(profile, desk, options = {}) {
  const api = profiles[profile]?.api ?? "wx";
  const runtime = new Runtime(profile, packageOf(api), options);
  const sdk = runtime.require("/deskside/index.js");
  const host = sdk[`${api}Host`]({
    wasm: "/support/deskside.wasm.br",
    script: () => runtime.require("/support/deskside-core.js"),
    // Alipay has no source of its own: here the mini-program's server is the test.
    randomSeed: (/** @type {number} */ bytes) => Promise.resolve(crypto.getRandomValues(new Uint8Array(bytes))),
    ...options.places,
  });
  /** @type {object[]} */
  const events = [];
  /** @type {string[]} */
  const crashes = [];
  const client = await sdk.createDeskside(host, {
    desk: desk.origin,
    site: "demo",
    page: "pages/order/index",
    identity: options.identity,
    onEvent: (/** @type {object} */ event) => void events.push(event),
    onCrash: (/** @type {string} */ kind) => void crashes.push(kind),
  });
  /** @returns {any} */
  const view = () => client.view();
  return {
    runtime,
    sdk,
    host,
    client,
    events,
    crashes,
    view,
    async openChat() {
      await until(() => view().ready, "the store");
      client.dispatch({ open: { conv: null } });
      client.dispatch({ look: { visible: true } });
      return view().conversation.id;
    },
    /** @param {string} text */
    say(text) {
      client.dispatch({ send: { conv: view().conversation.id, text } });
    },
    /** What stands in the timeline, as text; the visitor's own with its status. */
    said: () =>
      (view().conversation?.items ?? [])
        .filter((/** @type {any} */ { body }) => typeof body === "object" && "message" in body)
        .map((/** @type {any} */ { body: { message } }) => ({ mine: message.mine, text: plain(message.content), status: message.status })),
    /** @param {string} text @param {...string} statuses any of them */
    reaches(text, ...statuses) {
      const is = (/** @type {any} */ one) => one.text === text && statuses.includes(one.status);
      return until(() => this.said().some(is), `"${text}" to be ${statuses.join(" or ")}`);
    },
    /** @param {string} text */
    hears(text) {
      return until(() => this.said().some((/** @type {any} */ one) => !one.mine && one.text === text), `"${text}"`);
    },
    close() {
      client.close();
      runtime.kill();
    },
  };
}

/** @param {any[]} blocks @returns {string} */
const plain = (blocks) =>
  blocks
    .map((block) => (block.paragraph ?? []).map((/** @type {any} */ run) => run.text ?? run.strong?.[0]?.text ?? "").join(""))
    .join("\n");

/** A UUIDv7: the desk takes no other. */
const cmid = () => randomUUID().replace(/^(.{14})./, "$17");

/** An agent at the desk. @param {{ origin: string, agent: { email: string, password: string } }} desk */
export async function signIn(desk) {
  const login = await fetch(`${desk.origin}/v1/agent/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(desk.agent),
  });
  const { token } = /** @type {{ token: string }} */ (await login.json());
  const socket = new WebSocket(`${desk.origin.replace("http", "ws")}/v1/agent/socket`, { origin: desk.origin });
  /** @type {Map<number, (frame: any) => void>} */
  const waiting = new Map();
  /** @type {any[]} */
  const pushes = [];
  socket.on("message", (/** @type {Buffer} */ data) => {
    for (const line of data.toString("utf8").split("\n").filter(Boolean)) {
      const frame = JSON.parse(line);
      if (frame.id === undefined) pushes.push(frame);
      else waiting.get(frame.id)?.(frame);
    }
  });
  await once(socket, "open");
  let last = 0;
  /** @param {string} name @param {object} body @returns {Promise<any>} */
  const ask = async (name, body) => {
    const id = ++last;
    const answered = new Promise((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, [name]: body }));
    const { result, error } = await answered;
    if (error) throw new Error(`${name}: ${error.code}: ${error.message}`);
    return result;
  };
  await ask("connect", { version: 1, token });
  return {
    pushes,
    ask,
    /** @param {string} conv @param {string} text */
    say: (conv, text) => ask("send", { conv, cmid: cmid(), body: { text } }),
    /** Says something with more to it: answers to choose from, cards, a form. @param {string} conv @param {object} body */
    offer: (conv, body) => ask("send", { conv, cmid: cmid(), body }),
    token,
    /** @param {string} conv */
    resolve: (conv) => ask("resolve", { conv, cmid: cmid() }),
    /** The visitor's words as the desk has them, in order. @param {string} conv @returns {Promise<string[]>} */
    async heard(conv) {
      const messages = await this.events(conv, "message");
      return messages.filter(({ author }) => author.role === "visitor").map(({ body }) => body.content.text);
    },
    /** @param {string} conv @param {string} type @returns {Promise<any[]>} */
    async events(conv, type) {
      const { history } = await ask("history", { conv, after: 0, limit: 300 });
      return history.events.filter((/** @type {any} */ event) => event.type === type);
    },
    close: () => socket.terminate(),
  };
}

/** A picture, as far as a desk looks at it, of so many bytes. @param {number} bytes */
export function picture(bytes) {
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  return Buffer.concat([png, randomBytes(Math.max(0, bytes - png.length))]);
}

/** Serves the shop's help index, as its own server would. */
export async function serveHelp() {
  /** @type {Buffer} */
  let index = readFileSync(join(dist, "website", "help.idx"));
  /** @type {{ path: string | undefined, status: number }[]} */
  const asked = [];
  const server = createServer((request, response) => {
    // A page of nothing, where a browser is to begin.
    if (request.url === "/") return void response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
    const etag = `"${createHash("sha256").update(index).digest("hex").slice(0, 16)}"`;
    const status = request.url !== "/help.idx" ? 404 : request.headers["if-none-match"] === etag ? 304 : 200;
    asked.push({ path: request.url, status });
    response.writeHead(status, { etag }).end(status === 200 ? index : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/help.idx`,
    asked,
    /** Has other bytes from now on. @param {Buffer} bytes */
    serve: (bytes) => void (index = bytes),
    close: () => server.close(),
  };
}
