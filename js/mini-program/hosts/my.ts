import type { CorePlaces, Host } from "../host.js";
import { filesOf, type WithFiles } from "./files.js";
import { ask, fetched, HostError, instantiate, requestOf, responseOf, socketOf, task, type Problem, type WasmEntry } from "./shared.js";
import { nothingChosen } from "./wx-like.js";

/** The part of Alipay's `my` that is used. */
interface My extends WithFiles {
  request(options: object): { abort?: () => void } | undefined;
  downloadFile(options: object): unknown;
  connectSocket(options: object): MySocket;
  getStorage(options: object): unknown;
  setStorage(options: object): unknown;
  removeStorage(options: object): unknown;
  getNetworkType(options: object): unknown;
  onNetworkStatusChange(heard: (status: { isConnected: boolean }) => void): void;
  offNetworkStatusChange(heard: (status: { isConnected: boolean }) => void): void;
  onAppShow(heard: () => void): void;
  offAppShow(heard: () => void): void;
  onAppHide(heard: () => void): void;
  offAppHide(heard: () => void): void;
  chooseImage(options: object): unknown;
  previewImage(options: object): unknown;
  openDocument?(options: object): unknown;
  setClipboard(options: object): unknown;
  getSystemInfoSync(): { version?: string; platform?: string; language?: string };
  SDKVersion?: string;
}

interface Answered {
  readonly status: number;
  readonly data: unknown;
  readonly headers?: Record<string, unknown>;
}

interface Downloaded {
  readonly tempFilePath?: string;
  /** Of older base libraries. */
  readonly apFilePath?: string;
}

interface MySocket {
  send(options: object): unknown;
  close(options?: object): unknown;
  onOpen(heard: () => void): void;
  onMessage(heard: (message: { data: { data?: unknown } | string }) => void): void;
  onClose(heard: (closed: { data?: { code?: number } }) => void): void;
  onError(heard: () => void): void;
}

declare const my: My;
declare const MYWebAssembly: WasmEntry | undefined;

/** What Alipay has no source for: 32 bytes that nobody can guess, as from the mini-program's own server. */
export interface MyOptions extends CorePlaces {
  readonly randomSeed?: (bytes: number) => Promise<Uint8Array>;
}

/** Alipay. It documents no source of randomness for page code: `randomSeed` supplies one, or nothing starts. */
export function myHost(options: MyOptions): Host {
  const log: Host["log"] = (level, message, detail) => (level === "error" ? console.error : console.warn)(message, detail);
  const entry = typeof MYWebAssembly === "undefined" ? undefined : MYWebAssembly;
  return {
    instantiate: (imports) => instantiate(entry, options, imports, log),
    now: () => Date.now(),
    setTimer: (after_ms, then) => setTimeout(then, after_ms),
    clearTimer: (timer) => clearTimeout(timer as number),
    randomSeed:
      options.randomSeed ?? (() => Promise.reject(new HostError("Alipay has no source of randomness", "no_random"))),
    socket: (url) => {
      const native = my.connectSocket({ url, multiple: true });
      return socketOf({
        send: (text) => void native.send({ data: text }),
        close: () => void native.close(),
        onOpen: (heard) => native.onOpen(() => heard()),
        onMessage: (heard) => native.onMessage(({ data }) => heard(typeof data === "string" ? data : data.data)),
        onClose: (heard) => native.onClose(({ data }) => heard(data?.code ?? 1006)),
        onError: (heard) => native.onError(() => heard()),
      });
    },
    request: (request) =>
      task((answer, refuse) =>
        my.request({
          ...requestOf(request),
          success: ({ status, data, headers }: Answered) => answer(responseOf(status, data, headers)),
          // A status of 400 and more is a failure here, with what the server said beside it.
          fail: (problem: Problem & Partial<Answered>) => {
            if (problem.status !== undefined) answer(responseOf(problem.status, problem.data, problem.headers));
            else refuse(problem);
          },
        }),
      ),
    download: async (url, headers) => {
      const { tempFilePath, apFilePath } = await ask<Downloaded>((answers) => my.downloadFile({ url, header: headers, ...answers }));
      return fetched(200, tempFilePath ?? apFilePath);
    },
    files: filesOf(my),
    storage: {
      get: async (key) => {
        const { data } = await ask<{ data: unknown }>((answers) => my.getStorage({ key, ...answers }));
        return typeof data === "string" && data !== "" ? data : null;
      },
      set: async (key, text) => {
        await ask((answers) => my.setStorage({ key, data: text, ...answers }));
      },
      remove: async (key) => {
        await ask((answers) => my.removeStorage({ key, ...answers }));
      },
    },
    onVisibility: (heard) => {
      const [shown, hidden] = [() => heard(true), () => heard(false)];
      my.onAppShow(shown);
      my.onAppHide(hidden);
      return () => {
        my.offAppShow(shown);
        my.offAppHide(hidden);
      };
    },
    onNetwork: (heard) => {
      const changed = ({ isConnected }: { isConnected: boolean }): void => heard(isConnected);
      my.onNetworkStatusChange(changed);
      my.getNetworkType({ success: ({ networkAvailable }: { networkAvailable: boolean }) => heard(networkAvailable) });
      return () => my.offNetworkStatusChange(changed);
    },
    pickMedia: ({ count }) =>
      ask<{ tempFiles?: { path: string; size: number }[] }>((answers) => my.chooseImage({ count, sizeType: ["compressed"], ...answers })).then(
        ({ tempFiles = [] }) => tempFiles.map(({ path, size }) => ({ path, bytes: size })),
        nothingChosen,
      ),
    preview: async (path, mime) => {
      const isPicture = mime.startsWith("image/");
      await ask((answers) =>
        isPicture ? my.previewImage({ urls: [path], current: 0, ...answers }) : my.openDocument?.({ filePath: path, ...answers }),
      );
    },
    copy: async (text) => {
      await ask((answers) => my.setClipboard({ text, ...answers }));
    },
    log,
    info: () => {
      const { platform = "", language = "zh-Hans" } = my.getSystemInfoSync();
      return { platform, version: my.SDKVersion ?? "", locale: language };
    },
  };
}
