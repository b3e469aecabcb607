// npm run types: writes js/types anew from the Rust types.
import { at } from "./paths.mjs";
import { step } from "./progress.mjs";
import { finish } from "./run.mjs";
import { exportTypes } from "./type-checks.mjs";

await finish(() => step("js/types", (doing) => exportTypes(at("js", "types"), doing)));
