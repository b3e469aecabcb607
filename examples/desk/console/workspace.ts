// What one agent has before them: the state, the connection that feeds it, and the commands.
// After every change it looks at the state and asks the desk for whatever is still owed.

import type { AgentReply, AgentServerFrame, Attachment, InboxItem, Participant } from "../../../js/types/protocol.js";
import * as fileStore from "./file-store.js";
import { uuidV7 } from "./ids.js";
import * as queue from "./outbox.js";
import { CommandError, ConnectionLost, retryDelayMs, Session, type Link } from "./session.js";
import * as st from "./state.js";
import * as storage from "./storage.js";
import { upload } from "./upload.js";
import { isBegun, Writings, type Writing } from "./writing.js";

export interface WorkspaceHost {
  changed(): void;
  /** A visitor wrote. */
  arrived(item: InboxItem, isNew: boolean): void;
  expired(): void;
}

/** Why the open conversation cannot be shown. */
export interface Trouble {
  conv: string;
  gone: boolean;
  message: string;
}

const GAP_WAIT_MS = 400;
const GAP_RETRY_MS = 5_000;
const TYPING_EVERY_MS = 3_000;
const TYPING_STOPS_MS = 4_000;

type Timer = ReturnType<typeof setTimeout>;

export class Workspace {
  state: st.State;
  trouble: Trouble | null = null;
  /** The first list has come from the desk. */
  isLoaded = false;
  private readonly session: Session;
  private watched: string | null = null;
  /** Conversations whose `watch` awaits its answer. */
  private readonly asked = new Set<string>();
  private readonly writings: Writings;
  /** Files that are going up, by the command that sends them. */
  private readonly uploads = new Map<string, AbortController>();
  private readingOlder = false;
  private gapTimer: Timer | undefined;
  private outboxTimer: Timer | undefined;
  private typing: { conv: string; at: number; stop: Timer } | null = null;

  constructor(
    readonly agent: Participant,
    private readonly token: string,
    private readonly host: WorkspaceHost,
  ) {
    this.writings = new Writings(agent.id);
    this.state = { ...st.emptyState(), agent, outbox: storage.outbox(agent.id) };
    this.session = new Session(socketAddress(), token, {
      onLink: (link) => this.onLink(link),
      onConnected: (connected) => {
        this.isLoaded = true;
        this.update(st.withConnected(this.state, connected));
      },
      onPush: (frame) => this.onPush(frame),
      onUnauthorized: () => this.host.expired(),
    });
  }

