// What `npm start` runs once everything is built: the desk with the example's own settings.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { chromiumArgs, findChromium } from "../../js/dev/chromium.mjs";
import { buildDesk, runDesk } from "../../js/dev/desk.mjs";
import { freePort } from "../../js/dev/ports.mjs";
import { shopServer } from "../../js/dev/site.mjs";
import { signIn } from "../mini/stage.mjs";
import { until, visitor, watch } from "./stage.mjs";

const folder = await mkdtemp(join(tmpdir(), "deskside-demo-"));
after(() => rm(folder, { recursive: true, force: true }));

test("the demo's desk starts from any folder, says where it is, and lets its account in", async () => {
  const program = process.env.DESK ?? (await buildDesk(() => undefined));
  const desk = await runDesk(program, await freePort(18_787), ["http://127.0.0.1:18080"], folder);
  try {
    assert.match(desk.origin, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal((await fetch(desk.console)).status, 200);
    const body = JSON.stringify(desk.account);
    const headers = { "content-type": "application/json" };
    const login = await fetch(`${desk.origin}/v1/agent/login`, { method: "POST", headers, body });
    assert.equal(login.status, 200);
  } finally {
    await desk.stop();
  }
});

test("a customer who signs in at the demo shop is known by name at the desk, stays so on the next page, and is nobody after signing out", async (t) => {
  const program = process.env.DESK ?? (await buildDesk(() => undefined));
  const port = await freePort(18_080);
  const origin = `http://127.0.0.1:${port}`;
  const desk = await runDesk(program, await freePort(18_787), [origin], join(folder, "customer"));
  t.after(() => desk.stop());
  const server = shopServer(desk.origin, desk.key).listen(port, "127.0.0.1");
  await once(server, "listening");
  const executablePath = await findChromium();
  const agent = await signIn({ origin: desk.origin, agent: desk.account });
  t.after(() => agent.close());
  /** Whom the desk takes each conversation's visitor for. */
  const known = () => [...new Map(agent.pushes.flatMap(({ inbox }) => (inbox ? [[inbox.conv, inbox.identity?.subject]] : []))).values()];
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: chromiumArgs });
  t.after(async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, locale: "en" });
  const problems = watch(page);
  await page.goto(`${origin}/?lang=en`);
  const me = visitor(page);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await page.reload();
  await me.openChat();
  await me.say("Where is my order?");
  await me.reaches("Where is my order?", "sent", "delivered");
  await until(() => Promise.resolve(known()), (known) => known.join() === "customer-17");

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.locator("deskside-widget [data-screen=home]").waitFor();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await me.openChat.call({ ...me, open: () => Promise.resolve() });
  await me.say("Who am I?");
  await me.reaches("Who am I?", "sent", "delivered");
  await until(() => Promise.resolve(known()), (known) => known.length === 2 && known[1] === undefined);
  assert.deepEqual(problems, []);
});
