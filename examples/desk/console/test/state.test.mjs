import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";
import { ana, CONV, command, event, item, message, messages, mia, MINUTE_MS, NOON, sub, tom } from "./stories.mjs";

const st = /** @type {typeof import("../state.js")} */ (await load("state.ts"));
const queue = /** @type {typeof import("../outbox.js")} */ (await load("outbox.ts"));

/** @typedef {import("../state.js").State} State */

/** @param {Partial<State>} [more] @returns {State} */
const begin = (more = {}) => ({ ...st.emptyState(), agent: mia, ...more });

/** The console after it has opened a conversation with these events. */
const watching = (/** @type {ReturnType<typeof sub>} */ watched) =>
  st.withWatched(st.withInboxItem(begin(), item({ top: watched.top })), watched);

const held = (/** @type {State} */ state) => {
  const conversation = state.conversations.get(CONV);
  assert.ok(conversation, "the conversation is held");
  return conversation;
};
const seqs = (/** @type {State} */ state) => held(state).events.map(({ seq }) => seq);

// ---- the log

test("an event at cursor + 1 is applied", () => {
  const state = st.withEvent(watching(sub(messages(1, 3))), message(4, ana));
  assert.deepEqual(seqs(state), [1, 2, 3, 4]);
  assert.equal(st.hasGap(held(state)), false);
});

test("a repeated event is dropped", () => {
  const state = st.withEvent(watching(sub(messages(1, 3))), message(2, ana, "again"));
  assert.deepEqual(seqs(state), [1, 2, 3]);
  assert.equal(held(state).events[1]?.body.content?.text, "message 2");
});

test("an event further on is not applied but leaves a gap, and history closes it", () => {
  let state = st.withEvent(watching(sub(messages(1, 3))), message(6, ana));
  assert.deepEqual(seqs(state), [1, 2, 3]);
  assert.equal(st.hasGap(held(state)), true);
  state = st.withHistory(state, { conv: CONV, epoch: "e1", top: 6, events: messages(4, 6) });
  assert.deepEqual(seqs(state), [1, 2, 3, 4, 5, 6]);
  assert.equal(st.hasGap(held(state)), false);
});

test("a history page that starts too far on applies nothing", () => {
  let state = st.withEvent(watching(sub(messages(1, 3))), message(9, ana));
  state = st.withHistory(state, { conv: CONV, epoch: "e1", top: 9, events: messages(6, 9) });
  assert.deepEqual(seqs(state), [1, 2, 3]);
  assert.equal(st.hasGap(held(state)), true);
});

test("the inbox tells of events that were never pushed", () => {
  const state = st.withInboxItem(watching(sub(messages(1, 3))), item({ top: 5 }));
  assert.equal(st.hasGap(held(state)), true);
});

test("earlier events go in front, whatever their order on the page", () => {
  let state = watching(sub(messages(8, 10), { top: 10 }));
  assert.equal(held(state).first, 8);
  state = st.withHistory(state, { conv: CONV, epoch: "e1", top: 10, events: messages(5, 7).reverse() });
  assert.deepEqual(seqs(state), [5, 6, 7, 8, 9, 10]);
  assert.equal(held(state).first, 5);
});

test("watching again continues what is held", () => {
  let state = watching(sub(messages(1, 100)));
  state = st.withWatched(state, sub(messages(51, 120)));
  assert.deepEqual([held(state).first, held(state).cursor], [1, 120]);
});

test("watching again after too long replaces what is held, without a hole", () => {
  let state = watching(sub(messages(1, 20)));
  state = st.withWatched(state, sub(messages(300, 400)));
  assert.deepEqual([held(state).first, held(state).cursor], [300, 400]);
  assert.equal(seqs(state).length, 101);
});

test("another epoch replaces what is held", () => {
  let state = watching(sub(messages(1, 20)));
  state = st.withWatched(state, sub(messages(1, 4, mia), { epoch: "e2" }));
  assert.deepEqual(seqs(state), [1, 2, 3, 4]);
  assert.equal(held(state).epoch, "e2");
});

test("a history page of another epoch forgets what is held, so that it is watched anew", () => {
  const state = st.withHistory(watching(sub(messages(1, 3))), { conv: CONV, epoch: "e2", top: 1, events: [] });
  assert.equal(state.conversations.has(CONV), false);
});

