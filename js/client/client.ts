import { Core } from './core.js';
import { DesksideError, refusalOf } from './error.js';
import { RecoveringClient, type Client, type InstanceEvents, type Listener, type Listing } from './recovering.js';
import type { Action, HostEvent } from '../types/client.js';
import type { Article, Listed, Results, SearchOptions, Suggestion } from '../types/faq.js';
import type { View } from '../types/view.js';

export { DesksideError };
export type { Client, Listing };
export type { Action, Article, HostEvent, Listed, Results, SearchOptions, Suggestion, View };

export interface ClientOptions extends Listener {
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
}

/**
 * Loads the core and starts it.
 *
 * @throws DesksideError `core_load`, `core_refused`, `desk_address`, `site`, `no_random`.
 */
export async function createClient(options: ClientOptions): Promise<Client> {
  const core = await Core.load(options.coreUrl, options.wasmUrl);
  const { desk, site, locale, page } = options;
  const client = new RecoveringClient(async (events: InstanceEvents) => {
    const bindings = await core.instantiate();
    try {
      const running = new bindings.Client({ desk, site, locale, page }, events.changed, events.event);
      return { client: running, Search: bindings.Search };
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  }, options);
  // A panic in a callback of the browser, which no call of ours could catch: the glue is on its stack.
  const onError = ({ error }: ErrorEvent): void => {
    if (error instanceof Error && error.stack?.includes(options.coreUrl)) client.crashed(error);
  };
  await client.start();
  addEventListener('error', onError);
  client.atEnd = () => removeEventListener('error', onError);
  return client;
}
