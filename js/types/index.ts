/** Everything that crosses a boundary: what to draw, what a visitor does, search results, the wire. */
export type * from './client';
export type * from './faq';
export type * from './richtext';
export type * from './view';
export type * as protocol from './protocol';
