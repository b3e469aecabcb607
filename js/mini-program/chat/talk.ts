import type { ConversationView, ItemBody, View } from "../../types/view.js";
import { theHost } from "../set-up-here.js";
import { Forms, Pictures } from "./message.js";
import { convOf, type Stage, type Taps } from "./part.js";
import type { TextKey } from "../texts.js";
import { rowData, type RowData } from "./rows.js";

const PICTURES_MAX = 9;

type Message = Extract<ItemBody, { message: unknown }>["message"];

/** The conversation on the screen. */
export interface TalkData {
  rows: readonly RowData[];
  older: boolean;
  newer: boolean;
  typing: string;
  /** Its place in the queue. */
  queue: string;
  /** Answers that are offered. */
  replies: readonly { title: string; payload: string }[];
  /** Whether a person may be asked for. */
  person: boolean;
  /** Whether nothing can be said here any more. */
  over: boolean;
  draft: string;
  problem: string;
  /** Whether pictures may be sent. */
  attach: boolean;
  /** The row that is scrolled to: another name each time. */
  last: string;
  /** Whether nobody is there, and a message may be left. */
  away: boolean;
  /** The message that is being left: who, where to answer, and what is wrong with that, or with the words. */
  ticket: { readonly name: string; readonly replyTo: string; readonly wrong: string; readonly problem: string } | null;
}

/** Why a message that is left was not taken. */
const problems: Readonly<Record<string, TextKey>> = {
  reply_to_missing: "ticket.missing", reply_to_invalid: "ticket.invalid", empty: "ticket.empty",
};

export const noTalk = (): TalkData => ({
  rows: [], older: false, newer: false, typing: "", queue: "", replies: [], person: false, over: false, draft: "", problem: "",
  attach: false, last: "", away: false, ticket: null,
});

/** What is said, and what it is said with. */
export class Talk {
  private draft = "";
  private problem = "";
  /** Why the message that is being left was not taken, as a code; null while none is left. */
  private leaving: string | null = null;
  /** Who left the last one, and where they are answered. */
  private addressee = { name: "", replyTo: "" };
  private readonly forms = new Forms();
  private readonly pictures: Pictures;
  /** The newest row, and whether the visitor stands at it. */
  private newest = "";
  private turns = 0;
  private isAtEnd = true;
  private scrolledTo = 0;

  constructor(
    private readonly stage: Stage,
    /** What was searched for and read, for the person who is asked for. */
    private readonly handOff: (conv: string) => void,
    /** The field has the text already: drawn again, it would move the cursor. */
    private readonly drawn: (draft: string) => void,
  ) {
    const find = (id: string): Promise<string> => this.stage.running?.file(id) ?? Promise.reject(new Error("not running"));
    this.pictures = new Pictures(find, () => this.stage.show());
  }

  /** Another conversation came on the screen; `asked` is what was searched for in vain. */
  open(asked: string): void {
    this.draft = this.view()?.conversation?.draft || asked;
    this.problem = "";
    this.leaving = null;
    this.newest = "";
    this.isAtEnd = true;
  }

  data(view: View): TalkData {
    const { conversation } = view;
    const { texts } = this.stage;
    const rest = { draft: this.draft, problem: this.problem };
    if (conversation === null) return { ...noTalk(), ...rest };
    const { typing, hasOlder, hasNewer, quickReplies, state } = conversation;
    const rows = rowData(conversation, { texts, pictures: this.pictures, forms: this.forms }, theHost().now());
    return {
      ...rest,
      rows,
      older: hasOlder,
      newer: hasNewer,
      typing: typing === null ? "" : texts.t("chat.typing", { name: typing.name || texts.t("chat.team") }),
      queue: view.agentsOnline === 0 ? "" : this.place(conversation),
      replies: quickReplies.map(({ title, payload = "" }) => ({ title, payload })),
      person: state === "selfService",
      over: state === "closed",
      attach: view.attachmentBytesMax > 0 && theHost().files !== null,
      last: this.scroll(rows),
      away: view.agentsOnline === 0 && /^(new|queued|reopened)$/.test(state) && !rows.some(({ kind, ticket }) => kind === "mine" && ticket !== ""),
      ticket: this.ticket(),
    };
  }

