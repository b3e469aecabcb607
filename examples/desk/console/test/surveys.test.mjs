// The surveys' page of a real desk: results that a manager can see, hear and take along, and definitions that are saved or refused.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openConsole, signIn, startBrowser, startDesk, until, visit } from "./desk.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("./desk.mjs").Browser} */
let browser;
/** @type {import("./desk.mjs").Desk} */
let desk;
/** @type {string} */
let axe;

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const surveys = fileURLToPath(new URL("../../../website/surveys", import.meta.url));

before(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  [browser, desk] = await Promise.all([startBrowser(), startDesk({ commandsPerSecond: 1_000, commandsBurst: 1_000 }, { surveys })]);
  const visitor = await visit(browser, desk);
  const csat = { surveyId: "csat", surveyVersion: 1, scale: 5, steps: 1, source: "widget", language: "en" };
  // 40 answers, 30 of them 4 or 5: a CSAT of 75%. 10 more waved it away.
  for (let at = 0; at < 40; at++) {
    const rating = at < 30 ? 4 + (at % 2) : 1 + (at % 2);
    const reasons = rating <= 2 ? { reasons: at % 2 ? ["slow", "unsolved"] : ["slow"] } : {};
    const comment = at === 0 ? { comment: '=HYPERLINK("https://evil.example")' } : at === 1 ? { comment: "<b>等了很久</b>" } : {};
    const more = at % 4 ? {} : { source: "inline", language: "zh-CN" };
    await visitor.respond({ ...csat, ...more, rating, ...comment, data: { rating, ...reasons, ...comment } });
  }
  for (let at = 0; at < 10; at++) await visitor.respond({ ...csat, steps: 0, finished: false, dismissed: true, data: {} });
  // Too few to say how sure it is.
  for (const ease of [5, 6, 7]) await visitor.respond({ surveyId: "ces", surveyVersion: 1, scale: 7, steps: 1, source: "inline", language: "en", rating: ease, data: { ease } });
  const answers = { agree: true, customer: true, "rooms-furnished": ["kitchen", { other: "attic" }], shop: 5 };
  await visitor.respond({ surveyId: "research", surveyVersion: 1, scale: 5, steps: 4, source: "headless", language: "en", rating: 5, data: answers });
  await visitor.leave();
});

after(async () => {
  await browser.close();
  await desk.end();
});

/** @param {import("playwright-core").BrowserContextOptions} [options] */
async function openSurveys(options) {
  const opened = await openConsole(browser, desk, { reducedMotion: "reduce", acceptDownloads: true, ...options });
  await signIn(opened.page, desk.agent);
  await opened.page.goto(`${desk.origin}/console/surveys.html`);
  await opened.page.locator(".figure").first().waitFor();
  return opened;
}

/** @param {Page} page @param {string} id */
async function choose(page, id) {
  const row = page.locator(".survey-row", { has: page.locator("small", { hasText: new RegExp(`^${id} `) }) });
  await row.click();
  const name = await row.locator("bdi").textContent();
  await page.locator("#survey-name", { hasText: name ?? "" }).waitFor();
}

/** @param {Page} page @param {string} label */
const figure = async (page, label) => {
  const one = page.locator(".figure", { has: page.locator("dt", { hasText: label }) });
  return [await one.locator("b").textContent(), await one.locator("small").textContent()];
};

/** @param {Page} page @param {string} title */
const card = (page, title) => page.locator(".survey-card", { has: page.getByRole("heading", { name: title, exact: true }) });

/** @param {import("playwright-core").Locator} within */
const cells = async (within) => {
  const rows = await within.locator("tbody tr").all();
  return Promise.all(rows.map((row) => row.locator("th, td").allTextContents()));
};

