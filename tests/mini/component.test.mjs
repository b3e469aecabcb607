// <deskside-chat>, rendered by WeChat's own simulator and tapped through, against the real desk.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { dialects } from "../../js/dev/mini-markup.mjs";
import { chatOf } from "../../js/dev/mini-program.mjs";
import { at } from "../../js/dev/paths.mjs";
import { JSDOM, openComponent } from "./simulate.mjs";
import { picture, serveHelp, signIn, startDesk } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof startDesk>>} */
let desk;
/** @type {Awaited<ReturnType<typeof signIn>>} */
let agent;
/** @type {Awaited<ReturnType<typeof serveHelp>>} */
let help;

before(async () => {
  desk = await startDesk({}, { surveys: at("examples", "website", "surveys") });
  [agent, help] = await Promise.all([signIn(desk), serveHelp()]);
});
after(async () => {
  agent.close();
  help.close();
  await desk.end();
});

/** @param {import("node:test").TestContext} t @param {Parameters<typeof openComponent>[1]} [options] */
async function open(t, options) {
  const page = await openComponent(desk, options);
  t.after(() => page.close());
  return page;
}

/** Says something, and gives the conversation's id. @param {Awaited<ReturnType<typeof openComponent>>} page @param {string} text */
async function ask(page, text) {
  const client = await page.client();
  await page.until(() => page.one(".field") && client.view().conversation, "the message field");
  page.type(".field", text);
  page.tap(page.one(".send"));
  await page.until(() => new RegExp(`${text}.*已(发送|送达|读)`).test(page.text()), "the message to be sent");
  return client.view().conversations[0].id;
}

test("a visitor searches in Chinese, reads, asks, is answered and rates, by taps alone", async (t) => {
  const page = await open(t, { help: help.url });
  await page.until(() => page.all(".item").length >= 4, "the popular questions");
  assert.match(page.text(), /热门问题/);

  page.type(".query", "tuihuo");
  await page.until(() => page.texts(".item").some((title) => title.includes("退")), "the hits");
  page.tap(page.all(".item")[0]);
  await page.until(() => page.one(".article-title"), "the article");
  assert.ok(page.texts(".words").length > 2);
  page.tap(page.all(".choice")[1]);
  await page.until(() => page.text().includes("抱歉没能帮到您"), "the word of thanks");

  page.tap(page.one(".ask"));
  const conv = await ask(page, "包裹还没有到");
  assert.equal(page.texts(".mine .bubble").join(), "包裹还没有到");
  await agent.say(conv, "**明天**送到，见 https://example.com/track");
  await page.until(() => page.texts(".theirs .bubble").join().includes("明天送到"), "the answer");
  assert.equal(page.texts(".strong").join(), "明天");
  assert.ok(page.told.includes("messageReceived"));
  page.tap(page.one(".theirs .link"));
  await page.until(() => page.runtime.clipboard === "https://example.com/track", "the copied link");

  await agent.resolve(conv);
  await page.until(() => page.all(".star .point").length === 5, "the stars");
  page.tap(page.all(".star .point")[3]);
  await page.until(() => page.all(".point.lit").length === 4, "the lit stars");
  page.type(".survey .comment", "很快");
  await page.tapOn(".survey .primary");
  await page.until(() => page.text().includes("感谢您的评价"), "the thanks");
  const client = await page.client();
  await page.until(() => client.view().waiting === 0, "the rating to be sent");
  const answers = await agent.events(conv, "survey");
  assert.equal(answers.at(-1)?.body.response.comment, "很快");
  await page.tapOn(".skip", "关闭");
  await page.until(() => !page.one(".survey"), "the survey to go");

  page.tap(page.one(".back"));
  page.tap(await page.until(() => page.one(".clear"), "the query"));
  await page.until(() => page.text().includes("我的对话"), "the list of conversations");
});

