// What the desk refuses for good is the visitor's to send again or to give up, also where it is no message.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openStage, patience_ms, refuse, shot, until, visitor, watch } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** @param {"en" | "zh-CN"} locale @param {import("playwright-core").BrowserContextOptions} options */
async function ratesInVain(locale, options) {
  const context = await stage.browser.newContext({ locale, ...options });
  const page = await context.newPage();
  const problems = watch(page);
  const ratings = await refuse(page, "feedback", "invalid");
  await page.goto(`${stage.shop}/?lang=${locale}`);
  const me = visitor(page);
  await me.open();
  await page.getByRole("searchbox").fill(locale === "en" ? "return something" : "退货");
  await page.locator("deskside-widget .results [data-article]").first().click();
  await page.getByRole("button", { name: locale === "en" ? "No" : "没帮助", exact: true }).click();
  const notice = page.locator("deskside-widget [data-notice=answer]");
  await notice.waitFor({ timeout: patience_ms });
  return { context, page, me, notice, ratings, problems };
}

test("a rating that the desk does not take is shown over a reload, and goes once when it is sent again", async () => {
  const { context, page, me, notice, ratings, problems } = await ratesInVain("en", { viewport: { width: 1280, height: 800 } });
  await page.reload();
  await me.open();
  await notice.waitFor({ timeout: patience_ms });
  await shot(page, "refused-desktop");
  ratings.refused = false;
  await notice.getByRole("button", { name: "Send again" }).click();
  await notice.waitFor({ state: "detached", timeout: patience_ms });
  await until(() => Promise.resolve(ratings.taken), (taken) => taken === 1);
  assert.deepEqual(problems, []);
  await context.close();
});

test("a rating that the desk does not take is given up by the visitor", async () => {
  const { context, page, me, notice, ratings } = await ratesInVain("zh-CN", {
    viewport: { width: 390, height: 780 }, colorScheme: "dark", hasTouch: true,
  });
  await page.reload();
  await me.open();
  await notice.waitFor({ timeout: patience_ms });
  await shot(page, "refused-phone-dark");
  await notice.getByRole("button", { name: "放弃" }).click();
  await notice.waitFor({ state: "detached", timeout: patience_ms });
  await page.reload();
  await me.open();
  await page.waitForLoadState("networkidle");
  assert.equal(await notice.count(), 0);
  assert.equal(ratings.taken, 0);
  await context.close();
});

test("an end that the desk does not take is said, and made again by the visitor", async () => {
  const context = await stage.browser.newContext({ locale: "en", viewport: { width: 390, height: 780 }, hasTouch: true });
  const page = await context.newPage();
  const problems = watch(page);
  const ends = await refuse(page, "close", "invalid");
  await page.goto(`${stage.shop}/?lang=en`);
  const me = visitor(page);
  await me.openChat();
  await me.say("hello");
  await me.reaches("hello", "sent", "delivered", "read");
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.locator("deskside-widget .menu-list").getByRole("button", { name: "End conversation" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End conversation" }).click();
  const notice = page.locator("deskside-widget [data-notice=answer]");
  await notice.getByText("The conversation could not be ended.").waitFor({ timeout: patience_ms });
  await shot(page, "refused-end");
  ends.refused = false;
  await notice.getByRole("button", { name: "Send again" }).click();
  await page.locator("deskside-widget [data-screen=chat][data-state=closed]").waitFor({ timeout: patience_ms });
  assert.equal(await notice.count(), 0);
  assert.deepEqual(problems, []);
  await context.close();
});

test("what waits for a conversation that may not begin says why, and goes into it once it may", async () => {
  const context = await stage.browser.newContext({ locale: "en", viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const begins = await refuse(page, "open", "too_many");
  await page.goto(`${stage.shop}/?lang=en`);
  const me = visitor(page);
  await me.openChat();
  await me.say("is anybody there");
  await page.getByText("Not sent, you have too many conversations already").waitFor({ timeout: patience_ms });
  await shot(page, "refused-open");
  begins.refused = false;
  await page.getByRole("button", { name: "Send again" }).click();
  await me.reaches("is anybody there", "sent", "delivered", "read");
  assert.equal(begins.taken, 1);
  await context.close();
});
