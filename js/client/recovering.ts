import { DesksideError, refusalOf } from './error.js';
import type { CoreClient, CoreSearch } from './core.js';
import { searchOf, type RawSearch } from './search.js';
import type { Action, HostEvent } from '../types/client.js';
import type { Article, Listed, Results, SearchOptions, Suggestion } from '../types/faq.js';
import type { View } from '../types/view.js';

/** One visitor at one desk, without a screen. */
export interface Client {
  /** Everything to draw, as a plain object made for this call. */
  view(): View;
  /** Does what the visitor asks for. @throws DesksideError where it cannot be done; nothing has changed then. */
  dispatch(action: Action): void;
  /** Opens the help index. @throws DesksideError `index_...` where the bytes are none; the one before stays. */
  openIndex(bytes: Uint8Array): void;
  search(query: string, options: Partial<SearchOptions>): Results;
  suggest(prefix: string, options: Listing): Suggestion[];
  article(id: string): Article | null;
  popular(options: Listing): Listed[];
  related(id: string, options: { readonly limit: number }): Listed[];
  forUrl(url: string, options: Listing): Listed[];
  /** Ends everything; what is queued stays on the device. */
  close(): void;
}

export interface Listing {
  readonly limit: number;
  readonly locale?: string;
}

/** A core that runs, and the class of its help search. */
export interface Instance {
  readonly client: CoreClient;
  readonly Search: new (bytes: Uint8Array) => RawSearch;
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
export class RecoveringClient implements Client {
  private running: Instance | undefined;
  private opened: CoreSearch | undefined;
  private indexBytes: Uint8Array | undefined;
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
    private readonly begin: (events: InstanceEvents) => Promise<Instance>,
    private readonly listener: Listener,
  ) {}

  async start(): Promise<void> {
    const generation = ++this.generation;
    const current = (): boolean => generation === this.generation;
    const instance = await this.begin({
      changed: () => current() && this.changed(current),
      event: (happened) => {
        if (!current()) return;
        if (!('tokenWanted' in happened)) return this.listener.onEvent(happened);
        void this.bringToken(current);
      },
      crashed: (error) => current() && this.crashed(error),
    });
    if (current() && this.state !== 'closed') this.running = instance;
    else instance.client.close();
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
      const { client } = this.running;
      const view = this.guard(() => client.view());
      this.screen = view.conversation?.id;
      this.lastView = view;
    }
    if (this.lastView === undefined) throw this.refusal();
    return this.lastView;
  }

  dispatch(action: Action): void {
    const instance = this.running;
    if (this.state !== 'running' || instance === undefined) throw this.refusal();
    this.guard(() => instance.client.dispatch(action));
    if (typeof action === 'object' && 'look' in action) this.visible = action.look.visible;
  }

  openIndex(bytes: Uint8Array): void {
    const instance = this.running;
    if (instance === undefined) throw this.refusal();
    this.opened = searchOf(this.guard(() => new instance.Search(bytes)));
    this.indexBytes = bytes;
  }

  search(query: string, options: Partial<SearchOptions>): Results {
    return this.guard(() => this.searchOpened().search(query, options));
  }

  suggest(prefix: string, { limit, locale }: Listing): Suggestion[] {
    return this.guard(() => this.searchOpened().suggest(prefix, locale, limit));
  }

  article(id: string): Article | null {
    return this.guard(() => this.searchOpened().article(id));
  }

  popular({ limit, locale }: Listing): Listed[] {
    return this.guard(() => this.searchOpened().popular(locale, limit));
  }

  related(id: string, { limit }: { readonly limit: number }): Listed[] {
    return this.guard(() => this.searchOpened().related(id, limit));
  }

  forUrl(url: string, { limit, locale }: Listing): Listed[] {
    return this.guard(() => this.searchOpened().forUrl(url, locale, limit));
  }

  close(): void {
    const instance = this.running;
    this.state = 'closed';
    this.atEnd();
    this.forget();
    try {
      instance?.client.close();
    } catch {
      // It had crashed; there is nothing left to end.
    }
  }

  private searchOpened(): CoreSearch {
    if (this.opened === undefined) throw new DesksideError('no_index', 'no help index is open');
    return this.opened;
  }

  private changed(current: () => boolean): void {
    if (this.told) return;
    this.told = true;
    queueMicrotask(() => {
      this.told = false;
      if (current() && this.state === 'running') this.listener.onChange();
    });
  }

  /** Runs a call into the core. A refusal is thrown on; anything else is a panic, and thrown as `crashed`. */
  private guard<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) throw refusal;
      this.crashed(error);
      throw new DesksideError('crashed', 'the core failed and is being built anew', { cause: error });
    }
  }

  /** A panic: the instance is not to be trusted any more. */
  crashed(error: unknown): void {
    const failed = this.running?.client;
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
      if (this.indexBytes !== undefined) this.openIndex(this.indexBytes);
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
    this.opened = undefined;
  }

  private refusal(): DesksideError {
    if (this.state === 'closed') return new DesksideError('client_closed', 'this client was closed');
    if (this.state === 'stopped') return new DesksideError('stopped', 'the core failed twice and stays stopped');
    return new DesksideError('starting', 'the core is starting');
  }
}