test("events with a hole in them are taken from the newest run only", () => {
  const state = watching(sub([...messages(1, 3), ...messages(6, 9)], { top: 9 }));
  assert.deepEqual([held(state).first, held(state).cursor], [6, 9]);
});

test("an empty conversation waits for its first event", () => {
  const state = st.withEvent(watching(sub([], { top: 0 })), message(1, ana));
  assert.deepEqual(seqs(state), [1]);
  assert.equal(held(state).first, 1);
});

test("an event of an unknown type moves the cursor", () => {
  const state = st.withEvent(watching(sub(messages(1, 3))), event(4, ana, "hologram", {}));
  assert.equal(held(state).cursor, 4);
});

test("an event of a conversation that is not held changes nothing", () => {
  const state = begin();
  assert.equal(st.withEvent(state, message(1, ana)), state);
});

test("an author whom nobody named asks for the conversation to be watched again", () => {
  let state = st.withEvent(watching(sub(messages(1, 3))), message(4, tom));
  assert.equal(held(state).strangers, true);
  state = st.withWatched(state, sub(messages(1, 4), { participants: [ana, mia, tom] }));
  assert.equal(held(state).strangers, false);
  assert.equal(st.participant(held(state), tom)?.name, "Tom");
});

test("an assignment names its agent", () => {
  const state = st.withEvent(watching(sub(messages(1, 3))), event(4, tom, "assignment", { agent: tom }));
  assert.equal(held(state).strangers, false);
});

test("only so many conversations are held, and the open one is always among them", () => {
  let state = st.withOpen(watching(sub(messages(1, 1))), CONV);
  for (let at = 0; at < st.CONVERSATIONS_HELD_MAX + 5; at++) {
    state = st.withWatched(state, sub([], { conv: `other-${at}` }));
  }
  assert.equal(state.conversations.size, st.CONVERSATIONS_HELD_MAX);
  assert.ok(state.conversations.has(CONV));
  assert.equal(state.conversations.has("other-0"), false);
});

// ---- the inbox

test("who waits longest comes first among the waiting, whoever wrote last", () => {
  let state = begin();
  state = st.withInboxItem(state, item({ conv: "late", updatedAt: NOON + MINUTE_MS, waitingSince: NOON + MINUTE_MS }));
  state = st.withInboxItem(state, item({ conv: "early", updatedAt: NOON + 2 * MINUTE_MS, waitingSince: NOON }));
  assert.deepEqual(st.inboxView(state, "waiting").map(({ conv }) => conv), ["early", "late"]);
  assert.deepEqual(st.inboxView(state, "all").map(({ conv }) => conv), ["early", "late"]);
});

test("the search finds by name, customer, page and what was said, every word of it", () => {
  const zoe = { ...ana, id: "v-zoe", name: "Zoë Okonjo" };
  let state = watching(sub([message(1, ana, "Where is my linen?")]));
  state = st.withInboxItem(state, item({ preview: "Thank you", page: "https://shop.example/cart" }));
  state = st.withInboxItem(state, item({ conv: "zoe", visitor: zoe, identity: { subject: "customer-17", email: "zoe@mail.example" } }));
  const found = (/** @type {string} */ query) => st.inboxView({ ...state, query }, "all").map(({ conv }) => conv).sort();
  assert.deepEqual(found(" "), [CONV, "zoe"].sort());
  assert.deepEqual(found("zoe"), ["zoe"], "without the dots");
  assert.deepEqual(found("17 MAIL"), ["zoe"]);
  assert.deepEqual(found("cart linen"), [CONV]);
  assert.deepEqual(found("cart okonjo"), []);
});

// ---- streams

test("what a bot is writing is shown until its message is there, it gives up, or falls silent", () => {
  const linnet = { role: /** @type {const} */ ("bot"), id: "b1", name: "Linnet" };
  const delta = { conv: CONV, id: "m4", by: linnet, text: "Your par" };
  const state = st.withDelta(watching(sub(messages(1, 3))), delta, NOON);
  assert.equal(state.streams.get(CONV)?.delta.text, "Your par");
  const done = st.withEvent(state, message(4, linnet, "Your parcel is here.", { cmid: "m4" }));
  assert.equal(done.streams.has(CONV), false);
  assert.equal(st.withDelta(done, delta, NOON).streams.has(CONV), false, "one that comes late changes nothing");
  assert.equal(st.withDelta(state, { ...delta, text: "" }, NOON).streams.has(CONV), false);
  assert.equal(st.expired(state, NOON + st.STREAM_SHOWN_MS_MAX).streams.has(CONV), false);
});

