// All that a conversation may hold: a bot's answers to choose from, cards, forms, files, changes, an answer
// that grows, and the way to a person. A real desk, a real bot on its socket, a real browser.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { at } from "../../js/dev/paths.mjs";
import { openBot, openStage, patience_ms, shot, signIn, until, visitor, watch } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
let axe = "";
before(async () => {
  stage = await openStage({ selfService: true });
  axe = await readFile(at("node_modules", "axe-core", "axe.min.js"), "utf8");
});
after(() => stage.close());

/** @param {import("playwright-core").Page} page @param {string} screen */
async function assertUsable(page, screen) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = /** @type {{ axe: typeof import("axe-core") }} */ (/** @type {unknown} */ (window));
    const { violations } = await axe.run("deskside-widget", { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  });
  assert.deepEqual(found, [], screen);
}

const words = {
  en: {
    ask: "Where is my duvet?", replies: ["Track my parcel", "Something else"], about: "What is it about?",
    card: "Rye duvet", cardText: "Stone washed linen, 140 x 200 cm", stock: "Is it in stock?", details: "Details",
    form: "Which order is it?", order: "Order number", mail: "E-mail", look: "Look it up", agree: "Send me news by e-mail",
    written: "It comes on Munday.", edited: "It comes on **Monday**.", secret: "Your code is 4711.",
    stream: ["Your parcel", "Your parcel left Hangzhou", "Your parcel left Hangzhou **this morning** and"],
    ended: "Your parcel left Hangzhou **this morning** and is due on Monday.",
  },
  "zh-CN": {
    ask: "我的被子到哪里了？", replies: ["查询物流", "其他问题"], about: "请问您想了解什么？",
    card: "黑麦亚麻被套", cardText: "水洗亚麻，140 x 200 厘米", stock: "有现货吗？", details: "查看详情",
    form: "请问是哪一笔订单？", order: "订单号", mail: "邮箱", look: "查询", agree: "订阅邮件通知",
    written: "周日到。", edited: "**周一**到。", secret: "您的验证码是 4711。",
    stream: ["您的包裹", "您的包裹已从杭州发出", "您的包裹已于**今早**从杭州发出，"],
    ended: "您的包裹已于**今早**从杭州发出，预计周一送达。",
  },
};

/** A picture that was drawn in the page. @param {import("playwright-core").Page} page */
async function drawn(page) {
  const url = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 300, height: 200 });
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("nothing can be drawn here");
    for (const [at, color] of ["#b48a5a", "#8a6a45", "#d9c3a0"].entries()) {
      pen.fillStyle = color;
      pen.fillRect(at * 100, 0, 100, 200);
    }
    return canvas.toDataURL("image/png");
  });
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

