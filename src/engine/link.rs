//! The connection: when to open it, when not to believe in it any more, when to try again.

use crate::error::Error;
use crate::limits::{CONNECT_TIMEOUT_MS, PING_INTERVAL_MS, RESUME_PROBE_MS, RETRY_DELAY_MS_MAX};
use crate::outbox::backoff;
use crate::rng::Rng;
use crate::view::Connection;

/// Where the connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nobody needs it.
    Idle,
    /// Waits to try again.
    Waiting { until_ms: u64 },
    /// The socket opens.
    Opening { deadline_ms: u64 },
    /// `connect` is on the way.
    Greeting { deadline_ms: u64 },
    /// The desk answers.
    Online,
    /// The desk does not want us.
    Refused { code: String },
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing.
    Nothing,
    /// Open the socket.
    Open,
    /// The socket is dead, or never opened: close it and wait.
    GiveUp,
    /// Ask whether the desk is still there.
    Ping,
}

/// The connection's state machine.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub phase: Phase,
    /// What the device says of its network.
    pub network: bool,
    /// Tries since the desk last answered.
    pub attempts: u32,
    pub ping_interval_ms: u32,
    /// The next frame's number.
    next_frame: u32,
    heard_at_ms: u64,
    ping_at_ms: u64,
    /// After a resume of the page: by when a word must have come.
    probe_until_ms: Option<u64>,
}

impl Link {
    pub fn new() -> Self {
        Self {
            phase: Phase::Idle,
            network: true,
            attempts: 0,
            ping_interval_ms: PING_INTERVAL_MS,
            next_frame: 1,
            heard_at_ms: 0,
            ping_at_ms: 0,
            probe_until_ms: None,
        }
    }

    pub fn is_online(&self) -> bool {
        self.phase == Phase::Online
    }

    /// Whether `connect` is on the way.
    pub fn is_greeting(&self) -> bool {
        matches!(self.phase, Phase::Greeting { .. })
    }

    /// A number for the next frame.
    pub fn frame_id(&mut self) -> u32 {
        let id = self.next_frame;
        self.next_frame = self.next_frame.checked_add(1).unwrap_or(1);
        id
    }

    /// The desk answered.
    pub fn heard(&mut self, mono_ms: u64) {
        self.heard_at_ms = mono_ms;
        self.probe_until_ms = None;
    }

    /// What is due now; `wanted` is whether anything needs the desk.
    pub fn due(&self, mono_ms: u64, wanted: bool) -> Due {
        match &self.phase {
            Phase::Idle if wanted => Due::Open,
            Phase::Waiting { until_ms } if *until_ms <= mono_ms => Due::Open,
            Phase::Opening { deadline_ms } | Phase::Greeting { deadline_ms }
                if *deadline_ms <= mono_ms =>
            {
                Due::GiveUp
            }
            Phase::Online if self.silence_deadline() <= mono_ms => Due::GiveUp,
            Phase::Online if self.ping_at_ms <= mono_ms => Due::Ping,
            _ => Due::Nothing,
        }
    }

    /// When [`Link::due`] may next say something else.
    pub fn next_deadline(&self) -> Option<u64> {
        match &self.phase {
            Phase::Waiting { until_ms } => Some(*until_ms),
            Phase::Opening { deadline_ms } | Phase::Greeting { deadline_ms } => Some(*deadline_ms),
            Phase::Online => Some(self.ping_at_ms.min(self.silence_deadline())),
            Phase::Idle | Phase::Refused { .. } => None,
        }
    }

    /// A half-open socket is found within two ping intervals.
    fn silence_deadline(&self) -> u64 {
        let patience = self.heard_at_ms + 2 * u64::from(self.ping_interval_ms);
        self.probe_until_ms
            .map_or(patience, |probe| probe.min(patience))
    }

    pub fn opening(&mut self, mono_ms: u64) {
        self.phase = Phase::Opening {
            deadline_ms: mono_ms + u64::from(CONNECT_TIMEOUT_MS),
        };
    }

    pub fn greeting(&mut self, mono_ms: u64) {
        self.phase = Phase::Greeting {
            deadline_ms: mono_ms + u64::from(CONNECT_TIMEOUT_MS),
        };
    }

    pub fn online(&mut self, mono_ms: u64, ping_interval_ms: u32) {
        self.phase = Phase::Online;
        self.attempts = 0;
        self.ping_interval_ms = ping_interval_ms.clamp(1_000, 10 * PING_INTERVAL_MS);
        self.pinged(mono_ms);
        self.heard(mono_ms);
    }

    pub fn pinged(&mut self, mono_ms: u64) {
        self.ping_at_ms = mono_ms + u64::from(self.ping_interval_ms);
    }

    /// The page came back: the socket may be dead without a word. Asks, and gives it little time.
    pub fn probe(&mut self, mono_ms: u64) {
        if self.is_online() {
            self.ping_at_ms = mono_ms;
            self.probe_until_ms = Some(mono_ms + u64::from(RESUME_PROBE_MS));
        }
    }

    /// The connection failed: wait, longer each time, and never less than the desk asked for.
    pub fn failed(&mut self, mono_ms: u64, retry_after_ms: u32, rng: &mut Rng) {
        self.attempts = self.attempts.saturating_add(1);
        self.probe_until_ms = None;
        // A device that says it is offline is still tried now and then: some never say otherwise.
        let floor = if self.network {
            retry_after_ms
        } else {
            RETRY_DELAY_MS_MAX
        };
        let delay = u64::from(floor) + u64::from(backoff::delay_ms(self.attempts, rng));
        self.phase = Phase::Waiting {
            until_ms: mono_ms + delay + 1,
        };
    }

    /// Something gave reason to hope: try now instead of waiting.
    pub fn hurry(&mut self, mono_ms: u64) {
        if let Phase::Waiting { until_ms } = &mut self.phase {
            *until_ms = mono_ms;
        }
    }

    pub fn view(&self) -> Connection {
        match &self.phase {
            Phase::Refused { code } => Connection::Refused { code: code.clone() },
            Phase::Online => Connection::Online,
            Phase::Idle => Connection::Idle,
            _ if !self.network => Connection::Offline,
            _ if self.attempts > 0 => Connection::Unreachable {
                attempts: self.attempts,
            },
            _ => Connection::Connecting,
        }
    }
}

/// The socket's address from the desk's: `https://desk.example/base` -> `wss://desk.example/base/v1/socket`.
///
/// # Errors
/// `desk_address` where it is not an http or https address with a host, or carries a query or fragment.
pub(super) fn socket_url(desk: &str) -> Result<String, Error> {
    const BAD: Error = Error::new(
        "desk_address",
        "the desk's address must look like https://desk.example, without query and fragment",
    );
    let desk = desk.trim().trim_end_matches('/');
    let (scheme, rest) = match (desk.strip_prefix("https://"), desk.strip_prefix("http://")) {
        (Some(rest), _) => ("wss://", rest),
        (_, Some(rest)) => ("ws://", rest),
        _ => return Err(BAD),
    };
    let host = rest.split('/').next().unwrap_or_default();
    let allowed =
        |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '\\' | '"' | '<' | '>');
    if host.is_empty() || host.starts_with(':') || !rest.chars().all(allowed) {
        return Err(BAD);
    }
    let mut url = String::from(scheme);
    url.push_str(rest);
    url.push_str("/v1/socket");
    Ok(url)
}
