/** One visitor's conversations in a browser, on the core's part for them. */
import type { Bindings, Part, WebCoreClient } from './core.js';
import { refusalOf } from './error.js';
import type { Files, Naming } from './files.js';
import { RecoveringClient, type ChatClient, type InstanceEvents, type Listener } from './recovering.js';
import type { Chunk } from '../types/client.js';

/** A client in a browser, without help search: it sends and shows files as well. */
export interface WebChatClient extends ChatClient {
  /**
   * Keeps a file on this device, and says it. `false` where the device had no room: it goes out while this
   * page is open. @throws DesksideError where the core does not take it.
   */
  attach(conv: string, file: Blob, naming: Naming): Promise<boolean>;
  /** The bytes of a file in a message, from this device or from the desk. @throws DesksideError `file_missing`. */
  file(uploadId: string, type: string): Promise<Blob>;
}

export interface ConversationOptions extends Listener {
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
}

/** @throws DesksideError `core_load`, `core_refused`, `desk_address`, `site`, `no_random`. */
export async function startConversation(part: Part<Bindings>, options: ConversationOptions): Promise<WebChatClient> {
  const { desk, site, locale, page, surveys = false } = options;
  const user = options.identity?.user ?? '';
  let kept: Promise<Files> | undefined;
  const files = (): Promise<Files> =>
    (kept ??= import('./files.js').then(({ Files }) => new Files(site, desk))).catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
  let current: WebCoreClient | undefined;
  // Sockets in a row on which the desk never said a word, and what takes their place where it still answers.
  let mute = 0;
  let instead: ((url: string) => EventTarget) | undefined;
  const dial = (url: string): EventTarget => {
    const other = instead?.(url);
    instead = undefined;
    if (other) return other;
    const socket = new WebSocket(url);
    socket.onmessage = () => (mute = -1);
    socket.onclose = () =>
      ++mute > 1 && import('./requests.js').then(({ reach }) => reach(url)).then((way) => (instead = way), () => undefined);
    return socket;
  };
  const client = new RecoveringClient(async (events: InstanceEvents) => {
    const bindings = await part.instantiate(events.crashed);
    let running: WebCoreClient;
    try {
      // Where there is no answer, as where the script does not come, the core asks again later.
      const send = (chunk: Chunk): void =>
        void files()
          .then((files) => files.perform(chunk))
          .catch(() => undefined)
          .then((uploaded) => uploaded && current === running && running.uploaded(uploaded))
          .catch(events.crashed);
      running = new bindings.Client({ desk, site, locale, page, surveys, user }, events.changed, events.event, send, dial);
      current = running;
      return running;
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  }, options);
  await client.start();
  client.atEnd = () => (current = undefined);
  return Object.assign(client, {
    attach: async (conv: string, file: Blob, naming: Naming) =>
      (await files()).say(file, naming, (file) => client.dispatch({ attach: { conv, file } })),
    file: async (uploadId: string, type: string) => (await files()).get(uploadId, type, current?.token() ?? ''),
  });
}