for (const { lang, theme, phone } of /** @type {const} */ ([
  { lang: "en", theme: "light", phone: false },
  { lang: "zh-CN", theme: "dark", phone: true },
])) {
  const name = `talk-${phone ? "phone" : "desktop"}-${theme}-${lang}`;
  const say = words[lang];
  test(`choose, look, fill in, attach, see changes, ask for a person: ${name}`, async () => {
    const context = await stage.browser.newContext({
      viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
      deviceScaleFactor: phone ? 2 : 1,
      isMobile: phone,
      hasTouch: phone,
      colorScheme: theme,
      reducedMotion: "reduce",
      acceptDownloads: true,
      locale: lang,
    });
    const bot = await openBot(stage);
    const page = await context.newPage();
    const problems = watch(page);
    const me = visitor(page);
    const widget = page.locator("deskside-widget");
    const look = async (/** @type {string} */ screen) => {
      await shot(page, `${name}-${screen}`);
      await assertUsable(page, `${name} ${screen}`);
    };
    await page.goto(`${stage.shop}/?lang=${lang}`);
    await me.launcher.waitFor();
    await me.open();
    await widget.locator(".ask button").first().click();
    const box = widget.locator(".composer textarea");
    await box.fill(say.ask);
    await box.press("Enter");
    await me.reaches(say.ask, "sent", "delivered", "read");
    const { conv } = await bot.watch(say.ask);

    // Answers to choose from.
    const quickReplies = say.replies.map((title) => ({ title, payload: `p:${title}` }));
    await bot.say(conv, { text: say.about, quickReplies });
    const reply = widget.locator(".reply").filter({ hasText: say.replies[0] ?? "" });
    await reply.waitFor({ timeout: patience_ms });
    await look("1-replies");
    await reply.click();
    await me.reaches(say.replies[0] ?? "", "sent", "delivered", "read");
    await until(() => widget.locator(".reply:not(.person)").count(), (count) => count === 0);

    // A card, with a picture from the desk.
    const image = "/console/icon.svg";
    const buttons = [{ title: say.stock, payload: "stock" }, { title: say.details, link: "https://shop.example/rye-duvet" }];
    const card = { title: say.card, text: say.cardText, image, link: "https://shop.example/rye-duvet", buttons };
    await bot.say(conv, { text: say.card, cards: [card, { ...card, title: `${say.card} II`, buttons: [] }] });
    await widget.locator(".card").first().waitFor({ timeout: patience_ms });
    await until(() => widget.locator(".card img").first().evaluate((img) => /** @type {HTMLImageElement} */ (img).naturalWidth), (wide) => wide > 0);
    await look("2-cards");
    await widget.locator(".card button").filter({ hasText: say.stock }).click();
    await me.reaches(say.stock, "sent", "delivered", "read");

    // A form.
    const fields = [
      { name: "order", label: say.order, kind: "text", required: true },
      { name: "mail", label: say.mail, kind: "email" },
      { name: "news", label: say.agree, kind: "checkbox" },
    ].map((field) => ({ required: false, options: [], ...field }));
    await bot.say(conv, { text: say.form, form: { fields, submit: say.look } });
    await widget.locator("form.form").waitFor({ timeout: patience_ms });
    await look("3-form");
    await widget.locator("form.form input[name=order]").fill("LL-20481963");
    await widget.locator("form.form button[type=submit]").click();
    await me.reaches("LL-20481963", "sent", "delivered", "read");
    await widget.locator(".form.answered").waitFor();

    // A picture from the visitor, and one that is pasted.
    const png = await drawn(page);
    await widget.locator("input[type=file]").setInputFiles({ name: "parcel.png", mimeType: "image/png", buffer: png });
    await widget.locator(".tray li").waitFor({ timeout: patience_ms });
    await look("4-tray");
    await widget.locator(".composer .send").click();
    const sent = widget.locator(".message.mine[data-status=sent], .message.mine[data-status=delivered], .message.mine[data-status=read]");
    await sent.filter({ has: page.locator(".file img") }).waitFor({ timeout: patience_ms });
    assert.equal(await widget.locator(".file progress").count(), 0);
    await box.evaluate((field) => {
      const data = new DataTransfer();
      data.items.add(new File(["a list"], "list.txt", { type: "text/plain" }));
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await widget.locator(".tray li").waitFor({ timeout: patience_ms });
    await box.press("Enter");
    await widget.locator(".file-name").filter({ hasText: "list.txt" }).waitFor({ timeout: patience_ms });
    await until(() => widget.locator(".file progress").count(), (count) => count === 0);
    await look("5-files");

    // Changes: put right, and taken back.
    const written = await bot.say(conv, { text: say.written });
    await me.answers.filter({ hasText: say.written }).waitFor({ timeout: patience_ms });
    await bot.ask({ edit: { conv, cmid: crypto.randomUUID(), edit: { seq: written, content: { text: say.edited } } } });
    await me.answers.filter({ hasText: say.edited.replaceAll("*", "") }).waitFor({ timeout: patience_ms });
    const secret = await bot.say(conv, { text: say.secret });
    await me.answers.filter({ hasText: "4711" }).waitFor({ timeout: patience_ms });
    await bot.ask({ redact: { conv, cmid: crypto.randomUUID(), redact: { seq: secret } } });
    await until(() => me.answers.filter({ hasText: "4711" }).count(), (count) => count === 0);
    await look("6-changed");

    // An answer that grows.
    const id = crypto.randomUUID();
    for (const text of say.stream) await bot.write(conv, id, text);
    await widget.locator(".bubble[data-writing]").waitFor({ timeout: patience_ms });
    await look("7-growing");
    await bot.say(conv, { text: say.ended }, id);
    await me.answers.filter({ hasText: say.ended.replaceAll("*", "") }).waitFor({ timeout: patience_ms });
    assert.equal(await widget.locator(".bubble[data-writing]").count(), 0);
    assert.equal(await me.answers.filter({ hasText: say.stream[0] ?? "" }).count(), 1, "it stands there once");

    // A person, whatever a bot may say, and the place in the queue once somebody is there to take it.
    await widget.locator("[data-action=person]").click();
    await until(() => widget.locator("[data-screen=chat]").getAttribute("data-state"), (state) => state === "queued");
    // Whoever went counts as there for some seconds more, as the agent of the visitor before.
    await until(() => widget.locator(".queue").count(), (count) => count === 0);
    const agent = await signIn(stage);
    await widget.locator(".queue").waitFor({ timeout: patience_ms });
    await look("8-queue");

    // What else there is, and the conversation as a file.
    await widget.locator("[data-focus=menu]").click();
    await widget.locator(".menu-list").waitFor({ timeout: patience_ms });
    await look("9-menu");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      widget.locator(".menu-list button").nth(2).click(),
    ]);
    const saved = await readFile(await download.path(), "utf8");
    for (const text of [say.ask, "LL-20481963", "[parcel.png]", say.ended.replaceAll("*", "")]) assert.ok(saved.includes(text), text);
    assert.ok(!saved.includes("4711"));

    // All of it is there after a reload.
    await page.reload();
    await me.launcher.click();
    await widget.locator("[data-conversation]").first().click({ timeout: patience_ms });
    await me.answers.filter({ hasText: say.ended.replaceAll("*", "") }).waitFor({ timeout: patience_ms });
    await sent.filter({ has: page.locator(".file img") }).waitFor({ timeout: patience_ms });

    // The agent sees what the visitor sent.
    await agent.page.locator("#inbox").getByRole("button", { name: "All" }).click();
    await agent.page.locator(".row").first().click({ timeout: patience_ms });
    await agent.page.getByText("LL-20481963").first().waitFor({ timeout: patience_ms });
    await shot(agent.page, `${name}-10-console`);
    assert.deepEqual(problems, []);
    await agent.page.context().close();
    await bot.page.context().close();
    await context.close();
  });
}