  readonly taps: Taps = {
    onDraft: ({ value }) => {
      this.draft = String(value);
      this.drawn(this.draft);
      this.withConv((conv) => this.stage.dispatch({ draft: { conv, text: this.draft } }));
    },
    onSend: () => {
      if (this.draft.trim() === "") return;
      this.withConv((conv) => {
        const code = this.stage.dispatch({ send: { conv, text: this.draft } });
        this.refuse(code);
        if (code === null) this.draft = "";
      });
      this.stage.show();
    },
    onTakeBack: (_, { id = "" }) => {
      const ticket = this.message((_, key) => key === id)?.ticket;
      this.stage.dispatch({ edit: { key: id } });
      this.draft = this.view()?.conversation?.draft ?? this.draft;
      // The address of a ticket is no part of the words that go back.
      if (ticket) {
        this.addressee = { name: ticket.name, replyTo: ticket.replyTo };
        this.leaving = "";
      }
      this.stage.show();
    },
    onLeave: () => {
      this.leaving = "";
      this.stage.show();
    },
    onAddressee: ({ value }, { id }) => {
      this.addressee[id === "name" ? "name" : "replyTo"] = String(value);
    },
    onTicket: () => {
      const { name, replyTo } = this.addressee;
      this.withConv((conv) => {
        const ticket = { name: name.trim(), replyTo: replyTo.trim() };
        this.leaving = ticket.replyTo === "" ? "reply_to_missing" : this.stage.dispatch({ send: { conv, text: this.draft, ticket } });
        if (this.leaving === null) this.draft = "";
      });
      this.stage.show();
    },
    onOlder: () => void this.stage.dispatch("older"),
    onLatest: () => {
      this.isAtEnd = true;
      this.stage.dispatch("latest");
    },
    onNew: () => {
      this.stage.dispatch("openNew");
      this.open("");
      this.stage.show();
    },
    onReply: (_, { title = "", payload, link }) => {
      if (link) return this.stage.follow(link);
      this.withConv((conv) => this.stage.dispatch({ choose: { conv, title, payload: payload || null } }));
    },
    onPerson: () => this.withConv((conv) => this.handOff(conv)),
    onPick: () => void this.pick(),
    onFile: (_, { id = "", v = "" }) => void this.showFile(id, String(v)),
    onLost: (_, { id = "" }) => this.pictures.lost(id),
    onField: ({ value }, { id = "", v }) => {
      const seq = Number(v);
      const field = this.form(seq)?.fields.find(({ name }) => name === id);
      if (field === undefined) return;
      const { kind, options } = field;
      const given = kind === "checkbox" ? (this.forms.value(seq, id) ? "" : "true") : kind === "select" ? (options[Number(value)] ?? "") : String(value);
      this.forms.put(seq, id, given);
      if (kind === "checkbox" || kind === "select" || kind === "date") this.stage.show();
    },
    onSubmit: (_, { v }) => {
      const form = Number(v);
      const { texts } = this.stage;
      const values = (this.form(form)?.fields ?? []).map(({ name }): [string, string] => [name, this.forms.value(form, name)]);
      this.withConv((conv) => {
        const code = this.stage.dispatch({ submit: { conv, form, values } });
        this.forms.refuse(form, code === null ? "" : texts.t(code === "field_missing" ? "form.missing" : "form.refused", { code }));
      });
      this.stage.show();
    },
    onScroll: ({ scrollTop = 0 }) => {
      if (scrollTop < this.scrolledTo) this.isAtEnd = false;
      this.scrolledTo = scrollTop;
    },
    onScrolled: () => {
      this.isAtEnd = true;
    },
  };

  /** Goes back from what is being left to the conversation; false where nothing is. */
  back(): boolean {
    const leaving = this.leaving !== null;
    this.leaving = null;
    return leaving;
  }

  private ticket(): TalkData["ticket"] {
    const { leaving } = this;
    if (leaving === null) return null;
    const problem = leaving && this.stage.texts.t(problems[leaving] ?? "composer.refused");
    const wrong = leaving.startsWith("reply_to");
    return { ...this.addressee, wrong: wrong ? problem : "", problem: wrong ? "" : problem };
  }

  private view(): View | undefined {
    return this.stage.running?.view();
  }

  private withConv(act: (conv: string) => unknown): void {
    const conv = convOf(this.view());
    if (conv !== undefined) act(conv);
  }

  private refuse(code: string | null): void {
    this.problem = code === null ? "" : this.stage.texts.t("composer.refused");
  }

  private form(seq: number): Message["form"] | undefined {
    return this.message(({ form }) => form?.seq === seq)?.form;
  }

  private message(fits: (message: Message, key: string) => boolean): Message | undefined {
    for (const { key, body } of this.view()?.conversation?.items ?? []) {
      if (typeof body === "object" && "message" in body && fits(body.message, key)) return body.message;
    }
    return undefined;
  }

  private async pick(): Promise<void> {
    const { running, texts } = this.stage;
    const view = this.view();
    const conv = convOf(view);
    if (running === null || conv === undefined) return;
    this.problem = "";
    try {
      for (const file of await theHost().pickMedia({ count: PICTURES_MAX })) {
        const { bytes } = file;
        const max = view?.attachmentBytesMax ?? 0;
        if (bytes > 0 && bytes <= max) await running.attach(conv, file);
        else this.problem = texts.t("file.tooLarge", { mb: Math.floor(max / 1_000_000) });
      }
    } catch (error) {
      theHost().log("warn", "deskside: a picture was not taken", error);
      this.problem = texts.t("file.refused");
    }
    this.stage.show();
  }

  private async showFile(id: string, mime: string): Promise<void> {
    const path = await this.pictures.again(id);
    if (path) await theHost().preview(path, mime).catch((error: unknown) => theHost().log("warn", "deskside: no preview", error));
  }

  private place({ queue }: ConversationView): string {
    if (queue === null) return "";
    const { texts } = this.stage;
    const ahead = texts.t("queue", { n: queue.position });
    const { waitMsMax } = queue;
    return waitMsMax === null ? ahead : `${ahead} · ${texts.t("queue.wait", { n: Math.max(1, Math.round(waitMsMax / 60_000)) })}`;
  }

  /** Where to scroll to: to what is new, unless the visitor reads further up. What one says oneself one wants to see. */
  private scroll(rows: readonly RowData[]): string {
    const last = rows[rows.length - 1];
    if (last === undefined) return "";
    if (last.key !== this.newest) {
      if (last.kind === "mine") this.isAtEnd = true;
      if (this.isAtEnd) this.turns += 1;
      this.newest = last.key;
    }
    return this.turns % 2 === 0 ? "end" : "end-too";
  }
}
