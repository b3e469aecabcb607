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
