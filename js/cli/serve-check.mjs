// deskside serve-check: whether a server serves the built files so that browsers take them, and well.
import { parseArgs } from "node:util";
import { Check } from "./check.mjs";
import { Failure, Usage, messageOf } from "./failure.mjs";
import { say, size } from "./words.mjs";

/**
 * @param {string[]} args
 * @returns {{ url: string, origin: string | undefined, json: boolean, quiet: boolean }}
 */
function parse(args) {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        origin: { type: "string" },
        json: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new Usage(say("usageOption", { message: messageOf(error).replace(/\.$/, "") }));
  }
  const { values: { origin, json, quiet }, positionals: [address, ...more] } = parsed;
  if (address === undefined || more.length > 0) throw new Usage(say("usageNoUrl"));
  return { url: asUrl(address).href, origin: origin === undefined ? undefined : asUrl(origin).origin, json, quiet };
}

/** @param {string} text */
function asUrl(text) {
  const whole = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(whole)) throw new Usage(say("usageNoUrl"));
  return new URL(whole);
}

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 1 if something must be put right
 */
export async function run(args) {
  const { url, origin, json, quiet } = parse(args);
  const check = new Check(origin);
  try {
    await check.run(url);
  } catch (error) {
    throw new Failure(`${url}: ${say("checkFailed", { message: messageOf(error) })}`);
  }
  const { files, findings } = check;
  const hasWasm = files.some((file) => file.url.includes(".wasm") || file.type === "application/wasm");
  const failed = findings.some(({ level }) => level === "fix") || !hasWasm;
  if (json) {
    console.log(JSON.stringify({ url, ok: !failed, files, findings }, undefined, 2));
  } else if (!quiet) {
    for (const file of files) {
      const values = { url: file.url, size: size(file.bytes), sent: size(file.sentBytes), encoding: file.encoding };
      console.log(say(file.encoding ? "checkFileCompressed" : "checkFile", values));
    }
    for (const level of /** @type {const} */ (["fix", "advice"])) {
      for (const finding of findings.filter((one) => one.level === level)) {
        console.log(`\n${say(level === "fix" ? "checkFix" : "checkAdvice")}${finding.message}`);
      }
    }
    if (!hasWasm) console.log(`\n${say("checkNoFiles")}`);
    else if (findings.length === 0) console.log(`\n${say("checkGood")}`);
  }
  return failed ? 1 : 0;
}
