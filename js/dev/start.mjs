// npm start: makes the machine ready, builds, and runs the demo shop, the help centre and the desk until Ctrl-C.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { build } from "./build.mjs";
import { buildDesk, runDesk } from "./desk.mjs";
import { options } from "./options.mjs";
import { freePort } from "./ports.mjs";
import { step } from "./progress.mjs";
import { finish, Notice } from "./run.mjs";
import { checkTools, setup } from "./setup.mjs";
import { shopServer } from "./site.mjs";

const usage = `npm start -- [--port N] [--desk-port N] [--no-open]
  --port, --desk-port  where the shop and the desk are (8080 and 8787); a port in use is passed over
  --no-open            opens no browser`;

/** @param {string | undefined} text @param {number} usual */
function port(text, usual) {
  const number = Number(text ?? usual);
  if (!Number.isInteger(number) || number < 1 || number > 65535) throw new Notice(`${text} is not a port: 1 to 65535.`);
  return number;
}

/** @param {string[]} lines */
function box(lines) {
  const width = Math.max(...lines.map((line) => line.length));
  const edge = "-".repeat(width + 2);
  return [`+${edge}+`, ...lines.map((line) => `| ${line.padEnd(width)} |`), `+${edge}+`].join("\n");
}

/** In a desktop session only: elsewhere there is no browser to open. @param {string} address */
function openBrowser(address) {
  const opener = process.platform === "darwin" ? "open" : process.env.DISPLAY ? "xdg-open" : undefined;
  if (opener) spawn(opener, [address], { stdio: "ignore", detached: true }).on("error", () => undefined).unref();
}

async function main() {
  const { values } = options(usage, {
    options: {
      port: { type: "string" },
      "desk-port": { type: "string" },
      open: { type: "boolean", default: true },
    },
    allowNegative: true,
  });
  const [shopPort, deskPort] = await Promise.all([freePort(port(values.port, 8080)), freePort(port(values["desk-port"], 8787))]);
  await checkTools();
  const [program] = await Promise.all([step("desk", buildDesk), setup().then(build)]);

  const origins = [`http://127.0.0.1:${shopPort}`, `http://localhost:${shopPort}`];
  const desk = await runDesk(program, deskPort, origins);
  const shop = shopServer(desk.origin, desk.key);
  shop.listen(shopPort, "127.0.0.1");
  await once(shop, "listening");
  const [address = ""] = origins;
  const lines = [
    `The shop, with the widget:  ${address}/`,
    `The help centre:            ${address}/help-center/`,
    `The agent console:          ${desk.console}`,
    `  sign in as                ${desk.account.email}`,
    `  password                  ${desk.account.password}`,
    "",
    "Ctrl-C ends both.",
  ];
  console.log(`\n${box(lines)}\n`);
  if (values.open) openBrowser(`${address}/`);

  const ended = await Promise.race([
    desk.ended,
    once(process, "SIGINT").then(() => "stopped"),
    once(process, "SIGTERM").then(() => "stopped"),
  ]);
  shop.close();
  shop.closeAllConnections();
  await desk.stop();
  if (ended !== "stopped") throw new Notice(`The desk ended by itself (${ended}); what it said stands above.`);
}

await finish(main);
