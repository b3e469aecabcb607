import { Core, type WebCoreClient } from './core.js';
import { DesksideError, refusalOf } from './error.js';
import { RecoveringClient, type Client, type InstanceEvents, type Listener, type Listing } from './recovering.js';
import type { Files, Naming } from './files.js';
import type { Action, Chunk, HostEvent } from '../types/client.js';
import type { Article, Listed, Results, SearchOptions, Suggestion } from '../types/faq.js';
import type { View } from '../types/view.js';

export { DesksideError };
export type { Client, Listing, Naming };
export type { Action, Article, HostEvent, Listed, Results, SearchOptions, Suggestion, View };

/** A client in a browser: it sends and shows files as well. */
export interface WebClient extends Client {
  /** Keeps a file on this device, and says it. @throws DesksideError where the core does not take it. */
  attach(conv: string, file: Blob, naming: Naming): Promise<void>;
  /** The bytes of a file in a message, from this device or from the desk. @throws DesksideError `file_missing`. */
  file(uploadId: string, type: string): Promise<Blob>;
}

export interface ClientOptions extends Listener {
  /** The desk's address, as in `https://desk.example`. */
  readonly desk: string;
  /** The site's id at that desk. */
  readonly site: string;
  /** BCP 47. */
  readonly locale: string;
  /** The page's address without query and fragment; agents see where a conversation began. */
  readonly page: string;
  /** Whether surveys come up by themselves: then the desk is asked for them at once. */
  readonly surveys?: boolean;
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
export async function createClient(options: ClientOptions): Promise<WebClient> {
  const core = await Core.load(options.coreUrl, options.wasmUrl);
  const { desk, site, locale, page, surveys = false } = options;
  const user = options.identity?.user ?? '';
  let kept: Promise<Files> | undefined;
  const files = (): Promise<Files> =>
    (kept ??= import('./files.js').then(({ Files }) => new Files(site, desk)));
  let current: WebCoreClient | undefined;
  const client = new RecoveringClient(async (events: InstanceEvents) => {
    const bindings = await core.instantiate();
    const onFile = async (chunk: Chunk): Promise<void> => {
      const { uploadId } = chunk;
      if (chunk.bytes === 0) return (await files()).forget(uploadId);
      const failed = { code: 'network', message: '', temporary: true };
      const uploaded = await files().then(
        (files) => files.send(chunk),
        () => ({ uploadId, error: failed }),
      );
      try {
        if (current === running) running.uploaded(uploaded);
      } catch (error) {
        events.crashed(error);
      }
    };
    let running: WebCoreClient;
    try {
      const send = (chunk: Chunk): void => void onFile(chunk);
      running = new bindings.Client({ desk, site, locale, page, surveys, user }, events.changed, events.event, send);
      current = running;
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
  client.atEnd = () => {
    current = undefined;
    removeEventListener('error', onError);
  };
  return Object.assign(client, {
    attach: async (conv: string, file: Blob, naming: Naming) =>
      (await files()).say(file, naming, (file) => client.dispatch({ attach: { conv, file } })),
    file: async (uploadId: string, type: string) => (await files()).get(uploadId, type, current?.token() ?? ''),
  });
}
