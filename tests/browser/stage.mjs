// The stage for the browser tests: a real desk process on a real SQLite file, the demo shop under its
// strict policy, a real Chromium. Nothing here stands in for anything.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { chromiumArgs, findChromium } from "../../js/dev/chromium.mjs";
import { buildDesk } from "../../js/dev/desk.mjs";
import { at, dist } from "../../js/dev/paths.mjs";
import { freePort } from "../../js/dev/ports.mjs";
import { shopServer } from "../../js/dev/site.mjs";

/** Long enough for a slow machine; a wait that is over earlier ends earlier. */
export const patience_ms = 20_000;

/** A desk that can be killed and started again on the same file and port. */
class Desk {
  /** @param {string} program @param {string} config @param {number} port */
  constructor(program, config, port) {
    this.program = program;
    this.config = config;
    this.port = port;
    this.origin = `http://127.0.0.1:${port}`;
    /** @type {import("node:child_process").ChildProcess | undefined} */
    this.child = undefined;
  }

  /** Does nothing where it runs already. */
  async start() {
    if (this.child) return;
    const args = ["--config", this.config, "--listen", `127.0.0.1:${this.port}`, "--demo"];
    const child = spawn(this.program, args, { env: { DESK_LOG: "warn", ...process.env }, stdio: ["ignore", "pipe", "inherit"] });
    this.child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      const account = /^demo agent: (\S+) \/ (\S+)$/.exec(line);
      if (!account) continue;
      child.stdout.resume();
      this.account = { email: account[1] ?? "", password: account[2] ?? "" };
      return;
    }
    throw new Error("the desk did not start");
  }

  /** As a power cut would. */
  async kill() {
    await this.#end("SIGKILL");
  }

  async stop() {
    await this.#end("SIGTERM");
  }

  /** @param {"SIGKILL" | "SIGTERM"} signal */
  async #end(signal) {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }
}

