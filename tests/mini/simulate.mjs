// WeChat's own simulator of components: <deskside-chat> from the WXML and WXSS as they are published, in a
// page of jsdom, on the platform's object of the rig.
import { createRequire } from "node:module";
import { join } from "node:path";
import { folderOf, chatOf } from "../../js/dev/mini-program.mjs";
import { openMini, patience_ms } from "./stage.mjs";

const load = createRequire(import.meta.url);
/** It has no types of its own. @type {any} */
export const { JSDOM } = load("jsdom");
/** @type {any} */
const world = globalThis;

const names = ["document", "HTMLElement", "Element", "Node", "Text", "DocumentFragment", "Event", "CustomEvent", "TouchEvent", "MutationObserver", "getComputedStyle"];

/** @returns {any} */
export function simulator() {
  if (!world.window) {
    const { window } = new JSDOM("<!doctype html><body></body>", { pretendToBeVisual: true, url: "http://localhost/" });
    for (const name of names) if (!(name in world) && name in window) world[name] = window[name];
    Object.assign(world, { Event: window.Event, CustomEvent: window.CustomEvent, window });
  }
  return load("miniprogram-simulate");
}

/**
 * What a visitor sees and does on a page, or in a component of it.
 * @param {any} component
 */
export function handOn(component) {
  const all = (/** @type {string} */ selector) => component.querySelectorAll(selector);
  const hand = {
    all,
    one: (/** @type {string} */ selector) => component.querySelector(selector),
    dom: () => component.dom,
    /** What `setData` was given. @returns {any} */
    data: () => component.instance.data,
    text: () => String(component.dom.textContent),
    /** @returns {string[]} */
    texts: (/** @type {string} */ selector) => all(selector).map((/** @type {any} */ { dom }) => dom.textContent),
    /** The one with this text in it. @param {string} selector @param {string} text @returns {any} */
    with: (selector, text) => all(selector).find((/** @type {any} */ { dom }) => dom.textContent.includes(text)),
    /** Those inside another. @param {any} node @param {string} selector @returns {any[]} */
    inside: (node, selector) => (node ? all(selector).filter((/** @type {any} */ { dom }) => node.dom.contains(dom)) : []),
    /** @param {any} node */
    tap(node) {
      node.dispatchEvent("touchstart");
      node.dispatchEvent("touchend");
    },
    /** @param {string | object} field a selector, or the field itself @param {string} value @param {string} [event] */
    type(field, value, event = "input") {
      const node = typeof field === "string" ? component.querySelector(field) : field;
      node.dispatchEvent(event, { detail: { value } });
    },
    /** Waits until it is there, then taps it. @param {string} selector @param {string} [text] */
    async tapOn(selector, text = "") {
      hand.tap(await hand.until(() => hand.with(selector, text), `${selector} ${text}`));
    },
    /** @param {() => any} look @param {string} what @returns {Promise<any>} */
    async until(look, what) {
      const end_ms = Date.now() + patience_ms;
      for (;;) {
        const seen = look();
        if (seen) return seen;
        if (Date.now() > end_ms) throw new Error(`waited in vain for ${what}; there is: ${hand.text()}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
  return hand;
}

/**
 * The component on a page of a mini-program at this desk.
 * @param {{ origin: string }} desk
 * @param {{ help?: string, opens?: string, language?: string, surveys?: boolean, profile?: string, storage?: import("./rig/storage.mjs").Storage, files?: import("./rig/files.mjs").Files }} [options]
 */
export async function openComponent(desk, { help, opens = "", language = "zh_CN", surveys = false, profile = "wechat-android", storage, files } = {}) {
  const simulate = simulator();
  // Lends its platform's object.
  const lender = await openMini(profile, desk, { ...(storage && { storage }), ...(files && { files }) });
  lender.client.close();
  const { wx, WXWebAssembly } = lender.runtime.realm.context;
  const info = wx.getSystemInfoSync();
  Object.assign(wx, { getSystemInfoSync: () => ({ ...info, language }) });
  Object.assign(world, { wx, WXWebAssembly });
  const sdk = load(join(folderOf("wechat"), "index.js"));
  const folder = chatOf("wechat");
  const id = simulate.load(join(folder, "index"), { less: false, rootPath: folder });
  sdk.setUp(sdk.wxHost({ wasm: "/support/deskside.wasm.br" }), { desk: desk.origin, site: "demo", help, surveys });
  const component = simulate.render(id, { opens });
  const parent = world.document.createElement("div");
  world.document.body.appendChild(parent);
  component.attach(parent);
  /** @type {any[]} */
  const told = [];
  component.addEventListener("happened", (/** @type {any} */ { detail }) => told.push(detail.name));
  return {
    ...handOn(component),
    runtime: lender.runtime,
    sdk,
    told,
    /** @returns {Promise<any>} */
    client: () => sdk.client(),
    async close() {
      component.detach();
      parent.remove();
      (await sdk.client()).close();
      lender.close();
    },
  };
}
