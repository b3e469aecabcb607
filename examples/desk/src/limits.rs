//! Every limit of the desk. Those that an operator may want to move are [`Limits`], read from
//! `desk.json`; the rest are constants.

use deskside::protocol::reply::WireLimits;
use serde::Deserialize;

/// Conversations that `connect` lists when the client names none.
pub const CONVERSATIONS_LISTED_MAX: usize = 50;
/// A client further behind loads the conversation anew.
pub const RESUME_EVENTS_MAX: u32 = 300;
/// Events of the page that a client without a cursor gets.
pub const PAGE_EVENTS_MAX: u32 = 100;
/// Events of one `history` page.
pub const HISTORY_EVENTS_MAX: u32 = 300;
/// Event bodies in one answer; what does not fit is paged.
pub const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Lines of the inbox that a console gets.
pub const INBOX_MAX: usize = 100;
/// Conversations that one console watches.
pub const WATCHED_MAX: usize = 200;
/// The start of a message that the inbox shows.
pub const PREVIEW_CHARS_MAX: usize = 120;
/// Surveys whose marks a visitor's devices are given; the newest.
pub const SURVEYS_ASKED_MAX: usize = 50;
/// What was asked about that is given beside them; the newest.
pub const SUBJECTS_ASKED_MAX: usize = 10;
/// Frames in one WebSocket message.
pub const FRAMES_PER_MESSAGE_MAX: usize = 64;
/// Unreadable frames of one session before it is closed.
pub const BAD_FRAMES_MAX: u32 = 10;
/// Commands refused for coming too fast before the session is closed.
pub const RATE_REFUSALS_MAX: u32 = 1_000;
/// Refusals that a command in its time makes good.
pub const RATE_REFUSALS_FORGIVEN: u32 = 20;
/// A socket that says nothing at first is closed after this long.
pub const CONNECT_WAIT_MS_MAX: u64 = 10_000;
/// How long a closing socket may take to say goodbye.
pub const GOODBYE_MS_MAX: u64 = 2_000;
/// How long a stopping desk waits for its sessions.
pub const STOP_MS_MAX: u64 = 5_000;
/// Clients of a desk that stops stay away for this long,
pub const RESTART_MS: u32 = 1_000;
/// and then come back so far apart from each other,
pub const RETURN_SPACING_MS: u32 = 3;
/// but all within this time.
pub const RETURN_MS_MAX: u32 = 30_000;
/// A client that never waited stays away for this long.
pub const FLOOD_PAUSE_MS: u32 = 10_000;
/// An agent signs in again after this long.
pub const AGENT_SESSION_MS_MAX: u64 = 12 * 60 * 60 * 1_000;
/// A page that a visitor comes from, in bytes; the rest is cut off.
pub const PAGE_BYTES_MAX: usize = 2_048;
/// What a visitor had searched for, in bytes; the rest is cut off.
pub const QUERY_BYTES_MAX: usize = 1_024;
/// Where a ticket is to be answered; as long as a mail address (RFC 5321).
pub const REPLY_TO_BYTES_MAX: usize = 320;
/// Articles that a hand-off names.
pub const ARTICLES_MAX: usize = 20;
/// Quick replies, cards or files of one message.
pub const PARTS_MAX: usize = 20;
/// Buttons of one card.
pub const BUTTONS_MAX: usize = 6;
/// Fields of one form.
pub const FIELDS_MAX: usize = 30;
/// What one field of a form offers.
pub const OPTIONS_MAX: usize = 200;
/// A title, a label, a name or an option, in bytes.
pub const TITLE_BYTES_MAX: usize = 500;
/// An address or what a button carries, in bytes.
pub const LINK_BYTES_MAX: usize = 2_048;
/// Places in the queue that are told.
pub const QUEUE_TOLD_MAX: usize = 500;
/// Files of one visitor that are under way.
pub const UPLOADS_UNCOMMITTED_MAX: u32 = 20;
/// The largest part of a file: it is in memory on its way.
pub const UPLOAD_PART_BYTES_MAX: usize = 1 << 20;
/// How long a part may take.
pub const UPLOAD_PART_MS_MAX: u64 = 60_000;
/// Parts on their way at the same time,
pub const PARTS_AT_ONCE_MAX: u32 = 256;
/// and from one address.
pub const PARTS_AT_ONCE_PER_ADDRESS_MAX: u32 = 16;
/// Pixels of a picture: more could not be unpacked on a phone.
pub const IMAGE_PIXELS_MAX: usize = 50_000_000;
/// How often what nobody finished or named is looked for.
pub const UPLOAD_SWEEP_MS: u64 = 60 * 60 * 1_000;
/// A file that was begun and not finished is forgotten after this long.
pub const UPLOAD_UNFINISHED_MS_MAX: u64 = 7 * 24 * 60 * 60 * 1_000;
/// A file that no message named is forgotten after this long: a device may be offline meanwhile.
pub const UPLOAD_UNNAMED_MS_MAX: u64 = 60 * 24 * 60 * 60 * 1_000;
/// Bytes that nobody claims are kept for this long: somebody may be just about to.
pub const PART_IDLE_MS_MAX: u64 = 60 * 60 * 1_000;
/// Ids that are not UUIDs (site, client, article), in bytes.
pub const ID_BYTES_MAX: usize = 200;
/// A token, in bytes.
pub const TOKEN_BYTES_MAX: usize = 4_096;
/// A site's token names a visitor for at most so long.
pub const JWT_VALID_S_MAX: u64 = 600;
/// What the clocks of a site and of the desk may differ.
pub const JWT_LEEWAY_S: u64 = 30;
/// The body of an HTTP request, in bytes.
pub const HTTP_BODY_BYTES_MAX: usize = 16 * 1_024;
/// A survey's definition, in bytes.
pub const SURVEY_BYTES_MAX: usize = 256 * 1_024;
/// An HTTP request, from its first byte to its answer.
pub const HTTP_REQUEST_MS_MAX: u64 = 10_000;
/// The head of an HTTP request, from the end of the last one on the connection: longer than proxies keep idle
/// connections, which must not end just as they are used.
pub const HTTP_HEAD_MS_MAX: u64 = 75_000;
/// How long a poll waits for something to say.
pub const POLL_WAIT_MS_MAX: u64 = 25_000;
/// A session without a socket ends when it was not polled for this long.
pub const MAILBOX_IDLE_MS_MAX: u64 = 60_000;
/// Passwords checked at the same time: each takes 19 MiB.
pub const PASSWORD_CHECKS_MAX: usize = 2;
/// Changes that wait for fan-out before the writer waits too.
pub const BATCHES_UNPUBLISHED_MAX: usize = 64;
/// Who types, for other processes: more than wait for the writer are not told.
pub const WHISPERS_MAX: usize = 64;
/// How often it is looked whether another process has committed.
pub const LISTEN_MS: u64 = 50;
/// What processes tell each other is kept so far back; a process further behind lets its sessions resume.
pub const NEWS_KEPT_MAX: i64 = 10_000;
/// Commands that wait for the writer before callers wait too.
pub const COMMANDS_WAITING_MAX: usize = 4_096;
/// A writer whose queue is full leaves the lock for so long to that of another process.
pub const TURN_MS: u64 = 2;
/// How long a writer waits for the one of another process.
pub const BUSY_MS_MAX: u64 = 5_000;
/// What the write-ahead log keeps of the disk once it has been folded back.
pub const WAL_BYTES_KEPT_MAX: u64 = 64 << 20;
/// Connections that read the database,
pub const READERS: usize = 4;
/// and how many of them may be at what takes long.
pub const READERS_AT_LONG_MAX: usize = 2;