/** @param {Page} page @param {string} where */
async function assertAccessible(page, where) {
  /** @type {{ violations: { id: string, nodes: { html: string, failureSummary: string }[] }[] }} */
  const { violations } = await page.evaluate(`${axe}; axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] })`);
  assert.deepEqual(violations.map(({ id, nodes }) => `${where}: ${id} ${nodes[0]?.html} ${nodes[0]?.failureSummary}`), []);
  const small = await page.locator("button:visible, a:visible, select:visible, textarea:visible, summary:visible").evaluateAll((nodes) =>
    nodes.map((node) => ({ name: node.textContent, ...node.getBoundingClientRect().toJSON() })).filter(({ width, height }) => width < 44 || height < 44),
  );
  assert.deepEqual(small.map(({ name, width, height }) => `${where}: ${name} ${width} x ${height}`), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `${where} is too wide`);
}

test("a survey's score stands with its interval, its rates and its groups", async () => {
  const { page, faults, close } = await openSurveys();
  await choose(page, "csat");
  assert.deepEqual(await figure(page, "CSAT"), ["75%", "60% to 86%"]);
  assert.deepEqual(await figure(page, "Answers"), ["40", "of 50 who were asked"]);
  assert.deepEqual(await figure(page, "Response rate"), ["80%", "10 waved it away"]);
  assert.deepEqual(await figure(page, "Completion"), ["100%", "40 went to the end"]);
  assert.deepEqual(await cells(card(page, "Channel")), [
    ["In the page", "10 / 10", "80%", "too few answers"],
    ["In the chat", "30 / 40", "73%", "56% to 86%"],
  ]);
  assert.deepEqual(await cells(card(page, "Question by question")), [
    ["How was our help?", "50", "40", "80%"],
    ["What could be better?", "10", "10", "100%"],
    ["Would you tell us more? (optional)", "50", "2", "4%"],
  ]);
  assert.deepEqual(await card(page, "In their own words").locator("p").allTextContents(), ["<b>等了很久</b>", '=HYPERLINK("https://evil.example")']);
  assert.deepEqual(faults, []);
  await close();
});

test("what a chart shows, a table says, and shares are of those who answered", async () => {
  const { page, close } = await openSurveys();
  await choose(page, "csat");
  const help = card(page, "How was our help?");
  const widths = await help.locator(".bar-fill").evaluateAll((bars) => bars.map((bar) => Math.round(bar.getBoundingClientRect().width)));
  assert.equal(widths[2], 0);
  assert.ok(Math.abs((widths[0] ?? 0) * 3 - (widths[4] ?? 0)) <= 3, String(widths));
  await help.locator("summary").press("Enter");
  assert.deepEqual(await cells(help), [["1", "5", "13%"], ["2", "5", "13%"], ["3", "0", "0%"], ["4", "15", "38%"], ["5", "15", "38%"]]);
  const reasons = card(page, "What could be better?");
  await reasons.locator("summary").press("Enter");
  assert.deepEqual((await cells(reasons)).slice(0, 2), [["Slow to answer", "10", "100%"], ["Not solved", "5", "50%"]]);
  const trend = card(page, "Score over time");
  assert.equal(await trend.locator("svg .dot").count(), 1);
  assert.equal(await trend.locator("svg .whisker").count(), 1);
  await trend.locator("summary").press("Enter");
  assert.deepEqual((await cells(trend)).map((row) => row.slice(1)), [["75%", "60% to 86%", "40"]]);
  await close();
});

const DAY_MS = 86_400_000;

/**
 * A report whose trend has so many days: all that a test of this minute cannot have.
 * @param {Page} page @param {({ n: number, value?: number })[]} days
 */
async function withTrend(page, days) {
  await page.route("**/csat/results?**", async (route) => {
    const answer = await route.fetch();
    const report = /** @type {import("../survey-data.js").Report} */ (await answer.json());
    const periods = days.map(({ n, value = 80 }, at) => ({
      from: Date.UTC(2026, 2, 2) + at * DAY_MS,
      score: { value: n > 0 ? value : null, low: n > 0 ? value - 10 : null, high: n > 0 ? value + 10 : null, n, few: n < 30, index: null },
    }));
    await route.fulfill({ response: answer, json: { ...report, trend: { step: "day", periods } } });
  });
}

