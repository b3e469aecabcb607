// One connection to the desk after the other: connect, await answers, notice silence, come back.

import type {
  AgentCommand,
  AgentConnected,
  AgentReply,
  AgentServerFrame,
  ErrorBody,
} from "../../../js/types/protocol.js";

const PROTOCOL_VERSION = 1;
const CLOSE_PROTOCOL = 4001;
const CLOSE_UNAUTHORIZED = 4003;
const RETRY_DELAY_MS_MIN = 500;
const RETRY_DELAY_MS_MAX = 30_000;
const CONNECT_MS_MAX = 15_000;
const PING_INTERVAL_MS_DEFAULT = 25_000;
/** A connection that lasted so long was a good one: the next trouble starts counting from zero. */
const STEADY_MS_MIN = 5_000;

export type Link =
  | { at: "connecting" }
  | { at: "online" }
  | { at: "waiting"; retryAt: number }
  /** Coming back would not help: this console and the desk do not understand each other. */
  | { at: "refused"; message: string };

export interface SessionHost {
  onLink(link: Link): void;
  onConnected(connected: AgentConnected): void;
  onPush(frame: AgentServerFrame): void;
  onUnauthorized(): void;
}

/** The desk said no. */
export class CommandError extends Error {
  constructor(readonly body: ErrorBody) {
    super(body.message);
  }
}

/** There is no answer: the command may or may not have been carried out. */
export class ConnectionLost extends Error {}

/** Full jitter, so that a thousand consoles do not come back in the same second. */
export function retryDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(RETRY_DELAY_MS_MAX, RETRY_DELAY_MS_MIN * 2 ** attempt);
  return Math.round(RETRY_DELAY_MS_MIN + random * (ceiling - RETRY_DELAY_MS_MIN));
}

interface Awaiting {
  resolve(reply: AgentReply): void;
  reject(error: Error): void;
}

type Timer = ReturnType<typeof setTimeout>;

export class Session {
  link: Link = { at: "connecting" };
  private socket: WebSocket | null = null;
  private awaiting = new Map<number, Awaiting>();
  private nextId = 1;
  private attempt = 0;
  private heardAt = 0;
  private steadySince = 0;
  private retryTimer: Timer | undefined;
  private connectTimer: Timer | undefined;
  private pingTimer: Timer | undefined;
  private stopped = false;

  constructor(
    private readonly address: string,
    private readonly token: string,
    private readonly host: SessionHost,
  ) {}

