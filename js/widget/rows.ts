import type { Item, ItemBody } from "../types/view.js";
import { dayOf } from "./times.js";

/** Messages of one author within so long stand together. */
const GROUP_MS = 5 * 60_000;

type Message = Extract<ItemBody, { message: unknown }>["message"];

/** One line of the timeline as it is drawn. */
export type Row =
  | { readonly kind: "day"; readonly key: string; readonly ts: number }
  | { readonly kind: "new"; readonly key: string }
  | { readonly kind: "line"; readonly key: string; readonly body: Exclude<ItemBody, { message: unknown }> }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly ts: number;
      readonly message: Message;
      /** Whether it begins, or ends, a group of one author. */
      readonly first: boolean;
      readonly last: boolean;
      /** Whether it is the visitor's newest message: its status is said in words. */
      readonly newest: boolean;
    };

/** The timeline's entries with what parts them: days, the line over what is new, groups of one author. */
export function rowsOf(items: readonly Item[], firstUnread: string | null): Row[] {
  const rows: Row[] = [];
  const mine = items.filter((item) => messageOf(item)?.mine);
  const newest = mine[mine.length - 1]?.key;
  items.forEach((item, at) => {
    const before = items[at - 1];
    const after = items[at + 1];
    if (!before || dayOf(before.ts) !== dayOf(item.ts))
      rows.push({ kind: "day", key: `day ${item.key}`, ts: item.ts });
    if (item.key === firstUnread) rows.push({ kind: "new", key: "new" });
    const { key, ts, body } = item;
    if (typeof body === "string" || !("message" in body)) {
      rows.push({ kind: "line", key, body });
      return;
    }
    const first = !before || key === firstUnread || !together(before, item);
    const last = !after || after.key === firstUnread || !together(item, after);
    rows.push({ kind: "message", key, ts, message: body.message, first, last, newest: key === newest });
  });
  return rows;
}

function together(a: Item, b: Item): boolean {
  const one = messageOf(a);
  const other = messageOf(b);
  return (
    one !== undefined &&
    other !== undefined &&
    one.author.role === other.author.role &&
    one.author.id === other.author.id &&
    b.ts - a.ts < GROUP_MS &&
    dayOf(a.ts) === dayOf(b.ts)
  );
}

function messageOf({ body }: Item): Message | undefined {
  return typeof body === "object" && "message" in body ? body.message : undefined;
}
