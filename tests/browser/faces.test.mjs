// Who answers: a name, and a face that the desk alone may serve.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { openStage, patience_ms, signIn, until, visitor } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

/** An agent with a picture at this address, at the console. @param {string} name @param {string} avatar */
async function agentWith(name, avatar) {
  const { program, config, origin } = stage.desk;
  const account = { email: `${name}@desk.example`, password: "a-good-long-password" };
  const adding = spawn(program, ["--config", config, "add-agent", account.email, name, "--avatar", avatar], { stdio: ["pipe", "ignore", "inherit"] });
  adding.stdin.end(`${account.password}\n`);
  await once(adding, "exit");
  return signIn(/** @type {any} */ ({ ...stage, desk: { origin, account } }));
}

test("an agent's picture is shown beside the name where it comes from the desk, and from nowhere else", async () => {
  const context = await stage.browser.newContext({ locale: "en" });
  const page = await context.newPage();
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${stage.shop}/?lang=en`);
  const me = visitor(page);
  await me.openChat();
  await me.say("who is there?");
  const faces = page.locator("deskside-widget .message.theirs .avatar img");
  const widths = () => faces.evaluateAll((all) => all.map((one) => /** @type {HTMLImageElement} */ (one).naturalWidth));

  const mei = await agentWith("Mei", "/console/icon.svg");
  await mei.openConversation("who is there?");
  await mei.say("Mei is");
  await me.answers.filter({ hasText: "Mei is" }).waitFor({ timeout: patience_ms });
  await until(widths, ([width = 0]) => width > 0);
  assert.equal(await faces.first().getAttribute("src"), `${stage.desk.origin}/console/icon.svg`);

  const una = await agentWith("Una", `${stage.shop}/img/mark.svg?una`);
  await una.openConversation("Mei is");
  await una.say("and Una");
  const answer = me.answers.filter({ hasText: "and Una" });
  await answer.waitFor({ timeout: patience_ms });
  assert.equal(await answer.locator(".avatar").innerText(), "U");
  assert.equal(await answer.locator("img").count(), 0);
  assert.deepEqual(asked.filter((url) => url.includes("una")), []);
  for (const agent of [mei, una]) await agent.page.context().close();
  await context.close();
});
