// A network that is not to be trusted, between a browser and the desk: it delays, breaks off, swallows
// and says things twice, as the dice have it.
import { connect, createServer } from "node:net";

/** @typedef {() => number} Dice from 0 to 1 */

/** @param {number} seed @returns {Dice} */
export function diceOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The length of the first WebSocket frame in these bytes (RFC 6455, 5.2); 0 where it is not whole. @param {Buffer} bytes */
function frameLength(bytes) {
  if (bytes.length < 2) return 0;
  const second = bytes.readUInt8(1);
  const masked = second >= 0x80 ? 4 : 0;
  const short = second & 0x7f;
  const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < 2 + wide) return 0;
  const payload = wide === 0 ? short : wide === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const length = 2 + wide + masked + payload;
  return bytes.length < length ? 0 : length;
}

/** Text, whole in one frame: what may be said twice without breaking the protocol below. @param {Buffer} frame */
const isText = (frame) => frame.readUInt8(0) === 0x81;

const faults_ms = { delay_max: 250, late_max: 1_500, swallow_max: 3_000 };

/**
 * One direction of one connection: bytes come in, frames go out, whole and in order, some late and some
 * twice. What comes before the first frame (the handshake) is passed on as it is.
 */
class Direction {
  /** @param {Dice} dice @param {(bytes: Buffer) => void} send @param {{ duplicates: number }} told */
  constructor(dice, send, told) {
    this.dice = dice;
    this.send = send;
    this.told = told;
    this.bytes = Buffer.alloc(0);
    this.open = false;
    this.free_at_ms = 0;
  }

  /** @param {Buffer} bytes */
  take(bytes) {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    if (!this.open) {
      const end = this.bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.open = true;
      this.#later(this.bytes.subarray(0, end + 4));
      this.bytes = this.bytes.subarray(end + 4);
    }
    for (let length = frameLength(this.bytes); length > 0; length = frameLength(this.bytes)) {
      const frame = this.bytes.subarray(0, length);
      this.bytes = this.bytes.subarray(length);
      this.#later(frame);
      if (isText(frame) && this.dice() < 0.08) {
        this.told.duplicates += 1;
        setTimeout(() => this.send(frame), this.dice() * faults_ms.late_max);
      }
    }
  }

  /** In order, none before the one that it follows. @param {Buffer} bytes */
  #later(bytes) {
    const wait_ms = this.dice() < 0.3 ? this.dice() * faults_ms.delay_max : 0;
    const now_ms = Date.now();
    this.free_at_ms = Math.max(this.free_at_ms, now_ms + wait_ms);
    if (this.free_at_ms <= now_ms) this.send(bytes);
    else setTimeout(() => this.send(bytes), this.free_at_ms - now_ms);
  }
}

/**
 * @param {number} port the desk's
 * @param {Dice} dice
 */
export async function startProxy(port, dice) {
  const told = { connections: 0, broken: 0, swallowed: 0, duplicates: 0 };
  let calm = false;
  /** @type {Set<import("node:net").Socket>} */
  const open = new Set();
  const server = createServer((browser) => {
    told.connections += 1;
    const desk = connect(port, "127.0.0.1");
    const end = () => {
      browser.destroy();
      desk.destroy();
      open.delete(browser);
    };
    open.add(browser);
    let swallows = false;
    /** @param {import("node:net").Socket} from @param {import("node:net").Socket} to */
    const carry = (from, to) => {
      const direction = new Direction(calm ? () => 1 : dice, (bytes) => {
        if (!swallows && !to.destroyed) to.write(bytes);
      }, told);
      from.on("data", (/** @type {Buffer} */ bytes) => direction.take(bytes));
      from.on("error", end);
      from.on("close", end);
    };
    carry(browser, desk);
    carry(desk, browser);
    if (calm) return;
    if (dice() < 0.6) {
      setTimeout(() => {
        told.broken += 1;
        end();
      }, dice() * 4_000).unref();
    } else if (dice() < 0.3) {
      // Half open: both ends believe in it, and nothing passes.
      setTimeout(() => {
        told.swallowed += 1;
        swallows = true;
        setTimeout(end, dice() * faults_ms.swallow_max).unref();
      }, dice() * 2_000).unref();
    }
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    port: address.port,
    told,
    /** From now on it carries everything, as networks at times do. */
    heal() {
      calm = true;
      for (const socket of open) socket.destroy();
    },
    spoil() {
      calm = false;
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
