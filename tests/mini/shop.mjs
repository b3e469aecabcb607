// The example shop, put together as its README says: its app in the rig, its pages and the chat in WeChat's
// simulator of components, both on one platform's object.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chatOf, folderOf } from "../../js/dev/mini-program.mjs";
import { at, dist } from "../../js/dev/paths.mjs";
import { Runtime } from "./rig/runtime.mjs";
import { handOn, simulator } from "./simulate.mjs";
import { until } from "./stage.mjs";

/** @type {any} */
const world = globalThis;

/** The package, with the addresses of this run. @param {{ desk: string, help: string }} addresses */
function pack({ desk, help }) {
  const folder = mkdtempSync(join(tmpdir(), "deskside-shop-"));
  cpSync(at("examples", "mini-program"), folder, { recursive: true });
  cpSync(chatOf("wechat"), join(folder, "support", "deskside-chat"), { recursive: true });
  const { pages, subpackages } = JSON.parse(readFileSync(join(folder, "app.json"), "utf8"));
  const inside = subpackages.flatMap((/** @type {any} */ one) => one.pages.map((/** @type {string} */ page) => `${one.root}/${page}`));
  /** @type {string[]} */
  const paths = [...pages, ...inside];
  /** @type {import("./rig/runtime.mjs").Package} */
  const packed = {
    "/app.js": join(folder, "app.js"),
    "/deskside": join(folderOf("wechat"), "index.js"),
    "/support/deskside.wasm.br": join(dist, "mini-program", "core", "deskside.wasm.br"),
  };
  const app = readFileSync(join(folder, "app.js"), "utf8");
  writeFileSync(join(folder, "app.js"), app.replace("http://127.0.0.1:8787", desk).replace("http://127.0.0.1:8080/help.idx", help));
  // The simulator runs scripts in Node's own realm: here it sends them to the rig's.
  for (const path of [...paths, "support/deskside-chat/index"]) {
    const script = join(folder, `${path}.js`);
    packed[`/${path}.js`] = join(folder, `${path}.rig.js`);
    renameSync(script, join(folder, `${path}.rig.js`));
    writeFileSync(script, `runInRig("/${path}.js");\n`);
  }
  return { folder, paths, packed };
}

/** What crosses the bridge between scripts and pages is copied. @param {object} value */
const copy = (value) => JSON.parse(JSON.stringify(value));

/** A description from the rig, for the simulator: with the types of Node's realm. @param {any} described */
function component({ properties = {}, data = {}, lifetimes = {}, ...described }) {
  for (const property of Object.values(properties)) property.type = world[property.type.name];
  /** @this {any} */
  function created() {
    const draw = this.setData;
    this.setData = (/** @type {object} */ changed) => draw(copy(changed));
  }
  world.Component({ ...described, properties, data: copy(data), lifetimes: { ...lifetimes, created } });
}

/**
 * Starts it, at its first page.
 * @param {{ desk: string, help: string }} addresses
 */
export function openShop(addresses) {
  const simulate = simulator();
  const { folder, paths, packed } = pack(addresses);
  const runtime = new Runtime("wechat-android", packed, { suspendAfter_ms: 40 });
  const { context } = runtime.realm;
  Object.assign(context, {
    Component: component,
    // A page is a component whose life is told to its methods.
    Page: (/** @type {any} */ { data, ...methods }) => component({ data, methods }),
  });
  Object.assign(context.wx, { navigateTo: (/** @type {{ url: string }} */ { url }) => open(url) });
  Object.assign(world, { wx: context.wx, runInRig: (/** @type {string} */ path) => void runtime.require(path) });
  runtime.require("/app.js");
  runtime.launch();

  /** What lies on what. @type {{ component: any, parent: any }[]} */
  const stack = [];
  /** @type {Map<string, string>} */
  const ids = new Map();
  const top = () => stack.at(-1)?.component.instance;
  const open = (/** @type {string} */ url) => {
    const { pathname, searchParams } = new URL(url, "https://mini-program.example");
    const path = pathname.slice(1);
    assert.ok(paths.includes(path), `app.json has no page ${path}`);
    top()?.onHide?.();
    const id = ids.get(path) ?? simulate.load(join(folder, path), { less: false, rootPath: folder });
    ids.set(path, id);
    const component = simulate.render(id);
    const parent = world.document.createElement("div");
    world.document.body.appendChild(parent);
    component.attach(parent);
    stack.push({ component, parent });
    top().onLoad?.(Object.fromEntries(searchParams));
    top().onShow?.();
  };
  const leave = () => {
    const left = stack.pop();
    left?.component.instance.onUnload?.();
    left?.component.detach();
    left?.parent.remove();
  };
  open(`/${paths[0]}`);

  /** The page that is seen. */
  const page = () => handOn(stack.at(-1)?.component);
  return {
    runtime,
    page,
    /** A component on the page that is seen by then. */
    inside: async (/** @type {string} */ selector) => handOn(await until(() => page().one(selector), `${selector} on a page`)),
    /** As by the arrow in the bar. */
    back() {
      leave();
      top().onShow?.();
    },
    background() {
      top().onHide?.();
      runtime.background();
    },
    foreground() {
      runtime.foreground();
      top().onShow?.();
    },
    close() {
      while (stack.length > 0) leave();
      runtime.kill();
      rmSync(folder, { recursive: true });
    },
  };
}
