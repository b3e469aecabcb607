// WeChat's own packer, for the tests of the package. Its packages are 700 and 300 MB, so it is none of ours: it is
// fetched when the tests run for the first time, and kept in `target`.
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tools } from "./paths.mjs";
import { run } from "./run.mjs";

const version = "2.1.31";
const folder = join(tools, `miniprogram-ci-${version}`);

/** @returns {Promise<string | undefined>} the path of the module; none where it could not be had */
export async function miniprogramCi() {
  const made = process.env["MINIPROGRAM_CI"];
  if (made) return made;
  const module = join(folder, "node_modules", "miniprogram-ci");
  const done = join(folder, "done");
  try {
    await access(done);
    return module;
  } catch {
    // Not yet.
  }
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), '{ "private": true }');
    await run("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", `miniprogram-ci@${version}`]);
    await writeFile(done, "");
    return module;
  } catch {
    // Without a network that test says that it was left out.
    return undefined;
  }
}
