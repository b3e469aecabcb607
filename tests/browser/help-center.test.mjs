// The help centre, and the search in it, as a reader uses them: a real browser, under the policy that
// every page of it carries.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { chromiumArgs, findChromium } from "../../js/dev/chromium.mjs";
import { at, dist } from "../../js/dev/paths.mjs";
import { shopServer } from "../../js/dev/site.mjs";
import { patience_ms, shot, until, watch } from "./stage.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("node:http").IncomingMessage} Request */
/** @typedef {import("node:http").ServerResponse} Response */

/** What a story puts before the help centre's own answers: true where it answered by itself. @type {((request: Request, response: Response) => boolean) | undefined} */
let instead;

const files = shopServer("http://127.0.0.1:9");
const server = createServer((request, response) => {
  if (!instead?.(request, response)) files.emit("request", request, response);
});
/** @type {import("playwright-core").Browser} */
let browser;
let site = "";
const index = await readFile(join(dist, "help-center", "help.idx"));
const axe = await readFile(at("node_modules", "axe-core", "axe.min.js"), "utf8");

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  site = `http://127.0.0.1:${port}/help-center/`;
  const executablePath = await findChromium();
  browser = await chromium.launch({ ...(executablePath && { executablePath }), args: chromiumArgs });
});

after(async () => {
  await browser.close();
  server.close();
  server.closeAllConnections();
});

/**
 * @typedef {object} Reader
 * @property {Page} page
 * @property {import("playwright-core").Locator} box
 * @property {import("playwright-core").Locator} options
 * @property {import("playwright-core").Locator} popup
 * @property {string[]} problems
 */

/**
 * @param {string} path
 * @param {(reader: Reader) => Promise<void>} story
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
async function reading(path, story, options = {}) {
  const context = await browser.newContext({ locale: path.startsWith("zh") ? "zh-CN" : "en", viewport: { width: 1280, height: 860 }, ...options });
  context.setDefaultTimeout(patience_ms);
  const page = await context.newPage();
  const problems = watch(page);
  try {
    await page.goto(site + path);
    const element = page.locator("deskside-search");
    await story({
      page, problems,
      box: page.getByRole("combobox"),
      options: element.getByRole("option"),
      popup: element.locator("[part=popup]"),
    });
  } finally {
    instead = undefined;
    await context.close();
  }
}

/** Waits until the bodies are there too. @param {Reader} reader @param {string} query */
async function ask({ box, options, page }, query) {
  await box.click();
  await page.waitForFunction(() => document.querySelector("deskside-search")?.matches(":defined"));
  if (!query) return;
  await box.fill(query);
  await options.first().waitFor();
  await page.locator("deskside-search [part=passage]").first().waitFor();
}

/** @param {Reader} reader */
const activeText = ({ page }) =>
  page.evaluate(() => {
    const root = document.querySelector("deskside-search")?.shadowRoot;
    const id = root?.querySelector("input")?.getAttribute("aria-activedescendant");
    return id ? (root?.getElementById(id)?.querySelector("[part=title]")?.textContent ?? root?.getElementById(id)?.textContent ?? "") : null;
  });

/** Keeps every event of the search that reaches the window. @param {Page} page */
const listen = (page) =>
  page.evaluate(() => {
    /** @type {any} */ (window).heard = [];
    for (const name of ["ready", "failed", "open", "searched", "unanswered"]) {
      addEventListener(`deskside:${name}`, (event) => /** @type {any} */ (window).heard.push([name, /** @type {CustomEvent} */ (event).detail]));
    }
  });

/** @param {Page} page @returns {Promise<[string, any][]>} */
const heard = (page) => page.evaluate(() => /** @type {any} */ (window).heard);

test("nothing of the search is loaded before the reader comes near it", () =>
  reading("en/", async (reader) => {
    const loaded = () => reader.page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name.split("/").pop()));
    assert.deepEqual((await loaded()).filter((name) => /core|idx/.test(name ?? "")), []);
    await ask(reader, "share a page");
    assert.deepEqual((await loaded()).filter((name) => /core|idx/.test(name ?? "")).sort(), ["deskside-search-core.js", "deskside-search-core.wasm", "help.idx"]);
    assert.deepEqual(reader.problems, []);
  }));

