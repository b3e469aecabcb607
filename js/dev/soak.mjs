// npm run soak: browsers killed at random moments, and everything that was called queued counted after.
import { optionsOf, soak } from "../../tests/soak/soak.mjs";
import { build } from "./build.mjs";
import { finish } from "./run.mjs";
import { setup } from "./setup.mjs";

await finish(async () => {
  const options = optionsOf(process.argv.slice(2));
  await setup({ browser: true });
  await build();
  console.log(`seed ${options.seed}`);
  console.log(await soak({ ...options, say: (line) => console.log(line) }));
});
