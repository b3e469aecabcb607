// Nobody is there: what a visitor leaves, with an address to be answered at, is kept, sent once, and numbered.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { openStage, patience_ms, refuse, shot, signIn, until, visitor, watch } from "./stage.mjs";

const key = "a secret of the shop's own back end, and long enough";

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage({ identity: { algorithm: "HS256", key } });
});
after(() => stage.close());

const desktop = { viewport: { width: 1280, height: 800 } };

/**
 * A chat that nobody answers.
 * @param {"en" | "zh-CN"} locale @param {import("playwright-core").BrowserContextOptions} options
 * @param {(page: import("playwright-core").Page) => Promise<unknown>} [prepare]
 */
async function nobodyThere(locale, options, prepare) {
  const context = await stage.browser.newContext({ locale, ...options });
  const page = await context.newPage();
  const problems = watch(page);
  const prepared = await prepare?.(page);
  await page.goto(`${stage.shop}/?lang=${locale}`);
  const me = visitor(page);
  await me.openChat();
  const offer = page.locator("deskside-widget [data-action=ticket]");
  await offer.waitFor({ timeout: patience_ms });
  const form = page.locator("deskside-widget form.ticket");
  const text = form.getByRole("textbox", { name: locale === "en" ? "Message" : "留言内容" });
  const address = form.getByRole("textbox", { name: locale === "en" ? "E-mail or phone number" : "邮箱或手机号" });
  return {
    ...{ context, page, me, offer, form, text, address, problems, prepared },
    /** Where the focus is. @returns {Promise<string>} */
    focus: () =>
      page.evaluate(() => {
        const at = document.querySelector("deskside-widget")?.shadowRoot?.activeElement;
        return at?.getAttribute("name") ?? at?.getAttribute("data-action") ?? at?.getAttribute("data-focus") ?? at?.localName ?? "";
      }),
    open: async () => {
      await offer.click();
      await form.waitFor({ timeout: patience_ms });
    },
    send: () => form.getByRole("button", { name: locale === "en" ? "Send message" : "提交留言" }).click(),
  };
}

test("what a ticket lacks is said beside the field, which has the focus then", async () => {
  const { context, page, open, send, form, text, address, focus, problems } = await nobodyThere("en", desktop);
  await shot(page, "ticket-offer-desktop");
  await open();
  await until(focus, (at) => at === "name");
  await shot(page, "ticket-form-desktop");
  const problem = form.getByRole("alert");
  /** @param {import("playwright-core").Locator} field @param {string} name @param {string} sentence */
  const lacks = async (field, name, sentence) => {
    await send();
    await problem.getByText(sentence).waitFor({ timeout: patience_ms });
    await until(focus, (at) => at === name);
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.equal(await field.getAttribute("aria-describedby"), await problem.getAttribute("id"));
    assert.equal(await form.locator("[aria-invalid=true]").count(), 1);
  };
  await lacks(address, "replyTo", "where we can answer you");
  await address.fill("mei at post");
  await lacks(address, "replyTo", "Could you check it?");
  await shot(page, "ticket-problem-desktop");
  await address.fill("mei@post.example");
  await lacks(text, "textarea", "what it is about");
  await text.fill("My lamp flickers");
  await send();
  await form.waitFor({ state: "detached", timeout: patience_ms });
  assert.deepEqual(problems, []);
  await context.close();
});

test("a ticket outlives a reload and a desk that dies, and is there once, with a number", async () => {
  const { context, page, me, offer, form, text, address, open, send, problems } = await nobodyThere("en", desktop);
  await me.box.fill("My kettle leaks");
  await open();
  assert.equal(await text.inputValue(), "My kettle leaks", "what was typed in the chat goes along");
  await form.getByRole("textbox", { name: "Name" }).fill("Mei");
  await address.fill("mei@post.example");
  await text.fill("My kettle leaks, order LL-20481963");
  await page.waitForTimeout(700);
  await page.reload();
  await me.openChat();
  await open();
  assert.equal(await form.getByRole("textbox", { name: "Name" }).inputValue(), "Mei");
  assert.equal(await address.inputValue(), "mei@post.example");
  await until(() => text.inputValue(), (written) => written === "My kettle leaks, order LL-20481963");
  await shot(page, "ticket-filled-desktop");

  await stage.desk.kill();
  await send();
  const said = me.message("My kettle leaks");
  await said.getByText("We answer at mei@post.example").waitFor({ timeout: patience_ms });
  assert.equal(await form.count(), 0);
  assert.equal(await me.box.inputValue(), "");
  await shot(page, "ticket-queued-desktop");
  await page.reload();
  await stage.desk.start();
  await me.openChat();
  await me.reaches("My kettle leaks", "sent", "delivered", "read");
  const number = said.locator("[data-ticket]:not([data-ticket=''])");
  await number.waitFor({ timeout: patience_ms });
  assert.match(await number.innerText(), /No\. \d+/);
  await shot(page, "ticket-sent-desktop");
  assert.equal(await said.count(), 1);
  assert.equal(await offer.count(), 0, "it is not asked for twice");
  // The desk was away on purpose.
  assert.deepEqual(problems.filter((problem) => !/ERR_CONNECTION_REFUSED|WebSocket/.test(problem)), []);

  const agent = await signIn(stage);
  await agent.openConversation("My kettle leaks");
  assert.deepEqual(await agent.heard(), ["My kettle leaks, order LL-20481963"]);
  await agent.page.getByText("mei@post.example").first().waitFor({ timeout: patience_ms });
  await agent.page.context().close();
  await context.close();
});