test("a day on which nobody answered is a gap in the line, and in the table too few answers, not 0", async () => {
  const { page, close } = await openSurveys();
  await withTrend(page, [{ n: 40 }, { n: 50 }, { n: 0 }, { n: 5 }, { n: 31 }]);
  await choose(page, "csat");
  const trend = card(page, "Score over time");
  await trend.locator("svg .dot").first().waitFor();
  assert.equal(await trend.locator("svg .dot").count(), 4);
  assert.equal(await trend.locator("svg .dot.is-few").count(), 1);
  assert.equal(await trend.locator("svg .line").count(), 2);
  assert.equal(await trend.locator("svg .band").count(), 2);
  await trend.locator("summary").press("Enter");
  assert.deepEqual((await cells(trend))[2], ["Mar 4", "–", "too few answers", "0"]);
  await close();
});

test("a trend of many days has dots that do not touch", async () => {
  const { page, close } = await openSurveys(phone);
  await withTrend(page, Array.from({ length: 90 }, (_, at) => ({ n: 40, value: 70 + (at % 9) })));
  await choose(page, "csat");
  const dots = card(page, "Score over time").locator("svg .dot");
  await dots.first().waitFor();
  const boxes = await dots.evaluateAll((all) => all.map((dot) => ({ x: Number(dot.getAttribute("cx")), r: Number(dot.getAttribute("r")) })));
  const [first, second] = boxes;
  assert.equal(boxes.length, 90);
  assert.ok(first && second && second.x - first.x >= 2 * first.r, JSON.stringify([first, second]));
  await close();
});

test("the periods of the trend may be chosen", async () => {
  const { page, close } = await openSurveys();
  await choose(page, "csat");
  const trend = card(page, "Score over time");
  for (const [choice, said] of /** @type {const} */ ([["Month", "By month"], ["Week", "By week, from Monday"], ["Day", "By day"]])) {
    await page.getByRole("combobox", { name: "Trend by" }).selectOption({ label: choice });
    await trend.getByText(said, { exact: true }).waitFor();
  }
  await close();
});

test("where there are too few answers, it says so, and nothing is shown as 0", async () => {
  const { page, close } = await openSurveys();
  await choose(page, "ces");
  assert.deepEqual(await figure(page, "CES"), ["6.00", "too few answers"]);
  await choose(page, "nps");
  assert.deepEqual(await figure(page, "NPS"), ["–", "too few answers"]);
  assert.deepEqual(await figure(page, "Response rate"), ["–", "0 waved it away"]);
  await page.getByText("Nobody was asked in this period.").waitFor();
  assert.equal(await page.locator(".chart").count(), 0);
  await choose(page, "research");
  assert.deepEqual(await card(page, "Five short questions").locator(".bar-label").allTextContents(), ["Yes", "No"]);
  await close();
});

test("a filter is chosen by keyboard, keeps the focus and offers what it offered before", async () => {
  const { page, close } = await openSurveys();
  await choose(page, "csat");
  const channel = page.getByRole("combobox", { name: "Channel" });
  await channel.focus();
  await page.keyboard.press("I");
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "of 10 who were asked" }).waitFor({ state: "attached" });
  assert.deepEqual(await figure(page, "CSAT"), ["80%", "too few answers"]);
  assert.equal(await channel.evaluate((box) => box === document.activeElement), true);
  assert.deepEqual(await channel.locator("option").allTextContents(), ["All", "In the page", "In the chat"]);
  await close();
});

test("the CSV holds what the filters take, and no formula", async () => {
  const { page, close } = await openSurveys();
  await choose(page, "csat");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download CSV" }).click()]);
  assert.equal(download.suggestedFilename(), "csat.csv");
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  assert.equal(lines.length, 51);
  assert.match(lines[0] ?? "", /^\uFEFF?"responseId".*"rating","reasons","comment"$/);
  assert.ok(lines.some((line) => line.includes(`"'=HYPERLINK(""https://evil.example"")"`)));
  await close();
});

