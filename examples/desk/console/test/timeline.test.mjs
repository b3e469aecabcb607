import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";
import { ana, command, CONV, desk, event, message, mia, MINUTE_MS, NOON, sub, tom } from "./stories.mjs";

const st = /** @type {typeof import("../state.js")} */ (await load("state.ts"));
const queue = /** @type {typeof import("../outbox.js")} */ (await load("outbox.ts"));
const { timeline } = /** @type {typeof import("../timeline.js")} */ (await load("timeline.ts"));

/** @typedef {import("./stories.mjs").Event} Event */
/** @typedef {import("../outbox.js").Pending} Pending */

/** @param {Event[]} events @param {Partial<ReturnType<typeof sub>>} [more] */
function conversation(events, more = {}) {
  const held = st.withWatched({ ...st.emptyState(), agent: mia }, sub(events, more)).conversations.get(CONV);
  assert.ok(held);
  return held;
}

/** @param {Event[]} events @param {{ outbox?: Pending[], unreadFrom?: number, more?: Partial<ReturnType<typeof sub>> }} [with_] */
const shown = (events, { outbox = [], unreadFrom = 0, more = {} } = {}) => timeline(conversation(events, more), { ...st.emptyState(), outbox, unreadFrom }, mia);
const kinds = (/** @type {ReturnType<typeof shown>} */ entries) => entries.map(({ kind }) => kind);
const said = (/** @type {ReturnType<typeof shown>} */ entries) => entries.flatMap((entry) => (entry.kind === "message" ? [entry] : []));

test("every day begins with its date", () => {
  const tomorrow = NOON + 24 * 60 * MINUTE_MS;
  const entries = shown([message(1, ana), message(2, ana, "next day", { ts: tomorrow })]);
  assert.deepEqual(kinds(entries), ["start", "day", "message", "day", "message"]);
});

test("the start is shown only where the log is held from its start", () => {
  assert.equal(shown([message(7, ana)], { more: { top: 7 } })[0]?.kind, "day");
});

test("messages of one author in a row form a run, until five minutes pass", () => {
  const entries = said(
    shown([message(1, ana), message(2, ana), message(3, ana, "later", { ts: NOON + 20 * MINUTE_MS }), message(4, mia, "x", { ts: NOON + 20 * MINUTE_MS + 1 })]),
  );
  assert.deepEqual(entries.map(({ head, tail }) => [head, tail]), [[true, false], [false, true], [true, true], [true, true]]);
});

test("a line between two messages ends the run", () => {
  const entries = said(shown([message(1, ana), event(2, mia, "assignment", { agent: mia }), message(3, ana)]));
  assert.deepEqual(entries.map(({ tail }) => tail), [true, true]);
});

test("new messages are marked off once, before the first of the visitor", () => {
  const entries = shown([message(1, ana), message(2, mia), message(3, ana), message(4, ana)], { unreadFrom: 2 });
  assert.deepEqual(kinds(entries), ["start", "day", "message", "message", "new", "message", "message"]);
});

test("marks tell how far the visitor is, where they change and at the end", () => {
  const entries = said(
    shown([message(1, mia), message(2, mia), message(3, mia), message(4, mia)], { more: { visitorMarks: { deliveredSeq: 3, readSeq: 2 } } }),
  );
  assert.deepEqual(entries.map(({ mark }) => mark), ["read", "read", "delivered", "sent"]);
  assert.deepEqual(entries.map(({ marked }) => marked), [false, true, true, true]);
});

test("the visitor's own messages carry no mark", () => {
  assert.deepEqual(said(shown([message(1, ana)])).map(({ mark, marked }) => [mark, marked]), [[undefined, false]]);
});

test("an unsent message keeps its key when its event comes in", () => {
  const pending = queue.queued(command("c1"));
  const before = said(shown([message(1, ana)], { outbox: [pending] }))[1];
  const after = said(shown([message(1, ana), message(2, mia, "text of c1", { cmid: "c1" })]))[1];
  assert.equal(before?.mark, "queued");
  assert.equal(after?.mark, "sent");
  assert.equal(before.key, after.key);
});

test("unsent commands of other conversations are not shown", () => {
  assert.equal(said(shown([message(1, ana)], { outbox: [queue.queued(command("c1", "send", "elsewhere"))] })).length, 1);
});

test("only what says something becomes a line", () => {
  const entries = shown([
    event(1, ana, "state", { state: "queued" }),
    message(2, ana),
    event(3, mia, "assignment", { agent: mia }),
    event(4, desk, "state", { state: "assigned" }),
    event(5, mia, "state", { state: "resolved" }),
    event(6, desk, "hologram", {}),
    event(7, desk, "state", { state: "reopened" }),
    event(8, ana, "message", {}),
  ]);
  assert.deepEqual(entries.flatMap((entry) => (entry.kind === "line" ? [entry.event.seq] : [])), [3, 5, 7]);
});

