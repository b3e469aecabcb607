//! Every limit of the core, so that bad input costs bounded time and memory. The unit is last in
//! the name.

/// The longest address that may become a link; browsers and servers cut off beyond it as well.
pub const LINK_BYTES_MAX: usize = 2048;
/// The longest host name (RFC 1035).
pub const HOST_BYTES_MAX: usize = 253;
/// The longest name before the `@` of a mail address (RFC 5321).
pub const EMAIL_NAME_BYTES_MAX: usize = 64;
/// The longest domain of a mail address (RFC 5321).
pub const EMAIL_DOMAIN_BYTES_MAX: usize = 255;
/// How deep lists and quotations of a message may nest; what is deeper is plain text.
pub const MESSAGE_DEPTH_MAX: usize = 8;

/// The longest message, in UTF-8 bytes, until the desk says otherwise.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Commands that may wait on the device at once; one more is refused, with a word to the visitor.
pub const OUTBOX_ENTRIES_MAX: usize = 1_000;
/// Entries that have left, among those that wait, before the rest is moved up.
pub const OUTBOX_HOLES_MAX: usize = 16;
/// What may wait on the device at once, in bytes of text and files; more is refused as well.
pub const OUTBOX_BYTES_MAX: u64 = 64 << 20;
/// What waited longer than this is not sent unasked: the visitor may have got help elsewhere.
pub const OUTBOX_AGE_MS_MAX: u64 = 60 * 24 * 60 * 60 * 1_000;
/// A device that says that it waited even longer has a clock that is wrong, and is not believed.
pub const OUTBOX_AGE_MS_PLAUSIBLE: u64 = 5 * 365 * 24 * 60 * 60 * 1_000;
/// Answers of bots that are shown while they are written.
pub const STREAMS_MAX: usize = 4;
/// A bot that writes nothing for so long does not write any more.
pub const STREAM_EXPIRY_MS: u32 = 20_000;
/// How long a step of an upload may take before it is begun again.
pub const UPLOAD_TIMEOUT_MS: u32 = 90_000;
/// Help articles that go along with a hand-off.
pub const HANDOFF_ARTICLES_MAX: usize = 20;
/// How much of a file goes up at a time.
pub const UPLOAD_CHUNK_BYTES: u32 = 256 * 1024;
/// Conversations that a `connect` names: the newest ones. What happened in another, the desk tells by itself.
pub const SUBS_MAX: usize = 100;
/// Conversations whose heads may be on the way at once.
pub const OUTBOX_IN_FLIGHT_MAX: usize = 8;
/// Events of one conversation that are kept in memory, and as many again while somebody reads older
/// ones; the rest is fetched when it is wanted.
pub const LOG_EVENTS_MAX: usize = 500;
/// So often the desk may say `out_of_order` of a message before the log is doubted and resumed anew: the
/// message that it names as its predecessor may be gone from a desk that was restored.
pub const DOUBTS_BEFORE_RESUME: u32 = 3;
/// Events asked for at a time when paging back or closing a gap (at most 300 by the protocol).
pub const HISTORY_PAGE_EVENTS: u32 = 100;
/// Events of one conversation that the platform reads from the store at start.
pub const LOADED_EVENTS_MAX: u32 = 200;
/// Characters of a message that a list shows.
pub const PREVIEW_CHARS_MAX: usize = 120;
/// Responses to surveys that a device keeps; the oldest is forgotten first.
pub const RESPONSES_MAX: usize = 60;
/// How long a survey that is left alone keeps the next one waiting.
pub const SURVEY_BUSY_MS: u64 = 30 * 60_000;
/// How long the clocks of surveys may go unlooked at.
pub const SURVEY_WAKE_MS_MAX: u64 = 3_600_000;
/// The longest comment on a rating, in characters; what is longer is cut.
pub const COMMENT_CHARS_MAX: usize = 2_000;

/// The first delay before a retry; doubles with each try. Jitter is full: 0 to this.
pub const RETRY_DELAY_MS_MIN: u32 = 500;
/// The longest delay before a retry.
pub const RETRY_DELAY_MS_MAX: u32 = 30_000;
/// How long the socket may take to open, and the desk to answer `connect`.
pub const CONNECT_TIMEOUT_MS: u32 = 10_000;
/// How long an acknowledgement may take before the same command is sent again.
pub const ACK_TIMEOUT_MS: u32 = 15_000;
/// The ping interval until the desk names one.
pub const PING_INTERVAL_MS: u32 = 25_000;
/// Silence after which a connection that the page came back to is not believed any more.
pub const RESUME_PROBE_MS: u32 = 4_000;
/// A draft is stored so soon after a key; further keys do not put it off.
pub const DRAFT_SAVE_DELAY_MS: u32 = 100;
/// "Typing" is told again so often while it goes on.
pub const TYPING_REPEAT_MS: u32 = 3_000;
/// "Typing" is taken back after so long without a word from the other side, or a key from this one.
pub const TYPING_EXPIRY_MS: u32 = 6_000;
/// The leading tab says so at least so often, once there is another to hear it.
pub const LEAD_PING_MS: u32 = 1_000;
/// Silence after which a tab that can be seen takes the lead.
pub const LEAD_SILENCE_MS: u32 = 3_000;
/// Where tabs cannot agree on a leader: how long one leaves a message to the tab in which it was written.
pub const OTHER_TAB_GRACE_MS: u32 = 5_000;
/// Where tabs cannot tell each other what they changed: how often a page that can be seen looks.
pub const STORE_POLL_MS: u32 = 1_000;
/// How long the device's store may take to open before the engine goes on without it.
pub const STORE_OPEN_TIMEOUT_MS: u32 = 3_000;
/// Whoever is woken so much later than was asked for was asleep, and blames nobody for silence.
pub const WAKE_LATE_MS: u32 = 250;
/// After so long the page is asked again for a token that it did not bring.
pub const TOKEN_RETRY_MS: u32 = 5_000;
/// How long the desk keeps a request for what it pushes waiting, where there is no socket.
pub const POLL_WAIT_MS: u32 = 25_000;
/// The close code of a connection that ended without one (RFC 6455, 7.1.5).
pub const ABNORMAL_CLOSE: u16 = 1006;
/// Events of a log that share a key, where the device's store is a key/value storage.
pub const STORE_CHUNK_EVENTS_MAX: usize = 32;
/// Bytes of such a key after which the next event begins another; hosts take up to a megabyte.
pub const STORE_CHUNK_BYTES_MAX: usize = 64 * 1024;
/// How long it may take to answer after that, before its connection is taken for dead.
pub const STORE_ANSWER_TIMEOUT_MS: u32 = 10_000;
/// The largest file of a help centre that is imported.
pub const IMPORT_BYTES_MAX: usize = 64 << 20;
/// How deep the blocks and marks of an article may nest; what is deeper is read as if it were not
/// nested. The index keeps no more.
pub const ARTICLE_DEPTH_MAX: usize = 20;
