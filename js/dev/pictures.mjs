// npm run pictures: the pictures in examples/pictures, taken anew from the real thing. Look at them before committing.
// (That of the mini-program is put together by hand from what tests/mini/looks.test.mjs draws.)
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openStage, patience_ms, signIn, visitor } from "../../tests/browser/stage.mjs";
import { build } from "./build.mjs";
import { at } from "./paths.mjs";
import { step } from "./progress.mjs";
import { finish } from "./run.mjs";
import { setup } from "./setup.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContextOptions} Look */

const folder = at("examples", "pictures");
const desktop = { viewport: { width: 1280, height: 800 }, locale: "en" };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, locale: "zh-CN" };

const talk = {
  en: {
    search: "where is my parcel",
    said: ["Hello! My order 48213 should have come on Friday, but the tracking stands still.", "It is a birthday present for Saturday."],
    answer: "Good morning, I see it: the parcel waits at the depot in Utrecht. I have asked them to send it out **today**.",
    offline: "Wonderful, thank you! Could they leave it with a neighbour?",
  },
  "zh-CN": {
    search: "怎么退货",
    said: ["你好，我的包裹还没到", "订单号 48213"],
    answer: "您好，我查到了：包裹在分拨中心，**今天**就派送。",
    offline: "太好了，可以放驿站吗？",
  },
};

/** @param {Page} page @param {string} name */
async function take(page, name) {
  // What fades in has done so.
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(folder, `${name}.jpg`), type: "jpeg", quality: 85 });
}

/**
 * A visitor's way from the launcher to the rating, a picture a station.
 * @param {import("../../tests/browser/stage.mjs").Stage} stage @param {string} device @param {"en" | "zh-CN"} lang @param {Look} look
 */
async function way(stage, device, lang, look) {
  const context = await stage.browser.newContext({ ...look, deviceScaleFactor: 1 });
  const page = await context.newPage();
  const me = visitor(page);
  const [first = "", second = ""] = talk[lang].said;
  const one = (/** @type {string} */ selector) => page.locator(`deskside-widget ${selector}`).first();
  await page.goto(`${stage.shop}/?lang=${lang}`);
  await me.launcher.waitFor();
  await take(page, `${device}-launcher`);
  await me.open();
  await one("[data-article]").waitFor({ timeout: patience_ms });
  await take(page, `${device}-home`);
  await page.getByRole("searchbox").fill(talk[lang].search);
  await one(".results [data-article]").waitFor({ timeout: patience_ms });
  await take(page, `${device}-search`);
  await one(".results [data-article]").click();
  await one("[data-screen=article] .ask button").click();
  const box = one(".composer textarea");
  for (const text of [first, second]) {
    await box.fill(text);
    await box.press("Enter");
    await me.reaches(text, "sent", "delivered");
  }
  const agent = await signIn(stage);
  await agent.openConversation(second);
  await agent.say(talk[lang].answer);
  await me.answers.last().waitFor({ timeout: patience_ms });
  await me.reaches(second, "read");
  await take(page, `${device}-chat`);
  if (lang === "en") await take(agent.page, "console");
  await stage.desk.stop();
  await box.fill(talk[lang].offline);
  await box.press("Enter");
  await one("[data-notice=unreachable], .notice").waitFor({ timeout: patience_ms });
  await take(page, `${device}-offline`);
  await stage.desk.start();
  await me.reaches(talk[lang].offline, "sent", "delivered", "read");
  await agent.resolve();
  await one(".survey input[type=radio]").waitFor({ state: "attached", timeout: patience_ms });
  await one(".survey input[type=radio]").locator("xpath=ancestor::fieldset[1]//input").nth(4).check({ force: true });
  await take(page, `${device}-rating`);
  await agent.page.context().close();
  await context.close();
}

/** @param {import("../../tests/browser/stage.mjs").Stage} stage */
async function helpCentre(stage) {
  const page = await (await stage.browser.newContext(desktop)).newPage();
  await page.goto(`${stage.shop}/help-center/en/`);
  await page.getByRole("combobox").fill("export to pdf");
  await page.getByRole("option").first().waitFor({ timeout: patience_ms });
  await take(page, "help-search");
  await page.getByRole("option").first().click();
  await page.locator("article").waitFor({ timeout: patience_ms });
  await take(page, "help-article");
  await page.context().close();
  const small = await (await stage.browser.newContext({ ...phone, deviceScaleFactor: 1, colorScheme: "dark" })).newPage();
  await small.goto(`${stage.shop}/help-center/zh-CN/`);
  await small.getByRole("combobox").fill("离线");
  await small.getByRole("option").first().waitFor({ timeout: patience_ms });
  await take(small, "phone-help");
  await small.context().close();
}

/** Three of them side by side, for the README. @param {import("../../tests/browser/stage.mjs").Stage} stage */
async function together(stage) {
  const page = await (await stage.browser.newContext({ viewport: { width: 1600, height: 640 } })).newPage();
  const pictures = ["desktop-home", "phone-chat", "phone-search"].map(async (name) => {
    const bytes = await readFile(join(folder, `${name}.jpg`));
    return `<img height="624" src="data:image/jpeg;base64,${bytes.toString("base64")}">`;
  });
  const style = "margin:8px;display:flex;gap:12px;justify-content:center;background:#f2f2f2";
  await page.setContent(`<body style="${style}">${(await Promise.all(pictures)).join("")}`);
  const box = await page.evaluate(() => {
    const [first, last] = [document.images[0], document.images[document.images.length - 1]].map((image) => image?.getBoundingClientRect());
    return { x: (first?.left ?? 0) - 8, y: 0, width: (last?.right ?? 0) - (first?.left ?? 0) + 16, height: 640 };
  });
  await writeFile(join(folder, "widget.jpg"), await page.screenshot({ clip: box, type: "jpeg", quality: 88 }));
  await page.context().close();
}

await finish(async () => {
  await setup({ browser: true });
  await build();
  await rm(join(folder, "widget.jpg"), { force: true });
  const stage = await openStage();
  try {
    await step("pictures", async (doing) => {
      doing("on a desktop");
      await way(stage, "desktop", "en", desktop);
      doing("on a phone");
      await way(stage, "phone", "zh-CN", { ...phone, colorScheme: "light" });
      doing("in the help centre");
      await helpCentre(stage);
      await together(stage);
    });
  } finally {
    await stage.close();
  }
});
