import { Core, type Bindings, type CoreClient, type CoreSearch } from './core.js';
import { DesksideError, refusalOf } from './error.js';
import type { Action, HostEvent } from '../types/client.js';
import type { Article, Listed, Results, SearchOptions, Suggestion } from '../types/faq.js';
import type { View } from '../types/view.js';

export { DesksideError };
export type { Action, Article, HostEvent, Listed, Results, SearchOptions, Suggestion, View };

export interface ClientOptions {
  /** The desk's address, as in `https://desk.example`. */
  readonly desk: string;
  /** The site's id at that desk. */
  readonly site: string;
  /** BCP 47. */
  readonly locale: string;
  /** The page's address without query and fragment; agents see where a conversation began. */
  readonly page: string;
  /** The address of `deskside-core.js`. */
  readonly coreUrl: string;
  /** The address of `deskside-core.wasm`. */
  readonly wasmUrl: string;
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

/** A second crash within this time is not recovered from. */
const CRASH_WINDOW_MS = 60_000;

/**
 * Loads the core and starts it.
 *
 * @throws DesksideError `core_load`, `core_refused`, `desk_address`, `site`, `no_random`.
 */
export async function createClient(options: ClientOptions): Promise<Client> {
  const core = await Core.load(options.coreUrl, options.wasmUrl);
  const client = new RecoveringClient(core, options);
  await client.start();
  client.watch();
  return client;
}

/**
 * A panic of the core leaves its memory in a state that nothing may trust. So the instance is thrown
 * away, and a new one starts from the journal; what was on the screen is opened again.
 */
class RecoveringClient implements Client {
  private bindings: Bindings | undefined;
  private running: CoreClient | undefined;
  private opened: CoreSearch | undefined;
  private indexBytes: Uint8Array | undefined;
  private state: 'running' | 'restarting' | 'stopped' | 'closed' = 'running';
  private crashedAt = -Infinity;
  private lastView: View | undefined;
  private screen: string | undefined;
  private visible = false;
  private told = false;

  constructor(
    private readonly core: Core,
    private readonly options: ClientOptions,
  ) {}

  /** A panic in a callback of the browser, which no call of ours could catch: the glue is on its stack. */
  private readonly onError = (event: ErrorEvent): void => {
    const error: unknown = event.error;
    if (this.running === undefined || !(error instanceof Error)) return;
    if (error.stack?.includes(this.options.coreUrl)) this.crashed(error);
  };

  async start(): Promise<void> {
    const bindings = await this.core.instantiate();
    if (this.state === 'closed') return;
    const { desk, site, locale, page } = this.options;
    const changed = () => this.changed(bindings);
    const event = (happened: HostEvent) => {
      if (bindings === this.bindings) this.options.onEvent(happened);
    };
    this.bindings = bindings;
    try {
      this.running = new bindings.Client({ desk, site, locale, page }, changed, event);
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  }

  watch(): void {
    addEventListener('error', this.onError);
  }

  view(): View {
    if (this.running !== undefined && this.state === 'running') {
      const client = this.running;
      const view = this.guard(() => client.view());
      this.screen = view.conversation?.id;
      this.lastView = view;
    }
    if (this.lastView === undefined) throw this.refusal();
    return this.lastView;
  }

  dispatch(action: Action): void {
    const client = this.running;
    if (this.state !== 'running' || client === undefined) throw this.refusal();
    this.guard(() => client.dispatch(action));
    if (typeof action === 'object' && 'look' in action) this.visible = action.look.visible;
  }

  openIndex(bytes: Uint8Array): void {
    const bindings = this.bindings;
    if (bindings === undefined) throw this.refusal();
    this.opened = this.guard(() => new bindings.Search(bytes));
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
    const client = this.running;
    removeEventListener('error', this.onError);
    this.state = 'closed';
    this.forget();
    try {
      client?.close();
    } catch {
      // It had crashed; there is nothing left to end.
    }
  }

  private searchOpened(): CoreSearch {
    if (this.opened === undefined) throw new DesksideError('no_index', 'no help index is open');
    return this.opened;
  }

  private changed(bindings: Bindings): void {
    if (this.told || bindings !== this.bindings) return;
    this.told = true;
    queueMicrotask(() => {
      this.told = false;
      if (bindings === this.bindings && this.state === 'running') this.options.onChange();
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

  private crashed(error: unknown): void {
    console.error('deskside: the core failed', error);
    this.forget();
    const now = performance.now();
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
    this.options.onCrash('restarted');
    this.options.onChange();
  }

  private stop(): void {
    this.state = 'stopped';
    this.forget();
    this.options.onCrash('stopped');
  }

  private forget(): void {
    this.bindings = undefined;
    this.running = undefined;
    this.opened = undefined;
  }

  private refusal(): DesksideError {
    if (this.state === 'closed') return new DesksideError('client_closed', 'this client was closed');
    if (this.state === 'stopped') return new DesksideError('stopped', 'the core failed twice and stays stopped');
    return new DesksideError('starting', 'the core is starting');
  }
}
