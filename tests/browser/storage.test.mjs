// The device's store fails in a real browser, in every way that browsers let it fail: nothing that was
// shown as queued is lost, nothing arrives twice, and where nothing can be stored the visitor is told.
import assert from "node:assert/strict";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { at } from "../../js/dev/paths.mjs";
import { openStage, patience_ms, signIn, until, visitor } from "./stage.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} Context */

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
beforeEach(() => stage.desk.start());
after(() => stage.close());

const arrived = ["sent", "delivered", "read"];
const name = () => `deskside:demo@${stage.desk.origin}`;
const notStored = /keeps nothing for this site|no room left|newer version of this chat/;

/** @param {Context} context */
async function openChat(context) {
  const page = await context.newPage();
  await page.goto(`${stage.shop}/?lang=en`);
  const me = visitor(page);
  await me.openChat();
  return me;
}

/** A page of the shop's origin that is not the shop: it sees the same store. @param {Context} context */
async function besideTheShop(context) {
  const page = await context.newPage();
  await page.goto(`${stage.shop}/nothing-here`);
  return page;
}

/** @param {string} preview @param {number} count */
async function heardByTheDesk(preview, count) {
  const agent = await signIn(stage);
  await agent.openConversation(preview);
  const heard = await until(agent.heard, (all) => all.length >= count);
  await agent.page.context().close();
  return heard;
}

/**
 * Every record of a store, with its key.
 * @param {Page} page @param {string} store @returns {Promise<{ version: number, records: [unknown, any][] }>}
 */
const recordsOf = (page, store) =>
  page.evaluate(
    ({ name, store }) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open(name);
        // Should it not be there, it must not be made.
        opening.onupgradeneeded = () => opening.transaction?.abort();
        opening.onerror = () => reject(opening.error ?? new Error("it does not open"));
        opening.onsuccess = () => {
          const db = opening.result;
          const there = db.transaction(store).objectStore(store);
          const [keys, values] = [there.getAllKeys(), there.getAll()];
          values.onsuccess = () => {
            resolve({ version: db.version, records: keys.result.map((key, at) => [key, values.result[at]]) });
            db.close();
          };
        };
      }),
    { name: name(), store },
  );

/** Opens the store under another version, as a newer release of the SDK would, and goes. @param {Page} page */
const upgrade = (page) =>
  page.evaluate(
    (name) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open(name, 99);
        opening.onupgradeneeded = () => opening.result.createObjectStore("of the future");
        opening.onerror = () => reject(opening.error ?? new Error("it does not open"));
        opening.onsuccess = () => {
          opening.result.close();
          resolve(undefined);
        };
      }),
    name(),
  );

// Row 23
test("a connection to the store that died while the page was away is opened anew, and the next message is stored", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  await context.addInitScript(() => {
    /** @type {WeakSet<IDBDatabase>} */
    const dead = new WeakSet();
    /** @type {IDBDatabase[]} */
    const all = [];
    const begin = new Proxy(Reflect.get(IDBDatabase.prototype, "transaction"), {
      apply(target, db, args) {
        all.push(db);
        // As WebKit says it after an iPhone has put the page to sleep.
        if (dead.has(db)) throw new DOMException("Connection to Indexed Database server lost", "UnknownError");
        return Reflect.apply(target, db, args);
      },
    });
    Reflect.set(IDBDatabase.prototype, "transaction", begin);
    Object.assign(globalThis, { loseStores: () => all.forEach((db) => dead.add(db)) });
  });
  const me = await openChat(context);
  await me.say("before the sleep");
  await me.reaches("before the sleep", ...arrived);
  await stage.desk.kill();
  await me.page.evaluate("loseStores(); document.dispatchEvent(new Event('visibilitychange'))");
  await me.say("after the sleep");
  await me.reaches("after the sleep", "queued");
  await me.page.evaluate("loseStores()");
  await me.say("and once more, without being away");
  await me.reaches("and once more, without being away", "queued");
  assert.equal(await me.page.getByText(notStored).count(), 0);
  await me.page.close();
  const again = await openChat(context);
  await stage.desk.start();
  await again.reaches("and once more, without being away", ...arrived);
  const said = ["before the sleep", "after the sleep", "and once more, without being away"];
  assert.deepEqual(await heardByTheDesk("and once more", 3), said);
  await context.close();
});

