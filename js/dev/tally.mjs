// How many tests passed and failed, read from what a test runner printed.

/** @typedef {{ passed: number, failed: number }} Tally */

/** @param {RegExp} pattern @param {string} output */
const sum = (pattern, output) => [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);

/**
 * `cargo test` and wasm-bindgen's runner: one "test result" line for each binary.
 * @param {string} output
 * @returns {Tally}
 */
export function cargoTally(output) {
  const results = output.split("\n").filter((line) => line.startsWith("test result:")).join("\n");
  return { passed: sum(/ (\d+) passed/g, results), failed: sum(/ (\d+) failed/g, results) };
}

/**
 * `node --test` with the spec reporter: its summary at the end.
 * @param {string} output
 * @returns {Tally}
 */
export function nodeTally(output) {
  return { passed: sum(/^\S+ pass (\d+)$/gm, output), failed: sum(/^\S+ (?:fail|cancelled) (\d+)$/gm, output) };
}

/**
 * A check that either holds or does not: formatting, lint, types.
 * @returns {Tally}
 */
export const checkTally = () => ({ passed: 1, failed: 0 });

/** No check takes longer, even on a slow machine; one that does hangs. */
export const limit_ms = 15 * 60_000;
