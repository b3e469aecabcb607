// How long a mini-program takes to start the core, and to search, in the rig: as WebAssembly and as the script
// that takes its place. A phone is slower, and by how much differently for each: nothing here was run on one.
import { performance } from "node:perf_hooks";
import { openMini, serveHelp, until } from "../tests/mini/stage.mjs";

const starts = 15;
const searches = 400;
const queries = ["退货", "tuihuo", "怎么申请退款", "运费多少", "retrun an item"];

const median = (/** @type {number[]} */ times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
const ms = (/** @type {number} */ time) => time.toFixed(time < 10 ? 2 : 0).padStart(9);

const help = await serveHelp();
console.log(`${"".padEnd(26)}${"start, ms".padStart(12)}${"index, ms".padStart(12)}${"search, ms".padStart(12)}`);
for (const [name, profile] of /** @type {const} */ ([["WebAssembly", "wechat-android"], ["script (wasm2js)", "no-wasm"]])) {
  /** @type {number[]} */
  const started = [];
  /** @type {number[]} */
  const opened = [];
  /** @type {number[]} */
  const searched = [];
  for (let round = 0; round < starts; round += 1) {
    const before = performance.now();
    const me = await openMini(profile, { origin: "http://127.0.0.1:9" });
    const client = /** @type {{ view(): { ready: boolean }, loadHelp(url: string): Promise<void>, search(query: string, options: object): unknown }} */ (me.client);
    await until(() => client.view().ready, "the store");
    started.push(performance.now() - before);
    const asked = performance.now();
    await client.loadHelp(help.url);
    opened.push(performance.now() - asked);
    for (let at = 0; round === starts - 1 && at < searches; at += 1) {
      const begun = performance.now();
      client.search(queries[at % queries.length] ?? "", { limit: 8, locale: "zh-CN", typing: true });
      searched.push(performance.now() - begun);
    }
    me.close();
  }
  console.log(`${name.padEnd(26)}   ${ms(median(started))}   ${ms(median(opened))}   ${ms(median(searched))}`);
}
help.close();