// Row 24
test("where the browser cannot open its database the chat works in memory, and says so", async () => {
  const profile = await stage.profile("unopenable");
  await mkdir(join(profile, "Default"), { recursive: true });
  await writeFile(join(profile, "Default", "IndexedDB"), "a file where a folder should be");
  const { context, ...browser } = await stage.mortalBrowser("unopenable");
  const me = await openChat(context);
  await me.page.getByText(notStored).first().waitFor({ timeout: patience_ms });
  await me.say("from memory");
  await me.reaches("from memory", ...arrived);
  assert.deepEqual(await heardByTheDesk("from memory", 1), ["from memory"]);
  await browser.kill();
});

// Row 24
test("a database that opens slowly gets what was said without it, and the next page knows it", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  await context.addInitScript(() => {
    const open = Reflect.get(IDBFactory.prototype, "open");
    let held = false;
    /** The first one to open takes five seconds over its upgrade, and all others wait. @param {string} name */
    const hold = (name) => {
      const holding = open.call(indexedDB, name, 1);
      holding.onupgradeneeded = () => {
        const { result, transaction } = holding;
        for (const store of ["meta", "outbox", "conversations", "events", "drafts"]) result.createObjectStore(store);
        const until = Date.now() + 5_000;
        const spin = () => {
          const asking = transaction?.objectStore("meta").count();
          if (asking && Date.now() < until) asking.onsuccess = spin;
        };
        spin();
      };
      holding.onsuccess = () => holding.result.close();
    };
    const late = new Proxy(open, {
      apply(target, factory, [name, version]) {
        if (version === 1 && String(name).startsWith("deskside:") && !held) {
          held = true;
          hold(name);
        }
        return Reflect.apply(target, factory, version === undefined ? [name] : [name, version]);
      },
    });
    Reflect.set(IDBFactory.prototype, "open", late);
  });
  const me = await openChat(context);
  await me.page.getByText(notStored).first().waitFor({ timeout: patience_ms });
  await me.say("said in the meantime");
  await me.reaches("said in the meantime", ...arrived);
  await me.page.getByText(notStored).first().waitFor({ state: "detached", timeout: patience_ms });
  await stage.desk.kill();
  await me.say("kept from now on");
  await me.reaches("kept from now on", "queued");
  await me.page.close();
  const again = await openChat(context);
  await stage.desk.start();
  await again.reaches("kept from now on", ...arrived);
  await again.reaches("said in the meantime", ...arrived);
  assert.deepEqual(await heardByTheDesk("kept from now on", 2), ["said in the meantime", "kept from now on"]);
  await context.close();
});

// Row 24
test("where opening the database never ends the chat goes on in memory, and says so", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  await context.addInitScript(() => {
    // An upgrade that waits for a connection which nobody will ever close.
    const open = new Proxy(Reflect.get(IDBFactory.prototype, "open"), {
      apply(target, factory, [name, version]) {
        if (version === undefined) return Reflect.apply(target, factory, [name]);
        const held = Reflect.apply(target, factory, [`${name} (held)`, 1]);
        held.onsuccess = () => Object.assign(globalThis, { held: held.result });
        return Reflect.apply(target, factory, [`${name} (held)`, 2]);
      },
    });
    Reflect.set(IDBFactory.prototype, "open", open);
  });
  const me = await openChat(context);
  await me.page.getByText(notStored).first().waitFor({ timeout: patience_ms });
  await me.say("without waiting for ever");
  await me.reaches("without waiting for ever", ...arrived);
  await context.close();
});

// Row 25
test("where the device has no room left the visitor is told, and the message still arrives once", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const aside = await besideTheShop(context);
  const session = await context.newCDPSession(aside);
  await session.send("Storage.overrideQuotaForOrigin", { origin: stage.shop, quotaSize: 1 });
  const me = await openChat(context);
  await me.say("without any room");
  await me.page.getByText("no room left").first().waitFor({ timeout: patience_ms });
  await me.reaches("without any room", ...arrived);
  assert.deepEqual(await heardByTheDesk("without any room", 1), ["without any room"]);
  await context.close();
});

