import type { InstanceEvents } from "../client/recovering.js";
import type { Chunk, HostEvent } from "../types/client.js";
import type { MiniClient } from "./core.js";
import type { Files } from "./files.js";
import type { Host, HostResponse, HostSocket, HostTask } from "./host.js";

/** After so long in the background nothing that was open still is, whatever it says. */
const SUSPENDED_MS = 4_500;
/** How long the storage may take, in ticks: a clock that stood still while suspended counts for one. */
const STORAGE_TICKS_MAX = 5;
const TICK_MS = 1_000;
/** The close code where there is none. */
const ABNORMAL = 1006;

/** Between the core, which calls plain functions, and the host, which answers when it can. */
export class Bridge {
  private client: MiniClient | null = null;
  private ended = false;
  private timer: unknown = null;
  private socket: HostSocket | null = null;
  /** Requests on the way, by their number. */
  private readonly tasks = new Map<number, HostTask<HostResponse>>();
  private hiddenAt: number | null = null;
  private stops: (() => void)[] = [];

  constructor(
    private readonly host: Host,
    private readonly events: InstanceEvents,
    private readonly files: Files,
  ) {}

  /** From here on the core is told what happens. */
  attach(client: MiniClient): void {
    this.client = client;
    this.stops = [
      this.host.onVisibility((visible) => this.visibility(visible)),
      this.host.onNetwork((online) => this.tell((core) => core.network(online))),
    ];
  }

  /** Lets go of everything. */
  end(): void {
    this.ended = true;
    this.client = null;
    for (const stop of this.stops) stop();
    this.host.clearTimer(this.timer);
    this.disconnect();
    for (const task of this.tasks.values()) task.abort();
    this.tasks.clear();
    this.files.cut();
  }

  // What the core asks for.

  now(): number {
    return this.host.now();
  }

  wake(after_ms: number): void {
    this.host.clearTimer(this.timer);
    this.timer = this.host.setTimer(after_ms, () => this.tell((core) => core.woken()));
  }

  sockets(): boolean {
    return this.host.socket !== null;
  }

  connect(url: string): void {
    this.disconnect();
    let socket: HostSocket;
    try {
      if (this.host.socket === null) throw new Error("this host has no sockets");
      socket = this.host.socket(url);
    } catch (error) {
      this.host.log("warn", "deskside: no socket", error);
      void Promise.resolve().then(() => this.tell((core) => core.closed(ABNORMAL)));
      return;
    }
    this.socket = socket;
    // An earlier socket may have something to say yet.
    const mine = (heard: (core: MiniClient) => void): void => {
      if (this.socket === socket) this.tell(heard);
    };
    socket.onOpen(() => mine((core) => core.opened()));
    socket.onMessage((text) => mine((core) => core.heard(text)));
    socket.onClose((code) => {
      mine((core) => {
        this.socket = null;
        core.closed(code);
      });
    });
  }

  send(text: string): void {
    try {
      this.socket?.send(text);
    } catch (error) {
      // Not lost: the core hears of the broken socket, and repeats it.
      this.host.log("warn", "deskside: not sent", error);
    }
  }

  disconnect(): void {
    const { socket } = this;
    this.socket = null;
    try {
      socket?.close();
    } catch {
      // It was closed already.
    }
  }

  post(id: number, url: string, token: string | undefined, session: string | undefined, body: string, timeout_ms: number): void {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
    if (session !== undefined) headers["deskside-session"] = session;
    let task: HostTask<HostResponse>;
    try {
      task = this.host.request({ url, method: "POST", headers, body, timeout_ms });
    } catch (error) {
      const promise = Promise.reject<HostResponse>(new Error("the request was refused", { cause: error }));
      task = { promise, abort: () => undefined };
    }
    this.tasks.set(id, task);
    const answer = (status: number, text: string): void => {
      if (this.tasks.delete(id)) this.tell((core) => core.answered(id, status, text));
    };
    task.promise.then(
      (response) => answer(response.status, typeof response.body === "string" ? response.body : ""),
      () => answer(0, ""),
    );
  }

  file(chunk: Chunk): void {
    if (chunk.bytes === 0) this.files.forget(chunk.uploadId);
    else void this.files.send(chunk).then((uploaded) => this.tell((core) => core.uploaded(uploaded)));
  }

  get(id: number, key: string): void {
    this.ask(id, () => this.host.storage.get(key));
  }

  set(id: number, key: string, text: string): void {
    this.ask(id, () => this.host.storage.set(key, text));
  }

  remove(id: number, key: string): void {
    this.ask(id, () => this.host.storage.remove(key));
  }

  changed(): void {
    this.events.changed();
  }

  happened(event: HostEvent): void {
    this.events.event(event);
  }

  // What the host tells.

  private visibility(visible: boolean): void {
    const { hiddenAt } = this;
    this.hiddenAt = visible ? null : (hiddenAt ?? this.host.now());
    if (!visible) return;
    if (hiddenAt !== null && this.host.now() - hiddenAt >= SUSPENDED_MS) this.cut();
    this.tell((core) => core.resumed());
  }

  /** What was open when the mini-program was stopped is dead, and may never say so. */
  private cut(): void {
    this.files.cut();
    for (const [id, task] of [...this.tasks]) {
      this.tasks.delete(id);
      task.abort();
      this.tell((core) => core.answered(id, 0, ""));
    }
    if (this.socket === null) return;
    this.disconnect();
    this.tell((core) => core.closed(ABNORMAL));
  }

  private ask(id: number, call: () => Promise<unknown>): void {
    let answered = false;
    let ticks = 0;
    const answer = (tell: (core: MiniClient) => void): void => {
      if (answered) return;
      answered = true;
      this.host.clearTimer(timer);
      this.tell(tell);
    };
    const tick = (): void => {
      ticks += 1;
      if (ticks >= STORAGE_TICKS_MAX) answer((core) => core.failed(id, false));
      else if (!answered && !this.ended) timer = this.host.setTimer(TICK_MS, tick);
    };
    let timer = this.host.setTimer(TICK_MS, tick);
    Promise.resolve()
      .then(call)
      .then(
        (text) => answer((core) => (typeof text === "string" ? core.found(id, text) : core.done(id))),
        (error: unknown) => {
          const full = (error as { code?: unknown } | null)?.code === "quota";
          answer((core) => core.failed(id, full));
        },
      );
  }

  private tell(say: (core: MiniClient) => void): void {
    if (this.client === null || this.ended) return;
    try {
      say(this.client);
    } catch (error) {
      this.events.crashed(error);
    }
  }
}