/// The limits that `desk.json` may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Clients ping so often; a socket silent for two intervals is closed.
    pub ping_interval_ms: u32,
    /// The largest message that the desk takes.
    pub frame_bytes_max: u32,
    /// The longest text, in UTF-8 bytes.
    pub text_bytes_max: u32,
    /// The largest file; 0 takes none.
    pub attachment_bytes_max: u32,
    /// All files of one visitor together.
    pub attachment_bytes_per_visitor_max: u32,
    /// Files are taken only while so much is free on their disk, in MiB: the rest is for messages.
    pub disk_free_mb_min: u32,
    /// What may wait for one socket before its reader counts as slow.
    pub queue_bytes_max: u32,
    /// What may wait for all sockets of one address together.
    pub queue_bytes_per_address_max: u32,
    /// Commands per second of one visitor or agent, on average.
    pub commands_per_second: u32,
    /// Commands that a visitor or an agent may send at once.
    pub commands_burst: u32,
    /// Commands per second of one address, on average: an office or a carrier may be behind it.
    pub commands_per_second_per_address: u32,
    /// Commands that an address may send at once.
    pub commands_burst_per_address: u32,
    /// Sockets in all.
    pub sockets_max: u32,
    /// Sockets of one address.
    pub sockets_per_address_max: u32,
    /// Logins of one address per minute.
    pub logins_per_minute: u32,
    /// Conversations of one visitor.
    pub conversations_per_visitor_max: u32,
    /// Commands of one transaction.
    pub batch_commands_max: u32,
    /// A console that goes away counts as online for so long: a page that reloads is no absence.
    pub agent_leave_grace_ms: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ping_interval_ms: 25_000,
            frame_bytes_max: 128 * 1_024,
            text_bytes_max: 16 * 1_024,
            attachment_bytes_max: 20 << 20,
            attachment_bytes_per_visitor_max: 500 << 20,
            disk_free_mb_min: 1_024,
            queue_bytes_max: 4 << 20,
            queue_bytes_per_address_max: 64 << 20,
            commands_per_second: 50,
            commands_burst: 200,
            commands_per_second_per_address: 1_000,
            commands_burst_per_address: 4_000,
            sockets_max: 20_000,
            sockets_per_address_max: 200,
            logins_per_minute: 10,
            conversations_per_visitor_max: 500,
            batch_commands_max: 256,
            agent_leave_grace_ms: 3_000,
        }
    }
}