// Row 26
test("where the browser has evicted the store the visitor begins anew, and nothing of the past is sent again", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const me = await openChat(context);
  await me.say("before the eviction");
  await me.reaches("before the eviction", ...arrived);
  const aside = await besideTheShop(context);
  const idOf = async () => (await recordsOf(aside, "meta")).records.find(([key]) => key === "device")?.[1].clientId;
  const before = await idOf();
  await aside.evaluate(() => localStorage.setItem("kept", "by the browser"));
  await me.page.close();
  const session = await context.newCDPSession(aside);
  await session.send("Storage.clearDataForOrigin", { origin: stage.shop, storageTypes: "indexeddb" });
  const again = await openChat(context);
  await again.say("after the eviction");
  await again.reaches("after the eviction", ...arrived);
  assert.equal(await aside.evaluate(() => localStorage.getItem("kept")), "by the browser");
  assert.notEqual(await idOf(), before);
  assert.deepEqual(await again.said(), ["after the eviction"]);
  assert.deepEqual(await heardByTheDesk("after the eviction", 1), ["after the eviction"]);
  assert.deepEqual(await heardByTheDesk("before the eviction", 1), ["before the eviction"]);
  await context.close();
});

// Row 26
test("a store that is deleted under an open page gets back what waits", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const me = await openChat(context);
  await me.say("first of all");
  await me.reaches("first of all", ...arrived);
  await stage.desk.kill();
  await me.say("queued before it was deleted");
  await me.reaches("queued before it was deleted", "queued");
  const aside = await besideTheShop(context);
  await aside.evaluate(
    (name) =>
      new Promise((resolve, reject) => {
        const deleting = indexedDB.deleteDatabase(name);
        deleting.onsuccess = resolve;
        deleting.onerror = reject;
        deleting.onblocked = reject;
      }),
    name(),
  );
  await until(() => recordsOf(aside, "outbox").catch(() => ({ records: [] })), ({ records }) => records.length === 1);
  await me.page.close();
  const again = await openChat(context);
  await again.reaches("queued before it was deleted", "queued");
  await stage.desk.start();
  await again.reaches("queued before it was deleted", ...arrived);
  assert.deepEqual(await heardByTheDesk("queued before", 2), ["first of all", "queued before it was deleted"]);
  await context.close();
});

// Rows 28 and 31
test("a newer version may upgrade the store under an open page, which says so and changes nothing more in it", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const me = await openChat(context);
  await me.say("of the old version");
  await me.reaches("of the old version", ...arrived);
  await stage.desk.kill();
  await me.say("left to the new version");
  await me.reaches("left to the new version", "queued");
  const aside = await besideTheShop(context);
  await upgrade(aside);
  await me.page.getByText("newer version of this chat").first().waitFor({ timeout: patience_ms });
  const kept = await recordsOf(aside, "outbox");
  assert.equal(kept.version, 99);
  assert.equal(kept.records.length, 1);

  await me.page.close();
  const again = await openChat(context);
  await again.page.getByText("newer version of this chat").first().waitFor({ timeout: patience_ms });
  await again.message("of the old version").waitFor({ timeout: patience_ms });
  await again.reaches("left to the new version", "queued");
  await stage.desk.start();
  await again.say("typed in the old version");
  await again.reaches("typed in the old version", ...arrived);
  assert.deepEqual(await recordsOf(aside, "outbox"), kept);
  assert.deepEqual(await heardByTheDesk("typed in the old", 2), ["of the old version", "typed in the old version"]);
  await context.close();
});

// Row 29
test("an upgrade that dies midway leaves what was there, and the next page makes it whole", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const aside = await besideTheShop(context);
  await aside.evaluate(
    (name) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open(name, 1);
        let made = 0;
        opening.onupgradeneeded = () => {
          for (const store of ["meta", "outbox", "conversations"]) {
            opening.result.createObjectStore(store);
            made += 1;
          }
          // The browser dies here: what an upgrade had begun is undone.
          opening.transaction?.abort();
        };
        opening.onsuccess = () => reject(new Error("it was to fail"));
        opening.onerror = () => resolve(made);
      }),
    name(),
  );
  const me = await openChat(context);
  await stage.desk.kill();
  await me.say("stored after all");
  await me.reaches("stored after all", "queued");
  assert.equal(await me.page.getByText(notStored).count(), 0);
  await stage.desk.start();
  await me.reaches("stored after all", ...arrived);
  await context.close();
});

