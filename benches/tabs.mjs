// Several tabs in Chromium on a real desk: how soon all show the same, and how soon another one has the
// connection when the tab that had it is closed, crashes or stands still.
import { openBot, openStage, until } from "../tests/browser/stage.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} Context */

/**
 * What a page keeps for the measurements.
 * @typedef {{ client: import("../js/client/client.js").WebClient, seen: Record<string, number>, WebSocket: unknown }} Kept
 */

const rounds = 100;
const handovers = 20;
const stage = await openStage();

/** Runs in each page: a client, and when it first showed what. @param {{ desk: string }} where */
async function begin({ desk }) {
  const page = /** @type {Kept} */ (/** @type {unknown} */ (globalThis));
  page.seen = {};
  const see = (/** @type {string} */ what) => (page.seen[what] ??= Date.now());
  const { WebSocket } = globalThis;
  page.WebSocket = class extends WebSocket {
    /** @param {string} url */
    constructor(url) {
      super(url);
      this.addEventListener("message", () => see("connected"), { once: true });
    }
  };
  const sdk = `${location.origin}/deskside`;
  /** @type {{ createClient: typeof import("../js/client/client.js").createClient }} */
  const { createClient } = await import(`${sdk}/deskside-client.js`);
  const look = () => {
    const { conversation, unread } = client.view();
    see(`unread ${unread}`);
    if (!conversation) return;
    see(`draft ${conversation.draft}`);
    for (const { body } of conversation.items) {
      if (typeof body !== "object" || !("message" in body)) continue;
      const { content, status } = body.message;
      see(`item ${JSON.stringify(content)}`);
      if (status !== "saving" && status !== "queued" && status !== "sending") see(`sent ${JSON.stringify(content)}`);
    }
  };
  const client = await createClient({
    desk,
    site: "demo",
    locale: "en",
    page: location.href,
    coreUrl: `${sdk}/deskside-core.js`,
    wasmUrl: `${sdk}/deskside-core.wasm`,
    onChange: () => look(),
    onEvent: () => undefined,
    onCrash: () => undefined,
  });
  page.client = client;
  while (!client.view().ready) await new Promise((resolve) => setTimeout(resolve, 5));
  client.dispatch({ open: { conv: null } });
  client.dispatch({ look: { visible: true } });
}

/** @param {Context} context */
async function openTab(context) {
  const page = await context.newPage();
  await page.goto(`${stage.shop}/nothing-here`);
  await page.evaluate(begin, { desk: stage.desk.origin });
  return page;
}

/** Runs in a page: types or says something, and tells when. @param {{ does: string, text: string }} what */
const act = ({ does, text }) => {
  const { client } = /** @type {Kept} */ (/** @type {unknown} */ (globalThis));
  const said = { conv: client.view().conversation?.id ?? "", text };
  const at = Date.now();
  client.dispatch(does === "send" ? { send: said } : { draft: said });
  return at;
};

/** Runs in a page. */
const lookAway = () => {
  const { client } = /** @type {Kept} */ (/** @type {unknown} */ (globalThis));
  client.dispatch({ look: { visible: false } });
};

/** When a page first showed what fits. @param {Page} page @param {string} kind @param {string} text */
const seenAt = async (page, kind, text) => {
  const look = () =>
    page.evaluate(({ kind, text }) => {
      const { seen } = /** @type {Kept} */ (/** @type {unknown} */ (globalThis));
      const found = Object.entries(seen).find(([what]) => what.startsWith(kind) && what.includes(text));
      return found?.[1] ?? 0;
    }, { kind, text });
  return until(look, (at) => at > 0).catch(async (/** @type {unknown} */ error) => {
    throw new Error(`no "${kind} ${text}" in ${await page.evaluate(whereItStands)}`, { cause: error });
  });
};

/** Runs in a page. */
const whereItStands = () => {
  const { client } = /** @type {Kept} */ (/** @type {unknown} */ (globalThis));
  const { connection, storage, waiting, conversation } = client.view();
  return JSON.stringify({ connection, storage, waiting, items: conversation?.items.slice(-3) });
};

/** @param {string} title @param {number[]} times */
function report(title, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const quantile = (/** @type {number} */ share) => String(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).padStart(6);
  console.log(`  ${title.padEnd(60)} p50 ${quantile(0.5)} ms   p99 ${quantile(0.99)} ms   ${String(sorted.length).padStart(4)} times`);
}

