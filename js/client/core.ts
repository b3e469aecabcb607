import { DesksideError } from './error.js';
import type { RawSearch } from './search.js';
import type { Config, Action, Chunk, HostEvent, Uploaded } from '../types/client.js';
import type { Article, Listed, Results, SearchOptions, Suggestion } from '../types/faq.js';
import type { View } from '../types/view.js';

/** The glue of a part, with a memory of its own; it is called once, with what was compiled. */
export type Initialize = (module: { module_or_path: WebAssembly.Module }) => Promise<unknown>;

/** The conversation's own classes, as `deskside-core.js` makes them. */
export interface Bindings extends Initialize {
  Client: new (
    config: Config,
    onChange: () => void,
    onEvent: (event: HostEvent) => void,
    onFile: (chunk: Chunk) => void,
    dial: (url: string) => EventTarget,
  ) => WebCoreClient;
}

/** The help search's own class, as `deskside-search-core.js` makes it. */
export interface SearchBindings extends Initialize {
  Search: new (bytes: Uint8Array) => RawSearch;
}

export interface CoreClient {
  view(): View;
  dispatch(action: Action): void;
  close(): void;
}

/** The core with what a browser adds to it. */
export interface WebCoreClient extends CoreClient {
  uploaded(uploaded: Uploaded): void;
  token(): string;
}

export interface CoreSearch {
  attachBodies(bytes: Uint8Array): void;
  search(query: string, options: Partial<SearchOptions>): Results;
  suggest(prefix: string, locale: string | undefined, limit: number): Suggestion[];
  article(id: string): Article | null;
  popular(locale: string | undefined, limit: number): Listed[];
  related(id: string, limit: number): Listed[];
  forUrl(url: string, locale: string | undefined, limit: number): Listed[];
}

interface Glue<B> {
  createBindings(host: { WebAssembly: object; TextEncoder: unknown; TextDecoder: unknown }): B;
}

/**
 * A part of the core, the conversation or the help search: a WebAssembly module and its glue, loaded and
 * compiled once. Each instance of it has bindings and a memory of its own.
 */
export class Part<B extends Initialize> {
  private loaded: Promise<[Glue<B>, WebAssembly.Module]> | undefined;
  private readonly glue: () => Promise<Glue<B>>;

  constructor(
    url: string,
    private readonly wasmUrl: string,
  ) {
    this.glue = scriptAt(url);
  }

  /**
   * Loads it, if that has not been done. A failure is not remembered: the next call tries again.
   *
   * @throws DesksideError `core_load` where a file did not come, `core_refused` where the browser will
   * not run it (an old browser, or a Content-Security-Policy without 'wasm-unsafe-eval').
   */
  load(): Promise<[Glue<B>, WebAssembly.Module]> {
    this.loaded ??= Promise.all([this.glue(), load(this.wasmUrl)]).catch((error: unknown) => {
      this.loaded = undefined;
      throw error;
    });
    return this.loaded;
  }

  /**
   * `panicked` hears of every panic of the instance, before whoever called it does: also of those in
   * callbacks of the browser, which nobody of ours calls.
   *
   * @throws DesksideError as `load` does.
   */
  async instantiate(panicked: (error: unknown) => void = () => undefined): Promise<B> {
    const [glue, module] = await this.load();
    const bindings = glue.createBindings({ WebAssembly: telling(panicked), TextEncoder, TextDecoder });
    try {
      await bindings({ module_or_path: module });
    } catch (error) {
      throw refused(error);
    }
    return bindings;
  }
}

/** WebAssembly whose instances tell of their panics: whatever leaves them as an exception left them half done. */
function telling(panicked: (error: unknown) => void): object {
  return {
    instantiate: async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
      const { exports } = await WebAssembly.instantiate(module, imports);
      const told = Object.entries<unknown>(exports).map(([name, value]) => {
        if (typeof value !== 'function') return [name, value] as const;
        const call = (...args: unknown[]): unknown => {
          try {
            return (value as (...args: unknown[]) => unknown)(...args);
          } catch (error) {
            panicked(error);
            throw error;
          }
        };
        return [name, call] as const;
      });
      return { exports: Object.fromEntries<unknown>(told) };
    },
  };
}

/**
 * A script that is loaded when it is called for. A failure is not remembered, by Firefox neither: another
 * try asks for another address.
 *
 * @throws DesksideError `core_load`
 */
export function scriptAt<T>(address: string): () => Promise<T> {
  let failures = 0;
  return async () => {
    const url = failures > 0 ? `${address}?retry=${failures}` : address;
    try {
      return (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as T;
    } catch (error) {
      failures += 1;
      throw new DesksideError('core_load', `a script of the core could not be loaded from ${url}`, { cause: error });
    }
  };
}

async function load(url: string): Promise<WebAssembly.Module> {
  let bytes: ArrayBuffer;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`status ${response.status}`);
    bytes = await response.arrayBuffer();
  } catch (error) {
    throw new DesksideError('core_load', `the core could not be loaded from ${url}`, { cause: error });
  }
  return compile(bytes);
}

/** @throws DesksideError `core_refused` */
export async function compile(bytes: BufferSource): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === 'undefined') throw refused(undefined);
  try {
    // Not streaming: that fails on servers with another MIME type, and the module is small.
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw refused(error);
  }
}

export function refused(cause: unknown): DesksideError {
  const message =
    "this browser does not run the core: it has no WebAssembly, or the page's Content-Security-Policy " +
    "lacks 'wasm-unsafe-eval' in script-src";
  return new DesksideError('core_refused', message, { cause });
}