test("each filter shows its own", () => {
  let state = begin();
  state = st.withInboxItem(state, item({ conv: "queued" }));
  state = st.withInboxItem(state, item({ conv: "mine", state: "assigned", assignee: mia }));
  state = st.withInboxItem(state, item({ conv: "toms", state: "assigned", assignee: tom }));
  state = st.withInboxItem(state, item({ conv: "done", state: "resolved", assignee: mia }));
  state = st.withInboxItem(state, item({ conv: "closed", state: "closed", assignee: mia }));
  state = st.withInboxItem(state, item({ conv: "back", state: "reopened", assignee: mia }));
  const view = (/** @type {import("../state.js").Filter} */ filter) => st.inboxView(state, filter).map(({ conv }) => conv).sort();
  assert.deepEqual(view("waiting"), ["back", "queued"]);
  assert.deepEqual(view("mine"), ["back", "mine"]);
  assert.deepEqual(view("resolved"), ["closed", "done"]);
  assert.equal(view("all").length, 6);
});

test("unread messages of a colleague's conversation are not counted", () => {
  let state = begin();
  state = st.withInboxItem(state, item({ conv: "queued", unread: 2 }));
  state = st.withInboxItem(state, item({ conv: "mine", state: "assigned", assignee: mia, unread: 1 }));
  state = st.withInboxItem(state, item({ conv: "toms", state: "assigned", assignee: tom, unread: 4 }));
  assert.equal(st.unreadTotal(state), 3);
});

test("a new connection's list leaves older conversations in place", () => {
  let state = st.withInboxItem(begin(), item({ conv: "old" }));
  state = st.withConnected(state, { agent: mia, pingIntervalMs: 1, limits: { frameBytesMax: 1, textBytesMax: 1, attachmentBytesMax: 1 }, colleagues: [], inbox: [item({ conv: "new" })] });
  assert.deepEqual([...state.inbox.keys()], ["old", "new"]);
});

// ---- marks

test("what has come in is reported as delivered, and read only while it is looked at", () => {
  let state = st.withOpen(watching(sub(messages(1, 3))), CONV);
  assert.deepEqual(st.marksOwed(state, false), [{ conv: CONV, marks: { deliveredSeq: 3, readSeq: 0 } }]);
  assert.deepEqual(st.marksOwed(state, true), [{ conv: CONV, marks: { deliveredSeq: 3, readSeq: 3 } }]);
  state = st.withAgentMarks(state, CONV, { deliveredSeq: 3, readSeq: 3 });
  assert.deepEqual(st.marksOwed(state, true), []);
});

test("read never goes further than what is shown", () => {
  let state = st.withOpen(watching(sub(messages(1, 3))), CONV);
  state = st.withInboxItem(state, item({ top: 5 }));
  assert.deepEqual(st.marksOwed(state, true)[0]?.marks, { deliveredSeq: 5, readSeq: 3 });
});

test("a conversation in the list alone is delivered, its read mark unchanged", () => {
  const state = st.withInboxItem(begin(), item({ top: 7, agentMarks: { deliveredSeq: 4, readSeq: 4 }, unread: 3 }));
  assert.deepEqual(st.marksOwed(state, true), [{ conv: CONV, marks: { deliveredSeq: 7, readSeq: 4 } }]);
});

test("marks never move backwards", () => {
  let state = watching(sub(messages(1, 9), { visitorMarks: { deliveredSeq: 8, readSeq: 6 } }));
  state = st.withReceipt(state, { conv: CONV, by: "visitor", marks: { deliveredSeq: 5, readSeq: 7 } });
  assert.deepEqual(held(state).visitorMarks, { deliveredSeq: 8, readSeq: 7 });
});

test("a colleague who read everything clears the unread count", () => {
  let state = st.withInboxItem(begin(), item({ top: 5, unread: 2 }));
  state = st.withReceipt(state, { conv: CONV, by: "agent", marks: { deliveredSeq: 5, readSeq: 5 } });
  assert.equal(state.inbox.get(CONV)?.unread, 0);
});

