// What each runtime has and lacks, as far as their documentation and the typings say. None of it was
// seen on a phone here.

/**
 * @typedef {object} Profile
 * @property {"wx" | "tt" | "my"} api the name of the platform's object
 * @property {string | null} wasm the name of its WebAssembly, which takes paths only
 * @property {"both" | "instance"} gives what `instantiate` resolves to: the typings say the instance
 * @property {boolean} globalThis whether page code sees it
 * @property {boolean} taskPromise `Promise` is made of `setTimeout`: reactions are tasks
 * @property {boolean} tellsClose whether a socket that died in the background says so afterwards
 * @property {boolean} random whether there is `getRandomValues`
 * @property {boolean} files whether it has a file system
 * @property {boolean} choosesMedia whether it has `chooseMedia`, and not the older `chooseImage` alone
 * @property {string[]} lacks more names that are not there
 * @property {[object: string, method: string][]} lacksMethods
 * @property {string} platform
 */

/** @type {Profile} */
const modern = {
  api: "wx",
  wasm: "WXWebAssembly",
  gives: "both",
  globalThis: true,
  taskPromise: false,
  tellsClose: true,
  random: true,
  files: true,
  choosesMedia: true,
  lacks: [],
  lacksMethods: [],
  platform: "android",
};

/** @type {Record<string, Profile>} */
export const profiles = {
  "wechat-android": modern,
  // WeakRef came with 14.1, the rest of these with 15.
  "wechat-ios14": {
    ...modern,
    taskPromise: true,
    tellsClose: false,
    choosesMedia: false,
    lacks: ["WeakRef", "FinalizationRegistry", "BigInt64Array", "BigUint64Array", "AggregateError"],
    lacksMethods: [["Array", "at"], ["String", "at"], ["Object", "hasOwn"], ["String", "replaceAll"], ["DataView", "getBigInt64"]],
    platform: "ios",
  },
  "wechat-ios16": { ...modern, tellsClose: false, platform: "ios" },
  "wechat-typings": { ...modern, gives: "instance" },
  douyin: { ...modern, api: "tt", wasm: "TTWebAssembly", globalThis: false },
  alipay: { ...modern, api: "my", wasm: null, random: false, choosesMedia: false },
  "no-wasm": { ...modern, api: "wx", wasm: null, globalThis: false, files: false, choosesMedia: false },
};
