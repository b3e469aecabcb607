import type { CoreExports, CoreImports, CorePlaces, Host, HostRequest, HostResponse, HostSocket, HostTask } from "../host.js";

/** How these runtimes answer: with `success` or `fail`, once. */
export interface Answers<T> {
  success?: (result: T) => void;
  fail?: (problem: Problem) => void;
}

/** What `fail` is given: WeChat and Douyin say what in `errMsg`, Alipay in `errorMessage`. */
export interface Problem {
  readonly errMsg?: string;
  readonly errorMessage?: string;
  readonly error?: number;
}

/** A runtime's own WebAssembly: it takes a path in the package and nothing else. */
export interface WasmEntry {
  instantiate(path: string, imports: CoreImports): Promise<WasmResult>;
}

/** What it gives: an instance by the typings, both in practice. */
type WasmResult = { readonly instance: { readonly exports: CoreExports } } | { readonly exports: CoreExports };

/** A rejection with a sentence, and the code by which storage says that it is full. */
export class HostError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

export function ask<T>(call: (answers: Answers<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call({ success: resolve, fail: (problem) => reject(refusal(problem)) });
  });
}

export function refusal(problem: Problem | undefined): HostError {
  const message = problem?.errMsg ?? problem?.errorMessage ?? "failed";
  return new HostError(message, /limit|quota|exceed|超出|已满/i.test(message) ? "quota" : "failed");
}

/** Starts the core: as WebAssembly where there is an engine and it takes the module, else as a script. */
export async function instantiate(
  entry: WasmEntry | undefined,
  places: CorePlaces,
  imports: CoreImports,
  log: Host["log"],
): Promise<CoreExports> {
  if (entry !== undefined && places.wasm !== undefined) {
    try {
      const made = await entry.instantiate(places.wasm, imports);
      return "instance" in made ? made.instance.exports : made.exports;
    } catch (error) {
      if (places.script === undefined) throw error;
      log("warn", "deskside: no WebAssembly here, the script takes its place", error);
    }
  }
  if (places.script === undefined) throw new Error("no WebAssembly, and no script to take its place");
  return (await places.script()).instantiate(imports);
}

/** Any status is an answer; `abort` settles the promise where the runtime leaves it open. */
export function task(
  start: (answer: (response: HostResponse) => void, refuse: (problem: Problem) => void) => { abort?: () => void } | undefined,
): HostTask<HostResponse> {
  let abort = (): void => undefined;
  const promise = new Promise<HostResponse>((resolve, reject) => {
    const running = start(resolve, (problem) => reject(refusal(problem)));
    abort = () => {
      try {
        running?.abort?.();
      } finally {
        reject(new HostError("aborted", "aborted"));
      }
    };
  });
  return { promise, abort: () => abort() };
}

/** What differs between runtimes in a request's answer. */
export const responseOf = (status: number, data: unknown, headers: Record<string, unknown> = {}): HostResponse => ({
  status,
  headers,
  body: typeof data === "string" || isBuffer(data) ? data : JSON.stringify(data ?? null),
});

/** Where a downloaded file lies. */
export function fetched(status: number | undefined, path: string | undefined): string {
  if (path === undefined || (status ?? 200) !== 200) throw new HostError(`status ${status ?? 0}`, "failed");
  return path;
}

/** By its tag: a buffer may come from another realm. */
function isBuffer(data: unknown): data is ArrayBuffer {
  return Object.prototype.toString.call(data) === "[object ArrayBuffer]";
}

/** The names by which WeChat, Douyin and Alipay know a request's parts. */
export const requestOf = ({ url, method, headers, body, binary, timeout_ms }: HostRequest) => ({
  url,
  method,
  header: headers,
  headers,
  data: body,
  timeout: timeout_ms,
  dataType: binary === true ? "arraybuffer" : "text",
  responseType: binary === true ? "arraybuffer" : "text",
});

/** A socket whose listeners may be told of twice, or never, that it is gone. */
export function socketOf(native: {
  send: (text: string) => void;
  close: () => void;
  onOpen: (heard: () => void) => void;
  onMessage: (heard: (data: unknown) => void) => void;
  onClose: (heard: (code: number) => void) => void;
  onError: (heard: () => void) => void;
}): HostSocket & { failed: () => void } {
  let gone = false;
  let heardClose: (code: number) => void = () => undefined;
  const end = (code: number): void => {
    if (gone) return;
    gone = true;
    heardClose(code);
  };
  native.onClose(end);
  native.onError(() => end(1006));
  return {
    send: (text) => native.send(text),
    close: () => {
      gone = true;
      native.close();
    },
    onOpen: (heard) => native.onOpen(heard),
    onMessage: (heard) => native.onMessage((data) => typeof data === "string" && heard(data)),
    onClose: (heard) => {
      heardClose = heard;
    },
    failed: () => end(1006),
  };
}
