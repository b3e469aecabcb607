import type { CorePlaces, Host } from "../host.js";
import type { WasmEntry } from "./shared.js";
import { wxLikeHost, type WxLike } from "./wx-like.js";

declare const wx: WxLike;
declare const WXWebAssembly: WasmEntry | undefined;

/** WeChat: base library 2.15 or newer (`getRandomValues`; `.wasm.br` came with 2.14). */
export function wxHost(places: CorePlaces): Host {
  return wxLikeHost(wx, typeof WXWebAssembly === "undefined" ? undefined : WXWebAssembly, places);
}
