// The project's own commands (npm start, npm test, ...) say how they want to be asked.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { test } from "node:test";

const folder = resolve(import.meta.dirname, "..", "..", "js", "dev");

/** @param {string} name @param {string[]} args */
function script(name, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve(folder, `${name}.mjs`), ...args], { encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

for (const [name, option] of [["start", "--desk-port"], ["test", "--only"], ["size", "--functions"], ["soak", "--kills"]]) {
  test(`${name} lists its options when asked for help, and does nothing else`, () => {
    const { code, out, err } = script(String(name), "--help");
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^npm (run )?${name} `));
    assert.ok(out.includes(String(option)));
    assert.equal(err, "");
  });

  test(`${name} names an option that it does not know, without a stack`, () => {
    const { code, out, err } = script(String(name), "--no-such-thing");
    assert.equal(code, 1);
    assert.match(err, /^Unknown option '--no-such-thing'/);
    assert.match(err, new RegExp(String(option)));
    assert.doesNotMatch(err, /\n +at /);
    assert.equal(out, "");
  });
}
