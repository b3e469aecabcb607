// The browser of the tests: Debian's Chromium, or one that Playwright or the contributor installed.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { at } from "./paths.mjs";
import { step } from "./progress.mjs";
import { ask, Notice, run } from "./run.mjs";

/** What a headless Chromium needs in a container, and what keeps it from calling home. */
export const chromiumArgs = [
  "--no-sandbox",
  "--disable-gpu",
  // A container may have little of the memory that processes share.
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @param {string[]} names */
async function onPath(names) {
  for (const name of names) {
    const path = await ask("sh", ["-c", `command -v ${name}`]);
    if (path) return path;
  }
  return undefined;
}

/** @returns {Promise<string | undefined>} */
export async function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const installed = await onPath(["chromium", "chromium-browser", "google-chrome"]);
  if (installed) return installed;
  if (!existsSync(at("node_modules", "playwright-core"))) return undefined;
  const { chromium } = await import("playwright-core");
  const own = chromium.executablePath();
  return existsSync(own) ? own : undefined;
}

export const findDriver = async () => process.env.CHROMEDRIVER ?? (await onPath(["chromedriver"]));

const hasChineseFont = async () => Boolean(await ask("sh", ["-c", "fc-list :lang=zh family | head -1"]));

async function missing() {
  const packages = [];
  if (!(await findChromium())) packages.push("chromium");
  if (!(await findDriver())) packages.push("chromium-driver");
  if (!(await hasChineseFont())) packages.push("fonts-noto-cjk");
  return packages;
}

/** @param {(what: string) => void} doing */
async function ensure(doing) {
  let packages = await missing();
  if (packages.length === 0) return false;
  const debian = existsSync("/etc/debian_version") && !(await readFile("/etc/os-release", "utf8")).includes("ubuntu");
  if (debian && process.getuid?.() === 0) {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update", "-q"], { onLine: doing });
    await run("apt-get", ["install", "-yq", "--no-install-recommends", ...packages], { onLine: doing, env });
    packages = await missing();
  }
  const needed = packages.filter((name) => name !== "fonts-noto-cjk");
  if (needed.length > 0) {
    throw new Notice(
      `The tests need a browser; missing: ${needed.join(", ")}.\n` +
        "Install Chromium and the chromedriver of the same version (or `npx playwright-core install chromium`),\n" +
        "or name them in the variables CHROMIUM and CHROMEDRIVER. On Debian, root gets them by itself.",
    );
  }
  return true;
}

export const ensureChromium = () => step("Chromium for the tests", ensure);