test("a file goes up whichever tab it is attached in, and goes on after a crash of the page", async () => {
  const context = await stage.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en" });
  const leader = await context.newPage();
  const follower = await context.newPage();
  const problems = [watch(leader), watch(follower)];
  for (const page of [leader, follower]) {
    await page.goto(`${stage.shop}/?lang=en`);
    const me = visitor(page);
    await me.launcher.waitFor();
    await me.open();
    await page.locator("deskside-widget .ask button").first().click();
    const box = page.locator("deskside-widget .composer textarea");
    await box.waitFor();
    if (page === leader) {
      await box.fill("from the first tab");
      await box.press("Enter");
      await me.reaches("from the first tab", "sent", "delivered", "read");
    }
  }
  // Some bytes that no machine can make smaller, and a text file by its content.
  const lines = Array.from({ length: 40_000 }, (_, at) => `${at} ${Math.sin(at)}`).join("\n");
  await follower.locator("deskside-widget input[type=file]").setInputFiles({ name: "log.txt", mimeType: "text/plain", buffer: Buffer.from(lines) });
  await follower.locator("deskside-widget .tray li").waitFor({ timeout: patience_ms });
  await stage.desk.kill();
  await follower.locator("deskside-widget .composer .send").click();
  await follower.locator("deskside-widget .file-name").filter({ hasText: "log.txt" }).waitFor({ timeout: patience_ms });
  await follower.reload();
  await stage.desk.start();
  for (const page of [leader, follower]) {
    const me = visitor(page);
    if (page === follower) {
      await me.launcher.click();
      await page.locator("deskside-widget [data-conversation]").first().click({ timeout: patience_ms });
    }
    const sent = page.locator("deskside-widget :is([data-status=sent], [data-status=delivered], [data-status=read])");
    await sent.filter({ hasText: "log.txt" }).waitFor({ timeout: 40_000 });
    assert.equal(await page.locator("deskside-widget .file-name").count(), 1, "it is said once");
  }
  const [download] = await Promise.all([
    follower.waitForEvent("download"),
    follower.locator("deskside-widget .file-open").click(),
  ]);
  assert.equal(await readFile(await download.path(), "utf8"), lines, "as it was");
  assert.deepEqual(problems.flat(), []);
  await context.close();
});