test("a definition that is wrong is refused with the places, and what was written stays", async () => {
  const { page, faults, close } = await openSurveys();
  await page.getByRole("button", { name: "New survey" }).click();
  const text = page.getByRole("textbox", { name: "Definition (JSON)" });
  assert.equal(await text.evaluate((box) => box === document.activeElement), true);
  const bad = { schemaVersion: 1, id: "tea", version: 1, languages: ["en"], triggers: [], blocks: [{ id: "a", elements: [{ type: "csat", id: "q", scale: "star", range: 6, headline: "Tea?" }], logicFallback: "nowhere" }], endings: [] };
  await text.fill("{");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "JSON" }).waitFor();
  await text.fill(JSON.stringify(bad, null, 2));
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "$.blocks[0].elements[0].range" }).waitFor();
  assert.equal(await text.getAttribute("aria-invalid"), "true");
  assert.match(await text.evaluate((box) => (box.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent).join()), /range/);
  assert.equal(await text.inputValue(), JSON.stringify(bad, null, 2));
  await page.getByRole("button", { name: "Discard changes" }).click();
  await until("the focus to return", () => page.locator("#survey-name").evaluate((name) => name === document.activeElement));
  assert.equal(await page.locator(".survey-row[aria-current]").count(), 1);
  assert.deepEqual(faults, []);
  await close();
});

test("a mistake is told in the console's language, with its place", async () => {
  const { page, close } = await openSurveys({ locale: "zh-CN" });
  await choose(page, "csat");
  await page.locator("#survey-edit").click();
  const text = page.locator("#definition");
  await text.fill((await text.inputValue()).replace('"range": 5', '"range": 6'));
  await page.locator(".is-primary").click();
  await page.getByRole("alert").filter({ hasText: "$.blocks[0].elements[0].range 必须是以下之一：2 3 4 5 7 10" }).waitFor();
  await text.fill("{");
  await page.locator(".is-primary").click();
  await page.getByRole("alert").filter({ hasText: "不是有效的 JSON" }).waitFor();
  await page.getByRole("button", { name: "放弃修改" }).click();
  await page.locator("#survey-name").waitFor();
  await close();
});

test("what was written stays when another survey is looked at, or the page is loaded anew, until it is discarded", async () => {
  const { page, faults, close } = await openSurveys();
  await choose(page, "csat");
  await page.getByRole("button", { name: "Edit" }).click();
  const text = page.getByRole("textbox", { name: "Definition (JSON)" });
  const before = await text.inputValue();
  await text.fill("half a thou");
  await choose(page, "nps");
  assert.deepEqual(await page.locator(".survey-unsaved:visible").count(), 1);
  await page.reload();
  await page.locator(".figure").first().waitFor();
  await choose(page, "csat");
  await page.getByRole("button", { name: "Edit" }).click();
  assert.equal(await text.inputValue(), "half a thou");
  await page.getByRole("status").filter({ hasText: "Not saved yet" }).waitFor();
  await page.getByRole("button", { name: "Discard changes" }).click();
  await page.locator("#survey-name").waitFor();
  assert.equal(await page.locator(".survey-unsaved:visible").count(), 0);
  await page.getByRole("button", { name: "Edit" }).click();
  assert.equal(await text.inputValue(), before);
  await page.getByRole("button", { name: "New survey" }).click();
  await text.fill("{ a new one");
  await choose(page, "csat");
  await page.getByRole("button", { name: "New survey (unsaved)" }).click();
  assert.equal(await text.inputValue(), "{ a new one");
  await page.getByRole("button", { name: "Discard changes" }).click();
  assert.deepEqual(faults, []);
  await close();
});

