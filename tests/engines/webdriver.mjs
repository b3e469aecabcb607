// Browsers that are not Chromium, driven by the W3C protocol that each brings a driver for. Firefox's
// engine is Gecko; WebKitGTK is the engine of Safari and of every browser on an iPhone.
import { spawn } from "node:child_process";
import { access, readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { at } from "../../js/dev/paths.mjs";
import { freePort } from "../../js/dev/ports.mjs";

const patience_ms = 30_000;
const elementKey = "element-6066-11e4-a52e-4f735466cecf";

/** @typedef {{ program: string, args: (port: number) => string[], env: NodeJS.ProcessEnv, capabilities: object }} Driver */
/** @typedef {{ name: string, needs: string, driver: () => Promise<Driver | undefined> }} Engine */

/** @param {string} name @param {string[]} [folders] beside those of PATH @returns {Promise<string | undefined>} */
async function find(name, folders = []) {
  for (const folder of [...folders, ...(process.env.PATH ?? "").split(delimiter)]) {
    const path = join(folder, name);
    if (await access(path).then(() => true, () => false)) return path;
  }
  return undefined;
}

/** MiniBrowser lies beside the library, in a folder named after its version. */
async function miniBrowser() {
  const parents = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/libexec", "/usr/lib"];
  for (const parent of parents) {
    const folders = (await readdir(parent).catch(() => [])).filter((folder) => folder.startsWith("webkit2gtk-")).sort().reverse();
    const found = await find("MiniBrowser", folders.map((folder) => join(parent, folder)));
    if (found) return found;
  }
  return undefined;
}

/** @type {Engine[]} */
export const engines = [
  {
    name: "Firefox",
    needs: "firefox-esr (apt-get) and geckodriver (cargo install geckodriver --root target/tools)",
    async driver() {
      const program = await find("geckodriver", [at("target", "tools", "bin")]);
      const binary = (await find("firefox-esr")) ?? (await find("firefox"));
      if (!program || !binary) return undefined;
      const capabilities = { "moz:firefoxOptions": { binary, args: ["-headless"] } };
      return { program, args: (port) => [`--port=${port}`, "--log=fatal"], env: {}, capabilities };
    },
  },
  {
    name: "WebKit",
    needs: "webkit2gtk-driver and xvfb (apt-get)",
    async driver() {
      const program = await find("WebKitWebDriver");
      const [xvfb, binary] = await Promise.all([find("xvfb-run"), miniBrowser()]);
      if (!program || !xvfb || !binary) return undefined;
      const capabilities = { browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary, args: ["--automation"] } };
      // A machine for tests has no graphics card, and as root no sandbox to nest in.
      const env = {
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", WEBKIT_DISABLE_COMPOSITING_MODE: "1",
        WEBKIT_DISABLE_DMABUF_RENDERER: "1", LIBGL_ALWAYS_SOFTWARE: "1",
      };
      return { program: xvfb, args: (port) => ["-a", program, `--port=${port}`], env, capabilities };
    },
  },
];

/** Looks through every shadow root, in the page: the first element that fits and holds the text. */
const seek = `
  const all = (root) => [...root.querySelectorAll("*")].flatMap((e) => e.shadowRoot ? [e, ...all(e.shadowRoot)] : [e]);
  const seek = (selector, text) => all(document).filter((e) => e.matches(selector) && e.textContent.includes(text));
`;

/** @param {Driver} driver */
export async function openBrowser(driver) {
  const port = await freePort(45_000 + (process.pid % 500) * 10);
  const child = spawn(driver.program, driver.args(port), { env: { ...process.env, ...driver.env }, detached: true, stdio: "ignore" });
  const origin = `http://127.0.0.1:${port}`;

  /** @param {"GET" | "POST" | "DELETE"} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  async function ask(method, path, body) {
    const headers = { "content-type": "application/json" };
    const response = await fetch(origin + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const { value } = /** @type {{ value: any }} */ (await response.json());
    if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  }

  /** @template T @param {() => Promise<T>} look @param {string} what @returns {Promise<NonNullable<T>>} */
  async function until(look, what) {
    const end_ms = Date.now() + patience_ms;
    for (;;) {
      const seen = await look();
      if (seen) return seen;
      if (Date.now() > end_ms) throw new Error(`waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  await until(() => fetch(`${origin}/status`).then((answer) => answer.ok, () => false), "the driver");
  const { sessionId, capabilities } = await ask("POST", "/session", { capabilities: { alwaysMatch: driver.capabilities } });
  const session = `/session/${sessionId}`;
  /** @param {string} script @param {...unknown} args */
  const evaluate = (script, ...args) => ask("POST", `${session}/execute/sync`, { script: seek + script, args });

  /** @param {string} selector @param {string} [text] */
  async function element(selector, text = "") {
    const script = `return seek(arguments[0], arguments[1]).find((e) => e.checkVisibility ? e.checkVisibility() : true) ?? null`;
    const found = await until(() => evaluate(script, selector, text), `${selector} ${text}`);
    return `${session}/element/${found[elementKey]}`;
  }

  return {
    version: `${capabilities.browserName} ${capabilities.browserVersion}`,
    element,
    /** @param {string} url */
    goto: (url) => ask("POST", `${session}/url`, { url }),
    reload: () => ask("POST", `${session}/refresh`, {}),
    /** @param {string} selector @param {string} [text] */
    click: async (selector, text) => ask("POST", `${await element(selector, text)}/click`, {}),
    /** Key by key, as fingers do. @param {string} selector @param {string} text */
    type: async (selector, text) => ask("POST", `${await element(selector)}/value`, { text }),
    /** @param {string} selector @param {string} [text] @returns {Promise<string[]>} */
    texts: (selector, text = "") => evaluate(`return seek(arguments[0], arguments[1]).map((e) => e.textContent.trim())`, selector, text),
    /** @returns {Promise<Buffer>} */
    screenshot: async () => Buffer.from(await ask("GET", `${session}/screenshot`), "base64"),
    async close() {
      await ask("DELETE", session).catch(() => undefined);
      if (child.pid) process.kill(-child.pid, "SIGTERM");
    },
  };
}
