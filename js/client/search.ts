import type { CoreSearch } from './core.js';
import type { Article, Listed, Results, SearchOptions, Suggestion } from '../types/faq.js';

/** An index as the module exports it: one function for everything that can be asked of it. */
export interface RawSearch {
  attachBodies(bytes: Uint8Array): void;
  ask(
    what: keyof CoreSearch,
    text: string,
    limit: number,
    locale?: string | null,
    category?: string | null,
    tag?: string | null,
    nowMs?: number | null,
    typing?: boolean,
  ): unknown;
}

type Asked = { readonly [K in keyof SearchOptions]?: SearchOptions[K] | undefined };

/** The same with a function for each question. */
export function searchOf(raw: RawSearch): CoreSearch {
  const ask = (
    what: keyof CoreSearch,
    text: string,
    { limit = 10, locale, category, tag, nowMs, typing = true }: Asked = {},
  ): unknown => raw.ask(what, text, limit, locale, category, tag, nowMs, typing);
  return {
    attachBodies: (bytes) => raw.attachBodies(bytes),
    search: (query, options) => ask('search', query, options) as Results,
    suggest: (prefix, locale, limit) => ask('suggest', prefix, { locale, limit }) as Suggestion[],
    article: (id) => ask('article', id) as Article | null,
    popular: (locale, limit) => ask('popular', '', { locale, limit }) as Listed[],
    related: (id, limit) => ask('related', id, { limit }) as Listed[],
    forUrl: (url, locale, limit) => ask('forUrl', url, { locale, limit }) as Listed[],
  };
}

/** How many, and in which language first. */
export interface Listing {
  readonly limit: number;
  readonly locale?: string;
}

/** What can be asked of an open help index. */
export interface Answers {
  search(query: string, options: Partial<SearchOptions>): Results;
  suggest(prefix: string, options: Listing): Suggestion[];
  article(id: string): Article | null;
  popular(options: Listing): Listed[];
  related(id: string, options: { readonly limit: number }): Listed[];
  forUrl(url: string, options: Listing): Listed[];
}

/** The same of the index that `ask` has open. */
export function answersOf(ask: <T>(what: (index: CoreSearch) => T) => T): Answers {
  return {
    search: (query, options) => ask((index) => index.search(query, options)),
    suggest: (prefix, { limit, locale }) => ask((index) => index.suggest(prefix, locale, limit)),
    article: (id) => ask((index) => index.article(id)),
    popular: ({ limit, locale }) => ask((index) => index.popular(locale, limit)),
    related: (id, { limit }) => ask((index) => index.related(id, limit)),
    forUrl: (url, { limit, locale }) => ask((index) => index.forUrl(url, locale, limit)),
  };
}