test("a question typed with a mistake finds its article, and the link leads to the heading that answers", () =>
  reading("en/", async (reader) => {
    const { page, box, options } = reader;
    await ask(reader, "");
    await box.pressSequentially("how do i shair a page", { delay: 5 });
    await options.filter({ hasText: "Share a page with somebody" }).waitFor();
    await box.fill("what are the limits of api requests");
    const api = options.filter({ hasText: "API: errors, limits and retrying" });
    await api.waitFor();
    const href = (await api.getAttribute("href")) ?? "";
    assert.match(href, /\/help-center\/en\/api-errors-and-limits/);
    await shot(page, "help-search");
    await api.click();
    await page.getByRole("heading", { level: 1, name: "API: errors, limits and retrying" }).waitFor();
    const { hash } = new URL(href);
    if (hash) assert.equal(await page.locator(`[id="${decodeURIComponent(hash.slice(1))}"]`).count(), 1);
    assert.deepEqual(reader.problems, []);
  }));

test("the list is gone through with the arrows, and the field keeps the focus", () =>
  reading("en/", async (reader) => {
    const { page, box, options, popup } = reader;
    await ask(reader, "export pages");
    const titles = await page.locator("deskside-search [part=title]").allInnerTexts();
    assert.ok(titles.length > 2);
    assert.equal(await activeText(reader), null);
    assert.equal(await box.getAttribute("aria-expanded"), "true");
    await box.press("ArrowDown");
    assert.equal(await activeText(reader), titles[0]);
    await box.press("ArrowDown");
    assert.equal(await activeText(reader), titles[1]);
    assert.deepEqual(await options.evaluateAll((all) => all.map((one) => one.getAttribute("aria-selected"))).then((all) => all.slice(0, 3)), ["false", "true", "false"]);
    await box.press("ArrowUp");
    await box.press("ArrowUp");
    assert.equal(await activeText(reader), titles.at(-1), "before the first comes the last");
    await box.press("ArrowDown");
    assert.equal(await activeText(reader), titles[0], "and after the last the first");
    await box.press("Home");
    assert.equal(await activeText(reader), null, "Home moves in the text");
    assert.equal(await box.evaluate((input) => /** @type {HTMLInputElement} */ (input).selectionStart), 0);
    await box.press("ArrowDown");
    await box.press("End");
    assert.equal(await activeText(reader), null);
    assert.equal(await box.evaluate((input) => /** @type {HTMLInputElement} */ (input).selectionStart), "export pages".length);
    await box.press("Escape");
    assert.equal(await popup.isVisible(), false);
    assert.equal(await box.getAttribute("aria-expanded"), "false");
    assert.equal(await box.inputValue(), "export pages", "the first Escape closes, ");
    await box.press("Alt+ArrowDown");
    assert.ok(await popup.isVisible());
    assert.equal(await activeText(reader), null);
    await box.press("Alt+ArrowUp");
    assert.equal(await popup.isVisible(), false);
    await box.press("Escape");
    assert.equal(await box.inputValue(), "", "the second empties");
    assert.ok(await box.evaluate((input) => input.matches(":focus")));
  }));

test("Enter opens the article that is marked, or the best one", async () => {
  await reading("en/", async (reader) => {
    await ask(reader, "export pages");
    const second = await reader.options.nth(1).locator("[part=title]").innerText();
    await reader.box.press("ArrowDown");
    await reader.box.press("ArrowDown");
    await reader.box.press("Enter");
    await reader.page.getByRole("heading", { level: 1, name: second }).waitFor();
  });
  await reading("en/", async (reader) => {
    await ask(reader, "restore a deleted page");
    await reader.box.press("Enter");
    await reader.page.getByRole("heading", { level: 1, name: "Restore a deleted page" }).waitFor();
  });
});