// Row 30
test("a message whose record was damaged is left alone, and the others arrive", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const me = await openChat(context);
  await me.say("to begin with");
  await me.reaches("to begin with", ...arrived);
  await stage.desk.kill();
  for (const text of ["first", "second", "third"]) await me.say(`the ${text} of three`);
  await me.reaches("the third of three", "queued");
  await me.page.close();
  const aside = await besideTheShop(context);
  await aside.evaluate(
    (name) =>
      new Promise((resolve) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => {
          const writing = opening.result.transaction("outbox", "readwrite");
          const store = writing.objectStore("outbox");
          const cursors = store.openCursor();
          cursors.onsuccess = () => {
            const cursor = cursors.result;
            if (!cursor) return;
            const record = cursor.value;
            if (record.command.send.body.text.includes("second")) {
              record.command.send.body.text = "the s3cond of thr3e";
              cursor.update(record);
            }
            cursor.continue();
          };
          writing.oncomplete = () => {
            opening.result.close();
            resolve(undefined);
          };
        };
      }),
    name(),
  );
  const again = await openChat(context);
  await stage.desk.start();
  await again.reaches("the third of three", ...arrived);
  const said = ["to begin with", "the first of three", "the third of three"];
  assert.deepEqual(await heardByTheDesk("the third", 3), said);
  const { records } = await until(() => recordsOf(aside, "outbox"), ({ records }) => records.length === 1);
  assert.equal(records[0]?.[1].command.send.body.text, "the s3cond of thr3e");
  await context.close();
});

// Row 44
test("a page that comes back from the browser's cache connects again and shows what it missed", async () => {
  const { context, ...browser } = await stage.mortalBrowser("cache");
  const me = await openChat(context);
  await me.page.evaluate(() => addEventListener("pageshow", ({ persisted }) => (document.title = persisted ? "from the cache" : "loaded")));
  await me.say("before leaving");
  await me.reaches("before leaving", ...arrived);
  await me.page.goto(`${stage.shop}/nothing-here`);
  const agent = await signIn(stage);
  await agent.openConversation("before leaving");
  await agent.say("said while the page was away");
  await me.page.evaluate(() => history.back()).catch(() => undefined);
  await until(() => me.page.title().catch(() => ""), (title) => title === "from the cache");
  await me.answers.filter({ hasText: "said while the page was away" }).waitFor({ timeout: patience_ms });
  await me.say("after coming back");
  await me.reaches("after coming back", ...arrived);
  const heard = await until(agent.heard, (all) => all.length >= 2);
  assert.deepEqual(heard, ["before leaving", "after coming back"]);
  await agent.page.context().close();
  await browser.kill();
});

const fixtures = at("tests", "fixtures", "store");
for (const file of (await readdir(fixtures)).filter((file) => file.endsWith(".json")).sort()) {
  test(`what was stored in the format of ${file.replace(".json", "")} is read, and what waits in it arrives once and in order`, async () => {
    /** @type {{ version: number, stores: Record<string, [string | number, any][]> }} */
    const stored = JSON.parse(await readFile(join(fixtures, file), "utf8"));
    const context = await stage.browser.newContext({ locale: "en" });
    const aside = await besideTheShop(context);
    await aside.evaluate(
      (/** @type {any} */ { name, stored }) =>
        new Promise((resolve, reject) => {
          const opening = indexedDB.open(name, stored.version);
          opening.onerror = () => reject(opening.error ?? new Error("it does not open"));
          opening.onupgradeneeded = () => {
            for (const [store, records] of /** @type {[string, [string | number, unknown][]][]} */ (Object.entries(stored.stores))) {
              const made = opening.result.createObjectStore(store);
              for (const [key, value] of records) made.put(value, key);
            }
          };
          opening.onsuccess = () => {
          opening.result.close();
          resolve(undefined);
        };
        }),
      { name: name(), stored },
    );
    const me = await openChat(context);
    assert.equal(await me.page.getByText(notStored).count(), 0);
    await until(() => me.box.inputValue(), (text) => text === "half a thought");
    await me.reaches("second, queued", ...arrived);
    await me.say("third, said today");
    await me.reaches("third, said today", ...arrived);
    const said = ["first, queued", "second, queued", "third, said today"];
    assert.deepEqual((await me.said()).slice(-3), said);
    assert.deepEqual(await heardByTheDesk("third, said today", 3), said);
    await context.close();
  });
}
