// npm run engines: the visitor's path and the help centre in Firefox and in WebKit. Not a part of `npm test`, which asks
// for no more than Chromium; a driver that is missing is a failure that says what to install.
import { build } from "./build.mjs";
import { findChromium } from "./chromium.mjs";
import { buildDesk } from "./desk.mjs";
import { at } from "./paths.mjs";
import { finish, run } from "./run.mjs";
import { setup } from "./setup.mjs";

await finish(async () => {
  await setup({ browser: true });
  await build();
  const env = { CHROMIUM: await findChromium(), DESK: await buildDesk(() => undefined) };
  const tests = ["path", "help-center"].map((name) => at("tests", "engines", `${name}.test.mjs`));
  await run(process.execPath, ["--test", "--test-concurrency=1", "--test-reporter=spec", ...tests], { env, show: true });
});