test("what an input method puts together is searched for when it is whole, and its Enter opens nothing", () =>
  reading("zh-CN/", async (reader) => {
    const { page, box, options, popup } = reader;
    await ask(reader, "");
    await page.waitForFunction(() => performance.getEntriesByName(new URL("../help.idx", location.href).href).length > 0);
    const session = await page.context().newCDPSession(page);
    await session.send("Input.imeSetComposition", { text: "lixian", selectionStart: 6, selectionEnd: 6 });
    assert.equal(await box.inputValue(), "lixian");
    assert.equal(await popup.isVisible(), false, "nothing is searched for yet");
    await box.dispatchEvent("keydown", { key: "Enter", isComposing: true });
    await box.dispatchEvent("keydown", { key: "ArrowDown", isComposing: true });
    await box.dispatchEvent("keydown", { key: "Enter", keyCode: 229 });
    assert.equal(new URL(page.url()).pathname, "/help-center/zh-CN/");
    await session.send("Input.insertText", { text: "离线" });
    await options.first().waitFor();
    assert.equal(await box.inputValue(), "离线");
    assert.match(await options.first().innerText(), /离线|网络/);
    assert.equal(await activeText(reader), null);
  }));

test("in Chinese exactly what was asked for is marked, and the text stays as it is written", () =>
  reading("zh-CN/", async (reader) => {
    const { page } = reader;
    for (const query of ["离线", "恢复删除的页面", "導出"]) {
      await ask(reader, query);
      const marks = await page.locator("deskside-search mark").allInnerTexts();
      assert.ok(marks.length > 0, query);
      const signs = new RegExp(`^[${query === "導出" ? "导出" : query}]+$`);
      for (const mark of marks) assert.match(mark, signs, query);
    }
    await ask(reader, "恢复删除的页面");
    const first = page.locator("deskside-search [part=title]").first();
    assert.equal(await first.innerText(), "恢复误删的页面");
    assert.ok((await first.locator("mark").allInnerTexts()).includes("恢复"));
    await ask(reader, "tuikuan");
    assert.ok((await page.locator("deskside-search mark").allInnerTexts()).includes("退款"), "pinyin marks the characters");
    await shot(page, "help-search-zh");
  }));

test("a query and an article with markup are shown as text", () =>
  reading("en/", async (reader) => {
    await ask(reader, "share");
    await reader.box.fill("<img src=x onerror=alert(1)> share");
    await reader.options.first().waitFor();
    assert.equal(await reader.page.locator("deskside-search img").count(), 0);
    assert.deepEqual(reader.problems, []);
  }));

test("titles answer while the bodies are still on their way", () =>
  reading("en/", async (reader) => {
    const { page, box, options } = reader;
    const length = index.readUInt32LE(8);
    /** @type {() => void} */
    let release = () => undefined;
    instead = (request, response) => {
      if (!request.url?.endsWith("/help.idx")) return false;
      response.writeHead(200, { "content-type": "application/octet-stream", "content-length": String(index.length) });
      response.write(index.subarray(0, length + 100));
      release = () => response.end(index.subarray(length + 100));
      return true;
    };
    await box.click();
    await box.fill("share a page");
    await options.filter({ hasText: "Share a page with somebody" }).waitFor();
    assert.equal(await page.locator("deskside-search [part=passage]").count(), 0);
    await box.press("ArrowDown");
    release();
    await page.locator("deskside-search [part=passage]").first().waitFor();
    assert.equal(await box.inputValue(), "share a page");
  }));

test("once it is loaded the search goes on without a connection", () =>
  reading("en/", async (reader) => {
    const { page, box, options } = reader;
    await ask(reader, "share");
    await page.context().setOffline(true);
    await box.fill("work offline on the train");
    await options.filter({ hasText: "Work without a connection" }).waitFor();
    assert.deepEqual(reader.problems, []);
  }));

