//! What happens in a run, drawn from its seed: a list of steps, each of which may be left out.

use crate::device::Means;
use deskside::rng::Rng;

/// One thing that happens to one visitor, or to the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub at_ms: u64,
    pub visitor: usize,
    pub act: Act,
    /// Decides whatever the act leaves open.
    pub pick: u32,
}

macro_rules! acts {
    ($($act:ident $weight:literal $text:literal,)*) => {
        /// What may happen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Act { $(#[doc = $text] $act,)* }

        /// Each act and how often it is drawn.
        const ACTS: &[(Act, &str, u32)] = &[$((Act::$act, stringify!($act), $weight),)*];
    };
}

acts! {
    // The visitor.
    Say 60 "writes and sends",
    Attach 8 "sends a file",
    Draft 6 "types without sending",
    OpenNew 4 "starts another conversation",
    OpenAny 6 "goes to one of the conversations",
    Leave 2 "closes the panel",
    Look 6 "hides or shows the page",
    End 2 "ends the conversation",
    Rate 4 "answers a survey",
    Feedback 6 "rates an article",
    Retry 8 "sends a failed message again",
    Discard 4 "gives a failed message up",
    Edit 3 "takes a failed message back to change it",
    Older 2 "scrolls up",
    Newer 1 "scrolls down",
    Latest 1 "goes back to the newest",
    Reconnect 2 "has the desk tried now",
    Handoff 4 "asks for a person",
    Submit 4 "fills a form in",
    Ticket 4 "leaves an address to be answered at",
    RetryAll 3 "sends a failed message again in every tab at once",
    // The browser.
    Reload 6 "reloads a tab",
    CloseTab 4 "closes a tab",
    NewTab 14 "opens a tab",
    CrashTab 5 "a tab's process dies",
    CrashAtCommit 6 "a tab's process dies when its commit is done, and before it or another hears of it",
    KillBrowser 5 "the browser is killed",
    PowerLoss 4 "the device loses power: relaxed commits may be gone",
    Freeze 5 "a tab is frozen for a while",
    Suspend 3 "the device sleeps",
    PutAway 3 "a page is put away whole, and comes back",
    WallJump 4 "the wall clock jumps by up to ten years",
    SignIn 0 "somebody else signs in, or nobody is signed in any more",
    // The device's store.
    SlowDisk 4 "commits take long",
    SlowOpen 2 "the store does not open in time, and opens yet",
    FullDisk 2 "commits are refused for a while",
    LoseStore 3 "the store's connection is lost",
    Evict 1 "the store is emptied",
    CorruptEntry 2 "an entry of the journal cannot be read any more",
    CorruptRecord 2 "a conversation's record, or an event, cannot be read any more",
    LoseFile 2 "a file cannot be read any more",
    // The network.
    Offline 5 "no network, and the device knows",
    Silent 5 "nothing gets through, and nobody knows",
    OneWayUp 4 "nothing reaches the desk",
    OneWayDown 6 "nothing comes back",
    Refused 4 "connections are refused",
    Reset 5 "every connection is reset",
    SlowNet 4 "everything takes seconds",
    Twice 4 "frames arrive twice",
    LosesParts 2 "parts of files get lost",
    Portal 2 "a captive portal answers instead of the desk",
    NoSocket 0 "no socket comes through for a while, and requests do",
    LosesPoll 0 "what waits for a tab that asks by requests gets lost on its way to it",
    // The desk.
    Restart 5 "restarts",
    CrashAfterCommit 10 "dies between a commit and its answer",
    Drop 4 "closes a visitor's connections",
    SlowAnswers 14 "pushes at once, and answers late",
    NewEpoch 1 "its log is replaced",
    LosesEvents 1 "its log is restored from a backup without the newest events",
    Retention 2 "cannot resume from before here",
    Busy 5 "answers the next commands with a temporary error",
    RefusesMarks 6 "will not hear the next marks",
    OutOfOrder 3 "answers that the predecessor is not there",
    Refuses 6 "refuses the next message for good",
    RefusesDeed 3 "refuses for good the next end, answer to a survey, or word about an article",
    TooMany 1 "does not begin the next conversation",
    RefusesFile 1 "does not take the next file",
    Revoke 1 "does not take the visitor's token any more",
    Expire 1 "answers one command that the token is not taken",
    Hostile 5 "breaks the protocol's rules",
    // The agents.
    AgentSays 20 "an agent writes",
    AgentResolves 4 "an agent resolves",
    AgentReads 6 "an agent reads",
    AgentEdits 6 "an agent puts other words into a message",
    AgentRedacts 3 "an agent takes a message back",
    AgentNotes 2 "agents tell each other something",
    AgentAsks 4 "a form is to be filled in",
    BotWrites 10 "a bot writes, a few words at a time",
    BotSays 6 "a bot says what it has written",
}