test("opening remembers where the unread messages begin", () => {
  let state = st.withInboxItem(begin(), item({ top: 5, unread: 2, agentMarks: { deliveredSeq: 5, readSeq: 3 } }));
  state = st.withOpen(state, CONV);
  assert.equal(state.unreadFrom, 4);
  assert.equal(st.withOpen(state, null).unreadFrom, 0);
});

// ---- typing

test("typing ends by itself, with a message, and when the visitor stops", () => {
  const typing = (/** @type {State} */ state) => st.withTyping(state, { conv: CONV, by: ana, active: true }, NOON);
  const state = typing(watching(sub(messages(1, 3))));
  assert.ok(state.typists.has(CONV));
  assert.equal(st.expired(state, NOON + 1).typists.has(CONV), true);
  assert.equal(st.expired(state, NOON + st.TYPING_SHOWN_MS_MAX).typists.has(CONV), false);
  assert.equal(st.withEvent(state, message(4, ana)).typists.has(CONV), false);
  assert.equal(st.withTyping(state, { conv: CONV, by: ana, active: false }, NOON).typists.has(CONV), false);
});

test("an agent's own typing in another window is not shown", () => {
  const state = begin();
  assert.equal(st.withTyping(state, { conv: CONV, by: mia, active: true }, NOON), state);
});

// ---- ratings

test("of every rating the highest revision counts", () => {
  const response = { responseId: "r1", surveyId: "csat", revision: 1, rating: 3, finished: false };
  const state = watching(
    sub([
      event(1, ana, "survey", { response }),
      event(2, ana, "survey", { response: { ...response, revision: 2, rating: 5, comment: "Thanks", finished: true } }),
      event(3, ana, "survey", { response: { ...response, responseId: "r2", rating: 4 } }),
    ]),
  );
  assert.deepEqual(st.ratings(held(state)).map(({ response: { rating } }) => rating), [5, 4]);
});

// ---- what was sent

test("an unsent message leaves the outbox when its event comes in, even before the answer", () => {
  const outbox = [queue.sending(queue.queued(command("c1"))), queue.queued(command("c2"))];
  const state = st.withEvent({ ...watching(sub(messages(1, 3))), outbox }, message(4, mia, "hello", { cmid: "c1" }));
  assert.deepEqual(state.outbox.map(({ cmid }) => cmid), ["c2"]);
});

test("a message that is committed stays in sight until its event comes in", () => {
  const outbox = [queue.sent(queue.queued(command("c1")), 4)];
  let state = st.settled({ ...watching(sub(messages(1, 3))), outbox });
  assert.equal(state.outbox.length, 1);
  state = st.withEvent(state, message(4, mia, "hello", { cmid: "c1" }));
  assert.equal(state.outbox.length, 0);
});

test("the assignment that a first message makes does not settle the message", () => {
  const outbox = [queue.sending(queue.queued(command("c1")))];
  const state = st.withEvent({ ...watching(sub(messages(1, 3))), outbox }, event(4, mia, "assignment", { agent: mia }, { cmid: "c1" }));
  assert.equal(state.outbox.length, 1);
});

test("a message committed in a conversation that is not held is read with it later", () => {
  const state = st.settled(begin({ outbox: [queue.sent(queue.queued(command("c1")), 4)] }));
  assert.equal(state.outbox.length, 0);
});

test("an open ticket is in a list of its own until its conversation is over, and is found by number and address", () => {
  const left = message(2, ana, "My lamp flickers");
  if (left.body.content) left.body.content.ticket = { replyTo: "ana@post.example", name: "Ana", number: 42 };
  let state = st.withWatched(st.withInboxItem(begin(), item({ top: 2, ticket: 42 })), sub([message(1, ana), left]));
  state = st.withInboxItem(state, item({ conv: "another" }));
  const convs = (/** @type {import("../state.js").Filter} */ filter) => st.inboxView(state, filter).map(({ conv }) => conv);
  assert.deepEqual(convs("tickets"), [CONV]);
  for (const query of ["#42", "post.example"]) {
    state = { ...state, query };
    assert.deepEqual(convs("all"), [CONV], query);
  }
  state = st.withInboxItem({ ...state, query: "" }, item({ top: 3, ticket: 42, state: "resolved" }));
  assert.deepEqual(convs("tickets"), []);
});