const damaged = Buffer.from(index.map((byte, place) => (place === 4000 ? byte ^ 1 : byte)));
for (const [what, answer, sentence] of /** @type {const} */ ([
  ["is not there", (/** @type {Response} */ response) => response.writeHead(404).end("Not found"), "It could not be loaded. Check your connection and try again."],
  ["is a page instead", (/** @type {Response} */ response) => response.writeHead(200).end("<!doctype html><title>Home</title>"), "Its list of articles cannot be read."],
  ["is damaged", (/** @type {Response} */ response) => response.writeHead(200).end(damaged), "Its list of articles cannot be read."],
  ["is cut short", (/** @type {Response} */ response) => response.writeHead(200).end(index.subarray(0, 3000)), "Its list of articles cannot be read."],
])) {
  test(`an index that ${what} is told in plain words, the page goes on, and another try may succeed`, () =>
    reading("en/", async (reader) => {
      const { page, box, popup, options } = reader;
      instead = (request, response) => Boolean(request.url?.endsWith("/help.idx") && answer(response));
      await box.click();
      await box.fill("share a page");
      await popup.getByText("The search does not work at the moment").waitFor();
      assert.ok(await popup.getByText(sentence).isVisible());
      assert.ok(await page.getByRole("link", { name: "All articles" }).first().isVisible(), "what the site offers instead");
      assert.equal(await options.count(), 0);
      assert.equal(await box.getAttribute("aria-expanded"), "false");
      await shot(page, "help-search-failed");
      instead = undefined;
      await popup.getByRole("button", { name: "Try again" }).click();
      await options.filter({ hasText: "Share a page with somebody" }).waitFor();
      await box.press("Escape");
      await page.getByRole("link", { name: "Share a page with somebody" }).first().click();
      await page.getByRole("heading", { level: 1, name: "Share a page with somebody" }).waitFor();
    }));
}

test("an element without the address of an index says so, and searches once it has one", () =>
  reading("en/", async (reader) => {
    const { page, box, popup, options } = reader;
    await listen(page);
    const element = page.locator("deskside-search");
    for (const address of [null, "http://["]) {
      await element.evaluate((one, given) => (given === null ? one.removeAttribute("index") : one.setAttribute("index", given)), address);
      await box.click();
      await box.fill("share a page");
      await popup.getByText("Its list of articles cannot be read.").waitFor();
    }
    assert.deepEqual((await heard(page))[0], ["failed", { code: "index_address" }]);
    await element.evaluate((one) => one.setAttribute("index", "../help.idx"));
    await box.fill("share a pag");
    await options.filter({ hasText: "Share a page with somebody" }).waitFor();
  }));

test("the element searches in one category alone where it is told to, and lists as many as it is told to", () =>
  reading("en/", async (reader) => {
    await reader.page.locator("deskside-search").evaluate((one) => {
      one.setAttribute("category", "Billing");
      one.setAttribute("limit", "3");
    });
    await ask(reader, "how much does it cost to share a page");
    assert.deepEqual([...new Set(await reader.page.locator("deskside-search [part=path]").allInnerTexts())], ["Billing"]);
    assert.ok((await reader.options.filter({ hasNotText: "Did you mean" }).count()) <= 3);
  }));

test("a core that fails is replaced, and the search goes on", () =>
  reading("en/", async (reader) => {
    const { page, box, options, problems } = reader;
    await page.evaluate(() => {
      const { instantiate } = WebAssembly;
      const failing = async (/** @type {WebAssembly.Module} */ module, /** @type {WebAssembly.Imports} */ imports) => {
        WebAssembly.instantiate = instantiate;
        const { exports } = await instantiate(module, imports);
        const trap = () => {
          throw new WebAssembly.RuntimeError("unreachable");
        };
        return { exports: { ...exports, search_ask: trap } };
      };
      WebAssembly.instantiate = /** @type {any} */ (failing);
    });
    await box.click();
    await until(async () => {
      await box.press("End");
      await box.pressSequentially("page ");
      return options.count();
    }, (count) => count > 0);
    assert.match(problems.join(), /unreachable|the search failed/, "the console tells the developer");
  }));