/// What some runs have and others have not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// The desk asks after each conversation how it was.
    Surveys,
    /// The site names visitors: somebody may be signed in on each device.
    Names,
    /// No socket comes through: the desk is asked by requests.
    Requests,
    /// Each device begins with two tabs.
    Tabs,
    /// Much is sent in files.
    Files,
    /// Sockets come through at times, and at times only requests do.
    Turns,
    /// Forms, tickets, and persons who are asked for.
    Asks,
    /// The desk's answers are late, and what it pushes is not.
    Late,
    /// Much is refused, and sent again in one of two tabs or in both.
    Refusals,
}

impl With {
    const ALL: [Self; 9] = [
        Self::Surveys,
        Self::Names,
        Self::Requests,
        Self::Tabs,
        Self::Files,
        Self::Turns,
        Self::Asks,
        Self::Late,
        Self::Refusals,
    ];

    /// In one of so many runs.
    fn rarity(self) -> u32 {
        match self {
            Self::Surveys => 3,
            Self::Names => 5,
            Self::Requests => 6,
            Self::Tabs => 4,
            Self::Files => 6,
            Self::Turns => 6,
            Self::Asks => 5,
            Self::Late => 6,
            Self::Refusals => 8,
        }
    }

    /// What then happens for sure, and how often.
    fn weights(self) -> &'static [(Act, u32)] {
        match self {
            Self::Surveys => &[
                (Act::Rate, 20),
                (Act::AgentResolves, 12),
                (Act::RefusesDeed, 5),
            ],
            Self::Late => &[
                (Act::SlowAnswers, 30),
                (Act::AgentSays, 30),
                (Act::Drop, 20),
                (Act::OpenNew, 10),
            ],
            Self::Names => &[(Act::SignIn, 14)],
            Self::Requests => &[
                (Act::OneWayDown, 18),
                (Act::AgentSays, 30),
                (Act::LosesPoll, 30),
            ],
            Self::Turns => &[
                (Act::NoSocket, 24),
                (Act::AgentSays, 24),
                (Act::LosesPoll, 16),
            ],
            Self::Asks => &[
                (Act::AgentAsks, 20),
                (Act::Submit, 26),
                (Act::Handoff, 14),
                (Act::Ticket, 20),
            ],
            Self::Refusals => &[
                (Act::Refuses, 40),
                (Act::Retry, 16),
                (Act::RetryAll, 70),
                (Act::Edit, 6),
                (Act::RefusesDeed, 16),
                (Act::Feedback, 12),
                (Act::End, 6),
                (Act::TooMany, 4),
                (Act::CrashAtCommit, 10),
            ],
            Self::Tabs => &[
                (Act::CrashAtCommit, 14),
                (Act::CloseTab, 10),
                (Act::Freeze, 10),
                (Act::SlowDisk, 6),
            ],
            Self::Files => &[
                (Act::Attach, 30),
                (Act::LosesParts, 16),
                (Act::RefusesFile, 8),
            ],
        }
    }
}

/// A run: what it starts with, and what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    pub seed: u64,
    pub with: Vec<With>,
    /// For each visitor, how the tabs of that device find each other.
    pub means: Vec<Means>,
    pub steps: Vec<Step>,
}

