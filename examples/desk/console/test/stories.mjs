// People, conversations and events for the tests.

/** @typedef {import("../../../../js/types/protocol.js").Event} Event */
/** @typedef {import("../../../../js/types/protocol.js").EventBody} EventBody */
/** @typedef {import("../../../../js/types/protocol.js").InboxItem} InboxItem */
/** @typedef {import("../../../../js/types/protocol.js").Participant} Participant */
/** @typedef {import("../../../../js/types/protocol.js").SubState} SubState */

/** @type {Participant} */
export const ana = { role: "visitor", id: "v-ana", name: "Ana" };
/** @type {Participant} */
export const mia = { role: "agent", id: "a-mia", name: "Mia" };
/** @type {Participant} */
export const tom = { role: "agent", id: "a-tom", name: "Tom" };
/** @type {Participant} */
export const desk = { role: "system", id: "", name: "" };

export const CONV = "0197a001-0000-7000-8000-000000000001";
/** Noon, so that minutes added stay on the same day in every time zone near enough. */
export const NOON = new Date(2026, 4, 4, 12).getTime();
export const MINUTE_MS = 60_000;

/**
 * @param {number} seq
 * @param {Participant} who
 * @param {string} type
 * @param {EventBody} body
 * @param {Partial<Event>} [more]
 * @returns {Event}
 */
export function event(seq, who, type, body, more = {}) {
  return { conv: CONV, seq, ts: NOON + seq * 1_000, author: { role: who.role, id: who.id }, type, body, ...more };
}

/**
 * @param {number} seq
 * @param {Participant} who
 * @param {string} [text]
 * @param {Partial<Event>} [more]
 */
export function message(seq, who, text = `message ${seq}`, more = {}) {
  return event(seq, who, "message", { content: { text } }, more);
}

/** @param {number} from @param {number} to @param {Participant} [who] */
export function messages(from, to, who = ana) {
  return Array.from({ length: to - from + 1 }, (_, at) => message(from + at, who));
}

/** @param {Partial<InboxItem>} [more] @returns {InboxItem} */
export function item(more = {}) {
  return {
    conv: CONV,
    site: "demo",
    page: "",
    visitor: ana,
    locale: "en",
    state: "queued",
    top: 0,
    agentMarks: { deliveredSeq: 0, readSeq: 0 },
    unread: 0,
    preview: "",
    updatedAt: NOON,
    ...more,
  };
}

/** @param {Event[]} events @param {Partial<SubState>} [more] @returns {SubState} */
export function sub(events, more = {}) {
  return {
    conv: CONV,
    epoch: "e1",
    top: events[events.length - 1]?.seq ?? 0,
    recovered: false,
    state: "assigned",
    participants: [ana, mia],
    visitorMarks: { deliveredSeq: 0, readSeq: 0 },
    agentMarks: { deliveredSeq: 0, readSeq: 0 },
    events,
    ...more,
  };
}

/**
 * @param {string} cmid
 * @param {import("../outbox.js").Kind} [kind]
 * @param {string} [conv]
 * @param {Partial<import("../outbox.js").Command>} [more]
 */
export function command(cmid, kind = "send", conv = CONV, more = {}) {
  return { kind, conv, cmid, text: kind === "send" ? `text of ${cmid}` : "", createdAt: NOON, ...more };
}
