// The real desk, real visitors and real agents, for the tests in a browser.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { chromiumArgs, findChromium } from "../../../../js/dev/chromium.mjs";
import { buildDesk } from "../../../../js/dev/desk.mjs";
import { dist } from "../../../../js/dev/paths.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContextOptions} BrowserContextOptions */
/** @typedef {import("../../../../js/types/protocol.js").Command} Command */
/** @typedef {import("../../../../js/types/protocol.js").Reply} Reply */
/** @typedef {import("../../../../js/types/protocol.js").ServerFrame} ServerFrame */

const DEMO_PASSWORD = "deskside-demo";
const COLLEAGUE = { email: "tom@deskside.example", name: "Tom Okafor", password: "a-good-long-password" };

export async function startBrowser() {
  const executablePath = await findChromium();
  return chromium.launch({ args: chromiumArgs, ...(executablePath === undefined ? {} : { executablePath }) });
}

/** @param {Record<string, number>} [limits] @param {object} [site] more settings of the site */
export async function startDesk(limits = {}, site = {}) {
  const program = process.env.DESK ?? (await buildDesk(() => undefined));
  const folder = await mkdtemp(join(tmpdir(), "deskside-console-"));
  const config = join(folder, "desk.json");
  await writeFile(
    config,
    JSON.stringify({
      listen: "127.0.0.1:0",
      console: process.env.CONSOLE ?? join(dist, "console"),
      sites: [{ id: "demo", name: "Linden & Loom", allowedOrigins: ["*"], ...site }],
      limits: { loginsPerMinute: 1_000, ...limits },
    }),
  );
  const options = ["--config", config, "--demo"];
  const adding = spawn(program, [...options, "add-agent", COLLEAGUE.email, COLLEAGUE.name], { stdio: ["pipe", "ignore", "inherit"] });
  adding.stdin.end(`${COLLEAGUE.password}\n`);
  await once(adding, "exit");

  /** @type {import("node:child_process").ChildProcess | undefined} */
  let running;
  const desk = {
    origin: "",
    agent: { email: "", password: DEMO_PASSWORD },
    colleague: COLLEAGUE,

    /** Under the same address as before, if there was one; nothing if it runs. */
    async start() {
      if (running !== undefined) return;
      const listen = desk.origin === "" ? "127.0.0.1:0" : desk.origin.replace("http://", "");
      const env = { DESK_LOG: "error", ...process.env };
      const child = spawn(program, [...options, "--listen", listen], { env, stdio: ["ignore", "pipe", "inherit"] });
      running = child;
      process.once("exit", () => child.kill("SIGKILL"));
      for await (const line of createInterface({ input: child.stdout })) {
        desk.origin = /^desk listening on (\S+)$/.exec(line)?.[1] ?? desk.origin;
        const account = /^demo agent: (\S+) \/ (\S+)$/.exec(line);
        if (account === null) continue;
        desk.agent = { email: account[1] ?? "", password: account[2] ?? "" };
        break;
      }
    },

    /** Runs one of the desk's commands beside it. @param {string[]} words */
    async command(...words) {
      const command = spawn(program, [...options, ...words], { stdio: ["ignore", "ignore", "inherit"] });
      const [code] = /** @type {[number]} */ (await once(command, "exit"));
      if (code !== 0) throw new Error(`${words[0]} ended with ${code}`);
    },

    /** Without a goodbye. */
    async kill() {
      if (running === undefined) return;
      running.kill("SIGKILL");
      await once(running, "exit");
      running = undefined;
    },

    async end() {
      await desk.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await desk.start();
  return desk;
}

/** @typedef {Awaited<ReturnType<typeof startDesk>>} Desk */
/** @typedef {import("playwright-core").Browser} Browser */

/**
 * A page with the console; nothing may be refused by its policy, and no script may fail.
 * @param {Browser} browser @param {Desk} desk @param {BrowserContextOptions} [options]
 */
export async function openConsole(browser, desk, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (line) => {
    const text = line.text();
    const isNetwork = /WebSocket connection|Failed to load resource|ERR_/.test(text);
    if (["error", "warning"].includes(line.type()) && !isNetwork) faults.push(text);
  });
  await page.goto(`${desk.origin}/console/`);
  return { page, faults, close: () => context.close() };
}

/** @param {Page} page @param {{ email: string, password: string }} account */
export async function signIn(page, { email, password }) {
  await page.locator("#email").fill(email);
  await page.locator("#password").fill(password);
  await page.locator("#password").press("Enter");
  await page.locator(".inbox").waitFor();
}

const cmid = () => crypto.randomUUID().replace(/^(.{14})./, "$17");

/**
 * A visitor who speaks the protocol from a page of the desk's origin, as a site's widget would.
 * @param {Browser} browser @param {Desk} desk @param {{ locale?: string, page?: string }} [who]
 */
export async function visit(browser, desk, { locale = "en", page: from = "https://shop.example/cart" } = {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${desk.origin}/healthz`);
  const conv = cmid();

  const connect = (/** @type {string | undefined} */ token) =>
    page.evaluateHandle(
      async ({ token, locale }) => {
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/socket`);
        await new Promise((resolve) => (socket.onopen = resolve));
        let id = 0;
        /** @type {Map<number, (frame: ServerFrame) => void>} */
        const awaiting = new Map();
        /** @type {ServerFrame[]} */
        const pushed = [];
        socket.onmessage = ({ data }) => {
          for (const line of String(data).split("\n")) {
            /** @type {ServerFrame} */
            const frame = JSON.parse(line);
            if (frame.id === undefined) pushed.push(frame);
            else awaiting.get(frame.id)?.(frame);
          }
        };
        const tell = (/** @type {Command} */ command) => socket.send(JSON.stringify({ id: (id += 1), ...command }));
        /** @param {Command} command @returns {Promise<Reply>} */
        const ask = (command) =>
          new Promise((resolve, reject) => {
            awaiting.set(id + 1, ({ result, error }) => (result ? resolve(result) : reject(new Error(JSON.stringify(error)))));
            tell(command);
          });
        const known = token === undefined ? {} : { token };
        const connect = { version: 1, site: "demo", clientId: crypto.randomUUID(), locale, subs: [], ...known };
        const { connected } = await ask({ connect });
        return { ask, tell, pushed, token: connected?.token ?? token };
      },
      { token, locale },
    );

  let session = await connect(undefined);
  const ask = (/** @type {Command} */ command) => session.evaluate((visitor, asked) => visitor.ask(asked), command);
  await ask({ open: { conv, cmid: cmid(), page: from } });
  return {
    conv,
    say: (/** @type {string} */ text) => ask({ send: { conv, cmid: cmid(), body: { text } } }),
    leaveTicket: (/** @type {string} */ text, /** @type {import("../../../../js/types/protocol.js").Ticket} */ ticket) =>
      ask({ send: { conv, cmid: cmid(), body: { text, ticket } } }),
    typing: (/** @type {boolean} */ active) => session.evaluate((visitor, typing) => visitor.tell({ typing }), { conv, active }),
    read: (/** @type {number} */ deliveredSeq, /** @type {number} */ readSeq) => ask({ read: { conv, marks: { deliveredSeq, readSeq } } }),
    end: () => ask({ close: { conv, cmid: cmid() } }),
    /** The whole log. */
    async log() {
      const { history } = await ask({ history: { conv, after: 0, limit: 300 } });
      return history?.events ?? [];
    },
    async rate(/** @type {number} */ rating, /** @type {string} */ comment) {
      const invitations = (await this.log()).flatMap(({ body }) => body.invitation ?? []);
      const { responseId = "", surveyId = "" } = invitations[invitations.length - 1] ?? {};
      await ask({ survey: { conv, cmid: cmid(), response: { responseId, surveyId, revision: 1, rating, comment, finished: true } } });
    },
    /** A response that is about no conversation. @param {object} response */
    respond: (response) =>
      ask({ survey: { conv: "", cmid: cmid(), response: { responseId: crypto.randomUUID(), surveyId: "csat", revision: 1, finished: true, ...response } } }),
    /** Waits until the desk has pushed a frame that fits. */
    pushed: (/** @type {(frame: ServerFrame) => boolean | undefined} */ fits) =>
      until("a push to the visitor", async () => (await session.evaluate(({ pushed }) => pushed)).some((frame) => fits(frame))),
    /** After the desk was away. */
    async again() {
      session = await connect(await session.evaluate(({ token }) => token));
    },
    leave: () => context.close(),
  };
}

const WAIT_MS_MAX = 10_000;

/** @param {string} what @param {() => Promise<boolean>} holds */
export async function until(what, holds) {
  const end = Date.now() + WAIT_MS_MAX;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
