// Whatever is missing or broken around it: the page works, the panel says in plain words what is wrong
// and what still works, and nothing that was typed is lost.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openStage, patience_ms, shot, until, visitor, watch } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/**
 * A page on which something is wrong.
 * @param {string} name
 * @param {(page: import("playwright-core").Page) => Promise<unknown>} spoil before it is loaded
 * @param {(me: ReturnType<typeof visitor>) => Promise<void>} story
 */
function story(name, spoil, story) {
  test(name, async () => {
    await stage.desk.start();
    const context = await stage.browser.newContext({ locale: "en" });
    const page = await context.newPage();
    /** @type {string[]} */
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await spoil(page);
    await page.goto(`${stage.shop}/?lang=en`);
    const me = visitor(page);
    await story(me);
    await shot(page, `refusal-${name.replace(/\W+/g, "-").slice(0, 40)}`);
    // The shop itself is none the worse.
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Order status" }).first().click();
    assert.deepEqual(errors, []);
    stage.spoil(undefined);
    await context.close();
  });
}

/** @param {import("./stage.mjs").Spoil} change */
const changePage = (change) => () => {
  stage.spoil(change);
  return Promise.resolve();
};

story(
  "a wrong desk address is said to the developer",
  changePage((html) => html.replace(/desk="[^"]*"/, 'desk="desk.example"')),
  async ({ page, launcher }) => {
    await launcher.click();
    await page.getByText("Deskside is not set up yet").waitFor({ timeout: patience_ms });
    assert.ok(await page.getByText(/is not an address: .desk\.example./).isVisible());
  },
);

story(
  "a site that the desk does not know is said, and what is written stays",
  changePage((html) => html.replace(/site="[^"]*"/, 'site="nobody"')),
  async (me) => {
    await me.openChat();
    await me.say("is anybody there?");
    await me.page.getByText("The chat does not take messages from this page").first().waitFor({ timeout: patience_ms });
    await me.reaches("is anybody there?", "queued");
  },
);

story(
  "a desk that is down leaves search and writing",
  async () => {
    await stage.desk.kill();
  },
  async (me) => {
    await me.open();
    await me.page.locator("deskside-widget [data-article]").first().waitFor({ timeout: patience_ms });
    await me.page.locator("deskside-widget .ask button").first().click();
    await me.say("when you are back");
    await me.reaches("when you are back", "queued");
    await me.page.getByText("We cannot reach the chat right now").first().waitFor({ timeout: patience_ms });
    await stage.desk.start();
    await me.reaches("when you are back", "sent", "delivered");
  },
);

story(
  "a missing help index leaves the chat",
  (page) => page.route("**/help.idx", (route) => route.fulfill({ status: 404, body: "gone" })),
  async (me) => {
    await me.open();
    await me.page.getByText("The help articles could not be loaded").waitFor({ timeout: patience_ms });
    await me.page.locator("deskside-widget .ask button").first().click();
    await me.say("then I ask you");
    await me.reaches("then I ask you", "sent", "delivered");
  },
);

story(
  "a corrupt help index leaves the chat",
  (page) =>
    page.route("**/help.idx", async (route) => {
      const body = await (await route.fetch()).body();
      for (let at = 40; at < body.length; at += 97) body[at] = (body[at] ?? 0) ^ 0x55;
      await route.fulfill({ body });
    }),
  async (me) => {
    await me.open();
    await me.page.getByText("The help articles could not be loaded").waitFor({ timeout: patience_ms });
    await me.page.locator("deskside-widget .ask button").first().click();
    await me.say("then I ask you");
    await me.reaches("then I ask you", "sent", "delivered");
  },
);

story(
  "a browser without IndexedDB chats in memory and says so",
  (page) =>
    page.addInitScript(() => {
      Object.defineProperty(window, "indexedDB", {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    }),
  async (me) => {
    await me.openChat();
    await me.page.getByText("This browser keeps nothing for this site").first().waitFor({ timeout: patience_ms });
    await me.say("in memory only");
    await me.reaches("in memory only", "sent", "delivered");
  },
);

story(
  "a policy that refuses wasm is said, with another way to reach people",
  changePage((html, headers) => {
    headers["content-security-policy"] = (headers["content-security-policy"] ?? "").replace(" 'wasm-unsafe-eval'", "");
    return html.replace("<deskside-widget", '<deskside-widget contact="mailto:help@shop.test"');
  }),
  async ({ page, launcher }) => {
    await launcher.click();
    await page.getByText("This page's security rules do not let it run").waitFor({ timeout: patience_ms });
    const contact = page.getByRole("link", { name: "Reach us another way" });
    assert.equal(await contact.getAttribute("href"), "mailto:help@shop.test");
  },
);

/** Has the core trap in the middle of a call whenever `trap()` is called, as a panic is one: what it had begun stays half done. Runs in a page. */
function trappable() {
  const instantiate = WebAssembly.instantiate.bind(WebAssembly);
  const traps = { next: false };
  Object.assign(window, { trap: () => (traps.next = true) });
  const trapping = (/** @type {any} */ module, /** @type {any} */ imports) => {
    for (const group of Object.values(imports)) {
      for (const [name, host] of Object.entries(group)) {
        if (typeof host !== "function") continue;
        group[name] = (/** @type {any[]} */ ...args) => {
          if (traps.next) {
            traps.next = false;
            throw new WebAssembly.RuntimeError("unreachable");
          }
          return host(...args);
        };
      }
    }
    return instantiate(module, imports);
  };
  Object.assign(WebAssembly, { instantiate: trapping });
}

test("a core that panics is built anew, and nothing that was sent or typed is lost", async () => {
  await stage.desk.start();
  const context = await stage.browser.newContext({ locale: "en" });
  const page = await context.newPage();
  watch(page);
  /** @type {Set<unknown>} */
  const sockets = new Set();
  page.on("websocket", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await page.addInitScript(trappable);
  const me = visitor(page);
  await page.goto(`${stage.shop}/?lang=en`);
  await me.openChat();
  await me.say("before the panic");
  await me.reaches("before the panic", "sent", "delivered");
  await page.evaluate("window.trap()");
  await me.box.fill("typed through the panic");
  await page.getByText("The chat had to restart").waitFor({ timeout: patience_ms });
  await me.message("before the panic").waitFor({ timeout: patience_ms });
  assert.equal(await me.box.inputValue(), "typed through the panic");
  await me.box.press("Enter");
  await me.reaches("typed through the panic", "sent", "delivered");
  await until(() => Promise.resolve(sockets.size), (open) => open === 1);
  await context.close();
});

test("a core that panics in a callback of the browser is built anew, however short the page keeps its stacks", async () => {
  await stage.desk.start();
  const context = await stage.browser.newContext({ locale: "en" });
  const page = await context.newPage();
  watch(page);
  await page.addInitScript(trappable);
  await page.addInitScript("Error.stackTraceLimit = 1");
  const me = visitor(page);
  await page.goto(`${stage.shop}/?lang=en`);
  await me.openChat();
  await me.say("before the panic");
  await me.reaches("before the panic", "sent", "delivered");
  await page.evaluate("window.trap()");
  await stage.desk.kill();
  await page.getByText("The chat had to restart").waitFor({ timeout: patience_ms });
  await stage.desk.start();
  await me.say("after the panic");
  await me.reaches("after the panic", "sent", "delivered");
  await context.close();
});

test("a core that panics twice stays stopped, names another way to reach people, and the next page has all that was queued", async () => {
  await stage.desk.start();
  const context = await stage.browser.newContext({ locale: "en" });
  const page = await context.newPage();
  watch(page);
  await page.addInitScript(trappable);
  stage.spoil((html) => html.replace("<deskside-widget", '<deskside-widget contact="mailto:help@shop.test"'));
  const me = visitor(page);
  await page.goto(`${stage.shop}/?lang=en`);
  await me.openChat();
  await me.say("before the panics");
  await me.reaches("before the panics", "sent", "delivered");
  await stage.desk.kill();
  await me.say("queued before the panics");
  await me.reaches("queued before the panics", "queued");
  await page.evaluate("window.trap()");
  await me.box.fill("a");
  await page.getByText("The chat had to restart").waitFor({ timeout: patience_ms });
  await page.evaluate("window.trap()");
  await me.box.fill("ab");
  await page.getByRole("link", { name: "Reach us another way" }).waitFor({ timeout: patience_ms });
  await stage.desk.start();
  await page.reload();
  await me.openChat();
  await me.reaches("queued before the panics", "sent", "delivered");
  stage.spoil(undefined);
  await context.close();
});

test("a file that is said while the core is stopped has it started anew, and goes once", async () => {
  await stage.desk.start();
  const context = await stage.browser.newContext({ locale: "en" });
  const page = await context.newPage();
  watch(page);
  await page.addInitScript(trappable);
  const me = visitor(page);
  await page.goto(`${stage.shop}/?lang=en`);
  await me.openChat();
  await me.say("before the panics");
  await me.reaches("before the panics", "sent", "delivered");
  const file = { name: "receipt.txt", mimeType: "text/plain", buffer: Buffer.from("one linen duvet\n") };
  await page.locator("deskside-widget .attach input").setInputFiles(file);
  await page.locator("deskside-widget .tray").waitFor({ timeout: patience_ms });
  await page.evaluate("window.trap()");
  await me.box.fill("a");
  await page.getByText("The chat had to restart").waitFor({ timeout: patience_ms });
  await page.evaluate("window.trap()");
  await me.box.fill("");
  await page.getByText("The chat has stopped").waitFor({ timeout: patience_ms });
  // Twice, as one does who sees nothing happen.
  const send = page.locator("deskside-widget button.send");
  await send.evaluate((button) => [1, 2].forEach(() => /** @type {HTMLElement} */ (button).click()));
  await me.reaches("receipt.txt", "sent", "delivered");
  assert.equal(await me.message("receipt.txt").count(), 1);
  assert.equal(await page.locator("deskside-widget .tray").count(), 0);
  await context.close();
});
