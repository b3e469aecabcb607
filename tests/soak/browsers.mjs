// Browsers that are started on a page and killed, with all their processes at once. Nothing drives
// them: the page writes by itself.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromiumArgs, findChromium } from "../../js/dev/chromium.mjs";
import { ask, Notice } from "../../js/dev/run.mjs";

/** @typedef {{ program: string, args: (profile: string, url: string) => string[], prepare: (profile: string) => Promise<unknown> }} Kind */

const firefoxSettings = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  // Its new-tab page would visit ours by itself, for a picture, as somebody else.
  "browser.newtabpage.activity-stream.feeds.topsites": false,
  "browser.newtabpage.activity-stream.feeds.system.topsites": false,
  "browser.newtabpage.enabled": false,
  "browser.pagethumbnails.capturing_disabled": true,
  "browser.sessionstore.resume_from_crash": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "browser.startup.page": 0,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.disable_open_during_load": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.startup.max_resumed_crashes": -1,
  "toolkit.telemetry.enabled": false,
};

/** @type {Record<string, () => Promise<Kind | undefined>>} */
const kinds = {
  async chromium() {
    const program = await findChromium();
    if (!program) return undefined;
    return {
      program,
      args: (profile, url) => [...chromiumArgs, "--headless=new", "--disable-popup-blocking", `--user-data-dir=${profile}`, url],
      // A lock of a process that was killed.
      prepare: (profile) => rm(join(profile, "SingletonLock"), { force: true }),
    };
  },
  async firefox() {
    const program = (await ask("sh", ["-c", "command -v firefox-esr || command -v firefox"])) ?? "";
    if (!program) return undefined;
    const lines = Object.entries(firefoxSettings).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
    return {
      program,
      args: (profile, url) => ["--headless", "--no-remote", "--profile", profile, url],
      prepare: (profile) => writeFile(join(profile, "user.js"), lines.join("\n")),
    };
  },
};

/** @param {string} name @returns {Promise<Kind>} */
export async function browserOf(name) {
  const find = kinds[name];
  if (!find) throw new Notice(`There is no browser ${name}; there are ${Object.keys(kinds).join(", ")}.`);
  const kind = await find();
  if (!kind) throw new Notice(`${name} is not installed (on Debian: apt-get install ${name === "firefox" ? "firefox-esr" : name}).`);
  return kind;
}

/** @param {Kind} kind @param {string} profile @param {string} url */
export async function launch(kind, profile, url) {
  await mkdir(profile, { recursive: true });
  await kind.prepare(profile);
  const log = await open(`${profile}.log`, "a");
  const child = spawn(kind.program, kind.args(profile, url), { detached: true, stdio: ["ignore", log.fd, log.fd], env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" } });
  const { pid } = child;
  const ended = once(child, "exit");
  await log.close();
  if (pid === undefined) throw new Error(`${kind.program} did not start`);
  let killed = false;
  const kill = () => {
    if (killed) return;
    killed = true;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It had ended by itself.
    }
  };
  process.once("exit", kill);
  return {
    /** Every process of it, at once: nothing gets to say goodbye. */
    async kill() {
      kill();
      process.off("exit", kill);
      await ended;
    },
  };
}