test("answers, cards and a form are offered and taken by taps", async (t) => {
  const page = await open(t, { opens: "chat" });
  const conv = await ask(page, "有什么颜色");
  await agent.offer(conv, { text: "请选择", quickReplies: [{ title: "亚麻色", payload: "natural" }, { title: "墨蓝", payload: "navy" }] });
  await page.tapOn(".reply", "墨蓝");
  await page.until(() => page.texts(".mine .bubble").includes("墨蓝"), "the choice");
  const chosen = async () => (await agent.events(conv, "message")).at(-1);
  await page.until(() => /墨蓝.*已(发送|送达|读)/.test(page.text()), "the choice to be sent");
  assert.equal((await chosen()).body.content.payload, "navy");

  const buttons = [{ title: "有货吗", payload: "stock" }, { title: "详情", link: "https://shop.example/cloth" }];
  await agent.offer(conv, { text: "这两款", cards: [{ title: "桌布", text: "160 × 260", image: "/console/icon.svg", link: "https://shop.example/cloth", buttons }, { title: "餐巾", text: "", buttons: [] }] });
  await page.until(() => page.all(".card").length === 2, "the cards");
  assert.equal(page.data().rows.at(-1).cards[0].image, `${desk.origin}/console/icon.svg`);
  await page.tapOn(".card-button", "详情");
  await page.until(() => page.runtime.clipboard === "https://shop.example/cloth", "the copied link");
  await page.tapOn(".card-button", "有货吗");
  await page.until(() => page.texts(".mine .bubble").includes("有货吗"), "the question");

  const fields = [
    { name: "order", kind: "text", label: "订单号", required: true },
    { name: "why", kind: "select", label: "原因", required: true, options: ["太大", "太小"] },
    { name: "since", kind: "date", label: "收到日期" },
    { name: "more", kind: "multiline", label: "说明" },
    { name: "news", kind: "checkbox", label: "订阅通知" },
  ].map((field) => ({ required: false, options: [], ...field }));
  await agent.offer(conv, { text: "退货单", form: { fields, submit: "提交退货" } });
  const send = await page.until(() => page.with(".form .primary", "提交退货"), "the form");
  page.tap(send);
  await page.until(() => page.one(".form .problem"), "what is lacking");
  const fieldOf = (/** @type {string} */ label, /** @type {string} */ selector) => page.inside(page.with(".form-field", label), selector)[0];
  page.type(fieldOf("订单号", ".input"), "LL-20481963");
  // The picker tells which one, the date which day.
  page.type(fieldOf("原因", ".picker"), "1", "change");
  page.type(fieldOf("收到日期", ".picker"), "2026-11-01", "change");
  page.type(fieldOf("说明", ".comment"), "换小一号");
  page.tap(fieldOf("订阅通知", ".option"));
  await page.until(() => page.texts(".form-field").some((text) => text.includes("太小")), "the chosen reason");
  page.tap(page.with(".form .primary", "提交退货"));
  await page.until(() => page.text().includes("已提交"), "the form to be taken");
  const client = await page.client();
  await page.until(() => client.view().waiting === 0, "it to be sent");
  const { answers } = (await chosen()).body.content;
  assert.deepEqual(Object.fromEntries(answers.values), { order: "LL-20481963", why: "太小", since: "2026-11-01", more: "换小一号", news: "true" });
});

test("a picture is chosen, goes up in parts, is drawn, and is shown full screen by the host", async (t) => {
  const page = await open(t, { opens: "chat" });
  const conv = await ask(page, "请看照片");
  const photo = picture(700_000);
  page.runtime.chooses.push(photo);
  await page.tapOn(".attach");
  await page.until(() => page.one(".shot"), "the picture");
  const client = await page.client();
  await page.until(() => client.view().waiting === 0, "the picture to be sent");
  const { attachments } = (await agent.events(conv, "message")).at(-1).body.content;
  assert.equal(attachments[0].size, photo.length);
  const kept = await fetch(`${desk.origin}/v1/uploads/${attachments[0].uploadId}`, { headers: { authorization: `Bearer ${client.token?.() ?? agent.token}` } });
  assert.deepEqual(Buffer.from(await kept.arrayBuffer()), photo);
  assert.equal(page.runtime.files.kept.size, 0, "what the desk has is not kept here");
  page.tap(page.one(".file"));
  await page.until(() => page.runtime.previewed.length === 1, "the preview");
});

