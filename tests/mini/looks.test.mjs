// Every screen of <deskside-chat>, from its published WXML and WXSS, as a phone of 375 by 667 shows it: in Chinese
// and English, light and dark. Nothing sticks out, what is tapped is large enough, and axe finds nothing wrong.
// `SHOTS=folder` keeps the pictures.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { chromiumArgs, findChromium } from "../../js/dev/chromium.mjs";
import { chatOf } from "../../js/dev/mini-program.mjs";
import { at } from "../../js/dev/paths.mjs";
import { drawOn } from "./draw.mjs";
import { openComponent } from "./simulate.mjs";
import { serveHelp, signIn, startDesk } from "./stage.mjs";

const shots = process.env["SHOTS"];
const axe = await readFile(at("node_modules", "axe-core", "axe.min.js"), "utf8");

/** @type {Awaited<ReturnType<typeof startDesk>>} */
let desk;
/** A desk where nobody sits. @type {Awaited<ReturnType<typeof startDesk>>} */
let deserted;
/** @type {Awaited<ReturnType<typeof signIn>>} */
let agent;
/** @type {Awaited<ReturnType<typeof serveHelp>>} */
let help;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  desk = await startDesk({}, { surveys: at("examples", "website", "surveys") });
  deserted = await startDesk();
  [agent, help] = await Promise.all([signIn(desk), serveHelp()]);
  const executablePath = await findChromium();
  browser = await chromium.launch({ ...(executablePath && { executablePath }), args: chromiumArgs });
});
after(async () => {
  await browser.close();
  agent.close();
  help.close();
  await Promise.all([desk.end(), deserted.end()]);
});

/**
 * Draws what the component shows, in both colours, and finds nothing wrong.
 * @param {import("node:test").TestContext} t @param {Awaited<ReturnType<typeof openComponent>>} component @param {string} language
 */
