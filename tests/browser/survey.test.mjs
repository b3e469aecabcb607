// Surveys as a visitor meets them: after a chat, in the page, offline, and with a bad definition.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { at } from "../../js/dev/paths.mjs";
import { openStage, patience_ms, shot, signIn, visitor, watch } from "./stage.mjs";

const axe = await readFile(at("node_modules", "axe-core", "axe.min.js"), "utf8");

/** What a screen reader would trip over. @param {import("playwright-core").Page} page @param {string} within */
async function violations(page, within) {
  await page.evaluate(axe);
  const run = `axe.run(${JSON.stringify(within)}, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })`;
  const found = /** @type {{ violations: { id: string, nodes: { html: string }[] }[] }} */ (await page.evaluate(run));
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

test("surveys", async (t) => {
  const stage = await openStage();
  t.after(() => stage.close());
  const agent = await signIn(stage);

  /** @param {import("playwright-core").BrowserContextOptions} [options] */
  const visit = async (options = {}) => {
    const context = await stage.browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en", ...options });
    const page = await context.newPage();
    const problems = watch(page);
    await page.goto(stage.shop);
    return { context, page, problems, me: visitor(page) };
  };

  /** What the page was told of surveys. @param {import("playwright-core").Page} page */
  const listen = (page) =>
    page.evaluate(`window.told = []; for (const name of ["surveyShown", "surveyAnswered", "surveyCompleted", "surveyDismissed", "surveySuppressed"])
      deskside("on", name, (detail) => told.push([detail.what, detail.surveyId, detail.detail]))`);
  /** @param {import("playwright-core").Page} page */
  const told = (page) => /** @type {Promise<string[][]>} */ (page.evaluate("told"));

  /** @param {string} words */
  const resolvedChat = async (words) => {
    const { context, page, problems, me } = await visit();
    await listen(page);
    await me.openChat();
    await me.say(words);
    await me.reaches(words, "sent", "delivered", "read");
    await agent.openConversation(words);
    await agent.say("That is done");
    await me.answers.filter({ hasText: "That is done" }).waitFor({ timeout: patience_ms });
    await agent.resolve();
    await page.locator("deskside-widget .survey").waitFor({ timeout: patience_ms });
    return { context, page, problems, me };
  };

  await t.test("stars are radio buttons: by keyboard, with tags for a low rating, and axe finds nothing", async () => {
    const { context, page, problems } = await resolvedChat("Where is order 4001?");
    const survey = page.locator("deskside-widget .survey");
    await survey.getByRole("radio", { name: "3 of 5 stars" }).focus();
    await page.keyboard.press("Space");
    await survey.getByText("Solved in part").waitFor();
    await page.keyboard.press("ArrowLeft");
    await survey.getByText("Unfriendly").waitFor();
    assert.equal(await survey.getByRole("radio", { name: "2 of 5 stars" }).isChecked(), true);
    assert.deepEqual(await violations(page, "deskside-widget"), []);
    for (const box of await survey.locator("label.sv-point, label.sv-tag, button").all()) {
      const { width = 0, height = 0 } = (await box.boundingBox()) ?? {};
      assert.ok(width >= 44 && height >= 44, `${width} x ${height}`);
    }
    await shot(page, "survey-1-tags");
    await survey.getByRole("checkbox", { name: "Slow to answer" }).check({ force: true });
    await survey.getByRole("button", { name: "Send" }).click();
    await survey.getByText("Thank you for the rating").waitFor({ timeout: patience_ms });
    const names = (await told(page)).map(([what]) => what);
    assert.deepEqual([...new Set(names)], ["shown", "answered", "completed"]);
    await agent.page.getByText("2").first().waitFor({ timeout: patience_ms });
    assert.deepEqual(problems, []);
    await context.close();
  });

  await t.test("an answer given offline is there after a reload, and arrives", async () => {
    const { context, page, me } = await resolvedChat("Where is order 4002?");
    await context.setOffline(true);
    const survey = page.locator("deskside-widget .survey");
    await survey.getByRole("radio", { name: "5 of 5 stars" }).check({ force: true });
    await survey.getByRole("textbox").fill("five of five");
    await page.waitForTimeout(1_000);
    await context.setOffline(false);
    await stage.desk.kill();
    await page.reload();
    await me.open();
    if (!(await survey.isVisible())) await page.locator("deskside-widget [data-conversation], deskside-widget .recent button").first().click();
    await survey.waitFor({ timeout: patience_ms });
    assert.equal(await survey.getByRole("radio", { name: "5 of 5 stars" }).isChecked(), true);
    assert.equal(await survey.getByRole("textbox").inputValue(), "five of five");
    await stage.desk.start();
    await agent.openConversation("That is done");
    await agent.page.getByText("five of five").first().waitFor({ timeout: patience_ms });
    await context.close();
  });

  await t.test("a reopened conversation takes the question back", async () => {
    const { context, page, me } = await resolvedChat("Where is order 4003?");
    await me.say("It is still not here");
    await page.locator("deskside-widget .survey").waitFor({ state: "detached", timeout: patience_ms });
    const suppressed = (await told(page)).filter(([what]) => what === "suppressed");
    assert.deepEqual(suppressed, [["suppressed", "csat", "cancelled"]]);
    await context.close();
  });

  await t.test("a survey stands in the page, branches, says what is lacking, and goes on after a reload", async () => {
    const { context, page, problems } = await visit();
    const place = async () =>
      page.evaluate(`{ const survey = document.createElement("deskside-survey"); survey.setAttribute("survey", "research");
        document.querySelector("main, body").prepend(survey); }`);
    await place();
    const survey = page.locator("deskside-survey .survey");
    await survey.getByText("Five short questions").waitFor({ timeout: patience_ms });
    await survey.getByRole("button", { name: "Next" }).click();
    await survey.getByText("Please agree to go on").waitFor();
    assert.deepEqual(await violations(page, "deskside-survey"), []);
    await shot(page, "survey-2-inline");
    await survey.getByRole("checkbox").check();
    await survey.getByRole("button", { name: "Next" }).click();
    await survey.getByText("Have you bought from us before?").waitFor();
    await survey.getByText("Not yet").click();
    await survey.getByRole("button", { name: "Next" }).click();
    await survey.getByText("What has held you back?").waitFor();
    // A step is shown at once and stored a moment later: a reload in between begins at the step before.
    await page.waitForTimeout(500);
    await page.reload();
    await place();
    await survey.getByText("What has held you back?").waitFor({ timeout: patience_ms });
    await survey.getByText("Something else").click();
    await survey.getByRole("textbox").fill("The colours");
    await survey.getByRole("button", { name: "Next" }).click();
    await survey.getByText("How do you find this shop?").waitFor({ timeout: patience_ms });
    await shot(page, "survey-3-emoji");
    await survey.getByRole("radio", { name: "4 of 5" }).check({ force: true });
    await survey.getByRole("button", { name: /Next|Send/ }).click();
    await survey.getByText("That was all").waitFor({ timeout: patience_ms });
    assert.deepEqual(problems, []);
    await context.close();
  });

  await t.test("the page may ask by itself: the card beside the launcher, in Chinese and in the dark, on a phone", async () => {
    const { context, page } = await visit({ locale: "zh-CN", colorScheme: "dark", viewport: { width: 390, height: 844 }, hasTouch: true });
    await page.evaluate(`document.querySelector("deskside-widget").setAttribute("locale", "zh-CN"); deskside("survey", "start", "nps")`);
    const survey = page.locator("deskside-widget .survey-card .survey");
    await survey.getByText("您有多大可能向朋友推荐").waitFor({ timeout: patience_ms });
    await shot(page, "survey-4-nps-zh-dark");
    assert.deepEqual(await violations(page, "deskside-widget"), []);
    await survey.getByRole("radio", { name: "10 分中的 9 分" }).check({ force: true });
    await survey.getByRole("button", { name: "下一步" }).click();
    await survey.getByText("您最喜欢我们的什么").waitFor({ timeout: patience_ms });
    await context.close();
  });

  /** @param {() => Promise<unknown>} holds */
  const until = async (holds) => {
    for (const end = Date.now() + patience_ms; !(await holds()); ) assert.ok(Date.now() < end, String(holds));
  };

  /** Every kind of question, one after the other in one survey. */
  const kinds = {
    thumbs: { type: "csat", scale: "thumbs", range: 2 },
    emoji: { type: "csat", scale: "emoji", range: 7, lowerLabel: "Sad", upperLabel: "Glad" },
    number: { type: "csat", scale: "number", range: 10 },
    nps: { type: "nps", lowerLabel: "Not likely", upperLabel: "Very likely" },
    ces: { type: "ces", range: 7 },
    single: { type: "singleChoice", choices: [{ id: "a", label: "A" }, { id: "b", label: "B" }], other: { label: "Other" } },
    multiple: { type: "multipleChoice", choices: [{ id: "a", label: "A" }, { id: "b", label: "B" }], validation: { max: 1 } },
    mail: { type: "openText", validation: { kind: "email" } },
    boolean: { type: "boolean" },
    consent: { type: "consent", label: "I agree" },
  };

  await t.test("every kind of question says what it is and what it lacks, and is answered by keyboard alone", async () => {
    const { context, page, problems } = await visit({ viewport: { width: 320, height: 900 } });
    const questions = Object.entries(kinds).map(([id, kind]) => ({ id, headline: `Question ${id}`, required: true, ...kind }));
    const blocks = questions.map((question) => ({ id: `b-${question.id}`, elements: [question] }));
    const definition = { schemaVersion: 1, id: "all", version: 1, languages: ["en"], blocks, endings: [{ id: "end", headline: "That is all" }] };
    await page.evaluate(async (definition) => {
      const deskside = /** @type {any} */ (window).deskside;
      await deskside("survey", "define", definition);
      const place = document.createElement("deskside-survey");
      place.setAttribute("survey", "all");
      document.querySelector("main, body")?.prepend(place);
    }, definition);
    const survey = page.locator("deskside-survey .survey");
    for (const { id, type } of questions) {
      const group = survey.getByRole(["multipleChoice", "consent"].includes(type) ? "group" : "radiogroup", { name: `Question ${id}` });
      const field = survey.getByRole("textbox", { name: `Question ${id}` });
      const one = type === "openText" ? field : group;
      await one.waitFor({ timeout: patience_ms });
      const wide = await survey.evaluate((node) => node.scrollWidth - node.clientWidth);
      assert.ok(wide <= 0, `${id} is ${wide} too wide`);
      // Without an answer: it is said, tied to the question, and the focus is there.
      await survey.locator(".sv-primary").press("Enter");
      await survey.locator(".sv-problem").waitFor();
      const described = await one.evaluate((node) =>
        (node.getAttribute("aria-describedby") ?? "").split(" ").map((id) => /** @type {ShadowRoot} */ (node.getRootNode()).getElementById(id)?.textContent).join(" "));
      assert.ok(described.includes((await survey.locator(".sv-problem").textContent()) ?? "-"), `${id}: ${described}`);
      assert.deepEqual(await violations(page, "deskside-survey"), [], id);
      await until(() => page.evaluate(() => document.querySelector("deskside-survey")?.shadowRoot?.activeElement?.matches("input")));
      for (const box of await survey.locator("label.sv-point, label.sv-choice, .sv-buttons button").all()) {
        const { width = 0, height = 0 } = (await box.boundingBox()) ?? {};
        assert.ok(width >= 44 && height >= 44, `${id}: ${width} x ${height}`);
      }
      if (type === "openText") await page.keyboard.type("ann@example.com");
      else await page.keyboard.press("Space");
      await survey.locator(".sv-primary").press("Enter");
      await one.waitFor({ state: "detached", timeout: patience_ms });
    }
    await survey.getByText("That is all").waitFor();
    assert.deepEqual(problems, []);
    await context.close();
  });

  await t.test("a survey that is saved in the console reaches who is on the site, and not what they are answering", async () => {
    const { context, page } = await visit();
    const login = await fetch(`${stage.desk.origin}/v1/agent/login`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(stage.desk.account),
    });
    const { token } = /** @type {{ token: string }} */ (await login.json());
    const site = JSON.parse(await readFile(at("examples", "desk", "desk.json"), "utf8")).sites[0].id;
    /** @param {string} headline */
    const save = async (headline) => {
      const elements = [{ type: "openText", id: "q", headline }];
      const definition = { schemaVersion: 1, id: "pulse", version: 1, languages: ["en"], display: { displayOption: "respondMultiple" }, triggers: [{ type: "event", name: "paid" }], blocks: [{ id: "b", elements }] };
      const saved = await fetch(`${stage.desk.origin}/v1/agent/surveys`, {
        method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${token}` }, body: JSON.stringify({ site, active: true, definition }),
      });
      assert.equal(saved.status, 200, await saved.text());
    };
    // On the site, and connected: a survey of the desk stands there.
    await page.evaluate(`deskside("survey", "on", "answered", (detail) => (window.answered = detail)); deskside("survey", "start", "nps")`);
    const survey = page.locator("deskside-widget .survey-card .survey");
    await survey.waitFor({ timeout: patience_ms });
    await survey.getByRole("button", { name: "Not now" }).click();
    await save("How do we do?");
    await until(() => page.evaluate(`deskside("survey", "start", "pulse").then((refused) => refused === null)`));
    await survey.getByText("How do we do?").waitFor({ timeout: patience_ms });
    await survey.getByRole("textbox").fill("Well");
    await until(() => page.evaluate(`"answered" in window`));
    assert.deepEqual(await page.evaluate(`[answered.what, answered.surveyId, answered.detail]`), ["answered", "pulse", "q"]);
    await save("How are we doing now?");
    await page.reload();
    await page.evaluate(`deskside("survey", "start", "pulse")`);
    await survey.getByText("How do we do?").waitFor({ timeout: patience_ms });
    assert.equal(await survey.getByRole("textbox").inputValue(), "Well");
    await survey.getByRole("button", { name: "Send" }).click();
    await survey.getByRole("button", { name: "Close" }).click();
    await page.evaluate(`deskside("survey", "start", "pulse")`);
    await survey.getByText("How are we doing now?").waitFor({ timeout: patience_ms });
    await context.close();
  });

  await t.test("a page draws the questions itself", async () => {
    const { context, page } = await visit();
    const done = await page.evaluate(async (desk) => {
      const { createClient } = await import(/** @type {string} */ ("/deskside/deskside-client.js"));
      const at = (/** @type {string} */ name) => new URL(`/deskside/${name}`, location.href).href;
      /** @type {string[]} */
      const told = [];
      /** @type {() => void} */
      let changed = () => {};
      const client = await createClient({
        desk, site: "demo", locale: "en", page: location.href, coreUrl: at("deskside-core.js"), wasmUrl: at("deskside-core.wasm"),
        onChange: () => changed(),
        onEvent: (/** @type {any} */ event) => event.survey && told.push(event.survey.what),
        onCrash: () => told.push("crash"),
      });
      const seen = () => client.view().surveys.find((/** @type {any} */ one) => one.surveyId === "nps");
      client.dispatch({ survey: { act: "start", id: "nps", name: "headless" } });
      while (!seen()) await new Promise((resolve) => (changed = () => resolve(undefined)));
      const { responseId: id, source, questions } = seen();
      client.dispatch({ survey: { act: "seen", id } });
      client.dispatch({ survey: { act: "answer", id, name: questions[0].element.id, value: 9 } });
      client.dispatch({ survey: { act: "next", id } });
      client.dispatch({ survey: { act: "dismiss", id } });
      await new Promise((resolve) => setTimeout(resolve, 500));
      client.close();
      return { source, headline: questions[0].element.headline, told };
    }, stage.desk.origin);
    assert.equal(done.source, "headless");
    assert.match(done.headline, /recommend/);
    assert.deepEqual(done.told, ["shown", "answered", "dismissed"]);
    await context.close();
  });

  await t.test("a bad definition is refused with its place, and the page and the chat go on", async () => {
    const { context, page, problems, me } = await visit();
    const refused = await page.evaluate(`deskside("survey", "define", { schemaVersion: 1, id: "bad" })`);
    assert.equal(refused, "survey_definition");
    await me.openChat();
    await me.say("The chat still works");
    await me.reaches("The chat still works", "sent", "delivered", "read");
    assert.deepEqual(problems, []);
    await context.close();
  });

  assert.deepEqual(agent.problems, []);
});
