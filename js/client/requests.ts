/**
 * The desk without a socket, for networks that let none through: each command is a request, and what
 * the desk pushes is fetched by requests that wait. To the core it is a WebSocket like any other.
 * Nothing of this is loaded before sockets have failed.
 */
interface Answer {
  readonly error?: { readonly code: string };
  readonly result?: {
    readonly connected?: { readonly session: string; readonly token?: string };
    readonly ack?: number;
    readonly frames?: readonly unknown[];
  };
}

/** How long the desk keeps a request for what it pushes waiting, and a client an answer. */
const WAIT_MS = 25_000;
const ANSWER_MS = 15_000;
/** When it is looked for the first time whether sockets work again, and at most how much later each time. */
const LOOK_MS_MIN = 10_000;
const LOOK_MS_MAX = 600_000;
/** Close codes: without one, and those with which the desk says that it wants no other try. */
const ABNORMAL = 1006;
const REFUSED: Record<string, number> = { unauthorized: 4003, forbidden_site: 4004 };
/** Codes from here on are the desk's own. */
const OF_THE_DESK = 4000;

/** This way, where the desk can be asked while its socket fails. */
export async function reach(url: string): Promise<((url: string) => EventTarget) | undefined> {
  const over = new AbortController();
  setTimeout(() => over.abort(), ANSWER_MS);
  const { error } = await post(url, 'ping', {}, {}, over.signal);
  return error && ((url) => new Requests(url));
}

async function post(url: string, path: string, body: unknown, headers: object, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(url.replace(/^ws(.*)socket$/, `http$1${path}`), {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
    credentials: 'omit',
    cache: 'no-store',
    signal,
  });
  return (await response.json()) as Answer;
}

class Requests extends EventTarget {
  private token: string | undefined;
  private session: string | undefined;
  private readonly over = new AbortController();
  private looking: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly url: string) {
    super();
    // There is nothing to open: the desk is first asked by `connect`.
    setTimeout(() => this.tell(new Event('open')));
    this.look(LOOK_MS_MIN);
  }

  send(frame: string): void {
    const { id, ...command } = JSON.parse(frame) as Record<string, { token?: string }>;
    for (const [name, body] of Object.entries(command)) {
      this.token = body.token ?? this.token;
      void this.ask(name, body, ANSWER_MS).then((answer) => {
        if (!answer) return;
        const connected = answer.result?.connected;
        this.token = connected?.token ?? this.token;
        this.session = connected?.session ?? this.session;
        this.hear([{ ...answer, id }]);
        if (connected) void this.listen();
      });
    }
  }

  close(): void {
    this.over.abort();
    clearTimeout(this.looking);
  }

  private async listen(): Promise<void> {
    const { session } = this;
    for (let ack: number | undefined = 0; ack !== undefined; ) {
      const answer = await this.ask('poll', { session, ack, waitMs: WAIT_MS }, WAIT_MS + ANSWER_MS);
      if (!answer) return;
      if (answer.error) {
        this.end(REFUSED[answer.error.code]);
        return;
      }
      ack = answer.result?.ack;
      this.hear(answer.result?.frames ?? []);
    }
    this.end();
  }

  /** An answer of the desk. Neither silence nor a page of HTML is one, whatever its status: that ends it. */
  private async ask(path: string, body: unknown, ms: number): Promise<Answer | undefined> {
    const { token, session } = this;
    const overdue = setTimeout(() => this.end(), ms);
    try {
      const headers = {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(session && { 'Deskside-Session': session }),
      };
      const answer = await post(this.url, path, body, headers, this.over.signal);
      if (answer.result ?? answer.error) return answer;
    } catch {
      // As below.
    } finally {
      clearTimeout(overdue);
    }
    this.end();
    return undefined;
  }

  /** Whether the desk answers on a socket by now: to what is no `connect` it says goodbye. Then it is the way again. */
  private look(after_ms: number): void {
    this.looking = setTimeout(() => {
      const socket = new WebSocket(this.url);
      const overdue = setTimeout(() => socket.close(), ANSWER_MS);
      this.over.signal.addEventListener('abort', () => socket.close());
      socket.onopen = () => socket.send('{}');
      socket.onclose = ({ code }) => {
        clearTimeout(overdue);
        if (code >= OF_THE_DESK) this.end();
        else if (!this.over.signal.aborted) this.look(Math.min(2 * after_ms, LOOK_MS_MAX));
      };
    }, after_ms);
  }

  private hear(frames: readonly unknown[]): void {
    const data = frames.map((frame) => JSON.stringify(frame)).join('\n');
    this.tell(new MessageEvent('message', { data }));
  }

  private end(code = ABNORMAL): void {
    const closed = new CloseEvent('close', { code });
    this.tell(closed);
    this.close();
  }

  /** After the end nothing is said any more. */
  private tell(event: Event): void {
    if (!this.over.signal.aborted) this.dispatchEvent(event);
  }
}
