// What `npm start` runs once everything is built: the desk with the example's own settings.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { buildDesk, runDesk } from "../../js/dev/desk.mjs";
import { freePort } from "../../js/dev/ports.mjs";

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
