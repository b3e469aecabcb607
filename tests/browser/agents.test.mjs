// An agent at work with a visitor before the widget: what the one does, the other sees. A real desk, a real
// bot, two real consoles, a real browser.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { openBot, openStage, patience_ms, shot, signIn, until, visitor, watch } from "./stage.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @type {Awaited<ReturnType<typeof openStage>>} */
let stage;
const colleague = { email: "tom@deskside.example", name: "Tom Okafor", password: "a-good-long-password" };

before(async () => {
  stage = await openStage({ selfService: true });
  const { program, config } = stage.desk;
  const adding = spawn(program, ["--config", config, "add-agent", colleague.email, colleague.name], { stdio: ["pipe", "ignore", "inherit"] });
  adding.stdin.end(`${colleague.password}\n`);
  await once(adding, "exit");
});

after(() => stage.close());

/** A visitor whose first words have reached the desk. @param {string} words */
async function asking(words) {
  const context = await stage.browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", locale: "en", acceptDownloads: true });
  const page = await context.newPage();
  const problems = watch(page);
  const me = visitor(page);
  await page.goto(`${stage.shop}/?lang=en`);
  await me.launcher.waitFor();
  await me.open();
  const widget = page.locator("deskside-widget");
  await widget.locator(".ask button").first().click();
  const say = async (/** @type {string} */ text) => {
    await widget.locator(".composer textarea").fill(text);
    await widget.locator(".composer textarea").press("Enter");
  };
  await say(words);
  await me.reaches(words, "sent", "delivered", "read");
  return { me, page, widget, say, problems, leave: () => context.close() };
}

/** @param {Page} page @param {string} text */
const bubble = (page, text) => page.locator(".entry.is-message").filter({ hasText: text });

/** A picture that a browser can draw. @param {Page} page @param {number} width @param {number} height */
async function picture(page, width, height) {
  const url = await page.evaluate(
    ([width = 1, height = 1]) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const pen = canvas.getContext("2d");
      if (pen) {
        pen.fillStyle = "#0f6e69";
        pen.fillRect(0, 0, width, height);
        pen.fillStyle = "#f2bf5e";
        pen.fillRect(width / 4, height / 4, width / 2, height / 2);
      }
      return canvas.toDataURL("image/png");
    },
    [width, height],
  );
  return Buffer.from(url.replace(/^.*,/, ""), "base64");
}

test("what an agent edits or takes back changes before the visitor's eyes", async () => {
  const guest = await asking("When will it come?");
  const agent = await signIn(stage);
  await agent.openConversation("When will it come?");
  await agent.say("It comes on Tuseday");
  await guest.me.answers.filter({ hasText: "Tuseday" }).waitFor({ timeout: patience_ms });
  const own = bubble(agent.page, "Tuseday");
  await own.hover();
  await own.getByRole("button", { name: "Edit this message" }).click();
  assert.equal(await agent.box.inputValue(), "It comes on Tuseday");
  await agent.box.fill("It comes on **Tuesday**");
  await agent.box.press("Enter");
  await guest.me.answers.filter({ hasText: "It comes on Tuesday" }).waitFor({ timeout: patience_ms });
  assert.equal(await guest.me.answers.filter({ hasText: "Tuseday" }).count(), 0);
  await bubble(agent.page, "It comes on Tuesday").getByText("Edited").waitFor();
  // The keyboard alone: the last message, from an empty field; and Esc leaves it as it was.
  await agent.box.press("ArrowUp");
  assert.equal(await agent.box.inputValue(), "It comes on **Tuesday**");
  await agent.box.fill("something else");
  await agent.box.press("Escape");
  assert.equal(await agent.box.inputValue(), "");
  await agent.say("Your code is 4711");
  await guest.me.answers.filter({ hasText: "4711" }).waitFor({ timeout: patience_ms });
  const secret = bubble(agent.page, "4711");
  await secret.hover();
  await secret.getByRole("button", { name: "Take this message back" }).click();
  const question = agent.page.getByRole("dialog", { name: "Take this message back?" });
  await shot(agent.page, "agent-redact");
  await question.getByRole("button", { name: "Keep it" }).click();
  assert.equal(await secret.count(), 1, "a question that was declined changes nothing");
  await secret.getByRole("button", { name: "Take this message back" }).click();
  await question.getByRole("button", { name: "Take back" }).click();
  await agent.page.locator(".bubble").getByText("Taken back").waitFor();
  await until(() => guest.me.answers.filter({ hasText: "4711" }).count(), (count) => count === 0);
  await shot(agent.page, "agent-revised");
  await agent.page.reload();
  await bubble(agent.page, "It comes on Tuesday").waitFor();
  assert.equal(await agent.page.getByText("4711").count(), 0);
  assert.deepEqual([...guest.problems, ...agent.problems], []);
  await guest.leave();
  await agent.page.context().close();
});