test("a policy that refuses WebAssembly is told in plain words", async () => {
  instead = (request, response) => {
    if (!request.url?.endsWith("/en/")) return false;
    response.setHeader("content-security-policy", "script-src 'self'");
    const writeHead = response.writeHead.bind(response);
    response.writeHead = (/** @type {number} */ status, /** @type {any} */ headers) => {
      delete headers["content-security-policy"];
      return writeHead(status, headers);
    };
    return false;
  };
  await reading("en/", async ({ page, box, popup }) => {
    await listen(page);
    await box.click();
    await box.fill("share a page");
    await popup.getByText("This page or this browser does not let it run.").waitFor();
    assert.deepEqual(await heard(page), [["failed", { code: "core_refused" }]]);
  });
});

test("a query without a good answer is said to have none, and the site's own way out is shown", () =>
  reading("en/", async (reader) => {
    const { page, box, popup } = reader;
    await ask(reader, "share");
    await box.fill("zzyzx qwrtp");
    await popup.getByText("No article answers this well").waitFor();
    assert.ok(await popup.locator("slot").isVisible());
    const ways = page.locator("deskside-search > a");
    assert.deepEqual(await ways.allInnerTexts(), ["All articles", "Write to us"]);
    assert.ok(await ways.first().isVisible());
    await until(() => page.locator("deskside-search [role=status]").innerText(), (said) => said === "No article answers this well");
    await shot(page, "help-search-nothing");
    await box.press("Enter");
    assert.equal(new URL(page.url()).pathname, "/help-center/en/", "and Enter opens nothing that may be wrong");
  }));

test("a corrected query is offered first, and taken with the keyboard", () =>
  reading("en/", async (reader) => {
    const { page, box, options } = reader;
    await ask(reader, "share with peple outside");
    assert.equal(await options.first().textContent(), "Did you mean share with people outside");
    await box.press("ArrowDown");
    await box.press("Enter");
    assert.equal(await box.inputValue(), "share with people outside");
    assert.equal(await page.getByText("Did you mean").count(), 0);
  }));

test("the number of articles is announced once the typing pauses", () =>
  reading("en/", async (reader) => {
    await ask(reader, "export pages");
    const count = await reader.options.count();
    await until(() => reader.page.locator("deskside-search [role=status]").innerText(), (said) => said === `${count} articles found`);
  }));

test("the page may open an article by itself", () =>
  reading("en/", async (reader) => {
    const { page, box, popup } = reader;
    await listen(page);
    await page.evaluate(() => addEventListener("deskside:open", (event) => event.preventDefault()));
    await ask(reader, "restore a deleted page");
    await box.press("Enter");
    const told = await until(() => heard(page), (events) => events.some(([name]) => name === "searched"));
    const [, detail] = told.find(([name]) => name === "open") ?? [];
    assert.equal(detail.id, "restore-a-deleted-page");
    assert.equal(detail.query, "restore a deleted page");
    assert.match(detail.href, /\/help-center\/en\/restore-a-deleted-page/);
    assert.equal(told.filter(([name]) => name === "searched").length, 1, "all keys of it are one search");
    assert.equal(new URL(page.url()).pathname, "/help-center/en/");
    assert.equal(await popup.isVisible(), false);
  }));

test("searches are kept on the device only where the site asks for it", async () => {
  const kept = (/** @type {Page} */ page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("deskside")));
  await reading("en/", async (reader) => {
    const { page, box, options, popup } = reader;
    await page.evaluate(() => addEventListener("deskside:open", (event) => event.preventDefault()));
    await page.locator("deskside-search").evaluate((element) => element.removeAttribute("recent"));
    await ask(reader, "export pages");
    await box.press("Enter");
    assert.deepEqual(await kept(page), []);
    await page.locator("deskside-search").evaluate((element) => element.setAttribute("recent", ""));
    await ask(reader, "restore a page");
    assert.deepEqual(await kept(page), [], "typing is not yet searching");
    await box.press("Enter");
    assert.deepEqual(await kept(page), ["deskside-search:recent"]);
    await box.fill("");
    await box.press("ArrowDown");
    assert.deepEqual(await options.allInnerTexts(), ["restore a page"]);
    await shot(page, "help-search-recent");
    await box.press("Enter");
    assert.equal(await box.inputValue(), "restore a page");
    await options.filter({ hasText: "Restore a deleted page" }).waitFor();
    await box.fill("");
    await box.press("ArrowDown");
    await popup.getByRole("button", { name: "Forget them" }).click();
    assert.deepEqual(await kept(page), []);
  });
});

