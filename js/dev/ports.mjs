// A wanted port, or the next free one after it.
import { createServer } from "node:net";

const tries_max = 50;

/** @param {number} port @returns {Promise<boolean>} */
const isFree = (port) =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

/** @param {number} wanted @returns {Promise<number>} */
export async function freePort(wanted) {
  for (let port = wanted; port < wanted + tries_max; port += 1) if (await isFree(port)) return port;
  throw new Error(`no free port from ${wanted} to ${wanted + tries_max - 1}`);
}
