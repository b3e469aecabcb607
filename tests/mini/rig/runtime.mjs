// A stand-in for the logic layer of a mini-program: a realm with what the runtime has and without the
// rest, its platform's object, and the hand that sends it to the background. It shows what will fail; what
// works here was not therefore seen to work on a phone.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import vm from "node:vm";
import { brotliDecompressSync } from "node:zlib";
import { newerFeatures } from "../../../js/dev/wasm-features.mjs";
import { Files } from "./files.mjs";
import { Network } from "./network.mjs";
import { platformOf } from "./platform.mjs";
import { profiles } from "./profiles.mjs";
import { Storage } from "./storage.mjs";

/** What Node puts into every realm and no mini-program has. */
const hidden = ["WebAssembly", "SharedArrayBuffer", "Atomics", "Intl", "escape", "unescape"];

/** The files of a mini-program's package: what a path in it leads to. @typedef {Record<string, string>} Package */

/**
 * A realm of its own: its objects are not ours.
 * @param {import("./profiles.mjs").Profile} profile
 */
function openRealm(profile) {
  const context = vm.createContext({}, { codeGeneration: { strings: false, wasm: true } });
  const run = (/** @type {string} */ text, name = "rig") => new vm.Script(text, { filename: name }).runInContext(context);
  const { ArrayBuffer, WebAssembly } = run("({ ArrayBuffer, WebAssembly })");
  for (const name of [...hidden, ...profile.lacks]) run(`delete globalThis.${name}`);
  for (const [of, method] of profile.lacksMethods) run(`delete ${of}.${method}; delete ${of}.prototype.${method}`);
  const parse = run("JSON.parse");
  return {
    run,
    context,
    WebAssembly,
    /** What crosses the bridge is copied. @param {object} value */
    copy: (value) => parse(JSON.stringify(value)),
    /** @param {object} members */
    object: (members) => Object.assign(run("({})"), members),
    /** @param {Uint8Array} bytes */
    buffer: (bytes) => {
      const buffer = new ArrayBuffer(bytes.length);
      new Uint8Array(buffer).set(bytes);
      return buffer;
    },
  };
}

export class Runtime {
  /**
   * @param {keyof typeof profiles | string} name
   * @param {Package} packed
   * @param {{ storage?: Storage, files?: Files, suspendAfter_ms?: number }} [options] `storage`, `files`: of the last run
   */
  constructor(name, packed, options = {}) {
    const profile = profiles[name];
    if (!profile) throw new Error(`there is no runtime ${name}`);
    this.profile = profile;
    this.packed = packed;
    this.suspendAfter_ms = options.suspendAfter_ms ?? 5_000;
    this.storage = options.storage ?? new Storage();
    this.files = options.files ?? new Files();
    this.files.temporary.clear();
    this.storage.onEnd = () => this.kill();
    this.realm = openRealm(profile);
    this.network = new Network((call) => this.later(call));
    this.isSuspended = false;
    this.isDead = false;
    this.clipboard = "";
    /** Pictures that the visitor will point at. @type {Buffer[]} */
    this.chooses = [];
    /** What was shown full screen. @type {string[]} */
    this.previewed = [];
    /** Of code of the mini-program that threw with nobody to catch it. @type {unknown[]} */
    this.errors = [];
    /** @type {unknown[][]} */
    this.warnings = [];
    /** @type {Set<Function>} */ this.shows = new Set();
    /** @type {Set<Function>} */ this.hides = new Set();
    /** @type {Set<Function>} */ this.networks = new Set();
    /** Waits for the mini-program to wake. @type {(() => void)[]} */
    this.pending = [];
    /** @type {Map<number, { handle: NodeJS.Timeout, due_ms: number, ring: () => void }>} */
    this.timers = new Map();
    /** How far its clock is ahead of ours. */
    this.ahead_ms = 0;
    this.lastTimer = 0;
    /** @type {Map<string, { exports: any }>} */
    this.modules = new Map();
    /** What the app and the pages described themselves as. @type {any} */
    this.described = null;
    /** @type {any} */
    this.app = null;
    /** Where `navigateTo` led. @type {string[]} */
    this.visited = [];
    this.furnish();
  }

  furnish() {
    const { realm, profile } = this;
    const warn = (/** @type {unknown[]} */ ...words) => void this.warnings.push(words);
    Object.assign(realm.context, {
      console: { log: warn, info: warn, warn, error: warn },
      setTimeout: (/** @type {() => void} */ then, ms = 0) => this.startTimer(then, ms, false),
      setInterval: (/** @type {() => void} */ then, ms = 0) => this.startTimer(then, ms, true),
      clearTimeout: (/** @type {number} */ id) => this.stopTimer(id),
      clearInterval: (/** @type {number} */ id) => this.stopTimer(id),
      App: (/** @type {object} */ app) => (this.described = app),
      Page: (/** @type {object} */ page) => (this.described = page),
      getApp: () => this.app,
      [profile.api]: platformOf(this),
    });
    const { Date: clock } = realm.run("({ Date })");
    clock.now = () => this.now();
    if (profile.wasm !== null) realm.context[profile.wasm] = realm.object({ instantiate: this.wasm.bind(this) });
    if (profile.taskPromise) realm.run(readFileSync(join(import.meta.dirname, "task-promise.js"), "utf8"));
  }