test("every kind of question is asked, answered by taps, and goes on where one stopped", async (t) => {
  const page = await open(t, { surveys: true });
  const client = await page.client();
  /** @type {any[]} */
  const elements = [
    { type: "csat", id: "thumbs", headline: "拇指", scale: "thumbs", range: 2 },
    { type: "csat", id: "faces", headline: "表情", scale: "emoji", range: 5, lowerLabel: "差", upperLabel: "好" },
    { type: "csat", id: "points", headline: "数字", scale: "number", range: 10 },
    { type: "nps", id: "nps", headline: "推荐", required: true },
    { type: "ces", id: "ces", headline: "省力", range: 7 },
    { type: "tags", id: "tags", headline: "标签", rating: "faces", sets: [{ ratings: [1, 2], choices: [{ id: "slow", label: "慢" }, { id: "rude", label: "态度" }] }] },
  ];
  const more = [
    { type: "singleChoice", id: "one", headline: "单选", choices: [{ id: "a", label: "甲" }, { id: "b", label: "乙" }], other: { label: "其他一项" } },
    { type: "multipleChoice", id: "many", headline: "多选", choices: [{ id: "x", label: "子" }, { id: "y", label: "丑" }], other: { label: "还有别的" }, validation: { min: 2 }, required: true },
    { type: "openText", id: "mail", headline: "邮箱", validation: { kind: "email" } },
    { type: "openText", id: "words", headline: "多说", multiline: true },
    { type: "boolean", id: "again", headline: "还会来吗" },
    { type: "consent", id: "agree", headline: "同意", label: "我同意", required: true },
  ];
  const definition = {
    schemaVersion: 1, id: "everything", version: 1, languages: ["zh-CN"], triggers: [], allowEdit: true,
    blocks: [{ id: "first", elements }, { id: "second", elements: more }],
    endings: [{ id: "end", headline: "问完了", description: "辛苦了" }],
  };
  client.dispatch({ survey: { act: "define", value: definition } });
  client.dispatch({ survey: { act: "start", id: "everything", name: "widget" } });

  const parts = (/** @type {string} */ head, /** @type {string} */ selector) => page.inside(page.with(".question", head), selector);
  const part = (/** @type {string} */ head, /** @type {string} */ selector) => parts(head, selector)[0];
  const point = (/** @type {string} */ head, /** @type {number} */ at) => parts(head, ".point")[at];
  const option = (/** @type {string} */ head, /** @type {string} */ label) => parts(head, ".option").find(({ dom }) => dom.textContent.includes(label));
  await page.until(() => page.all(".question").length === 5, "the first questions; tags wait for their rating");
  assert.match(page.text(), /第 1 步，共 2 步/);
  await page.tapOn(".survey .primary", "下一步");
  await page.until(() => part("推荐", ".problem"), "what is lacking");
  page.tap(point("拇指", 1));
  page.tap(point("表情", 0));
  page.tap(point("数字", 9));
  page.tap(point("推荐", 0));
  page.tap(point("省力", 6));
  await page.until(() => page.with(".question", "标签"), "the tags of a low rating");
  page.tap(option("标签", "慢"));
  page.tap(option("标签", "态度"));
  await page.until(() => page.all(".tags .on").length === 2, "the tags");
  page.tap(option("标签", "慢"));
  await page.until(() => page.all(".tags .on").length === 1, "one tag to be taken back");
  await page.tapOn(".survey .primary", "下一步");
  await page.until(() => page.with(".question", "单选"), "the second step");
  await page.tapOn(".survey .link-button", "上一步");
  await page.until(() => page.with(".question", "拇指"), "the first step again");
  assert.equal(page.all(".point.lit").length, 5, "what was answered is there");
  await page.tapOn(".survey .primary", "下一步");
  await page.until(() => page.with(".question", "单选"), "the second step");

  page.tap(option("单选", "其他一项"));
  await page.until(() => part("单选", ".input"), "the field for one's own words");
  page.type(part("单选", ".input"), "自己写的");
  page.tap(option("多选", "丑"));
  await page.tapOn(".survey .primary", "提交");
  await page.until(() => part("多选", ".problem"), "too few");
  page.tap(option("多选", "还有别的"));
  await page.until(() => part("多选", ".input"), "the field for one's own words");
  page.type(part("多选", ".input"), "寅");
  page.type(part("邮箱", ".input"), "not an address");
  page.type(part("多说", ".comment"), "很好");
  page.tap(option("还会来吗", "否"));
  page.tap(option("同意", "我同意"));
  await page.tapOn(".survey .primary", "提交");
  await page.until(() => part("邮箱", ".problem"), "no address");
  page.type(part("邮箱", ".input"), "ana@mail.example");
  await page.tapOn(".survey .primary", "提交");
  await page.until(() => page.text().includes("问完了") && page.text().includes("辛苦了"), "the end screen");
  assert.ok(page.with(".survey .link-button", "修改回答"));
  await page.until(() => client.view().waiting === 0, "the answers to be sent");
  const [survey] = client.view().surveys;
  assert.equal(survey.finished, true);
  await page.tapOn(".survey .link-button", "修改回答");
  await page.until(() => page.all(".question").length > 0, "the questions again");
  await page.tapOn(".skip");
  await page.until(() => !page.one(".survey"), "the survey to go");
});

