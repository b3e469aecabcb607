// The platform's object, `wx`, `tt` or `my`: what the adapters call.
import { randomBytes } from "node:crypto";

/**
 * @typedef {import("./runtime.mjs").Runtime} Runtime
 * @typedef {{ success?: (result: unknown) => void, fail?: (problem: unknown) => void, complete?: () => void }} Answers
 */

/** @param {Runtime} runtime */
export function platformOf(runtime) {
  const { realm, network, storage, profile } = runtime;
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
      { url: options.url, method: options.method, headers, data: options.data, timeout: options.timeout },
      ({ status, body }) => {
        const data = wantsBytes ? realm.buffer(body) : body.toString("utf8");
        if (isAlipay && status >= 400) options.fail?.({ ...problem(name, "http status error"), error: 19, status, data });
        else options.success?.(Object.assign(realm.copy({ statusCode: status, status }), { data }));
      },
      (reason) => options.fail?.(problem(name, reason)),
    );
  };

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
    uploadFile: request("uploadFile"),
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
    chooseImage: api("chooseImage", () => {
      throw new Error("cancel");
    }),
    setClipboardData: api("setClipboardData", ({ data }) => ((runtime.clipboard = data), {})),
    ...(profile.random && {
      getRandomValues: api("getRandomValues", ({ length }) => ({ randomValues: realm.buffer(randomBytes(length)) })),
    }),
    ...onOff(runtime.shows, "AppShow"),
    ...onOff(runtime.hides, "AppHide"),
    ...onOff(runtime.networks, "NetworkStatusChange"),
  });
}