test("a change is saved as the next version, also once the desk was away", async () => {
  const { page, close } = await openSurveys();
  await choose(page, "research");
  await page.getByRole("button", { name: "Edit" }).click();
  const text = page.getByRole("textbox", { name: "Definition (JSON)" });
  const changed = (await text.inputValue()).replace("How people shop for their home", "Shopping for the home");
  await text.fill(changed);
  await page.getByRole("checkbox", { name: "Ask visitors this survey" }).uncheck();
  await desk.kill();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "could not be reached" }).waitFor();
  assert.equal(await text.inputValue(), changed);
  await desk.start();
  await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
  await page.locator("#survey-name", { hasText: "Shopping for the home" }).waitFor();
  assert.equal(await page.locator(".survey-row[aria-current] small:visible").textContent(), "research · version 2 · off");
  assert.equal(await page.locator(".survey-alert").textContent(), "");
  await until("the focus on the name", () => page.locator("#survey-name").evaluate((name) => name === document.activeElement));
  assert.deepEqual(await figure(page, "Answers"), ["1", "of 1 who were asked"]);
  await close();
});

test("a rating names its agent and the team of then, and leads to its conversation", async () => {
  await desk.command("set-team", desk.agent.email, "Returns");
  const { page, close } = await openConsole(browser, desk);
  const visitor = await visit(browser, desk);
  await visitor.say("Where is my lamp?");
  await signIn(page, desk.agent);
  await page.goto(`${desk.origin}/console/#/${visitor.conv}`);
  await page.locator(".bubble", { hasText: "Where is my lamp?" }).waitFor();
  await page.locator("#composer").fill("On its way");
  await page.locator("#composer").press("Enter");
  await page.locator(".is-mine .bubble").waitFor();
  await page.locator(".conversation-actions button", { hasText: "Resolve" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Resolve" }).click();
  await page.getByText("You resolved the conversation").waitFor();
  await visitor.pushed(({ event }) => event?.type === "invitation");
  await visitor.rate(5, "It came the same day");
  await page.goto(`${desk.origin}/console/surveys.html`);
  await page.locator(".figure").first().waitFor();
  await choose(page, "csat");
  assert.deepEqual(await cells(card(page, "Agent")), [["Robin Vale", "1 / 1", "100%", "too few answers"]]);
  assert.deepEqual(await cells(card(page, "Team")), [["Returns", "1 / 1", "100%", "too few answers"]]);
  await desk.command("set-team", desk.agent.email, "Sales");
  await page.getByRole("combobox", { name: "Team" }).selectOption({ label: "Returns" });
  await page.getByRole("status").filter({ hasText: "of 1 who were asked" }).waitFor({ state: "attached" });
  assert.deepEqual(await figure(page, "Answers"), ["1", "of 1 who were asked"]);
  await page.locator(".comments li", { hasText: "It came the same day" }).getByRole("link", { name: "Conversation" }).click();
  await page.locator(".bubble", { hasText: "Where is my lamp?" }).waitFor();
  await visitor.leave();
  await close();
});

test("nobody sees it who is not signed in", async () => {
  const { page, close } = await openConsole(browser, desk);
  await page.goto(`${desk.origin}/console/surveys.html`);
  await page.locator("#password").waitFor();
  await close();
});

for (const [colorScheme, locale, size, options] of /** @type {const} */ ([
  ["light", "en", "desktop", {}],
  ["dark", "zh-CN", "desktop", {}],
  ["dark", "en", "phone", phone],
  ["light", "zh-CN", "phone", phone],
])) {
  test(`nothing stands in the way on a ${size}, ${colorScheme}, in ${locale}`, async () => {
    const { page, close } = await openSurveys({ ...options, colorScheme, locale, bypassCSP: true });
    assert.equal(await page.locator("html").getAttribute("lang"), locale);
    for (const id of ["csat", "nps", "research"]) {
      await choose(page, id);
      for (const summary of await page.locator("summary").all()) await summary.click();
      await assertAccessible(page, id);
    }
    await page.locator("#survey-edit").click();
    await page.locator("#definition").fill("{}");
    await page.locator(".is-primary").click();
    await page.locator(".problems").waitFor();
    await assertAccessible(page, "definition");
    await close();
  });
}