  /** Calls back, from a fresh stack; not while the mini-program is stopped. @param {() => void} call */
  later(call) {
    setTimeout(() => this.deliver(call));
  }

  /** @param {() => void} call */
  deliver(call) {
    if (this.isDead) return;
    if (this.isSuspended) return void this.pending.push(call);
    try {
      call();
    } catch (error) {
      this.errors.push(error);
    }
  }

  /** @param {() => void} then @param {number} ms @param {boolean} again */
  startTimer(then, ms, again) {
    const id = ++this.lastTimer;
    const ring = () => this.deliver(() => this.timers.has(id) && (again || this.timers.delete(id)) && then());
    this.timers.set(id, { handle: again ? setInterval(ring, ms) : setTimeout(ring, ms), due_ms: this.now() + ms, ring });
    return id;
  }

  now() {
    return Date.now() + this.ahead_ms;
  }

  /** So much time goes by at once; what was to ring in it rings, or waits for the mini-program to wake. @param {number} ms */
  pass(ms) {
    this.ahead_ms += ms;
    for (const { due_ms, ring } of [...this.timers.values()]) if (due_ms <= this.now()) ring();
  }

  /** @param {number} id */
  stopTimer(id) {
    clearTimeout(this.timers.get(id)?.handle);
    this.timers.delete(id);
  }

  /** A module of the package, as `require` gives it. @param {string} path from the package's root */
  require(path) {
    const known = this.modules.get(path);
    if (known) return known.exports;
    const module = { exports: /** @type {any} */ ({}) };
    this.modules.set(path, module);
    const unseen = this.profile.globalThis ? "" : ", globalThis";
    const text = `(function (module, exports, require${unseen}) { ${readFileSync(this.file(path), "utf8")}\n})`;
    const near = (/** @type {string} */ name) => this.require(name.startsWith(".") ? posix.join(posix.dirname(path), name) : `/${name}`);
    this.realm.run(text, path)(module, module.exports, near);
    return module.exports;
  }

  /** Starts the app that was described last. */
  launch() {
    this.app = this.described;
    this.app.onLaunch();
    return this.app;
  }

  /** Opens a page of the package. @param {string} path @returns {any} */
  open(path) {
    this.require(path);
    const page = this.described;
    page.setData = (/** @type {object} */ changed) => Object.assign(page.data, changed);
    return page;
  }

  /** @param {string} path */
  file(path) {
    const file = this.packed[path];
    if (!file) throw new Error(`no such file in the package: ${path}`);
    return file;
  }

  /** @param {unknown} path @param {object} imports */
  async wasm(path, imports) {
    if (typeof path !== "string" || !/^\/.*\.wasm(\.br)?$/.test(path)) throw new Error(`not a path of the package: ${String(path)}`);
    const stored = readFileSync(this.file(path));
    const bytes = path.endsWith(".br") ? brotliDecompressSync(stored) : stored;
    const newer = [...newerFeatures(bytes).keys()];
    if (newer.length > 0) throw new Error(`CompileError: ${newer.join(", ")}`);
    const made = await this.realm.WebAssembly.instantiate(bytes, imports);
    return this.profile.gives === "both" ? made : made.instance;
  }

  /** Lets the visitor go elsewhere: after five seconds nothing runs any more. */
  background() {
    this.hides.forEach((listen) => this.deliver(() => listen()));
    this.suspending = setTimeout(() => {
      this.isSuspended = true;
      this.network.suspend(this.profile.tellsClose);
    }, this.suspendAfter_ms);
  }

  /** And back. What came in the meantime comes now. */
  foreground() {
    clearTimeout(this.suspending);
    const wasSuspended = this.isSuspended;
    this.isSuspended = this.network.isSuspended = false;
    this.shows.forEach((listen) => this.deliver(() => listen()));
    if (wasSuspended) this.pending.splice(0).forEach((call) => this.deliver(call));
  }

  /** @param {boolean} online */
  setNetwork(online) {
    this.network.isOnline = online;
    if (!online) this.network.drop(this.profile.tellsClose);
    this.networks.forEach((listen) => this.deliver(() => listen(this.realm.copy({ isConnected: online, networkType: online ? "4g" : "none" }))));
  }

  /** Ends it as the system does: without a word. What is stored stays. */
  kill() {
    this.isDead = true;
    clearTimeout(this.suspending);
    for (const id of [...this.timers.keys()]) this.stopTimer(id);
    this.network.close();
  }
}
