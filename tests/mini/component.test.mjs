// <deskside-chat>, from the WXML and WXSS as they are published, rendered by WeChat's own simulator and
// tapped through, against the real desk.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { dist } from "../../js/dev/paths.mjs";
import { dialects } from "../../js/dev/mini-markup.mjs";
import { readFile } from "node:fs/promises";
import { openMini, patience_ms, serveHelp, signIn, startDesk } from "./stage.mjs";

const load = createRequire(import.meta.url);
/** It has no types of its own. @type {any} */
const { JSDOM } = load("jsdom");
const folder = join(dist, "mini-program", "wechat");

/** @type {Awaited<ReturnType<typeof startDesk>>} */
let desk;
/** @type {Awaited<ReturnType<typeof signIn>>} */
let agent;
/** @type {Awaited<ReturnType<typeof serveHelp>>} */
let help;
/** Lends its platform's object. @type {Awaited<ReturnType<typeof openMini>>} */
let lender;
/** @type {any} */
let simulate;
/** @type {any} */
const world = globalThis;

before(async () => {
  desk = await startDesk();
  [agent, help] = await Promise.all([signIn(desk), serveHelp()]);
  const { window } = new JSDOM("<!doctype html><body></body>", { pretendToBeVisual: true, url: "http://localhost/" });
  for (const name of ["document", "HTMLElement", "Element", "Node", "Text", "DocumentFragment", "Event", "CustomEvent", "TouchEvent", "MutationObserver", "getComputedStyle"]) {
    if (!(name in world) && name in window) world[name] = window[/** @type {keyof typeof window} */ (name)];
  }
  world.Event = window.Event;
  world.CustomEvent = window.CustomEvent;
  world.window = window;
  simulate = load("miniprogram-simulate");
  lender = await openMini("wechat-android", desk);
  world.wx = lender.runtime.realm.context.wx;
  world.WXWebAssembly = lender.runtime.realm.context.WXWebAssembly;
});
after(async () => {
  lender.close();
  agent.close();
  help.close();
  await desk.end();
});

/** @param {() => any} look @param {string} what @returns {Promise<any>} */
async function until(look, what) {
  const end_ms = Date.now() + patience_ms;
  for (;;) {
    const seen = look();
    if (seen) return seen;
    if (Date.now() > end_ms) throw new Error(`waited in vain for ${what}`);
    await simulate.sleep(20);
  }
}

test("a visitor searches in Chinese, reads, asks, is answered and rates, by taps alone", async () => {
  const sdk = load(join(folder, "index.js"));
  sdk.setUp(sdk.wxHost({ wasm: "/support/deskside.wasm.br" }), { desk: desk.origin, site: "demo", help: help.url });
  const component = simulate.render(simulate.load(join(folder, "chat", "index"), { less: false, rootPath: folder }));
  const parent = world.document.createElement("div");
  world.document.body.appendChild(parent);
  component.attach(parent);
  /** @type {any[]} */
  const told = [];
  component.addEventListener("happened", (/** @type {any} */ { detail }) => told.push(detail.name));

  const all = (/** @type {string} */ selector) => component.querySelectorAll(selector);
  const text = () => component.dom.textContent;
  const texts = (/** @type {string} */ selector) => all(selector).map((/** @type {any} */ { dom }) => dom.textContent);
  const tap = (/** @type {any} */ node) => {
    node.dispatchEvent("touchstart");
    node.dispatchEvent("touchend");
  };
  const type = (/** @type {string} */ selector, /** @type {string} */ value) =>
    component.querySelector(selector).dispatchEvent("input", { detail: { value } });

  await until(() => all(".item").length >= 4, "the popular questions");
  assert.match(text(), /热门问题/);

  type(".query", "tuihuo");
  const hits = await until(() => texts(".item").some((/** @type {string} */ title) => title.includes("退")) && all(".item"), "the hits");
  tap(hits[0]);
  await until(() => component.querySelector(".article-title"), "the article");
  assert.ok(texts(".words").length > 2);
  tap(all(".choice")[1]);
  await until(() => text().includes("抱歉没能帮到您"), "the word of thanks");

  tap(component.querySelector(".ask"));
  await until(() => component.querySelector(".field"), "the message field");
  type(".field", "包裹还没有到");
  tap(component.querySelector(".send"));
  await until(() => /包裹还没有到.*已(发送|送达)/.test(text()), "the message to be sent");
  assert.equal(texts(".mine .bubble").join(), "包裹还没有到");

  const { conversations } = (await sdk.client()).view();
  const conv = conversations[0].id;
  await agent.say(conv, "**明天**送到，见 https://example.com/track");
  await until(() => texts(".theirs .bubble").join().includes("明天送到"), "the answer");
  assert.equal(texts(".strong").join(), "明天");
  assert.ok(told.includes("messageReceived"));
  tap(component.querySelector(".link"));
  await until(() => lender.runtime.clipboard === "https://example.com/track", "the copied link");

  await agent.resolve(conv);
  await until(() => all(".star").length === 5, "the stars");
  tap(all(".star")[3]);
  await until(() => all(".lit").length === 4, "the lit stars");
  type(".comment", "很快");
  tap(all(".rating .primary")[0]);
  await until(() => text().includes("谢谢您的评价"), "the thanks");
  const client = await sdk.client();
  await until(() => client.view().waiting === 0, "the rating to be sent");
  const answers = await agent.events(conv, "survey");
  assert.equal(answers.at(-1)?.body.response.comment, "很快");

  tap(component.querySelector(".back"));
  tap(await until(() => component.querySelector(".clear"), "the query"));
  await until(() => text().includes("我的对话"), "the list of conversations");
  component.detach();
  (await sdk.client()).close();
});

test("what is drawn is text: markup in a message stays what was typed", async () => {
  for (const file of ["chat.xml", "lines.xml"]) {
    const source = await readFile(new URL(`../../js/mini-program/chat/${file}`, import.meta.url), "utf8");
    assert.doesNotMatch(source, /rich-text|wxParse|web-view/);
  }
});

for (const [family, { template, prefix }] of Object.entries(dialects)) {
  test(`the template for ${family} is whole and in its dialect`, async () => {
    const xml = await readFile(join(dist, "mini-program", family, "chat", `index.${template}`), "utf8");
    // Well-formed: a parser of XML takes it, once the expressions are out of its way.
    const bare = xml.replace(/\{\{.*?\}\}/g, "");
    assert.doesNotThrow(() => new JSDOM(`<all xmlns:${prefix}="dialect">${bare}</all>`, { contentType: "text/xml" }));
    assert.doesNotMatch(xml, /\s(if|each|on-\w+)="|<lines|<contact[ >]/);
    assert.ok(xml.includes(`${prefix}:for=`) && xml.includes(`${prefix}:if=`));
    // Only classes style a component.
    const style = await readFile(join(dist, "mini-program", family, "chat", `index.${dialects[/** @type {keyof typeof dialects} */ (family)].style}`), "utf8");
    assert.doesNotMatch(style.replace(/@media[^{]*\{/g, ""), /(^|[},\s])(view|text|button|page|#)[\s{.:]/);
  });
}