test("an edit and a half-written reply survive a reload, each in its place", async () => {
  const guest = await asking("Is it in stock?");
  const agent = await signIn(stage);
  await agent.openConversation("Is it in stock?");
  await agent.say("Let me see");
  await guest.me.answers.filter({ hasText: "Let me see" }).waitFor({ timeout: patience_ms });
  await agent.box.fill("A reply that is not finished");
  const own = bubble(agent.page, "Let me see");
  await own.hover();
  await own.getByRole("button", { name: "Edit this message" }).click();
  await agent.box.fill("Let me see, one moment");
  await agent.page.reload();
  await agent.page.getByText("Editing your message").waitFor();
  assert.equal(await agent.box.inputValue(), "Let me see, one moment");
  await agent.box.press("Enter");
  await guest.me.answers.filter({ hasText: "one moment" }).waitFor({ timeout: patience_ms });
  assert.equal(await agent.box.inputValue(), "A reply that is not finished");
  assert.deepEqual([...guest.problems, ...agent.problems], []);
  await guest.leave();
  await agent.page.context().close();
});

test("an agent's picture and file reach the visitor, and what cannot be sent says why", async () => {
  const guest = await asking("Do you have the label?");
  const agent = await signIn(stage);
  await agent.openConversation("Do you have the label?");
  const picker = agent.page.locator(".composer input[type=file]");
  await picker.setInputFiles({ name: "setup.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") });
  await agent.page.getByText("setup.exe cannot be sent").waitFor();
  await picker.setInputFiles({ name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) });
  await agent.page.getByText("empty.txt is empty.").waitFor();
  await picker.setInputFiles({ name: "film.txt", mimeType: "text/plain", buffer: Buffer.alloc(21 << 20, "x") });
  await agent.page.getByText("film.txt is too large: 21 MB. At most 20 MB can be sent.").waitFor();
  const label = await picture(agent.page, 640, 400);
  await picker.setInputFiles([
    { name: "label.png", mimeType: "image/png", buffer: label },
    { name: "terms.txt", mimeType: "text/plain", buffer: Buffer.from("All of our terms") },
  ]);
  await agent.page.locator(".chip").nth(1).waitFor();
  await agent.box.fill("Here they are");
  await shot(agent.page, "agent-attach");
  // Chosen files are a draft as words are.
  await agent.page.reload();
  await agent.page.locator(".chip").nth(1).waitFor();
  await agent.box.press("Enter");
  const files = guest.widget.locator(".file.theirs");
  await files.filter({ has: guest.page.locator("img") }).waitFor({ timeout: patience_ms });
  await files.filter({ hasText: "terms.txt" }).waitFor({ timeout: patience_ms });
  await guest.me.answers.filter({ hasText: "Here they are" }).waitFor({ timeout: patience_ms });
  const shown = guest.widget.locator(".file.theirs img");
  await until(() => shown.evaluate((img) => /** @type {HTMLImageElement} */ (img).naturalWidth), (wide) => wide === 640);
  const own = agent.page.locator(".is-mine .file-picture");
  await until(() => own.evaluate((img) => /** @type {HTMLImageElement} */ (img).naturalWidth), (wide) => wide === 640);
  const [download] = await Promise.all([guest.page.waitForEvent("download"), files.filter({ hasText: "terms.txt" }).locator("button").click()]);
  assert.equal(await readFile(await download.path(), "utf8"), "All of our terms");
  // A file whose bytes are not what its name says is the desk's to refuse.
  await picker.setInputFiles({ name: "fake.png", mimeType: "image/png", buffer: Buffer.from("not a picture at all") });
  await agent.page.locator(".chip").waitFor();
  await agent.box.press("Enter");
  await agent.page.getByText("the desk does not take this file").waitFor({ timeout: patience_ms });
  await shot(agent.page, "agent-files");
  await agent.page.locator(".failure").getByRole("button", { name: "Discard" }).click();
  await until(() => agent.page.locator(".failure").count(), (count) => count === 0);
  assert.deepEqual(guest.problems, []);
  await guest.leave();
  await agent.page.context().close();
});

