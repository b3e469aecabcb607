// The desk of the soak: killed as a power cut would, and started again on the same file and port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildDesk } from "../../js/dev/desk.mjs";
import { freePort } from "../../js/dev/ports.mjs";

const limits = { commandsPerSecond: 1_000, commandsBurst: 10_000, commandsPerSecondPerAddress: 10_000, commandsBurstPerAddress: 100_000 };

/** @param {string} folder for its file */
export async function startDesk(folder) {
  const program = process.env.DESK ?? (await buildDesk(() => undefined));
  const port = await freePort(30_000 + (process.pid % 300) * 100);
  const config = join(folder, "desk.json");
  const sites = [{ id: "demo", name: "Soak", allowedOrigins: ["*"] }];
  await writeFile(config, JSON.stringify({ listen: `127.0.0.1:${port}`, database: "desk.db", sites, limits }));
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let running;
  const desk = {
    port,
    origin: `http://127.0.0.1:${port}`,
    /** Does nothing where it runs. */
    async start() {
      if (running) return;
      const child = spawn(program, ["--config", config], { env: { DESK_LOG: "error", ...process.env }, stdio: ["ignore", "pipe", "inherit"] });
      running = child;
      const end = () => child.kill("SIGKILL");
      process.once("exit", end);
      child.once("exit", () => process.off("exit", end));
      for await (const line of createInterface({ input: child.stdout })) {
        if (line.startsWith("desk listening on")) break;
      }
      child.stdout.resume();
    },
    /** Without a goodbye. */
    async kill() {
      const child = running;
      running = undefined;
      if (!child || child.exitCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
  await desk.start();
  return desk;
}