  start(): void {
    document.addEventListener("visibilitychange", this.looked);
    this.session.start();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.looked);
    clearTimeout(this.gapTimer);
    clearTimeout(this.outboxTimer);
    if (this.typing !== null) clearTimeout(this.typing.stop);
    this.stopUploads();
    this.session.stop();
  }

  get link(): Link {
    return this.session.link;
  }

  retryNow(): void {
    this.session.retryNow();
  }

  tick(now: number): void {
    const next = st.expired(this.state, now);
    if (next !== this.state) this.update(next);
  }

  // ---- what the agent does

  open(conv: string | null): void {
    if (this.state.open === conv) return;
    this.stopTyping();
    this.trouble = null;
    this.update(st.withOpen(this.state, conv));
  }

  again(): void {
    this.trouble = null;
    this.update(this.state);
  }

  setFilter(filter: st.Filter): void {
    this.update({ ...this.state, filter });
  }

  setQuery(query: string): void {
    this.update({ ...this.state, query });
  }

  /** Sends what is being written: each file as a message of its own, then the words. */
  send(conv: string): void {
    const { text, files, isNote, edit } = this.writing(conv);
    this.stopTyping();
    if (edit !== undefined) {
      this.enqueue({ kind: "edit", conv, text: edit.text.trim(), seq: edit.seq });
      this.write(conv, { edit: undefined });
      return;
    }
    // A note has no files; they stay for the reply.
    if (!isNote) for (const file of files) this.enqueue({ kind: "send", conv, text: "", file });
    if (text.trim() !== "") this.enqueue({ kind: isNote ? "note" : "send", conv, text: text.trim() });
    this.write(conv, isNote ? { text: "" } : { text: "", files: [] });
    // Who answers has read what was new.
    this.update({ ...this.state, unreadFrom: 0 });
  }

  redact(conv: string, seq: number): void {
    if (!this.isPending(conv, "redact", seq)) this.enqueue({ kind: "redact", conv, text: "", seq });
  }

  assign(conv: string): void {
    if (!this.isPending(conv, "assign")) this.enqueue({ kind: "assign", conv, text: "" });
  }

  /** To a colleague, or back to the queue. */
  transfer(conv: string, to: string | undefined, note: string): void {
    if (this.isPending(conv, "transfer")) return;
    this.enqueue(to === undefined ? { kind: "transfer", conv, text: note } : { kind: "transfer", conv, text: note, to });
  }

  resolve(conv: string): void {
    if (!this.isPending(conv, "resolve")) this.enqueue({ kind: "resolve", conv, text: "" });
  }

  isPending(conv: string, kind: queue.Kind, seq?: number): boolean {
    return this.state.outbox.some((p) => p.conv === conv && p.kind === kind && p.seq === seq && p.status !== "failed");
  }

  retry(cmid: string): void {
    const pending = this.pending(cmid);
    if (pending?.status !== "failed") return;
    this.setPending(queue.queued(queue.base(pending)));
  }

  /** Gives back what was said, for the composer. */
  discard(cmid: string): string {
    const pending = this.pending(cmid);
    if (pending?.file !== undefined) void fileStore.forget(pending.file.uploadId);
    this.update({ ...this.state, outbox: queue.without(this.state.outbox, cmid) });
    return pending?.text ?? "";
  }

  writing(conv: string): Writing {
    return this.writings.of(conv);
  }

  write(conv: string, change: Partial<Omit<Writing, "edit">> & { edit?: Writing["edit"] | undefined }): void {
    const before = this.writing(conv);
    const { edit = "edit" in change ? undefined : before.edit, ...rest } = change;
    const { edit: _, ...kept } = before;
    const next: Writing = { ...kept, ...rest };
    if (edit !== undefined) next.edit = edit;
    this.writings.set(conv, next);
    const isText = Object.keys(change).every((name) => name === "text");
    // The inbox marks who has a draft.
    if (!isText || isBegun(before) !== isBegun(next)) this.host.changed();
  }

  /** Called on every keystroke; says so to the visitor now and then, and when it is over. */
  typingIn(conv: string, active: boolean): void {
    if (!active) {
      this.stopTyping();
      return;
    }
    const now = Date.now();
    if (this.typing !== null && this.typing.conv !== conv) this.stopTyping();
    const since = this.typing?.at ?? 0;
    if (this.typing !== null) clearTimeout(this.typing.stop);
    const isDue = now - since >= TYPING_EVERY_MS;
    if (isDue) this.session.notify({ typing: { conv, active: true } });
    this.typing = { conv, at: isDue ? now : since, stop: setTimeout(() => this.stopTyping(), TYPING_STOPS_MS) };
  }

  private stopTyping(): void {
    if (this.typing === null) return;
    clearTimeout(this.typing.stop);
    this.session.notify({ typing: { conv: this.typing.conv, active: false } });
    this.typing = null;
  }

  loadOlder(): void {
    const held = this.openConversation();
    if (held === undefined || held.first <= 1 || this.readingOlder) return;
    this.readingOlder = true;
    const { conv, first } = held;
    this.session
      .request({ history: { conv, before: first, limit: st.HISTORY_PAGE_EVENTS_MAX } })
      .then(({ history }) => history && this.update(st.withHistory(this.state, history)))
      .catch(ignored)
      .finally(() => (this.readingOlder = false));
  }

  openConversation(): st.Conversation | undefined {
    return this.state.open === null ? undefined : this.state.conversations.get(this.state.open);
  }

  // ---- what the desk says

  private onLink(link: Link): void {
    if (link.at !== "online") {
      this.watched = null;
      this.asked.clear();
      this.stopUploads();
      this.update({ ...this.state, outbox: queue.requeued(this.state.outbox) });
    } else {
      if (this.trouble?.gone === false) this.trouble = null;
      this.update(this.state);
    }
  }

  private onPush({ inbox, event, read, typing, delta, colleagues }: AgentServerFrame): void {
    if (inbox !== undefined) {
      const old = this.state.inbox.get(inbox.conv);
      this.update(st.withInboxItem(this.state, inbox));
      const isNews = inbox.top > (old?.top ?? 0) && inbox.unread > (old?.unread ?? 0);
      if (isNews && st.concerns(this.state, inbox)) this.host.arrived(inbox, old === undefined);
    }
    if (event !== undefined) this.update(st.withEvent(this.state, event));
    if (read !== undefined) this.update(st.withReceipt(this.state, read));
    if (delta !== undefined) this.update(st.withDelta(this.state, delta, Date.now()));
    if (colleagues !== undefined) this.update({ ...this.state, colleagues });
    if (typing !== undefined) this.update(st.withTyping(this.state, typing, Date.now()));
  }

  private readonly looked = (): void => this.update(this.state);

  // ---- what is owed

  private update(next: st.State): void {
    for (const { cmid } of this.state.outbox) {
      if (!next.outbox.some((pending) => pending.cmid === cmid)) storage.dropPending(this.agent.id, cmid);
    }
    this.state = next;
    if (this.link.at === "online") {
      this.watchOpen();
      this.reportMarks();
      this.flush();
      this.noticeGap();
    }
    this.host.changed();
  }

  private watchOpen(): void {
    const conv = this.state.open;
    if (this.watched !== null && this.watched !== conv) {
      this.session.notify({ unwatch: { conv: this.watched } });
      this.watched = null;
    }
    if (conv === null || this.trouble !== null) return;
    const held = this.state.conversations.get(conv);
    const isFresh = held !== undefined && !held.strangers;
    if (this.watched === conv && (isFresh || this.asked.has(conv))) return;
    this.watched = conv;
    this.asked.add(conv);
    this.session.request({ watch: { conv } }).then(
      ({ watched }) => {
        this.asked.delete(conv);
        if (watched !== undefined) this.update(st.withWatched(this.state, watched));
      },
      (error: unknown) => this.notWatched(conv, error),
    );
  }

  private notWatched(conv: string, error: unknown): void {
    this.asked.delete(conv);
    // A lost connection begins anew with everything else.
    if (!(error instanceof CommandError) || this.watched !== conv) return;
    this.watched = null;
    const { code, message } = error.body;
    this.trouble = { conv, gone: code === "not_found", message: message || code };
    this.update(this.state);
  }

  private reportMarks(): void {
    for (const { conv, marks } of st.marksOwed(this.state, document.visibilityState === "visible")) {
      this.session.notify({ read: { conv, marks } });
      this.state = st.withAgentMarks(this.state, conv, marks);
    }
  }

  /** An event that the desk pushed may just be on its way; if it stays away, it is fetched. */
  private noticeGap(delayMs = GAP_WAIT_MS): void {
    const held = this.openConversation();
    if (this.gapTimer !== undefined || held === undefined || !st.hasGap(held)) return;
    this.gapTimer = setTimeout(() => void this.fillGap(), delayMs);
  }

  private async fillGap(): Promise<void> {
    const held = this.openConversation();
    let delayMs = GAP_WAIT_MS;
    if (held !== undefined && st.hasGap(held)) {
      try {
        const { conv, cursor } = held;
        const { history } = await this.session.request({
          history: { conv, after: cursor, limit: st.HISTORY_PAGE_EVENTS_MAX },
        });
        if (history !== undefined) this.update(st.withHistory(this.state, history));
        delayMs = this.state.conversations.get(conv)?.cursor === cursor ? GAP_RETRY_MS : 0;
      } catch (error) {
        ignored(error);
        delayMs = GAP_RETRY_MS;
      }
    }
    this.gapTimer = undefined;
    if (this.link.at === "online") this.noticeGap(delayMs);
  }

  // ---- the outbox

  private pending(cmid: string): queue.Pending | undefined {
    return this.state.outbox.find((pending) => pending.cmid === cmid);
  }

  private setPending(pending: queue.Pending): void {
    this.update(st.settled({ ...this.state, outbox: queue.replaced(this.state.outbox, pending) }));
  }

  private enqueue(command: Omit<queue.Command, "cmid" | "createdAt">): void {
    const now = Date.now();
    const pending = queue.queued({ ...command, cmid: uuidV7(now), createdAt: now });
    storage.keepPending(this.agent.id, pending);
    this.update({ ...this.state, outbox: [...this.state.outbox, pending] });
  }

  private flush(): void {
    for (const pending of queue.due(this.state.outbox, Date.now())) {
      const onItsWay = queue.sending(pending);
      this.state = { ...this.state, outbox: queue.replaced(this.state.outbox, onItsWay) };
      this.carriedOut(pending).then(
        ({ sent }) => this.committed(pending.cmid, sent?.seq ?? 0),
        (error: unknown) => this.notCommitted(pending.cmid, error),
      );
    }
    clearTimeout(this.outboxTimer);
    const at = queue.dueAt(this.state.outbox);
    if (at !== undefined) this.outboxTimer = setTimeout(() => this.update(this.state), Math.max(0, at - Date.now()));
  }

  private async carriedOut(pending: queue.Pending): Promise<AgentReply> {
    if (pending.file !== undefined) await this.sendBytes(pending, pending.file);
    return this.session.request(queue.wire(pending));
  }

  private async sendBytes({ conv, cmid }: queue.Pending, file: Attachment): Promise<void> {
    const stop = new AbortController();
    this.uploads.set(cmid, stop);
    try {
      const bytes = await fileStore.bytesOf(file.uploadId);
      if (bytes === undefined) throw new CommandError({ code: "file_lost", message: "", temporary: false });
      await upload(conv, file, bytes, {
        request: (command) => this.session.request(command),
        token: this.token,
        onProgress: (sent) => this.update(st.withUploaded(this.state, file.uploadId, sent)),
        signal: stop.signal,
      });
    } finally {
      if (this.uploads.get(cmid) === stop) this.uploads.delete(cmid);
      this.state = st.withUploaded(this.state, file.uploadId, undefined);
    }
  }

  private stopUploads(): void {
    for (const stop of this.uploads.values()) stop.abort();
  }

  private committed(cmid: string, seq: number): void {
    storage.dropPending(this.agent.id, cmid);
    const pending = this.pending(cmid);
    if (pending?.file !== undefined) void fileStore.forget(pending.file.uploadId);
    if (pending !== undefined) this.setPending(queue.sent(pending, seq));
  }

  private notCommitted(cmid: string, error: unknown): void {
    const pending = this.pending(cmid);
    if (pending?.status !== "sending") return;
    // A part of a file can be lost while the socket holds.
    if (error instanceof ConnectionLost && pending.file !== undefined && this.link.at === "online") {
      this.setPending(queue.postponed(pending, Date.now() + retryDelayMs(pending.attempts, Math.random())));
    }
    if (!(error instanceof CommandError)) return;
    const { code, message, temporary, retryAfterMs } = error.body;
    if (temporary || code === "rate_limited") {
      const delayMs = Math.max(retryAfterMs ?? 0, retryDelayMs(pending.attempts, Math.random()));
      this.setPending(queue.postponed(pending, Date.now() + delayMs));
    } else {
      this.setPending(queue.failed(pending, code, message));
    }
  }
}

/** History that could not be read is asked for again by whoever misses it. */
function ignored(error: unknown): void {
  if (!(error instanceof CommandError) && !(error instanceof ConnectionLost)) throw error;
}

/** Beside the console, whatever the desk's own address is. */
function socketAddress(): string {
  const address = new URL("../v1/agent/socket", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  return address.href;
}
