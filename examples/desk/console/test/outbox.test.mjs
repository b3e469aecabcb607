import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";
import { command, CONV, NOON } from "./stories.mjs";

const queue = /** @type {typeof import("../outbox.js")} */ (await load("outbox.ts"));
const { uuidV7 } = /** @type {typeof import("../ids.js")} */ (await load("ids.ts"));
const { retryDelayMs } = /** @type {typeof import("../session.js")} */ (await load("session.ts"));

const queued = (/** @type {string} */ cmid, conv = "a") => queue.queued(command(cmid, "send", conv));
const dueIds = (/** @type {import("../outbox.js").Pending[]} */ outbox, now = NOON) => queue.due(outbox, now).map(({ cmid }) => cmid);

test("one command per conversation goes out at a time, in order", () => {
  assert.deepEqual(dueIds([queued("a1"), queued("a2"), queued("b1", "b")]), ["a1", "b1"]);
});

test("a command on its way holds up the next of its conversation and no other", () => {
  assert.deepEqual(dueIds([queue.sending(queued("a1")), queued("a2"), queued("b1", "b")]), ["b1"]);
});

test("a command that failed for good leaves the chain", () => {
  assert.deepEqual(dueIds([queue.failed(queued("a1"), "too_large", ""), queued("a2")]), ["a2"]);
});

test("a committed command no longer holds up the next", () => {
  assert.deepEqual(dueIds([queue.sent(queued("a1"), 7), queued("a2")]), ["a2"]);
});

test("a postponed command waits for its time, and those behind it wait too", () => {
  const outbox = [queue.postponed(queue.sending(queued("a1")), NOON + 500), queued("a2")];
  assert.deepEqual(dueIds(outbox), []);
  assert.equal(queue.dueAt(outbox), NOON + 500);
  assert.deepEqual(dueIds(outbox, NOON + 500), ["a1"]);
});

test("an attempt that failed for now is counted for the backoff", () => {
  const again = queue.sending(queue.postponed(queue.sending(queued("a1")), NOON));
  assert.equal(again.status === "sending" && again.attempts, 2);
});

test("a lost connection puts what was on its way back under the same cmid, and leaves the rest", () => {
  const outbox = queue.requeued([queue.sending(queued("a1")), queue.failed(queued("a2"), "invalid", "")]);
  assert.deepEqual(outbox.map(({ cmid, status }) => [cmid, status]), [["a1", "queued"], ["a2", "failed"]]);
  assert.deepEqual(queue.wire(outbox[0] ?? queued("")), { send: { conv: "a", cmid: "a1", body: { text: "text of a1" } } });
});

test("a stored command comes back as it was, and anything else is refused", () => {
  const pending = queued("a1");
  assert.deepEqual(queue.parsed(JSON.parse(JSON.stringify(queue.base(pending)))), pending);
  for (const bad of [null, 7, "x", [], {}, { ...command("c"), kind: "erase" }, { ...command("c"), text: 1 }, { ...command("c"), cmid: null }]) {
    assert.equal(queue.parsed(bad), undefined);
  }
});

test("ids are UUIDv7 and sort in the order of their making", () => {
  const ids = Array.from({ length: 200 }, () => uuidV7(NOON));
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(parseInt((ids[0] ?? "").replace("-", "").slice(0, 12), 16), NOON);
});

test("the backoff grows with full jitter from half a second to thirty", () => {
  assert.equal(retryDelayMs(1, 0), 500);
  assert.equal(retryDelayMs(1, 1), 1_000);
  assert.equal(retryDelayMs(4, 0.5), 4_250);
  assert.equal(retryDelayMs(40, 1), 30_000);
  assert.equal(retryDelayMs(4_000, 1), 30_000);
});

test("a file holds up no words, and files go one after the other", () => {
  const file = (/** @type {string} */ uploadId) => ({ uploadId, name: "a.png", mime: "image/png", size: 9 });
  const outbox = [
    queue.queued(command("f1", "send", CONV, { text: "", file: file("u1") })),
    queue.queued(command("f2", "send", "another", { text: "", file: file("u2") })),
    queue.queued(command("words")),
  ];
  assert.deepEqual(queue.due(outbox, NOON).map(({ cmid }) => cmid), ["f1", "words"]);
});

test("every kind of command is stored and read back as it was", () => {
  const file = { uploadId: "u1", name: "a.png", mime: "image/png", size: 9, width: 3, height: 4 };
  for (const one of [
    command("a", "send", CONV, { file }),
    command("b", "edit", CONV, { seq: 4, text: "x" }),
    command("c", "redact", CONV, { seq: 4 }),
    command("d", "transfer", CONV, { to: "a-tom", text: "note" }),
    command("e", "note"),
  ]) {
    assert.deepEqual(queue.parsed(JSON.parse(JSON.stringify(one))), queue.queued(one));
  }
  assert.equal(queue.parsed(command("f", "edit")), undefined, "an edit of nothing");
});
