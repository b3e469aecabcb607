// Two processes of the desk on one file: the shop's visitors come to one, the agent to the other.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openStage, signIn, until, visitor, watch } from "./stage.mjs";

/** @type {import("./stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

test("a visitor and an agent talk across two processes, also while one of them is replaced and killed", async () => {
  const other = await stage.secondDesk();
  const context = await stage.browser.newContext({ locale: "en" });
  const page = await context.newPage();
  const problems = watch(page);
  const me = visitor(page);
  await page.goto(`${stage.shop}/?lang=en`);
  await me.openChat();
  await me.say("Is anybody at the other one?");
  const agent = await signIn({ ...stage, desk: other });
  await agent.openConversation("Is anybody at the other one?");
  await agent.say("I am.");
  const answers = () => page.locator("deskside-widget .message.theirs .bubble").allInnerTexts();
  await until(answers, (all) => all.includes("I am."));
  await me.reaches("Is anybody at the other one?", "read");

  const said = ["Is anybody at the other one?"];
  for (const end of /** @type {const} */ (["stop", "kill"])) {
    await stage.desk[end]();
    const text = `written after the ${end}`;
    said.push(text);
    await me.say(text);
    await me.reaches(text, "queued");
    await agent.say(`answered after the ${end}`);
    await stage.desk.start();
    await me.reaches(text, "sent", "delivered", "read");
    await until(answers, (all) => all.includes(`answered after the ${end}`));
    await until(agent.heard, (all) => all.includes(text));
  }
  assert.deepEqual(await me.said(), said);
  assert.deepEqual(await agent.heard(), said);
  assert.deepEqual(await answers(), ["I am.", "answered after the stop", "answered after the kill"]);
  assert.deepEqual([...problems, ...agent.problems], []);
  await agent.page.context().close();
  await context.close();
});