test("a file goes on where it stopped when the desk was killed and the console loaded anew", async () => {
  const guest = await asking("Send me the log");
  const agent = await signIn(stage);
  await agent.openConversation("Send me the log");
  const lines = Array.from({ length: 60_000 }, (_, at) => `${at} ${Math.sin(at)}`).join("\n");
  /** @type {number[]} */
  const offsets = [];
  await agent.page.route("**/v1/uploads/*", async (route) => {
    const request = route.request();
    if (request.method() === "PATCH") offsets.push(Number(request.headers()["upload-offset"]));
    // The second part never arrives: the desk dies under it.
    if (offsets.length === 2) await stage.desk.kill();
    await route.continue().catch(() => undefined);
  });
  await agent.page.locator(".composer input[type=file]").setInputFiles({ name: "log.txt", mimeType: "text/plain", buffer: Buffer.from(lines) });
  await agent.page.locator(".chip").waitFor();
  await agent.box.press("Enter");
  await until(() => Promise.resolve(offsets.length), (count) => count >= 2);
  await agent.page.unroute("**/v1/uploads/*");
  await agent.page.locator(".is-on-its-way").first().waitFor({ timeout: patience_ms });
  await stage.desk.start();
  await agent.page.reload();
  const [next] = await Promise.all([
    agent.page.waitForRequest((request) => request.method() === "PATCH", { timeout: patience_ms }),
    agent.page.locator("#inbox").waitFor(),
  ]);
  assert.ok(Number(next.headers()["upload-offset"]) > 0, "what the desk has is not sent again");
  const file = guest.widget.locator(".file.theirs").filter({ hasText: "log.txt" });
  await file.waitFor({ timeout: 40_000 });
  assert.equal(await file.count(), 1);
  const [download] = await Promise.all([guest.page.waitForEvent("download"), file.locator("button").click()]);
  assert.equal(await readFile(await download.path(), "utf8"), lines, "as it was");
  await guest.leave();
  await agent.page.context().close();
});

test("from the bot to the queue, to an agent, to a colleague, and back: each side sees what is theirs to see", async () => {
  const bot = await openBot(stage);
  const guest = await asking("My sheets came torn");
  const { conv } = await bot.watch("My sheets came torn");
  await bot.ask({ send: { conv, cmid: crypto.randomUUID(), body: { text: "I am sorry about that" } } });
  await guest.me.answers.filter({ hasText: "I am sorry" }).waitFor({ timeout: patience_ms });
  // It never typed and never streamed: its name came with its first word.
  await guest.me.answers.filter({ hasText: "Linnet" }).waitFor({ timeout: patience_ms });
  const agent = await signIn(stage);
  await agent.openConversation("I am sorry");
  await agent.page.locator(".message-author", { hasText: "Linnet" }).waitFor();
  await bot.ask({ handoff: { conv, cmid: crypto.randomUUID(), context: { reason: "unsure", query: "torn sheets", articles: [{ id: "damaged-goods", helpful: false }] } } });
  await agent.page.locator(".line", { hasText: "could not answer this and asked for a person" }).waitFor({ timeout: patience_ms });
  await agent.page.getByText("torn sheets").waitFor();
  await guest.widget.locator(".queue").waitFor({ timeout: patience_ms });
  await agent.say("I take this over");
  await guest.me.answers.filter({ hasText: "I take this over" }).waitFor({ timeout: patience_ms });

  const context = await stage.browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en" });
  const tom = await context.newPage();
  const problems = watch(tom);
  await tom.goto(`${stage.desk.origin}/console/`);
  await tom.getByLabel("Email").fill(colleague.email);
  await tom.locator("input[type=password]").fill(colleague.password);
  await tom.getByRole("button", { name: "Sign in" }).click();
  await tom.locator("#inbox").waitFor();

  // By the keyboard alone.
  const dialog = agent.page.getByRole("dialog", { name: "Hand this conversation over" });
  // Until the other console has been heard of.
  const online = async () => {
    await agent.page.keyboard.press("Escape");
    await agent.page.keyboard.press("Alt+g");
    return dialog.locator(".presence.is-online").count();
  };
  await until(online, (count) => count === 1);
  await shot(agent.page, "agent-transfer");
  await dialog.getByRole("radio", { name: /Tom Okafor/ }).check();
  await dialog.getByLabel("Note for them").fill("Third torn parcel: refund **without** asking for a picture");
  await dialog.getByRole("button", { name: "Hand over" }).click();
  await agent.page.getByText("You handed the conversation over to Tom Okafor").waitFor({ timeout: patience_ms });
  await tom.locator(".filter", { hasText: "Mine" }).click();
  await tom.locator(".row").click({ timeout: patience_ms });
  await tom.locator(".note", { hasText: "Third torn parcel" }).waitFor({ timeout: patience_ms });
  await tom.getByText("handed the conversation over to you").waitFor();
  await shot(tom, "agent-note");

  // A note of his own, and back to the queue.
  await tom.keyboard.press("Alt+n");
  await tom.getByText("A note: only your colleagues see it").waitFor();
  await tom.locator("#composer").fill("Waiting for the warehouse");
  await shot(tom, "agent-writes-note");
  await tom.locator("#composer").press("Enter");
  await agent.page.locator(".note", { hasText: "Waiting for the warehouse" }).waitFor({ timeout: patience_ms });
  await tom.keyboard.press("Escape");
  await tom.keyboard.press("Alt+g");
  await tom.getByRole("dialog").getByRole("button", { name: "Hand over" }).click();
  await tom.getByText("You gave it back to the queue").waitFor({ timeout: patience_ms });
  await guest.widget.locator(".queue").waitFor({ timeout: patience_ms });
  const seen = await guest.page.evaluate(async () => {
    /** @type {string[]} */
    const kept = [document.querySelector("deskside-widget")?.shadowRoot?.textContent ?? ""];
    for (const { name = "" } of await indexedDB.databases()) {
      const db = await new Promise((resolve) => (indexedDB.open(name).onsuccess = ({ target }) => resolve(/** @type {any} */ (target).result)));
      for (const store of db.objectStoreNames) {
        kept.push(JSON.stringify(await new Promise((resolve) => (db.transaction(store).objectStore(store).getAll().onsuccess = (/** @type {any} */ { target }) => resolve(target.result)))));
      }
      db.close();
    }
    return kept.join("\n");
  });
  assert.ok(seen.includes("I take this over"), "it was looked in the right place");
  for (const secret of ["torn parcel", "warehouse"]) assert.ok(!seen.includes(secret), `${secret} is not on the visitor's device`);
  assert.deepEqual([...guest.problems, ...agent.problems, ...problems], []);
  await Promise.all([guest.leave(), context.close(), agent.page.context().close(), bot.page.context().close()]);
});

