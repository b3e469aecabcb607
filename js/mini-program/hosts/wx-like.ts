import type { CorePlaces, Host, HostFile } from "../host.js";
import { filesOf, type WithFiles } from "./files.js";
import { ask, fetched, HostError, instantiate, refusal, requestOf, responseOf, socketOf, task, type Answers, type WasmEntry } from "./shared.js";

/** What WeChat's `wx` and Douyin's `tt` have in common. */
export interface WxLike extends WithFiles {
  request(options: object): { abort?: () => void } | undefined;
  downloadFile(options: object): unknown;
  connectSocket(options: object): WxSocket;
  getStorage(options: object): unknown;
  setStorage(options: object): unknown;
  removeStorage(options: object): unknown;
  getRandomValues?(options: object): unknown;
  getNetworkType(options: object): unknown;
  onNetworkStatusChange(heard: (status: { isConnected: boolean }) => void): void;
  offNetworkStatusChange?(heard: (status: { isConnected: boolean }) => void): void;
  onAppShow(heard: () => void): void;
  offAppShow?(heard: () => void): void;
  onAppHide(heard: () => void): void;
  offAppHide?(heard: () => void): void;
  chooseMedia?(options: object): unknown;
  chooseImage?(options: object): unknown;
  previewImage(options: object): unknown;
  openDocument?(options: object): unknown;
  setClipboardData(options: object): unknown;
  getSystemInfoSync(): { SDKVersion?: string; platform?: string; language?: string };
}

interface WxSocket {
  send(options: object): unknown;
  close(options: object): unknown;
  onOpen(heard: () => void): void;
  onMessage(heard: (message: { data: unknown }) => void): void;
  onClose(heard: (closed: { code?: number }) => void): void;
  onError(heard: () => void): void;
}

interface Answered {
  readonly statusCode: number;
  readonly data: unknown;
  readonly header?: Record<string, unknown>;
}

interface Downloaded {
  readonly statusCode?: number;
  readonly tempFilePath: string;
}

interface Stored {
  readonly data: unknown;
}

interface Chosen {
  readonly tempFiles?: readonly { readonly tempFilePath?: string; readonly path?: string; readonly size: number }[];
}

export function wxLikeHost(api: WxLike, entry: WasmEntry | undefined, places: CorePlaces): Host {
  const log: Host["log"] = (level, message, detail) => (level === "error" ? console.error : console.warn)(message, detail);
  return {
    instantiate: (imports) => instantiate(entry, places, imports, log),
    now: () => Date.now(),
    setTimer: (after_ms, then) => setTimeout(then, after_ms),
    clearTimer: (timer) => clearTimeout(timer as number),
    randomSeed: async (bytes) => {
      if (api.getRandomValues === undefined) throw new HostError("getRandomValues is missing", "no_random");
      const { randomValues } = await ask<{ randomValues: ArrayBuffer }>((answers) =>
        api.getRandomValues?.({ length: bytes, ...answers }),
      );
      return new Uint8Array(randomValues);
    },
    socket: (url) => {
      // Refused at once (too many, not on the list): no event of the task tells of that.
      let failed = (): void => undefined;
      const native = api.connectSocket({ url, fail: () => failed() });
      const socket = socketOf({
        send: (text) => void native.send({ data: text, fail: () => failed() }),
        close: () => void native.close({ code: 1000, fail: () => undefined }),
        onOpen: (heard) => native.onOpen(() => heard()),
        onMessage: (heard) => native.onMessage(({ data }) => heard(data)),
        onClose: (heard) => native.onClose(({ code }) => heard(code ?? 1006)),
        onError: (heard) => native.onError(() => heard()),
      });
      failed = () => socket.failed();
      return socket;
    },
    request: (request) =>
      task((answer, refuse) =>
        api.request({
          ...requestOf(request),
          success: ({ statusCode, data, header }: Answered) => answer(responseOf(statusCode, data, header)),
          fail: refuse,
        }),
      ),
    download: async (url, headers) => {
      const { statusCode, tempFilePath } = await ask<Downloaded>((answers) => api.downloadFile({ url, header: headers, ...answers }));
      return fetched(statusCode, tempFilePath);
    },
    files: filesOf(api),
    storage: {
      get: (key) =>
        new Promise((resolve, reject) => {
          const answers: Answers<Stored> = {
            success: ({ data }) => resolve(typeof data === "string" && data !== "" ? data : null),
            // What is not there is a failure by name.
            fail: (problem) =>
              /not found|not exist/i.test(problem.errMsg ?? "") ? resolve(null) : reject(refusal(problem)),
          };
          api.getStorage({ key, ...answers });
        }),
      set: async (key, text) => {
        await ask((answers) => api.setStorage({ key, data: text, ...answers }));
      },
      remove: async (key) => {
        await ask((answers) => api.removeStorage({ key, ...answers }));
      },
    },
    onVisibility: (heard) => {
      const [shown, hidden] = [() => heard(true), () => heard(false)];
      api.onAppShow(shown);
      api.onAppHide(hidden);
      return () => {
        api.offAppShow?.(shown);
        api.offAppHide?.(hidden);
      };
    },
    onNetwork: (heard) => {
      const changed = ({ isConnected }: { isConnected: boolean }): void => heard(isConnected);
      api.onNetworkStatusChange(changed);
      api.getNetworkType({ success: ({ networkType }: { networkType: string }) => heard(networkType !== "none") });
      return () => api.offNetworkStatusChange?.(changed);
    },
    pickMedia: async ({ count }) => {
      // Compressed, a picture does not say where it was taken.
      const options = { count, mediaType: ["image"], sizeType: ["compressed"] };
      return ask<Chosen>((answers) =>
        api.chooseMedia ? api.chooseMedia({ ...options, ...answers }) : api.chooseImage?.({ ...options, ...answers }),
      ).then(({ tempFiles = [] }) => tempFiles.map(fileOf), nothingChosen);
    },
    preview: async (path, mime) => {
      const isPicture = mime.startsWith("image/");
      await ask((answers) =>
        isPicture ? api.previewImage({ urls: [path], current: path, ...answers }) : api.openDocument?.({ filePath: path, ...answers }),
      );
    },
    copy: async (text) => {
      await ask((answers) => api.setClipboardData({ data: text, ...answers }));
    },
    log,
    info: () => {
      const { SDKVersion = "", platform = "", language = "zh_CN" } = api.getSystemInfoSync();
      return { platform, version: SDKVersion, locale: language.replace("_", "-") };
    },
  };
}

const fileOf = (file: { tempFilePath?: string; path?: string; size: number }): HostFile => ({
  path: file.tempFilePath ?? file.path ?? "",
  bytes: file.size,
});

/** To change one's mind is no failure. */
export function nothingChosen(error: Error): HostFile[] {
  if (/cancel|取消/i.test(error.message)) return [];
  throw error;
}