  start(): void {
    addEventListener("online", this.hurry);
    addEventListener("pageshow", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    addEventListener("offline", this.probe);
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    removeEventListener("online", this.hurry);
    removeEventListener("pageshow", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    removeEventListener("offline", this.probe);
    this.drop();
  }

  retryNow(): void {
    if (this.link.at !== "waiting") return;
    clearTimeout(this.retryTimer);
    this.connect();
  }

  /** Rejects with CommandError or ConnectionLost. */
  request(command: AgentCommand): Promise<AgentReply> {
    return this.link.at === "online" ? this.ask(command) : Promise.reject(new ConnectionLost());
  }

  /** For what has no answer, or none that matters; gone if there is no connection. */
  notify(command: AgentCommand): void {
    if (this.link.at === "online") this.transmit(command);
  }

  private readonly hurry = (): void => {
    if (document.visibilityState === "hidden") return;
    if (this.link.at === "waiting") this.retryNow();
    else if (this.link.at === "online") this.probe();
  };

  /** Something happened to the network: a dead socket should show now, not after two pings. */
  private readonly probe = (): void => {
    if (this.link.at !== "online") return;
    const socket = this.socket;
    const asked = performance.now();
    this.transmit({ ping: {} });
    setTimeout(() => {
      if (this.socket === socket && this.link.at === "online" && this.heardAt < asked) this.lost();
    }, RETRY_DELAY_MS_MIN * 8);
  };

  private setLink(link: Link): void {
    this.link = link;
    this.host.onLink(link);
  }

  private connect(): void {
    this.drop();
    this.setLink({ at: "connecting" });
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.connectTimer = setTimeout(() => this.lost(), CONNECT_MS_MAX);
    socket.addEventListener("open", () => void this.introduce(socket));
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (socket === this.socket && typeof data === "string") this.received(data);
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.socket) this.closed(event);
    });
  }

  private async introduce(socket: WebSocket): Promise<void> {
    try {
      const { connected } = await this.ask({ connect: { version: PROTOCOL_VERSION, token: this.token } });
      if (socket !== this.socket) return;
      if (connected === undefined) throw new ConnectionLost();
      clearTimeout(this.connectTimer);
      this.steadySince = performance.now();
      this.beat(connected.pingIntervalMs || PING_INTERVAL_MS_DEFAULT);
      // The data first: who reacts to "online" must find it.
      this.host.onConnected(connected);
      this.setLink({ at: "online" });
    } catch (error) {
      if (socket !== this.socket) return;
      if (!(error instanceof CommandError)) {
        this.lost();
        return;
      }
      const { code, message, temporary, retryAfterMs } = error.body;
      if (code === "unauthorized") this.unauthorized();
      else if (temporary || code === "rate_limited") this.lost(retryAfterMs);
      else this.refuse(message || code);
    }
  }

  private beat(intervalMs: number): void {
    clearInterval(this.pingTimer);
    this.pingTimer = setInterval(() => {
      // Any frame is a sign of life; after two silent intervals the socket is taken for dead.
      if (performance.now() - this.heardAt > intervalMs * 1.9) this.lost();
      else this.transmit({ ping: {} });
    }, intervalMs);
  }

  private ask(command: AgentCommand): Promise<AgentReply> {
    return new Promise((resolve, reject) => {
      const id = this.transmit(command);
      if (id === undefined) reject(new ConnectionLost());
      else this.awaiting.set(id, { resolve, reject });
    });
  }

  private transmit(command: AgentCommand): number | undefined {
    if (this.socket?.readyState !== WebSocket.OPEN) return undefined;
    const id = this.nextId++;
    const frame: { id: number } & AgentCommand = { id, ...command };
    this.socket.send(JSON.stringify(frame));
    return id;
  }

  private received(data: string): void {
    this.heardAt = performance.now();
    for (const line of data.split("\n")) {
      const frame = parsed(line);
      if (frame === undefined) continue;
      if (typeof frame.id === "number") this.answered(frame.id, frame);
      else this.host.onPush(frame);
    }
  }

  private answered(id: number, frame: AgentServerFrame): void {
    const awaiting = this.awaiting.get(id);
    this.awaiting.delete(id);
    // An expired token shows on whatever was asked, awaited or not.
    if (frame.error?.code === "unauthorized" && this.link.at === "online") this.unauthorized();
    else if (frame.error !== undefined) awaiting?.reject(new CommandError(frame.error));
    else awaiting?.resolve(frame.result ?? {});
  }

  private closed(event: CloseEvent): void {
    if (event.code === CLOSE_UNAUTHORIZED) this.unauthorized();
    else if (event.code === CLOSE_PROTOCOL) this.refuse(event.reason);
    else this.lost();
  }

  private unauthorized(): void {
    this.stop();
    this.host.onUnauthorized();
  }

  private refuse(message: string): void {
    this.drop();
    this.setLink({ at: "refused", message });
  }

  private lost(notBeforeMs = 0): void {
    const steady = this.link.at === "online" && performance.now() - this.steadySince > STEADY_MS_MIN;
    // At the first try, too, the delay is drawn: all consoles lose a desk at once.
    this.attempt = steady ? 1 : this.attempt + 1;
    this.drop();
    if (this.stopped) return;
    const delayMs = Math.max(notBeforeMs, retryDelayMs(this.attempt, Math.random()));
    this.retryTimer = setTimeout(() => this.connect(), delayMs);
    this.setLink({ at: "waiting", retryAt: Date.now() + delayMs });
  }

  private drop(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.connectTimer);
    clearInterval(this.pingTimer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    const unanswered = [...this.awaiting.values()];
    this.awaiting.clear();
    for (const awaiting of unanswered) awaiting.reject(new ConnectionLost());
  }
}

function parsed(line: string): AgentServerFrame | undefined {
  if (line.trim() === "") return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    // Not ours to repair: the frames around it still count, and a hole in a log is fetched again.
    console.warn("the desk sent a frame that is not JSON");
    return undefined;
  }
}