/// A generator for one use of a seed.
pub fn dice(seed: u64, salt: u8) -> Rng {
    let mut bytes = [salt; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Rng::new(bytes)
}

impl Script {
    /// Draws a run. Each seed has faults of its own: a run with all of them at once shows less than
    /// many runs with a few each (swarm testing, Groce and others, 2012).
    pub fn draw(seed: u64) -> Self {
        let mut rng = dice(seed, 1);
        let with = With::ALL.into_iter();
        let with: Vec<With> = with
            .filter(|with| rng.up_to(with.rarity() - 1) == 0)
            .collect();
        let names = with.contains(&With::Names);
        let visitors = if rng.up_to(3) == 0 || names { 2 } else { 1 };
        let share = 1 + rng.up_to(3);
        let mut pool = Vec::new();
        for (act, _, weight) in ACTS {
            let sure = with.iter().flat_map(|with| with.weights());
            let sure = sure
                .filter(|(sure, _)| sure == act)
                .map(|(_, weight)| *weight);
            let drawn = *act == Act::Say || rng.up_to(4) < share;
            let weight = sure.max().or(drawn.then_some(*weight));
            pool.extend(
                weight
                    .filter(|weight| *weight > 0)
                    .map(|weight| (*act, weight)),
            );
        }
        let total: u32 = pool.iter().map(|(_, weight)| weight).sum();
        let length = 4 + rng.up_to(20) as usize;
        let mut at_ms = 0;
        let mut steps = Vec::with_capacity(length);
        for _ in 0..length {
            // Bursts and lulls.
            at_ms += u64::from(match rng.up_to(7) {
                0..=2 => rng.up_to(20),
                3..=5 => rng.up_to(900),
                6 => rng.up_to(6_000),
                _ => rng.up_to(30_000),
            });
            let mut left = rng.up_to(total - 1);
            let drawn = pool.iter().find(|(_, weight)| {
                let here = left < *weight;
                left = left.saturating_sub(*weight);
                here
            });
            steps.push(Step {
                at_ms,
                visitor: rng.up_to(visitors as u32 - 1) as usize,
                act: drawn.map_or(Act::Say, |(act, _)| *act),
                pick: rng.next_u64() as u32,
            });
        }
        // Who sends it again in two tabs shows most where none of them leads.
        let kinds = if with.contains(&With::Refusals) { 3 } else { 6 };
        let means = (0..visitors).map(|_| match rng.up_to(kinds) {
            0 => Means::Poll,
            1 => Means::Channel,
            _ => Means::Locks,
        });
        let means = means.collect();
        Self {
            seed,
            with,
            means,
            steps,
        }
    }
}

/// A script as text, one step a line, so that a run is kept when the drawing changes.
impl std::fmt::Display for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        for with in &self.with {
            writeln!(f, "with {with:?}")?;
        }
        for means in &self.means {
            writeln!(f, "device {means:?}")?;
        }
        for step in &self.steps {
            let Step {
                at_ms,
                visitor,
                act,
                pick,
            } = step;
            writeln!(f, "{at_ms} {visitor} {act:?} {pick}")?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Script {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut seed, mut means, mut steps) = (0, Vec::new(), Vec::new());
        let mut with = Vec::new();
        for line in text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
        {
            let wrong = || format!("not a step: {line}");
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["seed", number] => seed = number.parse().map_err(|_| wrong())?,
                ["with", name] => {
                    let mut all = With::ALL.into_iter();
                    with.push(
                        all.find(|with| format!("{with:?}") == name)
                            .ok_or_else(wrong)?,
                    );
                }
                ["device", "Locks"] => means.push(Means::Locks),
                ["device", "Channel"] => means.push(Means::Channel),
                ["device", "Poll"] => means.push(Means::Poll),
                [at_ms, visitor, act, pick] => steps.push(Step {
                    at_ms: at_ms.parse().map_err(|_| wrong())?,
                    visitor: visitor.parse().map_err(|_| wrong())?,
                    act: ACTS
                        .iter()
                        .find(|(_, name, _)| *name == act)
                        .ok_or_else(wrong)?
                        .0,
                    pick: pick.parse().map_err(|_| wrong())?,
                }),
                _ => return Err(wrong()),
            }
        }
        Ok(Self {
            seed,
            with,
            means,
            steps,
        })
    }
}
