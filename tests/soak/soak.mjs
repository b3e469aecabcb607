// npm run soak -- --kills 200 [--browser chromium|firefox] [--seed 1]
//
// A page writes messages without end. Its browser is killed at random moments, with all its processes;
// the network delays, duplicates, breaks off and swallows; the desk is killed and started again. What
// the page had shown as queued it has told this program before it died. Every such message must be on
// the desk exactly once, and each page's messages in the order in which they were written. What the
// browser itself deletes, as Chromium does with a database that it finds corrupt, is counted apart.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { options } from "../../js/dev/options.mjs";
import { at, dist } from "../../js/dev/paths.mjs";
import { Notice } from "../../js/dev/run.mjs";
import { browserOf, launch } from "./browsers.mjs";
import { startDesk } from "./desk.mjs";
import { diceOf, startProxy } from "./proxy.mjs";

const patience_ms = 120_000;
const kills_per_check = 10;
const history_events = 300;

/** @type {Record<string, string>} */
const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** What the pages have told, and what the desk has. */
class Ledger {
  constructor() {
    /** The texts that were shown as queued, by the conversation. @type {Map<string, Set<string>>} */
    this.promised = new Map();
    /** @type {Map<string, { cursor: number, texts: string[] }>} */
    this.desk = new Map();
    /** @type {string[]} */
    this.troubles = [];
    this.inMemory = 0;
    /** Who the visitor was, the last of them now. @type {string[]} */
    this.tokens = [];
    this.witness = "";
    this.streams = 0;
    /** Pages up to this one were of browsers that are dead. */
    this.dead = 0;
    /** How often the browser itself has deleted what it had stored, and what nobody could send any more. */
    this.wiped = { times: 0, messages: 0 };
    /** Pages up to this one wrote into a store that the browser has deleted. */
    this.gone = 0;
  }

  get count() {
    return [...this.promised.values()].reduce((sum, texts) => sum + texts.size, 0);
  }

  /** @param {{ queued: string[], storage: string, conv: string }} told */
  take({ queued, storage, conv }) {
    // Where nothing can be stored the page says so, and promises nothing.
    if (storage !== "durable") this.inMemory += queued.length;
    else this.promised.set(conv, new Set([...(this.promised.get(conv) ?? []), ...queued]));
  }

  /**
   * A browser that was killed may find its database corrupt when it starts again, and delete all that
   * the site had stored: what lies beside the SDK's own store is gone as well then. Only that makes the
   * visitor somebody else.
   * @param {{ stream: string, token: string, witness: string }} told
   */
  meet({ stream, token, witness }) {
    if (this.tokens.at(-1) !== token) {
      if (this.tokens.length > 0 && witness === this.witness) this.troubles.push(`${stream} is another visitor`);
      else if (this.tokens.length > 0) {
        this.wiped.times += 1;
        this.gone = this.dead;
      }
      this.tokens.push(token);
    }
    this.witness = witness;
  }

  /** Reads what is new on the desk, past the faulty network. @param {string} origin */
  async read(origin) {
    for (const conv of this.promised.keys()) for (const token of this.tokens) {
      const log = this.desk.get(conv) ?? { cursor: 0, texts: [] };
      this.desk.set(conv, log);
      for (;;) {
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
        const body = JSON.stringify({ conv, before: null, after: log.cursor, limit: history_events });
        const answer = await fetch(`${origin}/v1/history`, { method: "POST", headers, body });
        const { result } = /** @type {{ result?: { history?: { events: any[] } } }} */ (await answer.json());
        const events = result?.history?.events ?? [];
        if (events.length === 0) break;
        for (const event of events) {
          log.cursor = event.seq;
          if (event.type === "message" && event.author.role === "visitor") log.texts.push(event.body.content.text);
        }
      }
    }
  }

  /** What was promised and is not there. */
  missing() {
    const missing = [];
    for (const [conv, texts] of this.promised) {
      const there = new Set(this.desk.get(conv)?.texts ?? []);
      for (const text of texts) if (!there.has(text)) missing.push(text);
    }
    return missing;
  }

  /** What was in a store that the browser has deleted, and nowhere else, nobody can be asked for any more. */
  writeOff() {
    for (const text of this.missing()) {
      if (Number(text.slice(1, text.indexOf(" "))) > this.gone) continue;
      this.wiped.messages += 1;
      for (const texts of this.promised.values()) texts.delete(text);
    }
  }

  /** What is there twice, and what is there before something that was written earlier. */
  faults() {
    const faults = [];
    for (const { texts } of this.desk.values()) {
      const seen = new Set();
      /** @type {Map<string, number>} */
      const last = new Map();
      for (const text of texts) {
        if (seen.has(text)) faults.push(`twice: ${text}`);
        seen.add(text);
        const [stream = "", number = ""] = text.split(" ");
        if (Number(number) <= (last.get(stream) ?? 0)) faults.push(`out of order: ${text}`);
        last.set(stream, Number(number));
      }
    }
    return faults;
  }
}

