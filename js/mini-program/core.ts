import { createBindings } from "deskside-mini-glue";
import type { CoreClient } from "../client/core.js";
import type { RawSearch } from "../client/search.js";
import { DesksideError } from "../client/error.js";
import type { Config, Uploaded } from "../types/client.js";
import type { Bridge } from "./bridge.js";
import type { CoreImports, Host } from "./host.js";
import { TextDecoder, TextEncoder } from "./text-codec.js";

/** The core's own classes. */
export interface MiniBindings {
  (module: { module_or_path: object }): Promise<unknown>;
  Client: new (config: Config, seed: Uint8Array, bridge: Bridge) => MiniClient;
  Search: new (bytes: Uint8Array) => RawSearch;
}

/** The core's client, and what the host tells it. */
export interface MiniClient extends CoreClient {
  opened(): void;
  heard(text: string): void;
  closed(code: number): void;
  woken(): void;
  resumed(): void;
  network(online: boolean): void;
  uploaded(uploaded: Uploaded): void;
  token(): string;
  answered(id: number, status: number, body: string): void;
  found(id: number, text: string): void;
  done(id: number): void;
  failed(id: number, full: boolean): void;
}

/**
 * Makes an instance of the core, with bindings and a memory of its own.
 *
 * @throws DesksideError `core_refused` where the host cannot run it.
 */
export async function instantiate(host: Host): Promise<MiniBindings> {
  const engine = {
    instantiate: async (_module: object, imports: CoreImports) => ({ exports: await host.instantiate(imports) }),
  };
  const bindings = createBindings({ WebAssembly: engine, TextEncoder, TextDecoder }) as MiniBindings;
  try {
    await bindings({ module_or_path: {} });
  } catch (error) {
    throw new DesksideError("core_refused", "this runtime could not start the core", { cause: error });
  }
  return bindings;
}