test("a rating stands once, where its newest revision came in, with its scale and agent", () => {
  const invitation = { responseId: "r1", surveyId: "csat", scale: 7, agent: tom, resolutionCycle: 1 };
  const response = { responseId: "r1", surveyId: "csat", revision: 1, rating: 6, finished: false };
  const entries = shown([
    event(1, desk, "invitation", { invitation }),
    event(2, ana, "survey", { response }),
    event(3, ana, "survey", { response: { ...response, revision: 2, comment: "Good", finished: true } }),
  ]);
  assert.deepEqual(kinds(entries), ["start", "day", "line", "rating"]);
  const rating = entries[3];
  assert.ok(rating?.kind === "rating");
  assert.deepEqual([rating.scale, rating.agent?.name, rating.response.comment], [7, "Tom", "Good"]);
});

test("a rating whose invitation is further back has a scale all the same", () => {
  const response = { responseId: "r9", surveyId: "csat", revision: 1, rating: 9, finished: true };
  const rating = shown([event(40, ana, "survey", { response })], { more: { top: 40 } })[1];
  assert.ok(rating?.kind === "rating");
  assert.equal(rating.scale, 9);
});

test("every key is unique", () => {
  const entries = shown(
    [
      event(1, ana, "state", { state: "queued" }, { cmid: "same" }),
      message(2, ana, "a", { cmid: "same" }),
      event(3, mia, "assignment", { agent: mia }, { cmid: "same" }),
      message(4, mia, "b", { cmid: "same" }),
    ],
    { outbox: [queue.queued(command("c1")), queue.queued(command("c2", "resolve"))] },
  );
  assert.equal(new Set(entries.map(({ key }) => key)).size, entries.length);
});

test("a message says what its last edit says, and nothing once it was taken back", () => {
  const entries = said(
    shown([
      message(1, mia, "Tuseday"),
      message(2, ana, "My card is 4111"),
      event(3, mia, "edit", { edit: { seq: 1, content: { text: "Tuesday", edited: true } } }),
      event(4, mia, "redact", { redact: { seq: 2 } }),
    ]),
  );
  assert.deepEqual(entries.map(({ content }) => content), [{ text: "Tuesday", edited: true }, { text: "", redacted: true }]);
});

test("an edit shows at once, with the files that stay, and what it waits for", () => {
  const file = { uploadId: "u1", name: "a.png", mime: "image/png", size: 9 };
  const log = [event(1, mia, "message", { content: { text: "Hi", attachments: [file] } })];
  const edit = queue.queued(command("c1", "edit", CONV, { seq: 1, text: "Hello" }));
  const [entry] = said(shown(log, { outbox: [edit] }));
  assert.ok(entry !== undefined);
  assert.deepEqual(entry.content, { text: "Hello", attachments: [file], edited: true });
  assert.equal(entry.change?.status, "queued");
  assert.deepEqual(kinds(shown(log, { outbox: [edit] })), ["start", "day", "message"], "it has no line of its own");
});

test("the quick reply that the visitor took up is known, and no other", () => {
  const quickReplies = [{ title: "4711", payload: "order:4711" }, { title: "4712", payload: "order:4712" }];
  const offer = event(1, mia, "message", { content: { text: "Which?", quickReplies } });
  const answer = (/** @type {string} */ text, /** @type {string} */ payload) => event(2, ana, "message", { content: { text, payload } });
  const chosen = (/** @type {Event} */ next) => said(shown([offer, next])).map((entry) => entry.chosen);
  assert.deepEqual(chosen(answer("4712", "order:4712")), [1, undefined]);
  assert.deepEqual(chosen(message(2, ana, "4712")), [undefined, undefined], "typed, not chosen");
});

test("what was filled in is shown with what was asked", () => {
  const fields = [{ name: "iban", kind: "text", label: "Account", required: true, options: [] }];
  const [, filled] = said(
    shown([
      event(1, mia, "message", { content: { text: "", form: { fields, submit: "" } } }),
      event(2, ana, "message", { content: { text: "Account: DE02", answers: { form: 1, values: [["iban", "DE02"]] } } }),
    ]),
  );
  assert.deepEqual(filled?.asked, { iban: "Account" });
});

test("notes and hand-offs stand between the messages, and what the desk says is no side's", () => {
  const entries = shown([
    message(1, ana),
    event(2, ana, "handoff", { handoff: { reason: "asked", query: "refund", articles: [] } }),
    event(3, mia, "note", { note: { text: "A regular" } }),
    message(4, desk, "We are closed today"),
  ]);
  assert.deepEqual(kinds(entries), ["start", "day", "message", "line", "note", "line"]);
});

test("a file on its way is a message with that file", () => {
  const file = { uploadId: "u1", name: "a.png", mime: "image/png", size: 9 };
  const [entry] = said(shown([], { outbox: [queue.queued(command("c1", "send", CONV, { text: "", file }))] }));
  assert.deepEqual(entry?.content, { text: "", attachments: [file] });
});

test("a conversation that begins with the bot begins with what is said", () => {
  const entries = shown([event(1, ana, "state", { state: "selfService" }), message(2, ana)]);
  assert.deepEqual(kinds(entries), ["start", "day", "message"]);
});
