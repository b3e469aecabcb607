import { DesksideError, refusalOf } from "../client/error.js";
import { RecoveringClient, type Client, type Identity, type InstanceEvents } from "../client/recovering.js";
import type { CoreClient, CoreSearch } from "../client/core.js";
import { answersOf, searchOf, type RawSearch } from "../client/search.js";
import type { HostEvent } from "../types/client.js";
import { Bridge } from "./bridge.js";
import { instantiate, type MiniClient } from "./core.js";
import { Files } from "./files.js";
import { loadHelp } from "./help.js";
import type { Host, HostFile } from "./host.js";

const SEED_BYTES = 32;

export interface DesksideOptions {
  /** The desk's address, as in `https://desk.example`. */
  readonly desk: string;
  /** The site's id at that desk. */
  readonly site: string;
  /** BCP 47; the runtime's own where it is left out. */
  readonly locale?: string;
  /** The page, as in `pages/order/index`; agents see where a conversation began. */
  readonly page?: string;
  /** Left out for a visitor whom the mini-program does not know. */
  readonly identity?: Identity;
  /** Whether surveys come up by themselves: then the desk is asked for them at once. */
  readonly surveys?: boolean;
  /** `view()` is not what it was. Called once a turn, never from within a call. */
  readonly onChange?: () => void;
  /** Something happened that the mini-program may want to know. */
  readonly onEvent?: (event: HostEvent) => void;
  /** The core failed, and was built anew from what is stored; or failed again, and stays stopped. */
  readonly onCrash?: (kind: "restarted" | "stopped") => void;
}

/** One visitor at one desk, without a screen. */
export interface Deskside extends Client {
  /** The language of texts and help. */
  readonly locale: string;
  /**
   * Opens a help index made by `npx deskside index`: the one that is kept on the device, where there is one
   * of this address, and then whether the server has a newer one.
   *
   * @throws DesksideError `help_load`, `index_...`
   */
  loadHelp(url: string): Promise<void>;
  /** Keeps a file on this device, and says it. @throws DesksideError where the core does not take it; `no_files`. */
  attach(conv: string, file: HostFile): Promise<void>;
  /** Where a file of a message lies, to be shown; fetched from the desk where it is not here. */
  file(uploadId: string): Promise<string>;
}

/**
 * Starts the core on a host. One for each desk and site at a time: two would write the same keys.
 *
 * @throws DesksideError `core_refused`, `no_random`, `desk_address`, `site`.
 */
export async function createDeskside(host: Host, options: DesksideOptions): Promise<Deskside> {
  const { desk, site, page = "", locale = host.info().locale, surveys = false } = options;
  const nothing = (): void => undefined;
  let bridge: Bridge | null = null;
  let core: MiniClient | null = null;
  const files = new Files(host, desk, () => core?.token() ?? "");
  let Search: new (bytes: Uint8Array) => RawSearch;
  let index: { readonly bytes: Uint8Array; open: CoreSearch } | null = null;

  const begin = async (events: InstanceEvents): Promise<CoreClient> => {
    bridge?.end();
    const bindings = await instantiate(host);
    const seed = await unpredictable(host);
    const mine = new Bridge(host, events, files);
    try {
      // One module holds both: what was open in the instance before is opened in this one.
      Search = bindings.Search;
      if (index) index.open = searchOf(new Search(index.bytes));
      const client = new bindings.Client({ desk, site, locale, page, surveys, user: options.identity?.user ?? "" }, seed, mine);
      mine.attach(client);
      [bridge, core] = [mine, client];
      return client;
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  };

  const { onChange = nothing, onEvent = nothing, onCrash = nothing } = options;
  const client = new RecoveringClient(begin, { identity: options.identity, onChange, onEvent, onCrash });
  client.atEnd = () => bridge?.end();
  await client.start();
  const ask = <T>(what: (open: CoreSearch) => T): T =>
    client.guard(() => {
      if (!index) throw new DesksideError("no_index", "no help index is open");
      return what(index.open);
    });
  const openIndex = (bytes: Uint8Array): void => {
    index = { bytes, open: searchOf(client.guard(() => new Search(bytes))) };
  };
  return Object.assign(client, answersOf(ask), {
    locale,
    openIndex,
    loadHelp: (url: string) => loadHelp(host, openIndex, url, onChange),
    attach: (conv: string, file: HostFile) => files.say(file, (file) => client.dispatch({ attach: { conv, file } })),
    file: (uploadId: string) => files.path(uploadId),
  });
}

async function unpredictable(host: Host): Promise<Uint8Array> {
  let seed: Uint8Array | undefined;
  let cause: unknown;
  try {
    seed = await host.randomSeed(SEED_BYTES);
  } catch (error) {
    cause = error;
  }
  if (seed?.length === SEED_BYTES) return seed;
  throw new DesksideError("no_random", "the host gave no unpredictable bytes", { cause });
}
