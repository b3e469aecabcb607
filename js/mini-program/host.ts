/**
 * What a runtime supplies. Three are written (`hosts/`); another is anything that fills this in.
 *
 * Whatever fails rejects, or calls back with a failure: nothing is thrown at the caller, and nothing is
 * called back before the function has returned.
 */
export interface Host {
  /** Makes an instance of the core: WebAssembly where there is an engine for it, else its JavaScript. */
  instantiate(imports: CoreImports): Promise<CoreExports>;
  /** Milliseconds since 1970, UTC. */
  now(): number;
  setTimer(after_ms: number, then: () => void): unknown;
  clearTimer(timer: unknown): void;
  /** Unpredictable bytes, or a rejection: ids are made from nothing less. */
  randomSeed(bytes: number): Promise<Uint8Array>;
  /** Null where the runtime has no sockets: the desk is then asked by requests. */
  readonly socket: ((url: string) => HostSocket) | null;
  request(request: HostRequest): HostTask<HostResponse>;
  /** Fetches a file; gives where it lies, for as long as the mini-program runs. */
  download(url: string, headers: Readonly<Record<string, string>>): Promise<string>;
  /** Texts under keys, 512 KB at the most. What `set` resolved for survives the end of the process. */
  readonly storage: {
    get(key: string): Promise<string | null>;
    /** Rejects with `{code: "quota"}` where there is no room. */
    set(key: string, text: string): Promise<void>;
    remove(key: string): Promise<void>;
  };
  /**
   * Files of the mini-program's own, which outlive it. Null where the runtime has none: then no pictures
   * are sent, and the help index is kept in `storage`.
   */
  readonly files: HostFiles | null;
  /** Tells when the mini-program goes to the background and comes back; gives what stops it. */
  onVisibility(heard: (visible: boolean) => void): () => void;
  /** Tells when the network goes and comes, and once what it is; gives what stops it. */
  onNetwork(heard: (online: boolean) => void): () => void;
  /** Lets the visitor choose pictures; none where nothing was chosen. */
  pickMedia(options: { readonly count: number }): Promise<HostFile[]>;
  /** Shows a file full screen, by the runtime's own preview. */
  preview(path: string, mime: string): Promise<void>;
  /** Puts a text, as a link, where the visitor can paste it from. */
  copy(text: string): Promise<void>;
  log(level: "warn" | "error", message: string, detail?: unknown): void;
  info(): HostInfo;
}

export type CoreImports = Record<string, Record<string, (...args: never[]) => unknown>>;
export type CoreExports = Record<string, unknown>;

export interface HostSocket {
  send(text: string): void;
  close(): void;
  onOpen(heard: () => void): void;
  onMessage(heard: (text: string) => void): void;
  /** It closed, or could not be opened. May never be told of: nobody relies on it. */
  onClose(heard: (code: number) => void): void;
}

export interface HostRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes as they are, or a text. */
  readonly body?: string | ArrayBuffer;
  /** Wants the body as bytes. */
  readonly binary?: boolean;
  readonly timeout_ms: number;
}

/** Any status is a response; what never reached the server rejects. */
export interface HostResponse {
  readonly status: number;
  /** A text, or an ArrayBuffer (maybe of another realm) where bytes were wanted. */
  readonly body: string | ArrayBuffer;
  /** By their names, in whatever case the runtime gives them. */
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface HostTask<T> {
  readonly promise: Promise<T>;
  abort(): void;
}

/** Names are of letters, digits and hyphens. */
export interface HostFiles {
  /** Takes in a file that the visitor chose. Rejects with `{code: "quota"}` where there is no room, as does `write`. */
  take(path: string, name: string): Promise<void>;
  write(name: string, bytes: ArrayBuffer): Promise<void>;
  /** The whole file, or some of it that it surely has. Rejects where there is no such file. */
  read(name: string, part?: { readonly from: number; readonly count: number }): Promise<ArrayBuffer>;
  /** Resolves also where there is none. */
  remove(name: string): Promise<void>;
  /** Where it lies, for an `<image>`. */
  path(name: string): string;
}

/** A file that the visitor chose. */
export interface HostFile {
  /** In the runtime's own way; may be gone with the mini-program. */
  readonly path: string;
  readonly bytes: number;
}

export interface HostInfo {
  /** As in `ios`, `android`, `devtools`. */
  readonly platform: string;
  /** Of the runtime's base library. */
  readonly version: string;
  /** BCP 47. */
  readonly locale: string;
}

/** The core as JavaScript: `deskside-core.js`, for runtimes without WebAssembly. */
export interface ScriptCore {
  instantiate(imports: CoreImports): CoreExports;
}

/** Where the core's files lie in the mini-program's package. */
export interface CorePlaces {
  /** The path of `deskside.wasm.br` or `deskside.wasm`, from the package's root: `/support/deskside.wasm.br`. */
  readonly wasm?: string;
  /**
   * Gives `deskside-core.js`, for engines without WebAssembly, or where that refuses to start. Called
   * only then: `() => require("./deskside-core.js")`, or `require.async` into a subpackage.
   */
  readonly script?: () => ScriptCore | Promise<ScriptCore>;
}