test("the agent sees all that the bot offered and the visitor chose and filled in, also while it is written", async () => {
  const bot = await openBot(stage);
  const guest = await asking("I want to return something");
  const { conv } = await bot.watch("I want to return something");
  const agent = await signIn(stage);
  await agent.openConversation("I want to return something");
  const quickReplies = ["Sheets", "A tablecloth"].map((title) => ({ title, payload: title }));
  await bot.say(conv, { text: "What is it?", quickReplies });
  await guest.widget.locator(".reply").filter({ hasText: "A tablecloth" }).click({ timeout: patience_ms });
  await agent.page.locator(".reply.is-chosen", { hasText: "A tablecloth" }).waitFor({ timeout: patience_ms });
  const image = "/console/icon.svg";
  const card = { title: "Rye tablecloth", text: "160 x 260 cm", image, link: "https://shop.example/rye", buttons: [{ title: "Exchange it", payload: "x" }] };
  await bot.say(conv, { text: "This one?", cards: [card, { ...card, title: "Oat tablecloth", image: "https://elsewhere.example/spy.png" }] });
  await agent.page.locator(".card", { hasText: "Oat tablecloth" }).waitFor({ timeout: patience_ms });
  assert.equal(await agent.page.locator(".card img").count(), 1, "a picture from elsewhere would tell who reads");
  const fields = [
    { name: "order", kind: "text", label: "Order number", required: true, options: [] },
    { name: "why", kind: "select", label: "Reason", required: false, options: ["Too small", "Damaged"] },
  ];
  await bot.say(conv, { text: "Please tell me:", form: { fields, submit: "Send it" } });
  await agent.page.locator(".form", { hasText: "Order number" }).waitFor({ timeout: patience_ms });
  await guest.widget.locator(".form input").fill("LL-2048");
  await guest.widget.locator(".form button[type=submit]").click();
  const answers = agent.page.locator(".is-visitor .answers");
  await answers.waitFor({ timeout: patience_ms });
  assert.match(await answers.innerText(), /Order number\s+LL-2048/);
  const id = crypto.randomUUID();
  await bot.write(conv, id, "Your return is");
  const stream = agent.page.locator(".is-stream");
  await stream.getByText("Your return is").waitFor({ timeout: patience_ms });
  await bot.write(conv, id, "Your return is **ready**");
  await stream.locator("strong", { hasText: "ready" }).waitFor({ timeout: patience_ms });
  await shot(agent.page, "agent-parts");
  await bot.say(conv, { text: "Your return is **ready**:\n\n1. Print the label\n2. Hand it in" }, id);
  await bubble(agent.page, "Print the label").locator("ol li").nth(1).waitFor({ timeout: patience_ms });
  assert.equal(await stream.count(), 0);
  assert.deepEqual([...guest.problems, ...agent.problems], []);
  await Promise.all([guest.leave(), agent.page.context().close(), bot.page.context().close()]);
});