impl Limits {
    /// What clients are told of them.
    pub fn wire(&self) -> WireLimits {
        WireLimits {
            frame_bytes_max: self.frame_bytes_max,
            text_bytes_max: self.text_bytes_max,
            attachment_bytes_max: self.attachment_bytes_max,
        }
    }

    /// What is wrong with them, if anything is.
    pub fn problem(&self) -> Option<String> {
        let ranges = [
            ("pingIntervalMs", self.ping_interval_ms, 50, 300_000),
            ("frameBytesMax", self.frame_bytes_max, 1_024, 16 << 20),
            ("textBytesMax", self.text_bytes_max, 1, 1 << 20),
            ("attachmentBytesMax", self.attachment_bytes_max, 0, 1 << 30),
            (
                "attachmentBytesPerVisitorMax",
                self.attachment_bytes_per_visitor_max,
                0,
                u32::MAX,
            ),
            ("diskFreeMbMin", self.disk_free_mb_min, 0, u32::MAX),
            ("queueBytesMax", self.queue_bytes_max, 64 * 1_024, 1 << 30),
            (
                "queueBytesPerAddressMax",
                self.queue_bytes_per_address_max,
                self.queue_bytes_max,
                u32::MAX,
            ),
            ("commandsPerSecond", self.commands_per_second, 1, 1_000_000),
            ("commandsBurst", self.commands_burst, 1, 1_000_000),
            (
                "commandsPerSecondPerAddress",
                self.commands_per_second_per_address,
                1,
                1_000_000,
            ),
            (
                "commandsBurstPerAddress",
                self.commands_burst_per_address,
                1,
                1_000_000,
            ),
            ("socketsMax", self.sockets_max, 1, 1_000_000),
            (
                "socketsPerAddressMax",
                self.sockets_per_address_max,
                1,
                1_000_000,
            ),
            ("loginsPerMinute", self.logins_per_minute, 1, 1_000_000),
            (
                "conversationsPerVisitorMax",
                self.conversations_per_visitor_max,
                1,
                1_000_000,
            ),
            ("batchCommandsMax", self.batch_commands_max, 1, 10_000),
            ("agentLeaveGraceMs", self.agent_leave_grace_ms, 0, 300_000),
        ];
        for (name, value, low, high) in ranges {
            if value < low || value > high {
                return Some(format!(
                    "limits.{name} is {value}; it must be {low} to {high}"
                ));
            }
        }
        // Each byte of a text may take six in JSON, and the frame around it a few hundred.
        let needed = self.text_bytes_max.saturating_mul(6).saturating_add(1_024);
        (self.frame_bytes_max < needed).then(|| {
            format!(
                "limits.frameBytesMax is {}; a text of limits.textBytesMax bytes can need {needed}",
                self.frame_bytes_max
            )
        })
    }
}
