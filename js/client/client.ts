import { Part, type Bindings, type SearchBindings } from './core.js';
import { startConversation, type ConversationOptions, type WebChatClient } from './conversation.js';
import { DesksideError } from './error.js';
import { HelpSearch } from './help-search.js';
import type { Client } from './recovering.js';
import { answersOf, type Answers, type Listing } from './search.js';
import type { Naming } from './files.js';
import type { Action, HostEvent } from '../types/client.js';
import type { Article, Listed, Results, SearchOptions, Suggestion } from '../types/faq.js';
import type { View } from '../types/view.js';

export { DesksideError };
export type { Client, Listing, Naming };
export type { Action, Article, HostEvent, Listed, Results, SearchOptions, Suggestion, View };

/** A client in a browser: it sends and shows files as well, and loads help search with the first index. */
export interface WebClient extends WebChatClient, Answers {
  /**
   * Loads help search, if that has not been done, and opens the help index; the one before stays until then.
   *
   * @throws DesksideError `core_load`, `core_refused`, `index_...` where the bytes are none.
   */
  openIndex(bytes: Uint8Array): Promise<void>;
}

export interface ClientOptions extends ConversationOptions {
  /** The address of `deskside-core.js`: the conversation. */
  readonly coreUrl: string;
  /** The address of `deskside-core.wasm`. */
  readonly wasmUrl: string;
  /** The address of `deskside-search-core.js`; where it is left out, beside `coreUrl`. */
  readonly searchCoreUrl?: string;
  /** The address of `deskside-search-core.wasm`; where it is left out, beside `wasmUrl`. */
  readonly searchWasmUrl?: string;
}

/**
 * Loads the conversation and starts it. Help search is loaded with the first index, and runs apart: if it
 * fails, the index is opened anew, and the conversation goes on.
 *
 * @throws DesksideError `core_load`, `core_refused`, `desk_address`, `site`, `no_random`.
 */
export async function createClient(options: ClientOptions): Promise<WebClient> {
  const { coreUrl, wasmUrl } = options;
  const { searchCoreUrl = beside(coreUrl, 'deskside-search-core.js') } = options;
  const { searchWasmUrl = beside(wasmUrl, 'deskside-search-core.wasm') } = options;
  const client = await startConversation(new Part<Bindings>(coreUrl, wasmUrl), options);
  const search = new HelpSearch(new Part<SearchBindings>(searchCoreUrl, searchWasmUrl), () => options.onChange());
  return Object.assign(client, answersOf(search.ask), { openIndex: (bytes: Uint8Array) => search.openIndex(bytes) });
}

function beside(url: string, file: string): string {
  return new URL(file, new URL(url, document.baseURI)).href;
}
