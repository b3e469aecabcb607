// A network that lets no WebSocket through, as some proxies and firewalls do: the chat goes on by
// requests, on the desk's real poll endpoint, and comes back to the socket when one is to be had.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { openStage, patience_ms, signIn, until, visitor } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
/** @type {Awaited<ReturnType<typeof startProxy>>} */
let proxy;
before(async () => {
  stage = await openStage();
  proxy = await startProxy(stage.desk.port);
  const anew = (/** @type {string} */ text) =>
    text.replaceAll(stage.desk.origin, proxy.origin).replaceAll(stage.desk.origin.replace("http", "ws"), proxy.origin.replace("http", "ws"));
  stage.spoil((html, headers) => {
    for (const [name, value] of Object.entries(headers)) headers[name] = anew(value);
    delete headers["content-length"];
    return anew(html);
  });
});
after(async () => {
  proxy.close();
  await stage.close();
});

const arrived = ["sent", "delivered", "read"];

/** An HTTP proxy that may know nothing of WebSockets. @param {number} port the desk's */
async function startProxy(port) {
  const told = { sockets: 0, polls: 0 };
  let letsThrough = false;
  const server = createServer((asked, answer) => {
    if (asked.url?.endsWith("/poll")) told.polls += 1;
    const { method, url: path, headers } = asked;
    const passed = ask({ host: "127.0.0.1", port, method, path, headers }, (desk) => {
      answer.writeHead(desk.statusCode ?? 502, desk.headers);
      desk.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    answer.on("close", () => passed.destroy());
    asked.pipe(passed);
  });
  /** @type {Set<import("node:stream").Duplex>} */
  const open = new Set();
  server.on("upgrade", (asked, browser, head) => {
    browser.on("error", () => undefined);
    if (!letsThrough) {
      browser.end("HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 12\r\n\r\n<p>Blocked.\n");
      return;
    }
    told.sockets += 1;
    open.add(browser);
    const lines = Object.entries(asked.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    const desk = connect(port, "127.0.0.1", () => {
      desk.write(`GET ${asked.url ?? "/"} HTTP/1.1\r\n${lines.join("")}\r\n`);
      desk.write(head);
      desk.pipe(browser).pipe(desk);
    });
    desk.on("error", () => browser.destroy());
    browser.on("close", () => desk.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${address.port}`,
    told,
    /** @param {boolean} yes */
    letThrough(yes) {
      letsThrough = yes;
      if (!yes) for (const socket of open) socket.destroy();
      open.clear();
    },
    close() {
      server.close();
      server.closeAllConnections();
      for (const socket of open) socket.destroy();
    },
  };
}

async function openChat() {
  const page = await (await stage.browser.newContext({ locale: "en" })).newPage();
  await page.goto(`${stage.shop}/?lang=en`);
  const me = visitor(page);
  await me.openChat();
  return me;
}

// Row 48
test("where no socket comes through, the chat goes on by requests, and back to the socket when one does", async () => {
  proxy.letThrough(false);
  const me = await openChat();
  await me.say("no socket here");
  await me.reaches("no socket here", ...arrived);
  assert.ok(proxy.told.polls > 0);
  assert.equal(proxy.told.sockets, 0);

  const agent = await signIn(stage);
  await agent.openConversation("no socket here");
  await agent.box.pressSequentially("I");
  await me.page.locator("deskside-widget .typing").waitFor({ timeout: patience_ms });
  await agent.say("I hear you all the same");
  await me.answers.filter({ hasText: "all the same" }).waitFor({ timeout: patience_ms });
  await me.reaches("no socket here", "read");

  proxy.letThrough(true);
  await until(() => Promise.resolve(proxy.told), ({ sockets }) => sockets > 1);
  await me.say("now by a socket");
  await me.reaches("now by a socket", ...arrived);
  const { polls } = proxy.told;
  await agent.say("So it is");
  await me.answers.filter({ hasText: "So it is" }).waitFor({ timeout: patience_ms });
  assert.equal(proxy.told.polls, polls);
  assert.deepEqual(await agent.heard(), ["no socket here", "now by a socket"]);
  await agent.page.context().close();
  await me.page.context().close();
});

test("a desk that dies while the chat goes by requests loses nothing and says nothing twice", async () => {
  proxy.letThrough(false);
  const me = await openChat();
  await me.say("before the desk dies");
  await me.reaches("before the desk dies", ...arrived);
  await stage.desk.kill();
  for (const text of ["while it is dead, 1", "while it is dead, 2"]) {
    await me.say(text);
    await me.reaches(text, "queued");
  }
  await stage.desk.start();
  await me.reaches("while it is dead, 2", ...arrived);
  const agent = await signIn(stage);
  await agent.openConversation("while it is dead, 2");
  const said = ["before the desk dies", "while it is dead, 1", "while it is dead, 2"];
  assert.deepEqual(await until(agent.heard, (heard) => heard.length >= 3), said);
  assert.deepEqual(await me.said(), said);
  await agent.page.context().close();
  await me.page.context().close();
});
