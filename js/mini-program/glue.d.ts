/** What wasm-bindgen wrote for the mini build, made a factory by `js/dev/glue.mjs`. */
declare module "deskside-mini-glue" {
  export function createBindings(surroundings: { WebAssembly: object; TextEncoder: unknown; TextDecoder: unknown }): unknown;
}