test("by keyboard alone and in Chinese, on a dark phone, the form is there and never in the way", async () => {
  const { context, page, me, offer, form, text, address, open, send, focus } = await nobodyThere("zh-CN", {
    viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true, isMobile: true, deviceScaleFactor: 2,
  });
  await shot(page, "ticket-offer-phone-dark");
  const target = await offer.boundingBox();
  assert.ok(target && target.height >= 44, "large enough for a finger");
  await offer.focus();
  await page.keyboard.press("Enter");
  await form.waitFor({ timeout: patience_ms });
  await until(focus, (at) => at === "heading");
  await shot(page, "ticket-form-phone-dark");
  for (const field of await form.locator("input, textarea, button").all()) {
    const box = await field.boundingBox();
    assert.ok(box && box.height >= 44, "large enough for a finger");
  }
  await form.getByRole("textbox", { name: "称呼" }).focus();
  await page.keyboard.type("梅");
  await page.keyboard.press("Tab");
  await page.keyboard.type("13800138000");
  await page.keyboard.press("Tab");
  await page.keyboard.type("灯在闪");
  await page.keyboard.press("Escape");
  await until(focus, (at) => at === "ticket");
  assert.equal(await form.count(), 0);
  assert.equal(await me.box.inputValue(), "灯在闪", "nothing that was written is lost");
  await open();
  await page.getByRole("button", { name: "返回" }).click();
  await me.box.waitFor({ timeout: patience_ms });
  await me.say("那我先在这里说");
  await me.reaches("那我先在这里说", "sent", "delivered", "read");
  await open();
  assert.equal(await address.inputValue(), "13800138000");
  await text.fill("灯在闪");
  await send();
  await me.message("灯在闪").getByText("我们将回复到 13800138000").waitFor({ timeout: patience_ms });
  await me.reaches("灯在闪", "sent", "delivered", "read");
  await until(() => offer.count(), (count) => count === 0);
  await shot(page, "ticket-sent-phone-dark");
  await context.close();
});

test("a ticket that the desk refuses is taken back with its address, and goes once", async () => {
  const { context, page, me, form, text, address, open, send, prepared } = await nobodyThere("en", desktop, (page) => refuse(page, "ticket", "invalid"));
  const tickets = /** @type {Awaited<ReturnType<typeof refuse>>} */ (prepared);
  await open();
  await address.fill("mei@post.example");
  await text.fill("My chair creaks");
  await send();
  await me.reaches("My chair creaks", "failed");
  // In a page that knows nothing of the one before.
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await me.openChat();
  await shot(page, "ticket-refused-desktop");
  await me.message("My chair creaks").getByRole("button", { name: "Edit" }).click();
  await form.waitFor({ timeout: patience_ms });
  assert.equal(await address.inputValue(), "mei@post.example");
  assert.equal(await text.inputValue(), "My chair creaks");
  tickets.refused = false;
  await text.fill("My chair creaks a lot");
  await send();
  await me.reaches("My chair creaks a lot", "sent", "delivered", "read");
  assert.equal(await me.messages.count(), 1);
  assert.equal(tickets.taken, 1);
  await context.close();
});

test("an agent who comes meanwhile takes neither the form nor its words away, and nothing is offered any more", async () => {
  const { context, page, me, offer, form, text, address, open } = await nobodyThere("en", desktop);
  await open();
  await address.fill("mei@post.example");
  await text.fill("My table wobbles");
  const agent = await signIn(stage);
  const other = await context.newPage();
  await other.goto(`${stage.shop}/?lang=en`);
  await visitor(other).openChat();
  await other.getByText("We are here now").waitFor({ timeout: patience_ms });
  assert.equal(await form.count(), 1);
  assert.equal(await text.inputValue(), "My table wobbles");
  await page.keyboard.press("Escape");
  await page.getByText("We are here now").waitFor({ timeout: patience_ms });
  assert.equal(await offer.count(), 0);
  assert.equal(await me.box.inputValue(), "My table wobbles");
  await agent.page.context().close();
  await context.close();
});

test("whom the site has signed in need not type who they are", async () => {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: "customer-9", aud: "demo", exp: Math.floor(Date.now() / 1000) + 300, name: "Zoë 梅", email: "zoe@post.example" };
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  const token = `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
  const { context, page, me, form, text, address, open, send, problems } = await nobodyThere("en", desktop);
  await page.evaluate((token) => {
    const { deskside } = /** @type {any} */ (window);
    deskside("identify", { user: "customer-9", token: () => Promise.resolve(token) });
  }, token);
  await page.locator("deskside-widget [data-screen=home]").waitFor({ timeout: patience_ms });
  await page.locator("deskside-widget .ask button").first().click();
  await open();
  await until(() => address.inputValue(), (filled) => filled === "zoe@post.example");
  assert.equal(await form.getByRole("textbox", { name: "Name" }).inputValue(), "Zoë 梅");
  await text.fill("My blanket sheds");
  await send();
  await me.reaches("My blanket sheds", "sent", "delivered", "read");
  await me.message("My blanket sheds").getByText("We answer at zoe@post.example").waitFor({ timeout: patience_ms });
  assert.deepEqual(problems, []);
  await context.close();
});
