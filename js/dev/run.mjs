// Runs a program and gives what it printed. Its output is shown only when it fails, or when asked.
import { spawn } from "node:child_process";
import { root } from "./paths.mjs";

/**
 * @typedef {object} Options
 * @property {NodeJS.ProcessEnv} [env] added to the environment
 * @property {string} [cwd]
 * @property {(line: string) => void} [onLine] each line as it comes, for progress
 * @property {boolean} [show] print the output as it comes
 */

/** Something that a person must do: shown without a stack. */
export class Notice extends Error {}

export class RunError extends Error {
  /**
   * @param {string} message
   * @param {string} output
   */
  constructor(message, output) {
    super(message);
    this.name = "RunError";
    this.output = output;
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<string>} what it wrote to both outputs
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    /** @param {Buffer} chunk */
    const take = (chunk) => {
      const text = chunk.toString("utf8");
      output += text;
      if (options.show) process.stdout.write(text);
      const line = text.trim().split("\n").at(-1)?.trim();
      // Of what compilers say, the lines that name their work; not the pictures of their warnings.
      if (line && /^[A-Z]\w+ /.test(line)) options.onLine?.(line);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => reject(new RunError(`${program}: ${error.message}`, output)));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new RunError(`${program} ${args.join(" ")} ended with ${signal ?? code ?? "an error"}`, output));
    });
  });
}

/**
 * The first line that a program prints, or nothing when it is not there.
 * @param {string} program
 * @param {string[]} args
 */
export async function ask(program, args) {
  try {
    return (await run(program, args)).trim();
  } catch {
    return undefined;
  }
}

/**
 * Runs `main`, prints why it failed, and sets the exit code.
 * @param {() => Promise<void>} main
 */
export async function finish(main) {
  try {
    await main();
  } catch (error) {
    if (error instanceof RunError) console.error(`${error.output}\n${error.message}`);
    else console.error(error instanceof Notice ? error.message : error);
    process.exitCode = 1;
  }
}
