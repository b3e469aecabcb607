import type { CoreSearch, SearchBindings } from './core.js';
import { DesksideError, refusalOf } from './error.js';
import { searchOf } from './search.js';

/** A second crash within this time is not recovered from. */
const CRASH_WINDOW_MS = 60_000;

/**
 * Help search that survives its panics. Each opened index has an instance of the search part to itself;
 * one that panicked is thrown away, and the same index opened in another.
 */
export class HelpSearch {
  private opened: CoreSearch | undefined;
  private bytes: Uint8Array | undefined;
  private crashedAt = -Infinity;

  constructor(
    private readonly part: { instantiate(): Promise<SearchBindings> },
    /** `restarted`: the index is open again. `stopped`: it is not, until one is opened. */
    private readonly onCrash: (kind: 'restarted' | 'stopped') => void,
  ) {}

  /**
   * Loads the search part, if that has not been done, and opens an index; the one before stays until then.
   *
   * @throws DesksideError `core_load`, `core_refused`, `index_...`
   */
  async openIndex(bytes: Uint8Array): Promise<void> {
    const { Search } = await this.part.instantiate();
    try {
      this.opened = searchOf(new Search(bytes));
      this.bytes = bytes;
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  }

  /** @throws DesksideError `no_index`, `crashed` */
  readonly ask = <T>(what: (index: CoreSearch) => T): T => {
    if (!this.opened) throw new DesksideError('no_index', 'no help index is open');
    try {
      return what(this.opened);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal) throw refusal;
      this.opened = undefined;
      void this.recover(error);
      throw new DesksideError('crashed', 'the help search failed and is being built anew', { cause: error });
    }
  };

  private async recover(error: unknown): Promise<void> {
    console.error('deskside: the help search failed', error);
    const again = Date.now() - this.crashedAt < CRASH_WINDOW_MS;
    this.crashedAt = Date.now();
    try {
      if (again || !this.bytes) throw error;
      await this.openIndex(this.bytes);
      this.onCrash('restarted');
    } catch {
      this.onCrash('stopped');
    }
  }
}
