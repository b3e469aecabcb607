// A page that writes messages without end, and says at once which of them the SDK has called queued. Each
// message has the page's own name and a number, so that its place among the page's others is known.

/** @typedef {import("../../../js/client/client.js").Client} Client */

/** @param {string} path @param {unknown} body @returns {Promise<any>} */
async function post(path, body) {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(body) });
  return answer.json();
}

/** What is in the browser beside the SDK: gone only if the browser has lost what it had stored. @returns {Promise<string | undefined>} */
function witness() {
  return new Promise((resolve) => {
    const opening = indexedDB.open("witness");
    opening.onupgradeneeded = () => opening.result.createObjectStore("kept").add(crypto.randomUUID(), "name");
    opening.onerror = () => resolve(undefined);
    opening.onsuccess = () => {
      const reading = opening.result.transaction("kept").objectStore("kept").get("name");
      reading.onsuccess = () => {
        opening.result.close();
        resolve(/** @type {string} */ (reading.result));
      };
    };
  });
}

/** Who the visitor is to the desk, as the SDK has stored it. @param {string} name @returns {Promise<string | undefined>} */
function tokenIn(name) {
  return new Promise((resolve) => {
    const opening = indexedDB.open(name);
    opening.onupgradeneeded = () => opening.transaction?.abort();
    opening.onerror = () => resolve(undefined);
    opening.onsuccess = () => {
      const reading = opening.result.transaction("meta").objectStore("meta").get("device");
      reading.onsuccess = () => {
        opening.result.close();
        resolve(/** @type {{ token?: string } | undefined} */ (reading.result)?.token);
      };
    };
  });
}

const tabs = Number(new URL(location.href).searchParams.get("tabs"));
if (tabs > 1) open(`/?tabs=${tabs - 1}`, "_blank", "noopener");

const { stream, desk, pause_ms_max, writes } = await post("/begin", {});
const origin = location.origin;
/** @type {{ createClient: typeof import("../../../js/client/client.js").createClient }} */
const { createClient } = await import(/* @vite-ignore */ `${origin}/deskside/deskside-client.js`);

/** @type {Set<string>} */
const told = new Set();
/** @type {Client | undefined} */
let client;
let tokenTold = false;

function tell() {
  const view = client?.view();
  const conversation = view?.conversation;
  if (!view || !conversation) return;
  const queued = [];
  for (const { body } of conversation.items) {
    if (typeof body !== "object" || !("message" in body) || !body.message.mine) continue;
    const { content, status } = body.message;
    const text = JSON.stringify(content).match(/"text":"([^"]+)"/)?.[1];
    if (text === undefined || status === "saving" || told.has(text)) continue;
    told.add(text);
    if (text.startsWith(`${stream} `)) queued.push(text);
  }
  const storage = typeof view.storage === "string" ? view.storage : view.storage.memory.code;
  if (queued.length > 0) void post("/queued", { queued, storage, conv: conversation.id });
  if (!tokenTold && view.connection === "online") {
    tokenTold = true;
    void Promise.all([tokenIn(`deskside:demo@${desk}`), witness()]).then(([token, name]) => {
      if (token && name) void post("/visitor", { stream, token, witness: name });
      else tokenTold = false;
    });
  }
}

client = await createClient({
  desk,
  site: "demo",
  locale: "en",
  page: origin,
  coreUrl: `${origin}/deskside/deskside-core.js`,
  wasmUrl: `${origin}/deskside/deskside-core.wasm`,
  onChange: tell,
  onEvent: () => undefined,
  onCrash: (kind) => void post("/trouble", { trouble: `the core crashed: ${kind}` }),
});
client.dispatch({ open: { conv: null } });
tell();

for (let number = 1; writes; ) {
  const conversation = client.view().conversation;
  // Until what was stored is known, there may be another conversation to go on with.
  if (conversation && client.view().ready) {
    try {
      client.dispatch({ send: { conv: conversation.id, text: `${stream} ${number}` } });
      number += 1;
    } catch (error) {
      const code = /** @type {{ code?: string }} */ (error).code;
      if (code !== "outbox_full") await post("/trouble", { trouble: `a message was refused: ${code}` });
    }
  }
  await new Promise((resolve) => setTimeout(resolve, Math.random() * pause_ms_max));
}