/** The pages' own origin: what they are made of, and where they tell what they saw. @param {Ledger} ledger @param {{ desk: string, writes: boolean }} plan */
async function servePages(ledger, plan) {
  /** @type {(stream: string) => void} */
  let begun = () => undefined;
  const server = createServer((request, response) => {
    void (async () => {
      const path = new URL(request.url ?? "/", "http://pages").pathname;
      if (request.method === "POST") {
        let text = "";
        for await (const part of request) text += String(part);
        const told = JSON.parse(text);
        let answer = {};
        if (path === "/begin") {
          ledger.streams += 1;
          answer = { stream: `s${ledger.streams}`, desk: plan.desk, pause_ms_max: 60, writes: plan.writes };
          begun(`s${ledger.streams}`);
        } else if (path === "/queued") ledger.take(told);
        else if (path === "/visitor") {
          ledger.meet(told);
        } else if (path === "/trouble") ledger.troubles.push(told.trouble);
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
        return;
      }
      const file = path.startsWith("/deskside/") ? join(dist, path.slice("/deskside/".length)) : at("tests", "soak", path === "/" ? "page/index.html" : path.slice(1));
      const body = await readFile(file).catch(() => undefined);
      response.writeHead(body ? 200 : 404, { "content-type": types[extname(file)] ?? "text/plain" }).end(body);
    })().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    /** When the next page begins. */
    nextBegin: () => new Promise((resolve) => (begun = resolve)),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {Promise<unknown>} what @param {string} title */
async function within(what, title) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain until ${title}`)), patience_ms);
  });
  try {
    return await Promise.race([what, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {{ kills: number, browser: string, seed: number, say?: (line: string) => void }} options
 */
export async function soak({ kills, browser, seed, say = () => undefined }) {
  const kind = await browserOf(browser);
  const dice = diceOf(seed);
  const folder = await mkdtemp(join(tmpdir(), "deskside-soak-"));
  const desk = await startDesk(folder);
  const proxy = await startProxy(desk.port, dice);
  const ledger = new Ledger();
  const plan = { desk: `http://127.0.0.1:${proxy.port}`, writes: true };
  const pages = await servePages(ledger, plan);
  const profile = join(folder, "profile");
  let restarts = 0;
  let whole = false;

  /** @param {number} tabs */
  const start = async (tabs) => {
    const begun = pages.nextBegin();
    ledger.dead = ledger.streams;
    const running = await launch(kind, profile, `${pages.origin}/?tabs=${tabs}`);
    await within(begun, "the page began");
    return running;
  };

  /** With a network that works: all that was promised must arrive, once and in order. */
  const check = async () => {
    proxy.heal();
    await desk.start();
    plan.writes = false;
    const running = await start(1);
    const until_ms = Date.now() + patience_ms;
    for (;;) {
      await pause(250);
      await ledger.read(desk.origin);
      if (ledger.missing().length === 0) break;
      if (Date.now() > until_ms) break;
    }
    await running.kill();
    plan.writes = true;
    proxy.spoil();
    ledger.writeOff();
    const missing = ledger.missing();
    const faults = ledger.faults();
    if (missing.length > 0) faults.push(`${missing.length} lost: ${missing.slice(0, 5).join(", ")}`);
    if (faults.length + ledger.troubles.length > 0) {
      throw new Error(`after ${ledger.streams} pages, seed ${seed}: ${[...faults.slice(0, 10), ...ledger.troubles].join("; ")}`);
    }
  };

  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const running = await start(dice() < 0.5 ? 1 : 2);
      const life_ms = 100 + dice() * 2_900;
      const power_cut_ms = dice() < 0.3 ? dice() * life_ms : undefined;
      if (power_cut_ms !== undefined) {
        await pause(power_cut_ms);
        await desk.kill();
        restarts += 1;
        const dark_ms = dice() * 800;
        await pause(dark_ms);
        await desk.start();
        await pause(Math.max(0, life_ms - power_cut_ms - dark_ms));
      } else await pause(life_ms);
      await running.kill();
      if (kill % kills_per_check === 0 || kill === kills) {
        await check();
        say(`${kill} kills of ${browser}, ${restarts} of the desk: ${ledger.count} messages that were queued are there once and in order`);
      }
    }
    whole = true;
    return { kills, restarts, pages: ledger.streams, messages: ledger.count, inMemory: ledger.inMemory, wiped: ledger.wiped, ...proxy.told };
  } finally {
    proxy.close();
    pages.close();
    await desk.kill();
    if (whole) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    else say(`what is left of it: ${folder}`);
  }
}

/** @param {string | undefined} text @param {string} name */
function whole(text, name) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0) throw new Notice(`--${name} wants a whole number, not ${text}`);
  return number;
}

const usage = `npm run soak -- [--kills N] [--browser chromium|firefox] [--seed N]
  --kills    how often the browser is killed (20)
  --browser  which (chromium)
  --seed     draws the same faults again`;

/** @param {string[]} args */
export function optionsOf(args) {
  const { values } = options(usage, {
    args,
    options: {
      kills: { type: "string", default: "20" },
      browser: { type: "string", default: "chromium" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
    },
  });
  return { kills: whole(values.kills, "kills"), browser: values.browser, seed: whole(values.seed, "seed") };
}
