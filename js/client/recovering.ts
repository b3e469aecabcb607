import { DesksideError, refusalOf } from './error.js';
import type { CoreClient } from './core.js';
import type { Answers } from './search.js';
import type { Action, HostEvent } from '../types/client.js';
import type { View } from '../types/view.js';

/** One visitor at one desk, without a screen and without help search. */
export interface ChatClient {
  /** Everything to draw, as a plain object made for this call. */
  view(): View;
  /** Does what the visitor asks for. @throws DesksideError where it cannot be done; nothing has changed then. */
  dispatch(action: Action): void;
  /** Ends everything; what is queued stays on the device. */
  close(): void;
}

/** One visitor at one desk, without a screen. */
export interface Client extends ChatClient, Answers {
  /** Opens the help index. @throws DesksideError `index_...` where the bytes are none; the one before stays. */
  openIndex(bytes: Uint8Array): void;
}

/** What an instance of the core tells. */
export interface InstanceEvents {
  readonly changed: () => void;
  readonly event: (happened: HostEvent) => void;
  /** It failed in a call that nobody of ours made, as of a timer. */
  readonly crashed: (error: unknown) => void;
}

/** A visitor whom the site's own back end names. */
export interface Identity {
  /** Who, as in the `sub` of the tokens. Another user is another client: `close` this one first. */
  readonly user: string;
  /** Fetches a token (a JWT) from the site's back end; called whenever the desk wants to be shown one. */
  token(): Promise<string>;
}

/** Who uses the client. */
export interface Listener {
  /** Left out for a visitor whom the site does not know. */
  readonly identity?: Identity | undefined;
  /** `view()` is not what it was. Called once a turn, never from within a call. */
  onChange(): void;
  /** Something happened that the page may want to know. */
  onEvent(event: HostEvent): void;
  /**
   * The core failed. `restarted`: it was built anew from what the device has stored, and goes on.
   * `stopped`: it failed again; every call throws `stopped` from now on.
   */
  onCrash(kind: 'restarted' | 'stopped'): void;
}

/** A second crash within this time is not recovered from. */
const CRASH_WINDOW_MS = 60_000;

/**
 * A panic of the core leaves its memory in a state that nothing may trust. So the instance is thrown
 * away, and a new one starts from the journal; what was on the screen is opened again.
 */
export class RecoveringClient implements ChatClient {
  private running: CoreClient | undefined;
  private state: 'running' | 'restarting' | 'stopped' | 'closed' = 'running';
  private crashedAt = -Infinity;
  private lastView: View | undefined;
  private screen: string | undefined;
  private visible = false;
  private told = false;
  /** Counts the instances: what an earlier one still has to say is not heard any more. */
  private generation = 0;
  /** What is to be done when the client is closed. */
  atEnd: () => void = () => undefined;

  constructor(
    private readonly begin: (events: InstanceEvents) => Promise<CoreClient>,
    private readonly listener: Listener,
  ) {}

  async start(): Promise<void> {
    const generation = ++this.generation;
    const current = (): boolean => generation === this.generation;
    const client = await this.begin({
      changed: () => current() && this.changed(current),
      event: (happened) => {
        if (!current()) return;
        if (!('tokenWanted' in happened)) return this.listener.onEvent(happened);
        void this.bringToken(current);
      },
      crashed: (error) => current() && this.crashed(error),
    });
    if (current() && this.state !== 'closed') this.running = client;
    else client.close();
  }

  private async bringToken(current: () => boolean): Promise<void> {
    try {
      const token = await this.listener.identity?.token();
      if (token !== undefined && current()) this.dispatch({ identify: { token } });
    } catch {
      // What cannot be fetched is asked for again.
    }
  }

  view(): View {
    if (this.running !== undefined && this.state === 'running') {
      const view = this.guard((client) => client.view());
      this.screen = view.conversation?.id;
      this.lastView = view;
    }
    if (this.lastView === undefined) throw this.refusal();
    return this.lastView;
  }

  dispatch(action: Action): void {
    this.guard((client) => client.dispatch(action));
    if (typeof action === 'object' && 'look' in action) this.visible = action.look.visible;
  }

  close(): void {
    const client = this.running;
    this.state = 'closed';
    this.atEnd();
    this.forget();
    try {
      client?.close();
    } catch {
      // It had crashed; there is nothing left to end.
    }
  }

  private changed(current: () => boolean): void {
    if (this.told) return;
    this.told = true;
    queueMicrotask(() => {
      this.told = false;
      if (current() && this.state === 'running') this.listener.onChange();
    });
  }

  /**
   * Runs a call into the instance. A refusal is thrown on; anything else is a panic, and thrown as `crashed`.
   *
   * @throws DesksideError `starting`, `stopped`, `client_closed` where there is none.
   */
  guard<T>(call: (client: CoreClient) => T): T {
    const client = this.running;
    if (this.state !== 'running' || client === undefined) throw this.refusal();
    try {
      return call(client);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) throw refusal;
      this.crashed(error);
      throw new DesksideError('crashed', 'the core failed and is being built anew', { cause: error });
    }
  }

  /** A panic: the instance is not to be trusted any more. */
  crashed(error: unknown): void {
    const failed = this.running;
    if (failed === undefined) return;
    console.error('deskside: the core failed', error);
    this.forget();
    try {
      // Its connection and its lead among the tabs are the next one's.
      failed.close();
    } catch {
      // Not even that can be had of it.
    }
    const now = Date.now();
    const again = now - this.crashedAt < CRASH_WINDOW_MS;
    this.crashedAt = now;
    if (again) {
      this.stop();
      return;
    }
    this.state = 'restarting';
    void this.restart();
  }

  private async restart(): Promise<void> {
    const screen = this.screen;
    try {
      this.state = 'running';
      await this.start();
      if (screen !== undefined) {
        this.dispatch({ open: { conv: screen } });
        this.dispatch({ look: { visible: this.visible } });
      }
    } catch {
      this.stop();
      return;
    }
    this.listener.onCrash('restarted');
    this.listener.onChange();
  }

  private stop(): void {
    this.state = 'stopped';
    this.forget();
    this.listener.onCrash('stopped');
  }

  private forget(): void {
    this.generation += 1;
    this.running = undefined;
  }

  private refusal(): DesksideError {
    if (this.state === 'closed') return new DesksideError('client_closed', 'this client was closed');
    if (this.state === 'stopped') return new DesksideError('stopped', 'the core failed twice and stays stopped');
    return new DesksideError('starting', 'the core is starting');
  }
}
