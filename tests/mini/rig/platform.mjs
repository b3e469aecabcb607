// The platform's object, `wx`, `tt` or `my`: what the adapters call.
import { randomBytes } from "node:crypto";

/**
 * @typedef {import("./runtime.mjs").Runtime} Runtime
 * @typedef {{ success?: (result: unknown) => void, fail?: (problem: unknown) => void, complete?: () => void }} Answers
 */

/** Text as it is; bytes of whichever realm as ours. @param {unknown} data */
const bytesOf = (data) =>
  Object.prototype.toString.call(data) === "[object ArrayBuffer]" ? Buffer.from(/** @type {ArrayBuffer} */ (data).slice(0)) : /** @type {string | undefined} */ (data);

/** @param {Runtime} runtime */
export function platformOf(runtime) {
  const { realm, network, storage, files, profile } = runtime;
  const isAlipay = profile.api === "my";
  const problem = (/** @type {string} */ api, /** @type {string} */ reason) =>
    realm.copy(isAlipay ? { error: 1, errorMessage: reason } : { errMsg: `${api}:fail ${reason}` });

  /**
   * An API that answers once, later.
   * @param {string} name
   * @param {(options: any) => object} work
   */
  const api = (name, work) => (/** @type {any} */ options = {}) => {
    runtime.later(() => {
      try {
        options.success?.(Object.assign(realm.copy({ errMsg: `${name}:ok` }), work(options)));
      } catch (error) {
        options.fail?.(problem(name, /** @type {Error} */ (error).message));
      }
      options.complete?.();
    });
  };

  /** @param {string} name */
  const request = (name) => (/** @type {any} */ options) => {
    const headers = { "content-type": "application/json", ...options.header, ...options.headers };
    const wantsBytes = options.responseType === "arraybuffer" || options.dataType === "arraybuffer";
    return network.request(
      { url: options.url, method: options.method, headers, data: bytesOf(options.data), timeout: options.timeout },
      ({ status, body, headers }) => {
        const data = wantsBytes ? realm.buffer(body) : body.toString("utf8");
        if (isAlipay && status >= 400) options.fail?.({ ...problem(name, "http status error"), error: 19, status, data });
        else options.success?.(Object.assign(realm.copy({ statusCode: status, status, header: headers, headers }), { data }));
      },
      (reason) => options.fail?.(problem(name, reason)),
    );
  };

  const downloadFile = (/** @type {any} */ options) =>
    network.request(
      { url: options.url, headers: options.header ?? {} },
      ({ status, body }) => {
        const path = files.putTemporary(body, "jpg");
        options.success?.(realm.copy({ statusCode: status, ...(isAlipay ? { apFilePath: path } : { tempFilePath: path }) }));
      },
      (reason) => options.fail?.(problem("downloadFile", reason)),
    );

  /** What the visitor points at. */
  const choose = (/** @type {string} */ name) =>
    api(name, ({ count }) => {
      const chosen = runtime.chooses.splice(0, count);
      if (chosen.length === 0) throw new Error("cancel");
      const tempFiles = chosen.map((bytes) => {
        const path = files.putTemporary(bytes, "png");
        return { tempFilePath: path, path, size: bytes.length, fileType: "image" };
      });
      return realm.copy({ tempFiles });
    });

  const fileSystem = realm.object({
    copyFile: api("copyFile", ({ srcPath, destPath }) => (files.write(destPath, files.read(srcPath)), {})),
    writeFile: api("writeFile", ({ filePath, data }) => (files.write(filePath, /** @type {Buffer} */ (bytesOf(data))), {})),
    readFile: api("readFile", (/** @type {{ filePath: string, position?: number, length?: number }} */ { filePath, position = 0, length }) => {
      const bytes = files.read(filePath);
      const end = length === undefined ? bytes.length : position + length;
      if (end > bytes.length) throw new Error("the value of length is out of range");
      return { data: realm.buffer(bytes.subarray(position, end)) };
    }),
    unlink: api("unlink", ({ filePath }) => (files.remove(filePath), {})),
  });

  const connectSocket = (/** @type {any} */ options) => {
    const socket = network.connect(options.url);
    if (typeof socket === "string") {
      runtime.later(() => options.fail?.(problem("connectSocket", socket)));
      const nobody = () => undefined;
      return realm.object({ send: nobody, close: nobody, onOpen: nobody, onMessage: nobody, onError: nobody, onClose: nobody });
    }
    return realm.object({
      send: (/** @type {any} */ { data, fail }) => {
        if (!socket.send(data)) runtime.later(() => fail?.(problem("sendSocketMessage", "SocketTask.readyState is not OPEN")));
      },
      close: () => socket.close(),
      onOpen: (/** @type {any} */ listen) => socket.heard.open.push(() => listen(realm.copy({ header: {} }))),
      onMessage: (/** @type {any} */ listen) =>
        socket.heard.message.push((data) => listen(realm.copy(isAlipay ? { data: { data, isBuffer: false } } : { data }))),
      onError: (/** @type {any} */ listen) => socket.heard.error.push(() => listen(problem("socket", "error"))),
      onClose: (/** @type {any} */ listen) =>
        socket.heard.close.push((code) => listen(realm.copy(isAlipay ? { data: { code } } : { code, reason: "" }))),
    });
  };

  /** @param {Set<Function>} listeners @param {string} name */
  const onOff = (listeners, name) => ({
    [`on${name}`]: (/** @type {Function} */ listen) => void listeners.add(listen),
    [`off${name}`]: (/** @type {Function} */ listen) => void listeners.delete(listen),
  });

  return realm.object({
    request: request("request"),
    downloadFile,
    env: realm.object({ USER_DATA_PATH: "wxfile://usr" }),
    ...(profile.files && { getFileSystemManager: () => fileSystem }),
    connectSocket,
    getStorage: api("getStorage", ({ key }) => {
      // Alipay says nothing of what is not there.
      if (isAlipay && !storage.isBroken && !storage.kept.has(key)) return { data: null };
      return { data: storage.get(key) };
    }),
    setStorage: api("setStorage", ({ key, data }) => (storage.set(key, data), {})),
    removeStorage: api("removeStorage", ({ key }) => (storage.remove(key), {})),
    getNetworkType: api("getNetworkType", () => ({ networkType: network.isOnline ? "wifi" : "none", networkAvailable: network.isOnline })),
    getSystemInfoSync: () => realm.copy({ SDKVersion: "2.14.0", platform: profile.platform, language: isAlipay ? "zh-Hans" : "zh_CN" }),
    navigateTo: (/** @type {{ url: string }} */ { url }) => void runtime.visited.push(url),
    chooseImage: choose("chooseImage"),
    ...(profile.choosesMedia && { chooseMedia: choose("chooseMedia") }),
    previewImage: api("previewImage", ({ urls }) => (files.read(urls[0]), runtime.previewed.push(urls[0]), {})),
    setClipboardData: api("setClipboardData", ({ data }) => ((runtime.clipboard = data), {})),
    ...(profile.random && {
      getRandomValues: api("getRandomValues", ({ length }) => ({ randomValues: realm.buffer(randomBytes(length)) })),
    }),
    ...onOff(runtime.shows, "AppShow"),
    ...onOff(runtime.hides, "AppHide"),
    ...onOff(runtime.networks, "NetworkStatusChange"),
  });
}
