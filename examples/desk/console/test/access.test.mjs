// Whether everybody can work with it: axe on every page in light and dark, and room for fingers on a phone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openConsole, signIn, startBrowser, startDesk, visit } from "./desk.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("./desk.mjs").Browser} */
let browser;
/** @type {import("./desk.mjs").Desk} */
let desk;
/** @type {Awaited<ReturnType<typeof visit>>} */
let visitor;
/** @type {string} */
let axe;

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

before(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  [browser, desk] = await Promise.all([startBrowser(), startDesk()]);
  visitor = await visit(browser, desk);
  await visitor.say("Where is my parcel? See https://shop.example/orders/7");
});

after(async () => {
  await browser.close();
  await desk.end();
});

/** @param {Page} page @param {string} where */
async function assertAccessible(page, where) {
  /** @type {{ violations: { id: string, nodes: { html: string, failureSummary: string }[] }[] }} */
  const { violations } = await page.evaluate(`${axe}; axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] })`);
  const found = violations.map(({ id, nodes }) => `${where}: ${id}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join("\n")}`);
  assert.deepEqual(found, []);
}

/** `SHOTS` names a folder for pictures. @param {Page} page @param {string} name */
async function shot(page, name) {
  if (process.env.SHOTS !== undefined) await page.screenshot({ path: join(process.env.SHOTS, `console-${name}.png`) });
}

/** What can be touched and is not a link within a sentence. @param {Page} page */
const tooSmall = (page) =>
  page.locator("button:visible, a:visible, select:visible, textarea:visible").evaluateAll((nodes) =>
    nodes
      .filter((node) => !node.matches(".bubble a, .note-text a, .facts a, .skip"))
      .map((node) => ({ name: node.getAttribute("aria-label") ?? node.textContent, ...node.getBoundingClientRect().toJSON() }))
      .filter(({ width, height }) => width < 44 || height < 44)
      .map(({ name, width, height }) => `${name}: ${width} x ${height}`),
  );

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const [size, options] of Object.entries({ desktop: {}, phone })) {
    test(`nothing stands in the way on a ${size}, ${colorScheme}`, async () => {
      const { page, faults, close } = await openConsole(browser, desk, { ...options, colorScheme, reducedMotion: "reduce", bypassCSP: true });
      await assertAccessible(page, "login");
      if (size === "phone") assert.deepEqual(await tooSmall(page), []);
      await signIn(page, desk.agent);
      await page.locator(".filter", { hasText: "All" }).click();
      await page.locator(".row").first().waitFor();
      await assertAccessible(page, "inbox");
      if (size === "phone") assert.deepEqual(await tooSmall(page), []);
      await page.getByRole("button", { name: "Settings and account" }).click();
      await assertAccessible(page, "settings");
      if (size === "phone") assert.deepEqual(await tooSmall(page), []);
      await page.keyboard.press("Escape");
      await page.locator(".row").first().click();
      await page.locator(".bubble").first().waitFor();
      await assertAccessible(page, "conversation");
      if (size === "phone") assert.deepEqual(await tooSmall(page), []);
      await page.locator("#composer").fill("/");
      await page.getByRole("option").first().waitFor();
      await assertAccessible(page, "canned replies");
      await page.locator("#composer").fill("");
      await page.getByRole("button", { name: "Note for colleagues" }).click();
      await page.locator("#composer").fill("A note with **weight** and [a link](https://shop.example)");
      await assertAccessible(page, "writing a note");
      if (size === "phone") assert.deepEqual(await tooSmall(page), []);
      await page.locator("#composer").press("Enter");
      await page.locator(".note strong").first().waitFor();
      await page.locator("#composer").press("Escape");
      await page.locator(".composer input[type=file]").setInputFiles({ name: "terms.txt", mimeType: "text/plain", buffer: Buffer.from("All of them") });
      await page.locator(".chip").waitFor();
      await assertAccessible(page, "a file to be sent");
      if (size === "phone") assert.deepEqual(await tooSmall(page), []);
      await page.locator("#composer").fill("`code`, _and_ a list:\n\n- one\n- two");
      await page.locator("#composer").press("Enter");
      await page.locator(".is-mine .file").first().waitFor();
      await assertAccessible(page, "a note, a file, formatted text");
      if (size === "phone") assert.deepEqual(await tooSmall(page), []);
      await shot(page, `${size}-${colorScheme}-conversation`);
      await page.getByRole("button", { name: "Hand over" }).click();
      await page.getByRole("dialog").waitFor();
      await assertAccessible(page, "handing over");
      if (size === "phone") assert.deepEqual(await tooSmall(page), []);
      await shot(page, `${size}-${colorScheme}-hand-over`);
      await page.keyboard.press("Escape");
      await page.locator(".conversation-actions button", { hasText: "Resolve" }).click();
      await page.getByRole("dialog").waitFor();
      await assertAccessible(page, "question");
      await page.keyboard.press("Escape");
      assert.deepEqual(faults, []);
      await close();
    });
  }
}

test("on a phone there is one column, with a way back and the details on request", async () => {
  const { page, close } = await openConsole(browser, desk, phone);
  await signIn(page, desk.agent);
  await page.locator(".filter", { hasText: "All" }).tap();
  await page.locator(".row").first().tap();
  await page.locator(".bubble").first().waitFor();
  assert.equal(await page.locator(".inbox").isVisible(), false);
  await page.getByRole("button", { name: "Details" }).tap();
  await page.getByRole("region", { name: "Details" }).getByText("shop.example/cart").waitFor();
  await page.getByRole("button", { name: "Close details" }).tap();
  assert.equal(await page.locator(".panel").isVisible(), false);
  await page.getByRole("button", { name: "Back to the inbox" }).tap();
  await page.locator(".inbox").waitFor();
  assert.equal(await page.locator(".conversation").isVisible(), false);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0);
  await close();
});

test("new messages are said aloud once, and nothing else is", async () => {
  const { page, close } = await openConsole(browser, desk);
  await signIn(page, desk.agent);
  await page.locator(".filter", { hasText: "All" }).click();
  await page.locator(".row").first().waitFor();
  await page.evaluate(() => {
    const said = /** @type {string[]} */ ([]);
    const live = document.querySelector('[aria-live="polite"]');
    if (live) new MutationObserver((all) => said.push(...all.flatMap(({ addedNodes }) => [...addedNodes].map((node) => node.textContent ?? "")))).observe(live, { childList: true });
    Object.assign(window, { said });
  });
  await visitor.say("Are you there?");
  await page.locator(".row", { hasText: "Are you there?" }).waitFor();
  await page.locator(".row").first().click();
  await page.locator(".bubble", { hasText: "Are you there?" }).waitFor();
  await page.locator("#composer").fill("Yes");
  await page.locator("#composer").press("Enter");
  await page.locator(".is-mine .bubble", { hasText: "Yes" }).waitFor();
  const said = /** @type {string[]} */ (await page.evaluate("said"));
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /^Visitor .{4}: Are you there\?$/);
  await close();
});
