// What a mini-program may do on the network: ten requests and five sockets at once, and every one of
// them may be gone after a stay in the background.
import http from "node:http";
import { WebSocket } from "ws";

const requestsMax = 10;
const socketsMax = 5;

/**
 * @typedef {{ url: string, method?: string, headers?: Record<string, string>, data?: string | Buffer | undefined, timeout?: number }} Asked
 * @typedef {{ status: number, body: Buffer, headers: Record<string, string> }} Answered
 * @typedef {{ end: (reason: string) => void }} Running
 */

/** As the runtimes give them: in a case of their own. @param {http.IncomingHttpHeaders} headers */
const capitalised = (headers) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()), String(value)]));

/** What a request may be made with: no PATCH. */
const methods = ["OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT"];

export class Network {
  /** @param {(call: () => void) => void} deliver calls back into the mini-program, now or when it wakes */
  constructor(deliver) {
    this.deliver = deliver;
    this.isOnline = true;
    /** Sockets are refused by something on the way. */
    this.blocksSockets = false;
    this.isSuspended = false;
    /** @type {Set<Running>} */
    this.requests = new Set();
    /** @type {(() => void)[]} */
    this.line = [];
    /** @type {Set<Socket>} */
    this.sockets = new Set();
    this.socketsOpened = 0;
    this.requestsMade = 0;
  }

  /**
   * @param {Asked} asked
   * @param {(answered: Answered) => void} succeed
   * @param {(reason: string) => void} fail
   */
  request(asked, succeed, fail) {
    if (!methods.includes(asked.method ?? "GET")) throw new Error(`parameter error: there is no method ${asked.method}`);
    let isOver = false;
    /** @type {http.ClientRequest | undefined} */
    let sent;
    /** @param {() => void} call */
    const settle = (call) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      this.requests.delete(running);
      this.deliver(call);
      this.line.shift()?.();
    };
    const running = {
      end: (/** @type {string} */ reason) => {
        settle(() => fail(reason));
        sent?.destroy();
      },
    };
    const timer = setTimeout(() => running.end("timeout"), asked.timeout ?? 60_000);
    const start = () => {
      if (isOver) return;
      this.requests.add(running);
      if (this.isSuspended) { running.end("interrupted"); return; }
      if (!this.isOnline) { running.end("net::ERR_INTERNET_DISCONNECTED"); return; }
      this.requestsMade += 1;
      sent = http.request(asked.url, { method: asked.method ?? "GET", headers: asked.headers ?? {} }, (response) => {
        /** @type {Buffer[]} */
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () => settle(() => succeed({ status: response.statusCode ?? 0, body: Buffer.concat(parts), headers: capitalised(response.headers) })));
      });
      sent.on("error", (error) => running.end(error.message));
      sent.end(asked.data);
    };
    // The eleventh waits.
    if (this.requests.size >= requestsMax) this.line.push(start);
    else start();
    return { abort: () => running.end("abort") };
  }

  /** @param {string} url @returns {Socket | string} why not, if not */
  connect(url) {
    if (this.sockets.size >= socketsMax) return "max connection limit exceeded";
    if (this.isSuspended) return "interrupted";
    this.socketsOpened += 1;
    return new Socket(this, url);
  }

  /** The mini-program is stopped. @param {boolean} tellsClose */
  suspend(tellsClose) {
    this.isSuspended = true;
    for (const request of [...this.requests]) request.end("interrupted");
    this.drop(tellsClose);
  }

  /** Every socket dies. @param {boolean} tells whether anybody hears of it */
  drop(tells) {
    for (const socket of [...this.sockets]) socket.die(tells);
  }

  close() {
    this.line = [];
    for (const request of [...this.requests]) request.end("closed");
    this.drop(false);
  }
}

export class Socket {
  /** @param {Network} network @param {string} url */
  constructor(network, url) {
    this.network = network;
    this.isGone = false;
    /** @type {Record<"open" | "message" | "error" | "close", ((detail?: unknown) => void)[]>} */
    this.heard = { open: [], message: [], error: [], close: [] };
    network.sockets.add(this);
    if (!network.isOnline || network.blocksSockets) {
      setTimeout(() => {
        this.tell("error");
        this.die(true);
      });
      return;
    }
    this.wire = new WebSocket(url);
    this.wire.on("open", () => this.tell("open"));
    this.wire.on("message", (/** @type {Buffer} */ data) => this.tell("message", data.toString("utf8")));
    this.wire.on("error", () => this.tell("error"));
    this.wire.on("close", (code) => this.end(code, true));
  }

  /** @param {"open" | "message" | "error"} event @param {unknown} [detail] */
  tell(event, detail) {
    if (!this.isGone) this.network.deliver(() => this.heard[event].forEach((listen) => listen(detail)));
  }

  /** @param {string} text @returns {boolean} */
  send(text) {
    if (this.isGone || this.wire?.readyState !== WebSocket.OPEN) return false;
    this.wire.send(text);
    return true;
  }

  /** @param {number} code @param {boolean} tells */
  end(code, tells) {
    if (this.isGone) return;
    this.isGone = true;
    this.network.sockets.delete(this);
    if (tells) this.network.deliver(() => this.heard.close.forEach((listen) => listen(code)));
  }

  /** @param {boolean} tells */
  die(tells) {
    this.end(1006, tells);
    this.wire?.terminate();
  }

  close() {
    this.wire?.close(1000);
  }
}