test("a question without an answer reaches the team's list once, and leaves it as a file", () =>
  reading("en/", async (reader) => {
    const { page, box, popup } = reader;
    await page.clock.install();
    await ask(reader, "share");
    await page.clock.runFor(31_000);
    for (const query of ["zzy", "zzyzx qw", "=zzyzx qwrtp"]) {
      await box.fill(query);
      await page.clock.runFor(5_000);
    }
    await popup.getByText("No article answers this well").waitFor();
    await page.clock.runFor(31_000);
    assert.deepEqual(await page.locator("deskside-search").evaluate((element) => /** @type {any} */ (element).unanswered().map((/** @type {any} */ one) => [one.query, one.count])), [["=zzyzx qwrtp", 1]]);
    await page.goto(`${site}en/team/`);
    assert.deepEqual(await page.locator("[data-list=unanswered] tbody tr td:first-child").allInnerTexts(), ["=zzyzx qwrtp"]);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download CSV" }).click();
    const text = await readFile(await (await download).path(), "utf8");
    assert.match(text, /^\ufeffquery,count,first,last\r\n"'=zzyzx qwrtp",1,/);
  }));

test("what was asked and the article that helped become the log of the next index", () =>
  reading("en/", async (reader) => {
    const { page, box } = reader;
    await ask(reader, "bring back a page that I deleted");
    await reader.options.filter({ hasText: "Restore a deleted page" }).click();
    await page.getByRole("heading", { level: 1, name: "Restore a deleted page" }).waitFor();
    await page.getByRole("button", { name: "Yes" }).click();
    await page.getByText("Thank you, that is good to know.").waitFor();
    await page.goto(`${site}en/team/`);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download for deskside index --log" }).click();
    assert.equal(await readFile(await (await download).path(), "utf8"), "bring back a page that I deleted\trestore-a-deleted-page\n");
    assert.equal(await box.count(), 1);
  }));

