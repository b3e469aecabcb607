// Every screen, in both languages, light and dark, on a phone and on a desk: what a person with another
// way of seeing or of pointing needs is there. With SHOTS=folder it leaves the pictures.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { at } from "../../js/dev/paths.mjs";
import { openStage, patience_ms, shot, signIn, visitor, watch } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
let axe = "";
before(async () => {
  stage = await openStage();
  axe = await readFile(at("node_modules", "axe-core", "axe.min.js"), "utf8");
});
after(() => stage.close());

/** @param {import("playwright-core").Page} page @param {string} screen */
async function assertUsable(page, screen) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const run = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { axe } = /** @type {{ axe: typeof import("axe-core") }} */ (/** @type {unknown} */ (window));
    const { violations } = await axe.run("deskside-widget", { runOnly: run });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  });
  assert.deepEqual(found, [], screen);
  // Whatever can be touched is large enough for a thumb.
  const small = await page.evaluate(() => {
    const root = document.querySelector("deskside-widget")?.shadowRoot;
    const targets = [...(root?.querySelectorAll(".screen button, .screen textarea, .screen input[type=search]") ?? [])];
    const sizes = targets.filter((target) => !target.closest("p, .prose, [hidden]")).map((target) => {
      const { width, height } = target.getBoundingClientRect();
      return { name: target.getAttribute("aria-label") ?? target.textContent.trim().slice(0, 30), width, height };
    });
    return sizes.filter(({ width, height }) => width > 0 && height > 0 && (width < 24 || height < 24));
  });
  assert.deepEqual(small, [], screen);
}

const words = {
  en: { question: "where is my parcel", words: "My parcel has not come", answer: "I will look at once", number: /No\. \d+/ },
  "zh-CN": { question: "怎么退货", words: "我的包裹还没到", answer: "我马上帮您查", number: /编号 \d+/ },
};

for (const { lang, theme, phone } of /** @type {const} */ ([
  { lang: "en", theme: "light", phone: false },
  { lang: "zh-CN", theme: "dark", phone: false },
  { lang: "en", theme: "dark", phone: true },
  { lang: "zh-CN", theme: "light", phone: true },
])) {
  const name = `${phone ? "phone" : "desktop"}-${theme}-${lang}`;
  test(`every screen can be used: ${name}`, async () => {
    const context = await stage.browser.newContext({
      viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
      deviceScaleFactor: phone ? 2 : 1,
      isMobile: phone,
      hasTouch: phone,
      colorScheme: theme,
      // What is half faded in has another contrast.
      reducedMotion: "reduce",
      locale: lang,
    });
    const page = await context.newPage();
    const problems = watch(page);
    const me = visitor(page);
    const look = async (/** @type {string} */ screen) => {
      await shot(page, `${name}-${screen}`);
      await assertUsable(page, `${name} ${screen}`);
    };
    await page.goto(`${stage.shop}/?lang=${lang}`);
    await me.launcher.waitFor();
    await look("1-launcher");
    await me.open();
    await page.locator("deskside-widget [data-article]").first().waitFor({ timeout: patience_ms });
    await look("2-home");
    await page.getByRole("searchbox").fill(words[lang].question);
    await page.locator("deskside-widget .results [data-article]").first().waitFor({ timeout: patience_ms });
    await look("3-search");
    await page.locator("deskside-widget .results [data-article]").first().click();
    await page.locator("deskside-widget [data-screen=article] article").waitFor();
    await look("4-article");
    await page.locator("deskside-widget [data-screen=article] .ask button").click();
    await page.locator("deskside-widget [data-action=ticket]").waitFor({ timeout: patience_ms });
    await look("4-nobody-there");
    await page.locator("deskside-widget [data-action=ticket]").click();
    const ticket = page.locator("deskside-widget form.ticket");
    await ticket.locator("textarea").fill(words[lang].question);
    await look("4-ticket");
    await ticket.locator("[name=replyTo]").fill("post.example");
    await ticket.locator("button").click();
    await ticket.locator("[aria-invalid=true]").waitFor({ timeout: patience_ms });
    await look("4-ticket-problem");
    await ticket.locator("[name=replyTo]").fill("mei@post.example");
    await ticket.locator("button").click();
    await page.locator("deskside-widget [data-ticket]").getByText(words[lang].number).waitFor({ timeout: patience_ms });
    await look("4-ticket-sent");
    const box = page.locator("deskside-widget .composer textarea");
    await box.fill(words[lang].words);
    await box.press("Enter");
    await me.reaches(words[lang].words, "sent", "delivered");
    const agent = await signIn(stage);
    await agent.openConversation(words[lang].words);
    await agent.say(words[lang].answer);
    await me.answers.filter({ hasText: words[lang].answer }).waitFor({ timeout: patience_ms });
    await look("5-chat");
    await stage.desk.stop();
    await box.fill("…");
    await box.press("Enter");
    await page.locator("deskside-widget [data-notice=unreachable], deskside-widget .notice").first().waitFor({ timeout: patience_ms });
    await look("6-unreachable");
    await stage.desk.start();
    await me.reaches("…", "sent", "delivered", "read");
    await agent.resolve();
    await page.locator("deskside-widget .survey input[type=radio]").first().waitFor({ state: "attached", timeout: patience_ms });
    await look("7-rating");
    await page.locator("deskside-widget .survey input[type=radio]").nth(4).check({ force: true });
    await look("8-rated");
    assert.deepEqual(problems, []);
    await agent.page.context().close();
    await context.close();
  });
}
