// Signing in, where it goes wrong.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openConsole, signIn, startBrowser, startDesk } from "./desk.mjs";

/** @type {import("./desk.mjs").Browser} */
let browser;
/** @type {import("./desk.mjs").Desk} */
let desk;

before(async () => {
  [browser, desk] = await Promise.all([startBrowser(), startDesk({ loginsPerMinute: 3 })]);
});

after(async () => {
  await browser.close();
  await desk.end();
});

const attempt = async (/** @type {import("playwright-core").Page} */ page, password = "not the password") => {
  await page.locator("#email").fill(desk.agent.email);
  await page.locator("#password").fill(password);
  await page.locator("#password").press("Enter");
};

test("says what is missing, what is wrong, that the desk is down, and when to come back", async () => {
  const { page, faults, close } = await openConsole(browser, desk);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Enter your email and your password.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "email");

  await attempt(page);
  await page.getByText("This email and password do not match").waitFor();
  assert.equal(await page.locator("#email").inputValue(), desk.agent.email);

  await desk.kill();
  await attempt(page);
  await page.getByText("The desk does not answer").waitFor();
  await desk.start();

  for (let at = 0; at < 3; at++) {
    const answer = page.waitForResponse(/login/);
    await attempt(page);
    await answer;
  }
  await attempt(page);
  await page.getByText(/Too many attempts. You can try again in \d+ (sec|min)/).waitFor();
  assert.equal(await page.getByRole("button", { name: "Sign in" }).isDisabled(), true);
  assert.deepEqual(faults, []);
  await close();
});

test("a console that is opened while it knows a token needs no password", async () => {
  await desk.kill();
  await desk.start();
  const { page, faults, close } = await openConsole(browser, desk);
  await signIn(page, desk.agent);
  await page.reload();
  await page.locator(".inbox").waitFor();
  assert.equal(await page.locator("#password").count(), 0);
  assert.deepEqual(faults, []);
  await close();
});
