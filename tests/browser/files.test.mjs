// Files that a device has no room for, or cannot read at once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openStage, patience_ms, visitor, watch } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

const arrived = ["sent", "delivered", "read"];

/**
 * A visitor who has said something, and puts a file beside the message box.
 * @param {() => void} spoil runs in the page first
 * @param {import("playwright-core").BrowserContext} [beside] where another tab of this visitor's is open
 */
async function withFile(spoil, beside) {
  const context = beside ?? (await stage.browser.newContext({ locale: "en" }));
  const page = await context.newPage();
  await page.addInitScript(spoil);
  const problems = watch(page);
  await page.goto(`${stage.shop}/?lang=en`);
  const me = visitor(page);
  await me.openChat();
  await me.say("before");
  await me.reaches("before", ...arrived);
  const file = { name: "receipt.txt", mimeType: "text/plain", buffer: Buffer.from("one linen duvet\n".repeat(100)) };
  await page.locator("deskside-widget .attach input").setInputFiles(file);
  await page.locator("deskside-widget .tray").waitFor({ timeout: patience_ms });
  const send = page.locator("deskside-widget button.send");
  const sent = page.locator("deskside-widget .message.mine:is([data-status=sent], [data-status=delivered], [data-status=read])").filter({ hasText: "receipt.txt" });
  return { context, page, problems, send, sent };
}

/** Runs in a page. */
function noRoomForFiles() {
  const put = Reflect.get(IDBObjectStore.prototype, "put");
  IDBObjectStore.prototype.put = function (/** @type {any[]} */ ...record) {
    const request = Reflect.apply(put, this, record);
    // As at quota: the request may succeed, and the transaction is undone.
    if (this.name === "blob") this.transaction.abort();
    return request;
  };
}

test("a file that the device has no room for is sent while the page is open, and the visitor is told to leave it open", async () => {
  const { context, page, problems, send, sent } = await withFile(noRoomForFiles);
  await stage.desk.kill();
  await send.click();
  await page.getByText("leave this page open until it is sent").waitFor({ timeout: patience_ms });
  await stage.desk.start();
  await sent.waitFor({ timeout: patience_ms });
  assert.deepEqual(problems, []);
  await context.close();
});

test("a file that only one tab holds is sent by the tab that has the connection", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const leading = await context.newPage();
  await leading.goto(`${stage.shop}/?lang=en`);
  const first = visitor(leading);
  await first.openChat();
  await first.say("from the tab with the connection");
  await first.reaches("from the tab with the connection", ...arrived);
  const { page, send, sent } = await withFile(noRoomForFiles, context);
  await send.click();
  await page.getByText("leave this page open until it is sent").waitFor({ timeout: patience_ms });
  await sent.waitFor({ timeout: patience_ms });
  await context.close();
});

test("a file is kept on the device though the connection to its store died while the page was away", async () => {
  const { context, page, send, sent } = await withFile(() => {
    const begin = Reflect.get(IDBDatabase.prototype, "transaction");
    /** @type {IDBDatabase[]} */
    const dead = [];
    IDBDatabase.prototype.transaction = function (/** @type {any[]} */ ...stores) {
      if (dead.length === 0 && this.name.startsWith("deskside-files:")) dead.push(this);
      // As WebKit says it after an iPhone has put the page to sleep.
      if (dead.includes(this)) throw new DOMException("Connection to Indexed Database server lost", "UnknownError");
      return Reflect.apply(begin, this, stores);
    };
  });
  await stage.desk.kill();
  await send.click();
  await page.locator("deskside-widget .message.mine[data-status=queued]").filter({ hasText: "receipt.txt" }).waitFor({ timeout: patience_ms });
  assert.equal(await page.getByText("leave this page open").count(), 0);
  await page.reload();
  await stage.desk.start();
  await visitor(page).openChat();
  await sent.waitFor({ timeout: patience_ms });
  await context.close();
});

test("a file that was not taken stays in the tray, and the next try sends it", async () => {
  const { context, page, send, sent } = await withFile(() => {
    const read = Reflect.get(Blob.prototype, "arrayBuffer");
    let failed = false;
    Blob.prototype.arrayBuffer = function () {
      if (this instanceof File || failed) return Reflect.apply(read, this, []);
      failed = true;
      return Promise.reject(new DOMException("for now", "NotReadableError"));
    };
  });
  await send.click();
  await page.locator("deskside-widget .composer .refusal").waitFor({ timeout: patience_ms });
  await page.locator("deskside-widget .tray").waitFor();
  await send.click();
  await sent.waitFor({ timeout: patience_ms });
  assert.equal(await page.locator("deskside-widget .composer .refusal").count(), 0);
  await context.close();
});

test("a page that begins while the desk is away takes files, and sends them when it is back", async () => {
  const { context, page, sent, send } = await withFile(() => undefined);
  await stage.desk.kill();
  await page.reload();
  const me = visitor(page);
  await me.openChat();
  const file = { name: "receipt.txt", mimeType: "text/plain", buffer: Buffer.from("one linen duvet\n") };
  await page.locator("deskside-widget .attach input").setInputFiles(file);
  await page.locator("deskside-widget .tray").waitFor({ timeout: patience_ms });
  await send.click();
  await me.reaches("receipt.txt", "queued");
  await stage.desk.start();
  await sent.waitFor({ timeout: patience_ms });
  assert.equal(await me.message("receipt.txt").count(), 1);
  await context.close();
});