test("who reads far back in a long conversation is not moved by the pages that come and go", async () => {
  const context = await stage.browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", locale: "en" });
  const bot = await openBot(stage);
  const page = await context.newPage();
  const problems = watch(page);
  const me = visitor(page);
  await page.goto(`${stage.shop}/?lang=en`);
  await me.launcher.waitFor();
  await me.open();
  await page.locator("deskside-widget .ask button").first().click();
  const box = page.locator("deskside-widget .composer textarea");
  await box.fill("tell me all");
  await box.press("Enter");
  await me.reaches("tell me all", "sent", "delivered", "read");
  const { conv } = await bot.watch("tell me all");
  // More than a window holds.
  for (let number = 1; number <= 640; number += 1) await bot.say(conv, { text: `fact ${number}` });
  await me.answers.filter({ hasText: "fact 640" }).waitFor({ timeout: patience_ms });
  await page.reload();
  await me.launcher.click();
  await page.locator("deskside-widget [data-conversation]").first().click({ timeout: patience_ms });
  await me.answers.filter({ hasText: "fact 640" }).waitFor({ timeout: patience_ms });
  const scroll = page.locator("deskside-widget .talk > .scroll");
  /** The facts in memory, and the first one before the eyes with its place. */
  const look = () =>
    scroll.evaluate((list) => {
      const facts = [...list.querySelectorAll("[data-key]")].filter((one) => /fact/.test(one.textContent));
      const number = (/** @type {Element | undefined} */ one) => Number(/fact (\d+)/.exec(one?.textContent ?? "")?.[1] ?? 0);
      const top = list.getBoundingClientRect().top;
      const seen = facts.find((one) => one.getBoundingClientRect().bottom > top);
      return { first: number(facts[0]), last: number(facts[facts.length - 1]), seen: number(seen), at: (seen?.getBoundingClientRect().top ?? 0) - top };
    });
  /** Goes to an edge of what is in memory until another page has come. @param {"first" | "last"} edge */
  const turn = async (edge) => {
    const before = await look();
    await scroll.evaluate((list, edge) => (list.scrollTop = edge === "first" ? 40 : list.scrollHeight), edge);
    await until(look, (now) => now[edge] !== before[edge] || now.last === 640);
    // As it is painted: between two frames the list may not be where it will be seen.
    await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
    return { before, after: await look() };
  };
  let seen = await look();
  while (seen.first > 1) {
    const { before, after } = await turn("first");
    assert.ok(Math.abs(after.seen - before.first) <= 2, `${JSON.stringify(before)} ${JSON.stringify(after)}`);
    seen = after;
  }
  assert.ok(seen.last < 640, "the newest ones are not in memory among them");
  while (seen.last < 640) seen = (await turn("last")).after;
  assert.ok(seen.seen > 500 && seen.seen < 640, `still where one was: ${JSON.stringify(seen)}`);
  await scroll.evaluate((list) => (list.scrollTop = 40));
  await until(look, (now) => now.first < seen.first);
  await page.locator("deskside-widget .jump").click();
  await until(look, (now) => now.seen > 620);
  assert.deepEqual(problems, []);
  await bot.page.context().close();
  await context.close();
});
