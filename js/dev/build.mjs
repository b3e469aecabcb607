// npm run build: everything into `dist/`. What has not changed is not built again.
import { pathToFileURL } from "node:url";
import { step } from "./progress.mjs";
import { finish } from "./run.mjs";
import { setup } from "./setup.mjs";

/** Needs the npm packages, so what uses them is loaded only now. */
export async function build() {
  const { buildWasm } = await import("./wasm.mjs");
  const { bundleSdk } = await import("./bundle.mjs");
  const { buildDeclarations } = await import("./declarations.mjs");
  const { buildMiniPrograms } = await import("./mini-program.mjs");
  const { buildConsole, buildHelpCenter, buildWebsite } = await import("./examples.mjs");
  await Promise.all([buildWasm(), buildDeclarations(), step("scripts", () => Promise.all([bundleSdk(), buildConsole()]))]);
  await Promise.all([buildMiniPrograms(), buildWebsite(), buildHelpCenter()]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await finish(async () => {
    await setup();
    await build();
  });
}
