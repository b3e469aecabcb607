// One line per step with the time it took. In a terminal a live line below shows what is running;
// elsewhere (a log, CI) a long step says now and then that it is still at work.
const live = process.stdout.isTTY;
const frame_ms = 200;
const reminder_ms = 30_000;

/** @typedef {{ title: string, started_ms: number, doing: string, said_ms: number }} Running */
/** @type {Set<Running>} */
const running = new Set();
/** @type {NodeJS.Timeout | undefined} */
let ticker;

/** @param {number} ms */
export const seconds = (ms) => (ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);

/** @param {string} line */
export function say(line) {
  if (live) process.stdout.write("\r\x1b[K");
  process.stdout.write(`${line}\n`);
}

function tick() {
  const now = Date.now();
  if (!live) {
    for (const step of running) {
      if (now - step.said_ms < reminder_ms) continue;
      step.said_ms = now;
      say(`  .. ${step.title}: ${seconds(now - step.started_ms)} ${step.doing}`);
    }
    return;
  }
  const width = process.stdout.columns || 80;
  const text = [...running].map((s) => `${s.title} ${Math.floor((now - s.started_ms) / 1000)} s ${s.doing}`).join(" | ");
  process.stdout.write(`\r\x1b[K  .. ${text.slice(0, width - 6)}`);
}

/**
 * Runs one step. A step that answers `false` had nothing to do and stays silent.
 * @template T
 * @param {string} title
 * @param {(doing: (what: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started_ms = Date.now();
  /** @type {Running} */
  const entry = { title, started_ms, doing: "", said_ms: started_ms };
  running.add(entry);
  ticker ??= setInterval(tick, frame_ms);
  let mark = "ok";
  try {
    const result = await work((what) => (entry.doing = what));
    if (result === false) mark = "";
    return result;
  } catch (error) {
    mark = "FAILED";
    throw error;
  } finally {
    running.delete(entry);
    if (running.size === 0) {
      clearInterval(ticker);
      ticker = undefined;
      if (live) process.stdout.write("\r\x1b[K");
    }
    if (mark) say(`  ${mark} ${title} (${seconds(Date.now() - started_ms)})`);
  }
}