/** Everything that a story needs; `close` it at the end. @param {{ selfService?: boolean, identity?: object }} [options] */
export async function openStage({ selfService = false, identity } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "deskside-stage-"));
  // Apart for each process, so that a desk that is down for a moment finds its port free again.
  const ports = 20_000 + (process.pid % 400) * 100;
  const [shopPort, deskPort] = await Promise.all([freePort(ports), freePort(ports + 50)]);
  const shopOrigin = `http://127.0.0.1:${shopPort}`;
  const config = JSON.parse(await readFile(at("examples", "desk", "desk.json"), "utf8"));
  config.database = join(folder, "desk.db");
  config.console = join(dist, "console");
  const surveys = at("examples", "website", "surveys");
  for (const site of config.sites) Object.assign(site, { allowedOrigins: [shopOrigin], selfService, surveys, ...(identity && { identity }) });
  const configFile = join(folder, "desk.json");
  await writeFile(configFile, JSON.stringify(config));

  const program = process.env.DESK ?? (await buildDesk(() => undefined));
  const desk = new Desk(program, configFile, deskPort);
  await desk.start();
  const shop = spoilable(shopServer(desk.origin));
  shop.server.listen(shopPort, "127.0.0.1");
  await once(shop.server, "listening");
  const executablePath = await findChromium();
  const launch = { ...(executablePath && { executablePath }), args: chromiumArgs };
  const browser = await chromium.launch(launch).catch(async (/** @type {unknown} */ error) => {
    // Or the desk would keep a test alive that cannot begin.
    shop.server.close();
    await desk.stop();
    throw error;
  });
  /** @type {Desk[]} */
  const others = [];
  return {
    desk,
    browser,
    shop: shopOrigin,
    /** Another process of the desk on the same file. */
    async secondDesk() {
      const other = new Desk(program, configFile, await freePort(ports + 75));
      others.push(other);
      await other.start();
      return other;
    },
    /** Changes the shop's page from now on. @param {Spoil | undefined} change */
    spoil: (change) => shop.spoil(change),
    /** A browser on a profile of its own that can be killed as a crash would, and come back. @param {string} name */
    mortalBrowser: (name) => mortalBrowser(executablePath ?? chromium.executablePath(), join(folder, name)),
    /** Where that browser keeps its profile. @param {string} name */
    profile: (name) => Promise.resolve(join(folder, name)),
    async close() {
      await browser.close();
      shop.server.close();
      shop.server.closeAllConnections();
      await Promise.all([desk, ...others].map((one) => one.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @typedef {(html: string, headers: Record<string, string>) => string} Spoil */

/**
 * The shop with a page that a story may change. Not by the browser's own interception: a page that did
 * not come over the network may not reach a desk on this machine.
 * @param {import("node:http").Server} shop
 */
function spoilable(shop) {
  /** @type {Spoil | undefined} */
  let change;
  const server = createServer((request, response) => {
    if (change && new URL(request.url ?? "/", "http://shop").pathname === "/") {
      const [writeHead, end] = [response.writeHead.bind(response), response.end.bind(response)];
      let [status, headers] = [200, /** @type {Record<string, string>} */ ({})];
      response.writeHead = (/** @type {number} */ code, /** @type {any} */ given) => {
        [status, headers] = [code, { ...given }];
        return response;
      };
      response.end = (/** @type {any} */ body) => {
        const changed = change?.(String(body), headers) ?? body;
        writeHead(status, headers);
        return end(changed);
      };
    }
    shop.emit("request", request, response);
  });
  return { server, spoil: (/** @type {Spoil | undefined} */ next) => void (change = next) };
}

/** @param {string} program @param {string} profile */
async function mortalBrowser(program, profile) {
  const args = [...chromiumArgs, "--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"];
  const child = spawn(program, args, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  let address = "";
  for await (const line of createInterface({ input: child.stderr })) {
    address = /DevTools listening on (ws:\S+)/.exec(line)?.[1] ?? "";
    if (address) break;
  }
  child.stderr.resume();
  const browser = await chromium.connectOverCDP(address);
  const [context] = browser.contexts();
  if (!context) throw new Error("the browser has no context");
  return {
    page: await context.newPage(),
    context,
    /** Every process of it, at once: nothing gets to say goodbye. */
    async kill() {
      const ended = once(child, "exit");
      if (child.pid) process.kill(-child.pid, "SIGKILL");
      await ended;
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof openStage>>} Stage */
/** @typedef {import("playwright-core").Page} Page */

/** What every page must keep to: no error of the page's own. @param {Page} page */
export function watch(page) {
  /** @type {string[]} */
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !/net::|WebSocket connection|Failed to load resource/.test(message.text())) {
      problems.push(message.text());
    }
  });
  return problems;
}

/**
 * A desk of which all is real but its answers to one command, which it refuses as long as it is told to.
 * @param {Page} page @param {string} command @param {string} code
 */
export async function refuse(page, command, code) {
  const told = { refused: true, taken: 0 };
  await page.routeWebSocket(/\/v1\/socket$/, (socket) => {
    const desk = socket.connectToServer();
    socket.onMessage((message) => {
      const frame = JSON.parse(String(message));
      if (!frame[command] || !told.refused) {
        told.taken += frame[command] ? 1 : 0;
        desk.send(message); return;
      }
      const error = { code, message: "not like this", temporary: false };
      socket.send(JSON.stringify({ id: frame.id, error }));
    });
  });
  return told;
}

/** A visitor's page. @param {Page} page */
export const visitor = (page) => ({
  page,
  launcher: page.locator("deskside-widget button.launcher, deskside-widget [part~=launcher]").first(),
  panel: page.getByRole("dialog"),
  messages: page.locator("deskside-widget .message.mine"),
  answers: page.locator("deskside-widget .message.theirs"),
  box: page.getByRole("textbox", { name: /Your message|你的消息|您的消息|消息/ }),

  async open() {
    await this.launcher.click();
    await page.locator("deskside-widget [data-screen]").first().waitFor({ timeout: patience_ms });
  },
  async openChat() {
    await this.open();
    if (!(await page.locator("deskside-widget [data-screen=chat]").isVisible())) {
      await page.locator("deskside-widget [part~=ask], deskside-widget .ask button").first().click();
    }
    await this.box.waitFor({ timeout: patience_ms });
  },
  async goHome() {
    const home = page.locator("deskside-widget [data-screen=home]");
    while (!(await home.isVisible())) await page.getByRole("button", { name: "Back" }).click();
  },
  /** @param {string} text */
  async say(text) {
    await this.box.fill(text);
    await this.box.press("Enter");
    await this.message(text.replaceAll("*", "")).waitFor({ timeout: patience_ms });
  },
  /** @param {string} text */
  message: (text) => page.locator("deskside-widget .message.mine").filter({ hasText: text }),
  /** @param {string} text @param {string[]} statuses any of them */
  async reaches(text, ...statuses) {
    const wanted = statuses.map((status) => `[data-status=${status}]`).join(", ");
    await page.locator(`deskside-widget .message.mine:is(${wanted})`).filter({ hasText: text }).waitFor({ timeout: patience_ms });
  },
  said: () => page.locator("deskside-widget .message.mine .bubble").allInnerTexts(),
});

/**
 * A bot: a program at the desk's own origin, which is here a page. It hears of every conversation.
 * @param {Stage} stage
 */
export async function openBot(stage) {
  const { program, config, origin } = stage.desk;
  const adding = spawn(program, ["--config", config, "add-bot", `Linnet ${randomUUID()}`], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  for await (const text of adding.stdout) printed += String(text);
  const token = printed.trim().split(/\s+/).pop() ?? "";
  const page = await (await stage.browser.newContext()).newPage();
  await page.goto(`${origin}/console/icon.svg`);
  await page.evaluate(async (token) => {
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/agent/socket`);
    /** @type {Map<number, (answer: any) => void>} */
    const asked = new Map();
    let id = 0;
    /** @param {Record<string, unknown>} command */
    const ask = (command) =>
      new Promise((done) => {
        asked.set(++id, done);
        socket.send(JSON.stringify({ id, ...command }));
      });
    /** @type {any[]} */
    const heard = [];
    socket.onmessage = ({ data }) => {
      for (const line of String(data).split("\n").filter(Boolean)) {
        const frame = JSON.parse(line);
        if (frame.id) asked.get(frame.id)?.(frame);
        else heard.push(frame);
      }
    };
    await new Promise((opened) => (socket.onopen = opened));
    Object.assign(globalThis, { ask, heard });
    await ask({ connect: { version: 1, token } });
  }, token);
  /** @param {Record<string, unknown>} command @returns {Promise<any>} */
  const ask = async (command) => {
    for (;;) {
      const { error, result } = await page.evaluate((command) => /** @type {any} */ (globalThis).ask(command), command);
      if (!error) return result;
      if (!error.temporary) throw new Error(`the desk refused ${JSON.stringify(command)}: ${JSON.stringify(error)}`);
      await new Promise((done) => setTimeout(done, error.retryAfterMs ?? 50));
    }
  };
  return {
    page,
    ask,
    /** The conversation whose newest message this is, watched. @param {string} preview */
    async watch(preview) {
      const find = () =>
        page.evaluate(
          (preview) => /** @type {any[]} */ (/** @type {any} */ (globalThis).heard).find(({ inbox }) => inbox?.preview.includes(preview))?.inbox.conv,
          preview,
        );
      const conv = await until(find, (found) => found !== undefined);
      const { watched } = await ask({ watch: { conv } });
      return { conv, watched };
    },
    /** Says something; gives its `seq`. @param {string} conv @param {Record<string, unknown>} body @param {string} [cmid] */
    async say(conv, body, cmid = crypto.randomUUID()) {
      const { sent } = await ask({ send: { conv, cmid, body: { text: "", ...body } } });
      return sent.seq;
    },
    /** Shows what it has written so far; nobody answers to that. @param {string} conv @param {string} id @param {string} text */
    async write(conv, id, text) {
      const by = { role: "bot", id: "", name: "Linnet" };
      await page.evaluate((frame) => void /** @type {any} */ (globalThis).ask(frame), { delta: { conv, id, by, text } });
    },
  };
}

/** An agent at the console, signed in. @param {Stage} stage */
export async function signIn(stage) {
  const context = await stage.browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en" });
  const page = await context.newPage();
  const problems = watch(page);
  await page.goto(`${stage.desk.origin}/console/`);
  await page.getByLabel("Email").fill(stage.desk.account?.email ?? "");
  await page.locator("input[type=password]").fill(stage.desk.account?.password ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("#inbox").waitFor({ timeout: patience_ms });
  return {
    page,
    problems,
    /** Opens the conversation whose newest message this is. @param {string} preview */
    async openConversation(preview) {
      await page.locator("#inbox").getByRole("button", { name: "All" }).click();
      await page.locator(".row").filter({ hasText: preview }).first().click({ timeout: patience_ms });
      await page.locator(".timeline .entry.is-message").first().waitFor({ timeout: patience_ms });
    },
    box: page.locator("#composer"),
    /** @param {string} text */
    async say(text) {
      await page.locator("#composer").fill(text);
      await page.locator("#composer").press("Enter");
    },
    async resolve() {
      await page.locator(".conversation-actions").getByRole("button", { name: /Resolve/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Resolve" }).click();
    },
    /** What the visitor said, as the desk has it, in order. */
    heard: () => page.locator(".entry.is-message.is-visitor .bubble").allInnerTexts(),
  };
}

/** Where pictures go when somebody asks for them: `SHOTS=folder npm test -- --only browser`. */
export async function shot(/** @type {Page} */ page, /** @type {string} */ name) {
  const folder = process.env.SHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.waitForTimeout(350);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Waits until `look` gives something that `fits`. @template T @param {() => Promise<T>} look @param {(seen: T) => boolean} fits */
export async function until(look, fits) {
  const end_ms = Date.now() + patience_ms;
  for (;;) {
    const seen = await look();
    if (fits(seen)) return seen;
    if (Date.now() > end_ms) throw new Error(`waited in vain; last seen: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
