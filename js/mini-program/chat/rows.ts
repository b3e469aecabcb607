import { rowsOf, type Row } from "../../widget/rows.js";
import type { Ticket } from "../../types/protocol.js";
import type { ConversationView, Status } from "../../types/view.js";
import type { TextKey, Texts } from "../texts.js";
import { linesOf, type LineData } from "./lines.js";
import type { CardData, FileData, FormData, Forms, Pictures } from "./message.js";

/** One row of the timeline as the template draws it. */
export interface RowData {
  readonly key: string;
  /** `line`: a word between the messages. */
  readonly kind: "line" | "mine" | "theirs";
  readonly text: string;
  readonly name: string;
  readonly lines: readonly LineData[];
  readonly files: readonly FileData[];
  readonly cards: readonly CardData[];
  readonly form: FormData | null;
  /** Time and status, or nothing. */
  readonly meta: string;
  readonly failed: boolean;
  /** Where it is answered, and its number, if it was left as a ticket. */
  readonly ticket: string;
}

/** What rows are made with. */
export interface Drawing {
  readonly texts: Texts;
  readonly pictures: Pictures;
  readonly forms: Forms;
}

const empty = { text: "", name: "", lines: [], files: [], cards: [], form: null, meta: "", failed: false, ticket: "" };

const line = (key: string, text: string): RowData => ({ ...empty, key, kind: "line", text });

export function rowData({ items, firstUnread }: ConversationView, drawing: Drawing, now: number): RowData[] {
  return rowsOf(items, firstUnread).map((row) => one(row, drawing, now));
}

function one(row: Row, { texts, pictures, forms }: Drawing, now: number): RowData {
  switch (row.kind) {
    case "day":
      return line(row.key, texts.day(row.ts, now));
    case "new":
      return line(row.key, texts.t("chat.new"));
    case "line":
      return line(row.key, said(row.body, texts));
    case "message": {
      const { mine, author, content, status, files, cards, form, ticket } = row.message;
      return {
        ...empty,
        key: row.key,
        kind: mine ? "mine" : "theirs",
        name: !mine && row.first ? author.name || texts.t("chat.team") : "",
        lines: linesOf(content),
        files: files.map((file) => pictures.data(file, texts)),
        cards,
        form: form && forms.data(form, texts),
        meta: meta(row.last, row.ts, status, texts),
        failed: typeof status === "object" && status !== null,
        ticket: ticket === null ? "" : left(ticket, texts),
      };
    }
  }
}

function left({ replyTo, number }: Ticket, texts: Texts): string {
  const to = texts.t("ticket.to", { to: replyTo });
  return number ? `${to} · ${texts.t("ticket.number", { number })}` : to;
}

function said(body: Extract<Row, { kind: "line" }>["body"], texts: Texts): string {
  if (typeof body === "string") return texts.t(`chat.${body}`);
  if ("redacted" in body) return texts.t("chat.redacted");
  if ("assigned" in body) return texts.t("chat.assigned", { name: body.assigned.agent.name || texts.t("chat.team") });
  if ("rated" in body) return texts.t("chat.rated", body.rated);
  return linesOf(body.note.content).map(({ runs }) => runs.map(({ text }) => text).join("")).join("\n");
}

function meta(last: boolean, ts: number, status: Status | null, texts: Texts): string {
  if (status === null) return last ? texts.time(ts) : "";
  const step: TextKey = typeof status === "string" ? `status.${status}` : "status.failed";
  const settled = status === "sent" || status === "delivered" || status === "read";
  return last || !settled ? `${texts.time(ts)} ${texts.t(step)}` : "";
}
