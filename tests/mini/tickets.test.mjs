// Nobody is there: what is left in a mini-program, with an address, is kept, sent once, and numbered.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openComponent } from "./simulate.mjs";
import { signIn, startDesk } from "./stage.mjs";

/** @type {Awaited<ReturnType<typeof startDesk>>} */
let desk;

before(async () => {
  desk = await startDesk();
});
after(() => desk.end());

test("a message that is left without a network goes out at the next start, once, and has a number", async (t) => {
  const page = await openComponent(desk, { opens: "chat" });
  await page.tapOn(".away .link-button", "给我们留言");
  const [name, replyTo] = await page.until(() => page.all(".ticket .input").length === 3 && page.all(".ticket .input"), "the form");
  page.type(name, "梅");
  await page.tapOn(".ticket .primary");
  await page.until(() => page.text().includes("请告诉我们怎样回复您"), "what is lacking");
  page.type(replyTo, "mei at post");
  await page.tapOn(".ticket .primary");
  await page.until(() => page.text().includes("这似乎不是邮箱或手机号"), "what is wrong");
  page.type(replyTo, "mei@post.example");
  await page.tapOn(".ticket .primary");
  await page.until(() => page.text().includes("请写下您想咨询的内容"), "what is it about");
  page.type(".ticket .comment", "灯在闪");
  const client = await page.client();
  page.runtime.setNetwork(false);
  await page.until(() => client.view().connection !== "online", "the network to go");
  await page.tapOn(".ticket .primary");
  await page.until(() => /灯在闪.*我们将回复到 mei@post\.example.*等待发送/.test(page.text()), "the message to wait");
  assert.equal(page.one(".ticket"), undefined);
  const conv = client.view().conversations[0].id;
  page.runtime.kill();
  await page.close();

  const next = await openComponent(desk, { opens: "chat", storage: page.runtime.storage });
  t.after(() => next.close());
  await next.until(() => /灯在闪.*编号 \d+.*已(发送|送达|读)/.test(next.text()), "the number");
  assert.equal(next.texts(".mine .bubble").join(), "灯在闪");
  assert.equal(next.one(".away"), undefined, "it is not asked for twice");
  const agent = await signIn(desk);
  t.after(() => agent.close());
  const messages = await agent.events(conv, "message");
  const left = messages.filter((/** @type {any} */ { body }) => body.content.ticket);
  assert.equal(left.length, 1);
  assert.equal(left[0].body.content.ticket.replyTo, "mei@post.example");
});

test("a message that the desk refuses goes back to the form with its address, and from there to the chat", async (t) => {
  const page = await openComponent(desk, { opens: "chat" });
  t.after(() => page.close());
  const client = await page.client();
  await page.until(() => client.view().conversation, "the conversation");
  const conv = client.view().conversation.id;
  // Longer than a name may be: the field would not have taken it.
  const ticket = { name: "x".repeat(600), replyTo: "13800138000" };
  client.dispatch({ send: { conv, text: "椅子有响声", ticket } });
  await page.tapOn(".mend .link-button", "编辑");
  const fields = await page.until(() => page.all(".ticket .input").length === 3 && page.all(".ticket .input"), "the form");
  assert.deepEqual(page.data().ticket, { ...ticket, wrong: "", problem: "" });
  assert.equal(page.data().draft, "椅子有响声");
  page.type(fields[0], "梅");
  page.tap(page.one(".back"));
  await page.until(() => page.one(".composer"), "the chat");
  assert.equal(page.data().draft, "椅子有响声");
  await page.tapOn(".away .link-button", "给我们留言");
  await page.tapOn(".ticket .primary");
  await page.until(() => /椅子有响声.*我们将回复到 13800138000 · 编号 \d+/.test(page.text()), "the number");
  assert.equal(page.texts(".mine .bubble").join(), "椅子有响声");
  const agent = await signIn(desk);
  t.after(() => agent.close());
  const messages = await agent.events(conv, "message");
  assert.deepEqual(messages.map((/** @type {any} */ { body }) => body.content.ticket?.name), ["梅"]);
});