test("a survey that was begun goes on where it stopped when the component comes again", async (t) => {
  const page = await open(t, { opens: "chat" });
  const conv = await ask(page, "评一半");
  await agent.say(conv, "好的");
  await agent.resolve(conv);
  await page.until(() => page.all(".star .point").length === 5, "the stars");
  page.tap(page.all(".star .point")[1]);
  await page.until(() => page.with(".question", "哪些方面"), "the tags of a low rating");
  page.type(".survey .comment", "写到一半");
  const client = await page.client();
  const written = () => client.view().surveys[0]?.questions.at(-1)?.value === "写到一半";
  await page.until(() => written() && client.view().waiting === 0, "what was written to be saved");
  const { files, storage } = page.runtime;
  await page.close();

  const again = await openComponent(desk, { opens: "chat", storage, files });
  await again.until(() => again.all(".point.lit").length === 2, "the stars that were given");
  assert.equal(again.data().survey.questions.at(-1).text, "写到一半");
  await again.close();
});

test("what is drawn is text: markup in a message stays what was typed", async () => {
  for (const file of ["chat.xml", "lines.xml", "survey.xml"]) {
    const source = await readFile(at("js", "mini-program", "chat", file), "utf8");
    assert.doesNotMatch(source, /rich-text|wxParse|web-view/);
  }
});

for (const [family, { template, style, prefix }] of Object.entries(dialects)) {
  test(`the template for ${family} is whole, in its dialect, and names what the component has`, async () => {
    const xml = await readFile(join(chatOf(family), `index.${template}`), "utf8");
    // Well-formed: a parser of XML takes it, once the expressions are out of its way.
    const bare = xml.replace(/\{\{.*?\}\}/g, "");
    assert.doesNotThrow(() => new JSDOM(`<all xmlns:${prefix}="dialect">${bare}</all>`, { contentType: "text/xml" }));
    assert.doesNotMatch(xml, /\s(if|each|on-\w+)="|<lines|<survey|<contact[ >]/);
    assert.ok(xml.includes(`${prefix}:for=`) && xml.includes(`${prefix}:if=`));
    const named = new Set([...xml.matchAll(/="(on[A-Z]\w+)"/g)].map(([, name]) => name));
    const source = await readFile(at("js", "mini-program", "chat", "component.ts"), "utf8");
    const list = /const names = \[([^\]]+)\]/.exec(source)?.[1] ?? "";
    const has = new Set([...list.matchAll(/"(\w+)"/g)].map(([, name]) => `on${name}`));
    assert.deepEqual([...named].sort(), [...has].sort());
    // Only classes style a component.
    const sheet = await readFile(join(chatOf(family), `index.${style}`), "utf8");
    assert.doesNotMatch(sheet.replace(/@media[^{]*\{/g, ""), /(^|[},\s])(view|text|button|page|#)[\s{.:]/);
  });
}

test("what the desk does not take and is no message is said over every screen, and given up or sent again by a tap", async (t) => {
  const page = await open(t, { opens: "chat" });
  await ask(page, "有人吗");
  const client = await page.client();
  const endless = "x".repeat(5_000);
  const conv = client.view().conversation.id;
  client.dispatch({ feedback: { article: endless, helpful: true, query: "" } });
  await page.until(() => page.texts(".notice").join().includes("您的一条评价没有被接受"), "the refused rating");
  client.dispatch({ handoff: { conv, reason: "asked", query: "", articles: [{ id: endless }] } });
  await page.until(() => client.view().refused.length === 2, "the refused request");
  await page.tapOn(".notice .link-button", "放弃");
  await page.until(() => page.texts(".notice").join().includes("您请求人工客服没有被接受"), "the next one");
  page.tap(page.one(".back"));
  await page.until(() => page.one(".query") && page.one(".notice"), "the notice at home");
  await page.tapOn(".notice .link-button", "重新发送");
  const refusals = () => page.told.filter((/** @type {string} */ name) => name === "commandRefused").length;
  await page.until(() => refusals() === 3 && client.view().refused.length === 1, "another try, and its refusal");
  await page.tapOn(".notice .link-button", "放弃");
  await page.until(() => !page.one(".notice"), "the notice to go");
});
