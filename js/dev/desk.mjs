// The reference desk: built by cargo with a profile that builds fast, run with its demo account.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { at, dist, target } from "./paths.mjs";
import { Notice, run } from "./run.mjs";

/**
 * @param {(what: string) => void} doing
 * @returns {Promise<string>} the path of the program
 */
export async function buildDesk(doing) {
  await run("cargo", ["build", "--profile", "desk", "-p", "desk"], { onLine: doing });
  return join(target, "desk", process.platform === "win32" ? "desk.exe" : "desk");
}

/**
 * The example's own settings, with a database in `folder`, the console as built, and the shop's origins.
 * @param {string} folder
 * @param {string[]} origins
 * @param {string} key with which the shop signs who its customers are
 * @returns {Promise<string>} the path of the file
 */
async function configure(folder, origins, key) {
  /** @typedef {{ allowedOrigins: string[], surveys?: string }} Site */
  /** @typedef {{ sites: Site[] } & Record<string, unknown>} Config */
  const config = /** @type {Config} */ (JSON.parse(await readFile(at("examples", "desk", "desk.json"), "utf8")));
  // The example's paths are relative to its own folder, and this file lies in another.
  const sites = config.sites.map(({ surveys, ...site }) => ({
    ...site,
    ...(surveys === undefined ? {} : { surveys: at("examples", "desk", surveys) }),
    allowedOrigins: origins,
    identity: { algorithm: "HS256", key },
  }));
  const own = { ...config, sites, database: join(folder, "desk.db"), console: join(dist, "console") };
  const file = join(folder, "desk.json");
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify(own, null, 2));
  return file;
}

/**
 * Starts the desk and waits until it listens. What it complains of goes to this process's own output.
 * @param {string} program
 * @param {number} port
 * @param {string[]} origins of the pages that may connect
 * @param {string} [folder] where it keeps its database
 */
export async function runDesk(program, port, origins, folder = at("target", "demo")) {
  const key = randomBytes(32).toString("base64url");
  const config = await configure(folder, origins, key);
  const child = spawn(program, ["--config", config, "--listen", `127.0.0.1:${port}`, "--demo"], {
    env: { DESK_LOG: "warn", ...process.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit").then(([code, signal]) => String(signal ?? `exit code ${code}`));
  /** @type {string[]} */
  const said = [];
  const ready = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      said.push(line);
      if (line.startsWith("demo agent:")) resolve(undefined);
    });
  });
  const early = await Promise.race([ready, ended]);
  if (early !== undefined) throw new Notice(`The desk did not start (${early}); what it said stands above.`);
  const find = (/** @type {RegExp} */ pattern) => pattern.exec(said.join("\n"))?.slice(1) ?? [];
  const [origin = ""] = find(/^desk listening on (\S+)$/m);
  const [console = ""] = find(/^agents: (\S+)$/m);
  const [email = "", password = ""] = find(/^demo agent: (\S+) \/ (\S+)$/m);
  return {
    origin,
    console,
    account: { email, password },
    /** What the shop's server signs with. */
    key,
    /** Resolves when it ends, with how. */
    ended,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