test("the search runs in a worker", async () => {
  const worker = `
    import { open } from "${site}deskside/deskside-search-api.js";
    const bytes = await (await fetch("${site}help.idx")).arrayBuffer();
    const index = await open(bytes);
    postMessage(index.search("restor a deleted page", { locale: "en" }).map(({ id }) => id));
  `;
  instead = (request, response) => {
    if (request.url === "/help-center/blank") response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Blank</title>");
    else if (request.url === "/help-center/worker.js") response.writeHead(200, { "content-type": "text/javascript" }).end(worker);
    else return false;
    return true;
  };
  await reading("blank", async ({ page }) => {
    const ids = await page.evaluate(
      () => new Promise((resolve, reject) => {
        const worker = new Worker("worker.js", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
      }),
    );
    assert.equal(ids[0], "restore-a-deleted-page");
  });
});

test("a page may carry the script twice, and swap the element as it likes", () =>
  reading("en/", async (reader) => {
    const { page, box, options } = reader;
    await page.evaluate(async () => {
      const copy = "../deskside/deskside-search.js?copy";
      await import(copy);
    });
    await ask(reader, "share a page");
    await page.evaluate(() => {
      const old = document.querySelector("deskside-search");
      const next = document.createElement("deskside-search");
      next.setAttribute("index", "../help.idx");
      next.setAttribute("locale", "zh-CN");
      old?.replaceWith(next);
    });
    assert.equal(await box.getAttribute("aria-label"), "搜索帮助");
    await ask(reader, "导出页面");
    assert.ok((await options.count()) > 0);
    assert.deepEqual(reader.problems, []);
  }));

test("the address without a language leads to the reader's own", async () => {
  await reading("", ({ page }) => page.waitForURL(/\/help-center\/en\/$/), { locale: "en-GB" });
  await reading("", ({ page }) => page.waitForURL(/\/help-center\/zh-CN\/$/), { locale: "zh-TW" });
});

test("an article has its sections, its neighbours, and itself in the other language", () =>
  reading("en/work-offline/", async ({ page, problems }) => {
    const sections = page.getByRole("navigation", { name: "On this page" }).getByRole("link");
    assert.ok((await sections.count()) > 1);
    await sections.nth(1).click();
    assert.equal(await page.locator(":target").innerText(), await sections.nth(1).innerText());
    assert.equal(await page.getByRole("region", { name: "Related articles" }).getByRole("link").count(), 4);
    await page.getByRole("navigation", { name: "Language" }).getByRole("link", { name: "简体中文" }).click();
    await page.waitForURL(/zh-CN\/work-offline\/$/);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.goto(`${site}en/app-does-not-start/`);
    const inside = page.locator("article a[href^='../../']").first();
    await inside.click();
    assert.equal((await page.getByRole("heading", { level: 1 }).count()), 1);
    assert.deepEqual(problems, []);
  }));

test("every link of the help centre leads to a page of it", async () => {
  const { port } = new URL(site);
  /** @type {Set<string>} */
  const seen = new Set();
  const waiting = [`${site}en/`, `${site}zh-CN/`];
  for (let address = waiting.pop(); address; address = waiting.pop()) {
    if (seen.has(address)) continue;
    seen.add(address);
    const answer = await fetch(address);
    assert.equal(answer.status, 200, address);
    for (const [, href = ""] of (await answer.text()).matchAll(/ href="([^"]*)"/g)) {
      const url = new URL(href.replaceAll("&amp;", "&"), address);
      url.hash = "";
      if (url.port === port) waiting.push(url.href);
    }
  }
  assert.ok(seen.size > 170);
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`no page breaks a rule of accessibility, in ${colorScheme} colours`, async () => {
    for (const [path, query] of [["en/", "export"], ["zh-CN/", "zzyzx"], ["en/api-errors-and-limits/", ""], ["zh-CN/share-a-page/", "离线"], ["en/subject/editor/", ""], ["zh-CN/all/", ""], ["en/team/", ""]]) {
      await reading(path ?? "", async (reader) => {
        if (query) {
          await reader.box.click();
          await reader.box.fill(query);
          await reader.popup.waitFor();
          await until(() => reader.popup.innerText(), (text) => /›|No article|没有能|\n/.test(text));
          await reader.box.press("ArrowDown");
        }
        // Under the page's own policy no script may be put in: by the debugger it may.
        const violations = await reader.page.evaluate(`(() => { ${axe}; return axe.run(document, { resultTypes: ["violations"] }); })()`)
          .then((/** @type {any} */ result) => result.violations.map((/** @type {any} */ one) => `${path} ${one.id}: ${one.nodes[0].html}`));
        assert.deepEqual(violations, []);
      }, { colorScheme });
    }
  });
}

for (const [name, viewport] of /** @type {const} */ ([["desktop", { width: 1280, height: 860 }], ["phone", { width: 390, height: 844 }]])) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`nothing hangs over the edge, ${name}, ${colorScheme}`, async () => {
      for (const [locale, query] of [["en", "share a page"], ["zh-CN", "怎么导出页面"]]) {
        for (const path of ["", "api-errors-and-limits/", "team/", "all/"]) {
          await reading(`${locale}/${path}`, async (reader) => {
            await shot(reader.page, `help-${path.split("/")[0] || "home"}-${locale}-${name}-${colorScheme}`);
            const width = await reader.page.evaluate(() => document.documentElement.scrollWidth);
            assert.ok(width <= viewport.width, `${locale}/${path}: ${width}`);
            if (path) return;
            await ask(reader, query ?? "");
            await shot(reader.page, `help-search-${locale}-${name}-${colorScheme}`);
            const box = await reader.popup.boundingBox();
            assert.ok(box && box.x >= 0 && box.x + box.width <= viewport.width && box.y + box.height <= viewport.height, JSON.stringify(box));
          }, { colorScheme, viewport });
        }
      }
    });
  }
}
