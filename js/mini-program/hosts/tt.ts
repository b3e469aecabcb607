import type { CorePlaces, Host } from "../host.js";
import type { WasmEntry } from "./shared.js";
import { wxLikeHost, type WxLike } from "./wx-like.js";

declare const tt: WxLike;
declare const TTWebAssembly: WasmEntry | undefined;

/** Douyin: base library 2.87 or newer (`getRandomValues`; `.wasm.br` came with 2.92). */
export function ttHost(places: CorePlaces): Host {
  return wxLikeHost(tt, typeof TTWebAssembly === "undefined" ? undefined : TTWebAssembly, places);
}
