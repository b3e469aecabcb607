// The visitor's path in the engines that are not Chromium: what only Chromium was shown to do is
// promised to half of the phones in the world on trust.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openStage, signIn, until } from "../browser/stage.mjs";
import { engines, openBrowser } from "./webdriver.mjs";

const enter = "\uE007";

/** @type {import("../browser/stage.mjs").Stage} */
let stage;
before(async () => {
  stage = await openStage();
});
after(() => stage.close());

for (const engine of engines) {
  test(`${engine.name}: a visitor searches, asks, is cut off, comes back and rates`, async () => {
    const driver = await engine.driver();
    assert.ok(driver, `${engine.name} is not here; it needs ${engine.needs}`);
    const browser = await openBrowser(driver);
    /** @param {string} name */
    const shot = async (name) => {
      const folder = process.env.SHOTS;
      if (!folder) return;
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${engine.name}-${name}.png`), await browser.screenshot());
    };
    const box = "[data-screen=chat] textarea";
    const open = async () => {
      await browser.click("[part~=launcher]");
      await browser.element("[data-screen]");
    };
    /** @param {string} text @param {string} status */
    const said = (text, status) => browser.element(`.message.mine:is(${status})`, text);
    const reached = "[data-status=sent], [data-status=delivered], [data-status=read]";

    try {
      await browser.goto(`${stage.shop}/?lang=en`);
      await open();
      await browser.type("[data-screen=home] input", "how do i retrun somthing");
      await browser.element(".results [data-article]", "Return");
      await shot("search");
      await browser.reload();
      await open();
      await browser.click("[part~=ask], .ask button");

      const words = [1, 2, 3, 4].map((number) => `${engine.name} ${number}`);
      const [first = "", second = "", third = "", fourth = ""] = words;
      await browser.type(box, first + enter);
      await said(first, reached);
      const agent = await signIn(stage);
      await agent.openConversation(first);
      await agent.say(`Hello, ${engine.name}`);
      await browser.element(".message.theirs", `Hello, ${engine.name}`);

      await stage.desk.kill();
      await browser.type(box, second + enter);
      await browser.type(box, third + enter);
      await said(third, "[data-status=queued], [data-status=sending]");
      await shot("offline");
      await browser.reload();
      await open();
      if ((await browser.texts(box)).length === 0) await browser.click("[data-conversation]", third);
      await browser.type(box, fourth + enter);
      await said(fourth, "[data-status=queued], [data-status=sending]");
      await stage.desk.start();
      for (const text of words) await said(text, reached);
      const heard = await until(agent.heard, (seen) => seen.length >= words.length);
      assert.deepEqual(heard.map((text) => text.trim()), words, "once each, in the order in which they were written");

      await agent.resolve();
      await browser.click("[data-survey] .sv-point:nth-child(4)");
      await browser.click("[data-survey] button", "Send");
      await agent.page.getByText("rated this conversation").waitFor();
      await shot("rating");
      await agent.page.context().close();
    } catch (error) {
      await shot("failed");
      throw error;
    } finally {
      await browser.close();
    }
  });
}