async function looker(t, component, language) {
  const template = {
    wxml: await readFile(join(chatOf("wechat"), "index.wxml"), "utf8"),
    wxss: await readFile(join(chatOf("wechat"), "index.wxss"), "utf8"),
  };
  const context = await browser.newContext({ viewport: { width: 375, height: 667 }, deviceScaleFactor: 2 });
  t.after(() => context.close());
  const page = await context.newPage();
  // Any page of this machine: pictures of the desk load there, and no policy forbids what the test draws.
  await page.goto(new URL("/", help.url).href);
  await page.evaluate(axe);
  await page.evaluate((lang) => Object.assign(document.documentElement, { lang }), language.replace("_", "-"));
  await page.evaluate(() => (document.title = "Deskside"));

  return async (/** @type {string} */ name) => {
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await page.emulateMedia({ colorScheme });
      await drawOn(page, template, component.data());
      if (shots) {
        await mkdir(shots, { recursive: true });
        await page.screenshot({ path: join(shots, `mini-${name}-${language}-${colorScheme}.png`) });
      }
      const where = `${name}, ${language}, ${colorScheme}`;
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 375, `${where}: ${wide} px wide`);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll("[data-tap]")]
          .filter((one) => !one.matches(".run, .card-title"))
          .map((one) => ({ text: one.textContent, ...one.getBoundingClientRect().toJSON() }))
          .filter(({ width, height }) => width > 0 && (width < 43.9 || height < 43.9))
          .map(({ text, width, height }) => `${text} ${width} x ${height}`),
      );
      assert.deepEqual(small, [], where);
      const run = 'axe.run("body", { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], rules: { "scrollable-region-focusable": { enabled: false } } })';
      const { violations } = /** @type {{ violations: { id: string, nodes: { html: string, failureSummary: string }[] }[] }} */ (await page.evaluate(run));
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" ")}`), [], where);
    }
  };
}

const says = {
  zh_CN: {
    find: "tuihuo", ask: "订单 LL-20481963 的桌布还没有到，请帮我看看。", answer: "您好！包裹**今天下午**会送到，可以在 [物流页面](https://track.example/LL-20481963) 查看。",
    thanks: "太好了，谢谢！", choose: "还需要别的吗？", replies: ["查看退货政策", "修改地址", "没有了"], card: "亚麻桌布", about: "160 × 260 厘米，亚麻色", stock: "有货吗", form: "请填写退货信息", order: "订单号", why: "退货原因", reasons: ["太大", "太小"], agree: "我已阅读退货政策",
  },
  en: {
    find: "retrun", ask: "My tablecloth from order LL-20481963 has not come yet. Could you have a look?", answer: "Hello! It arrives **this afternoon**; you can follow it on the [tracking page](https://track.example/LL-20481963).",
    thanks: "Wonderful, thank you!", choose: "Is there anything else?", replies: ["Returns", "Change the address", "That is all"], card: "Linen tablecloth", about: "160 × 260 cm, natural", stock: "Is it in stock?", form: "Please tell us what to take back", order: "Order number", why: "Why", reasons: ["Too large", "Too small"], agree: "I have read how returns work",
  },
};

for (const [language, say] of Object.entries(says)) {
  test(`${language}: home, search, article, chat, cards, a form and every step of a rating look right`, async (t) => {
    const component = await openComponent(desk, { help: help.url, language });
    t.after(() => component.close());
    const look = await looker(t, component, language);
    await component.until(() => component.all(".item").length >= 4, "the popular questions");
    await look("home");
    component.type(".query", say.find);
    await component.until(() => component.data().found.length > 0, "the hits");
    await look("search");
    component.tap(component.all(".item")[0]);
    await component.until(() => component.one(".article-title"), "the article");
    await look("article");
    component.tap(component.one(".ask"));
    const client = await component.client();
    await component.until(() => component.one(".field") && client.view().conversation, "the message field");
    component.type(".field", say.ask);
    component.tap(component.one(".send"));
    const sent = () => client.view().conversation.items.filter((/** @type {any} */ { body }) => /sent|delivered|read/.test(body.message?.status)).length;
    await component.until(() => sent() === 1, "it to be sent");
    const conv = client.view().conversations[0].id;
    await agent.say(conv, say.answer);
    await component.until(() => component.all(".theirs").length > 0, "the answer");
    component.type(".field", say.thanks);
    component.tap(component.one(".send"));
    await component.until(() => sent() === 2, "it to be sent");
    await agent.offer(conv, { text: say.choose, quickReplies: say.replies.map((title) => ({ title })) });
    await component.until(() => component.all(".reply").length === 3, "the replies");
    await look("chat");
    const image = "/console/icon.svg";
    await agent.offer(conv, { text: "", cards: [say.card, `${say.card} II`].map((title) => ({ title, text: say.about, image, buttons: [{ title: say.stock }] })) });
    await component.until(() => component.all(".card").length === 2, "the cards");
    await look("cards");
    const fields = [
      { name: "order", kind: "text", label: say.order, required: true, options: [] },
      { name: "why", kind: "select", label: say.why, required: true, options: say.reasons },
      { name: "agree", kind: "checkbox", label: say.agree, required: false, options: [] },
    ];
    await agent.offer(conv, { text: say.form, form: { fields, submit: "" } });
    await component.until(() => component.all(".form-field").length === 3, "the form");
    await look("form");
    await agent.resolve(conv);
    await component.until(() => component.all(".star .point").length === 5, "the stars");
    await look("rating");
    component.tap(component.all(".star .point")[1]);
    await component.until(() => component.all(".tags .option").length > 2, "the tags of a low rating");
    component.tap(component.all(".tags .option")[0]);
    await component.until(() => component.all(".tags .on").length === 1, "the chosen tag");
    await look("rating-low");
    await component.tapOn(".survey .primary");
    await component.until(() => component.data().survey?.thanks, "the thanks");
    await look("thanks");
    await component.tapOn(".skip");
    client.dispatch({ survey: { act: "start", id: "nps", name: "widget" } });
    component.tap(component.one(".back"));
    await component.until(() => component.all(".point").length === 11, "the scale of eleven");
    await look("nps");
  });

  test(`${language}: where nobody is there, what is said so and the form for a message look right`, async (t) => {
    const component = await openComponent(deserted, { opens: "chat", language });
    t.after(() => component.close());
    const look = await looker(t, component, language);
    await component.until(() => component.one(".away"), "the word that nobody is there");
    await look("away");
    await component.tapOn(".away .link-button");
    const fields = await component.until(() => component.all(".ticket .input").length === 3 && component.all(".ticket .input"), "the form");
    await look("ticket");
    component.type(fields[1], say.order);
    await component.tapOn(".ticket .primary");
    await component.until(() => component.one(".ticket .problem"), "what is wrong");
    await look("ticket-problem");
    component.type(fields[1], "mei@post.example");
    component.type(fields[2], say.ask);
    await component.tapOn(".ticket .primary");
    await component.until(() => /mei@post\.example · (No\.|编号) \d+/.test(component.text()), "the number");
    await look("ticket-sent");
  });
}
