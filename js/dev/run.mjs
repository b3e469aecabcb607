// Runs a program and gives what it printed. Its output is shown only when it fails, or when asked.
import { spawn } from "node:child_process";
import { root } from "./paths.mjs";

/**
 * @typedef {object} Options
 * @property {NodeJS.ProcessEnv} [env] added to the environment
 * @property {string} [cwd]
 * @property {(line: string) => void} [onLine] each line as it comes, for progress
 * @property {boolean} [show] print the output as it comes
 * @property {number} [limit_ms] after which it is ended, with all that it started
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

/** Programs with a time limit, each the head of a process group of its own. @type {Set<import("node:child_process").ChildProcess>} */
const limited = new Set();

/** Ends a program and all that it started. @param {import("node:child_process").ChildProcess} child */
function endGroup(child) {
  if (child.pid !== undefined && limited.has(child)) process.kill(-child.pid, "SIGKILL");
}

/** A group of its own does not hear Ctrl-C by itself. */
function endGroupsWithUs() {
  for (const signal of /** @type {NodeJS.Signals[]} */ (["SIGINT", "SIGTERM"])) {
    process.once(signal, () => {
      limited.forEach(endGroup);
      process.exit(1);
    });
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
      detached: options.limit_ms !== undefined,
    });
    let output = "";
    let ending = "ended with";
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    if (options.limit_ms !== undefined) {
      if (process.listenerCount("SIGINT") === 0) endGroupsWithUs();
      limited.add(child);
      timer = setTimeout(() => {
        ending = `was stopped after ${options.limit_ms} ms:`;
        endGroup(child);
      }, options.limit_ms);
    }
    /** @param {Buffer} chunk */
    const take = (chunk) => {
      const text = chunk.toString("utf8");
      output += text;
      if (options.show) process.stdout.write(text);
      const line = text.trim().split("\n").at(-1)?.trim();
      // The lines that name what is done; not the pictures of a compiler's warnings.
      if (line && /^([A-Z]\w+|✔) /.test(line)) options.onLine?.(line);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => reject(new RunError(`${program}: ${error.message}`, output)));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      limited.delete(child);
      if (code === 0) resolve(output);
      else reject(new RunError(`${program} ${args.join(" ")} ${ending} ${signal ?? code ?? "an error"}`, output));
    });
  });
}

/**
 * What a program said that failed: first the tests that did, where it lists them, and without the list of what a
 * compiler compiled.
 * @param {RunError} error
 */
export function report({ output, message }) {
  const said = output.replace(/^ +(Blocking|Checking|Compiling|Downloaded|Downloading|Finished|Locking|Updating) .*\n/gm, "");
  const failed = said.lastIndexOf("\n✖ failing tests:");
  const parts = failed < 0 ? [said] : [said.slice(failed), said.slice(0, failed)];
  return [...parts, message].join("\n");
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
    if (error instanceof RunError) console.error(report(error));
    else console.error(error instanceof Notice ? error.message : error);
    process.exitCode = 1;
  }
}