async function tabsOf(/** @type {number} */ count) {
  const context = await stage.browser.newContext();
  const tabs = [];
  while (tabs.length < count) tabs.push(await openTab(context));
  return { context, tabs };
}

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function same() {
  const bot = await openBot(stage);
  const { context, tabs } = await tabsOf(3);
  const [leader, follower, third] = tabs;
  if (!leader || !follower || !third) throw new Error("there are not three tabs");
  await leader.evaluate(act, { does: "send", text: "hello" });
  for (const tab of tabs) await seenAt(tab, "sent", "hello");
  /** @type {{ conv: string }} */
  const { conv } = await bot.watch("hello");
  /** @type {Record<string, number[]>} */
  const times = { draft: [], outbox: [], sent: [], answer: [], unread: [] };
  for (let round = 1; round <= rounds; round += 1) {
    const [writer, other] = round % 2 ? [leader, follower] : [follower, leader];
    const typed = await writer.evaluate(act, { does: "draft", text: `typed ${round}.` });
    for (const tab of [other, third]) times.draft?.push((await seenAt(tab, "draft", `typed ${round}.`)) - typed);
    const said = await writer.evaluate(act, { does: "send", text: `said ${round}.` });
    for (const tab of [other, third]) times.outbox?.push((await seenAt(tab, "item", `said ${round}.`)) - said);
    const sent = await seenAt(leader, "sent", `said ${round}.`);
    for (const tab of [follower, third]) times.sent?.push((await seenAt(tab, "sent", `said ${round}.`)) - sent);
    await bot.say(conv, { text: `answer ${round}.` });
    const heard = await seenAt(leader, "item", `answer ${round}.`);
    for (const tab of [follower, third]) times.answer?.push((await seenAt(tab, "item", `answer ${round}.`)) - heard);
  }
  for (const tab of tabs) await tab.evaluate(lookAway);
  for (let round = 1; round <= rounds; round += 1) {
    await bot.say(conv, { text: `unread ${round}.` });
    const heard = await seenAt(leader, "unread", `unread ${round}`);
    for (const tab of [follower, third]) times.unread?.push((await seenAt(tab, "unread", `unread ${round}`)) - heard);
  }
  await context.close();
  await bot.page.context().close();
  report("a draft, from the key to another tab (stored after 100 ms)", times.draft ?? []);
  report("a message said in one tab, until another shows it", times.outbox ?? []);
  report("that it is sent, from the leading tab to another", times.sent ?? []);
  report("an answer, from the leading tab to another", times.answer ?? []);
  report("the unread count, from the leading tab to another", times.unread ?? []);
}

/** How a leading tab goes, and when. @type {Record<string, (context: Context, page: Page) => Promise<number>>} */
const ends = {
  "closed": async (_, page) => {
    const at = Date.now();
    await page.close();
    return at;
  },
  "crashed": async (context, page) => {
    const session = await context.newCDPSession(page);
    const gone = new Promise((resolve) => page.once("crash", resolve));
    const at = Date.now();
    session.send("Page.crash").catch(() => undefined);
    await gone;
    return at;
  },
  "standing still": async (context, page) => {
    const session = await context.newCDPSession(page);
    const still = new Promise((resolve) => session.once("Debugger.paused", resolve));
    await session.send("Debugger.enable");
    await session.send("Debugger.pause");
    await still;
    return Date.now();
  },
};

async function handOver(/** @type {string} */ how) {
  const times = [];
  for (let round = 1; round <= handovers; round += 1) {
    const { context, tabs } = await tabsOf(2);
    const [leader, follower] = tabs;
    if (!leader || !follower) throw new Error("there are not two tabs");
    await leader.evaluate(act, { does: "send", text: `lead ${round}.` });
    await seenAt(follower, "sent", `lead ${round}.`);
    // The leader says each second that it is there; it may end at any time between.
    await pause(500 + ((round * 137) % 1000));
    const ended = (await ends[how]?.(context, leader)) ?? 0;
    times.push((await seenAt(follower, "connected", "")) - ended);
    const said = await follower.evaluate(act, { does: "send", text: `after ${round}.` });
    await seenAt(follower, "sent", `after ${round}.`);
    if (!said) throw new Error("nothing was said");
    await context.close();
  }
  report(`the connection is another tab's, the leading one ${how}`, times);
}

/** One way to end may be named, to measure it by itself. */
const only = process.argv[2];
try {
  if (!only) await same();
  for (const how of Object.keys(ends)) if (!only || only === how) await handOver(how);
} finally {
  await stage.close();
}
