// npm run types: writes the generated part of js/types anew, from the Rust types.
import { step } from "./progress.mjs";
import { finish } from "./run.mjs";
import { writeTypes } from "./type-checks.mjs";

await finish(() => step("js/types", writeTypes));
