//! A run: visitors with their tabs, one desk, one virtual clock. Whatever happens happens in the
//! order of a queue, and the seed decides the rest.

use crate::device::Device;
use crate::identity::first_users;
use crate::ledger::{Ledger, number_of};
use crate::planted::Bug;
use crate::refused::WillRefuse;
use crate::requests::Mailbox;
use crate::said::said_with;
use crate::script::{Script, With, dice};
use crate::tab::Tab;
use crate::world::desk::Desk;
use deskside::Input;
use deskside::output::Chunk;
use deskside::platform::poll::Post;
use deskside::protocol::command::ClientFrame;
use deskside::protocol::reply::ServerFrame;
use deskside::rng::Rng;
use deskside::view::Storage;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// When every clock of the simulation starts.
pub const START_MS: u64 = 1_000_000;
pub const WALL_MS: u64 = 1_700_000_000_000;

/// What the queue holds.
#[derive(Clone, Debug)]
pub enum Due {
    Step(usize),
    /// A connection is open.
    Opened(usize),
    /// A frame reaches the desk.
    Up(usize, ClientFrame),
    /// Frames reach the tab.
    Down(usize, Vec<ServerFrame>),
    /// The connection's end is noticed by the tab, or by the desk.
    ClosedForTab(usize, u16),
    ClosedForDesk(usize),
    /// The store of a device has done the first of its work.
    Worked(usize),
    /// Something reaches a tab.
    Told(usize, Input),
    /// The store answers a tab, over the connection of that number.
    Answered(usize, u32, Input),
    /// The store is open.
    StoreOpened(usize),
    /// The lock is this tab's; or not any more.
    Granted(usize),
    Stolen(usize),
    Placed(usize, Input),
    /// A part of a file reaches the desk, from a tab; whether its answer is the one that is heard.
    Chunk(usize, Chunk, bool),
    /// A request reaches the desk; it has waited there for long enough; the tab has its answer, or none.
    Post(usize, usize, Post),
    WaitEnds(usize, u32),
    Answer(usize, u32, String),
    News(usize),
    /// It is looked whether a socket comes through by now, where this connection is one by requests.
    Looks(usize),
    /// A tab without a channel looks at its store.
    Poll(usize),
    Wake(usize, u32),
    Thaw(usize),
    /// The page has a token of the site; one has come to its end.
    Signed(usize),
    TokenEnds(String),
}

struct Timed {
    at_ms: u64,
    order: u32,
    due: Due,
}

impl PartialEq for Timed {
    fn eq(&self, other: &Self) -> bool {
        (self.at_ms, self.order) == (other.at_ms, other.order)
    }
}
impl Eq for Timed {}
impl PartialOrd for Timed {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Timed {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at_ms, self.order).cmp(&(other.at_ms, other.order))
    }
}

/// A connection between a tab and the desk.
pub struct Conn {
    pub tab: usize,
    /// Whether each end believes in it.
    pub tab_side: bool,
    pub desk_side: bool,
    /// Whether it has swallowed something in a direction: it never carries anything there again.
    pub dead_up: bool,
    pub dead_down: bool,
    pub up_free_ms: u64,
    pub answers_free_ms: u64,
    pub pushes_free_ms: u64,
    /// The token that its session goes by.
    pub token: Option<String>,
    /// What waits for it at the desk, where it goes by requests.
    pub mailbox: Option<Mailbox>,
}

/// Faults of the desk that last.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeskFaults {
    pub down_until_ms: u64,
    pub slow_until_ms: u64,
    pub crash_after_commit: bool,
    pub expire_next: bool,
    /// The next pushes that are handed to a request that waits for them get lost.
    pub poll_lost: bool,
}

pub struct Run {
    pub now_ms: u64,
    order: u32,
    queue: BinaryHeap<Reverse<Timed>>,
    pub rng: Rng,
    pub script: Script,
    pub desk: Desk,
    pub faults: DeskFaults,
    pub devices: Vec<Device>,
    /// The store that is open on each device.
    pub front: Vec<usize>,
    /// The tokens that the site gave out, and when they end.
    pub site_tokens: Vec<(String, u64)>,
    pub tabs: Vec<Tab>,
    pub conns: Vec<Conn>,
    pub ledger: Ledger,
    /// What bots are writing: the conversation, the id, the words so far.
    pub drafts: Vec<(String, String, String)>,
    pub will_refuse: WillRefuse,
    /// Frames that are on their way.
    pub frames: u32,
    /// Inputs that engines have taken.
    pub inputs: u32,
    pub failure: Option<String>,
    pub trace: Option<Vec<String>>,
}

/// Notes a line of the trace, if there is one.
macro_rules! note {
    ($run:expr, $($what:tt)*) => {
        if let Some(trace) = &mut $run.trace {
            let at_ms = $run.now_ms - $crate::run::START_MS;
            trace.push(format!("{at_ms:>9} {}", format_args!($($what)*)));
        }
    };
}
pub(crate) use note;

impl Run {
    pub fn new(script: &Script, bug: Option<Bug>, traced: bool) -> Self {
        let mut run = Self {
            now_ms: START_MS,
            order: 0,
            queue: BinaryHeap::new(),
            rng: dice(script.seed, 2),
            script: script.clone(),
            desk: if script.with.contains(&With::Surveys) {
                Desk::curious()
            } else {
                Desk::public()
            },
            faults: DeskFaults::default(),
            devices: script
                .means
                .iter()
                .zip(first_users(script))
                .enumerate()
                .map(|(body, (means, user))| Device::new(*means, body, user))
                .collect(),
            front: (0..script.means.len()).collect(),
            site_tokens: Vec::new(),
            tabs: Vec::new(),
            conns: Vec::new(),
            ledger: Ledger::default(),
            drafts: Vec::new(),
            will_refuse: WillRefuse::default(),
            frames: 0,
            inputs: 0,
            failure: None,
            trace: traced.then(Vec::new),
        };
        run.plant(bug);
        for (index, step) in script.steps.iter().enumerate() {
            run.at(START_MS + 100 + step.at_ms, Due::Step(index));
        }
        for device in 0..script.means.len() {
            run.open_tab(device);
            if script.with.contains(&With::Tabs) || script.with.contains(&With::Refusals) {
                run.open_tab(device);
            }
        }
        run
    }

    /// The first failure counts.
    pub fn fail(&mut self, what: impl FnOnce() -> String) {
        if self.failure.is_none() {
            self.failure = Some(what());
        }
    }

    pub fn at(&mut self, at_ms: u64, due: Due) {
        self.frames += u32::from(matches!(due, Due::Up(..) | Due::Down(..)));
        self.order += 1;
        self.queue.push(Reverse(Timed {
            at_ms: at_ms.max(self.now_ms),
            order: self.order,
            due,
        }));
    }

    /// A number that nothing else has.
    pub fn next_number(&mut self) -> u32 {
        self.order += 1;
        self.order
    }

    pub fn after(&mut self, delay_ms: u64, due: Due) {
        self.at(self.now_ms + delay_ms, due);
    }

    /// Lets time pass up to a moment. Ends early at a failure.
    pub fn until(&mut self, end_ms: u64) {
        while self.failure.is_none() {
            match self.queue.peek() {
                Some(Reverse(next)) if next.at_ms <= end_ms => {}
                _ => break,
            }
            let Some(Reverse(timed)) = self.queue.pop() else {
                break;
            };
            self.now_ms = timed.at_ms;
            self.frames -= u32::from(matches!(timed.due, Due::Up(..) | Due::Down(..)));
            self.happen(timed.due);
            if self.inputs > 400_000 {
                self.fail(|| "a storm: 400,000 inputs in one run".into());
            }
        }
        self.now_ms = self.now_ms.max(end_ms);
    }

    pub fn happen(&mut self, due: Due) {
        let tab = match &due {
            Due::Told(tab, _)
            | Due::Answered(tab, ..)
            | Due::Wake(tab, _)
            | Due::StoreOpened(tab)
            | Due::Granted(tab)
            | Due::Stolen(tab)
            | Due::Placed(tab, _)
            | Due::Signed(tab)
            | Due::Answer(tab, ..)
            | Due::News(tab)
            | Due::Poll(tab) => Some(*tab),
            Due::Opened(conn)
            | Due::Down(conn, _)
            | Due::ClosedForTab(conn, _)
            | Due::Looks(conn) => Some(self.conns[*conn].tab),
            _ => None,
        };
        if let Some(tab) = tab.filter(|tab| self.tabs[*tab].frozen) {
            return self.tabs[tab].held.push_back(due);
        }
        match due {
            Due::Step(index) => {
                let step = self.script.steps[index];
                self.step(step);
            }
            Due::Up(conn, frame) => self.at_desk(conn, frame),
            Due::Chunk(tab, chunk, heard) => self.chunk_at_desk(tab, chunk, heard),
            Due::Opened(conn) => {
                let tab = self.conns[conn].tab;
                if self.tabs[tab].conn == Some(conn) {
                    self.tell(tab, Input::SocketOpened);
                }
            }
            Due::Down(conn, frames) => {
                let Conn { tab, tab_side, .. } = self.conns[conn];
                if tab_side && self.tabs[tab].conn == Some(conn) {
                    self.heard_on_socket(tab);
                    self.tell(tab, Input::Received(frames));
                }
            }
            Due::ClosedForTab(conn, code) => {
                let Conn { tab, tab_side, .. } = self.conns[conn];
                self.conns[conn].tab_side = false;
                if tab_side && self.tabs[tab].conn == Some(conn) {
                    self.tabs[tab].conn = None;
                    self.tell(tab, Input::SocketClosed { code });
                }
            }
            Due::ClosedForDesk(conn) => {
                self.conns[conn].desk_side = false;
                self.desk.hang_up(conn as u32);
            }
            Due::Worked(device) => self.worked(device),
            Due::Told(tab, input) => self.tell(tab, input),
            Due::Answered(tab, opening, input) => {
                // A commit is heard of whenever it is done; what was read is passed over by then.
                let read = matches!(input, Input::Loaded(_) | Input::Read(_));
                if !read || self.tabs[tab].opening == opening {
                    self.tell(tab, input);
                }
            }
            Due::StoreOpened(tab) => self.store_opened(tab),
            Due::Granted(tab) => self.granted(tab),
            Due::Stolen(tab) => self.stolen(tab),
            Due::Placed(tab, place) => self.placed(tab, place),
            Due::Poll(tab) => self.poll(tab),
            Due::Wake(tab, wake) => {
                if self.tabs[tab].wake == wake {
                    self.tell(tab, Input::Woken);
                }
            }
            Due::Thaw(tab) => self.thaw(tab),
            Due::Signed(tab) => self.signed(tab),
            Due::Post(tab, conn, post) => self.post_at_desk(tab, conn, post),
            Due::WaitEnds(conn, id) => self.wait_ends(conn, id),
            Due::Answer(tab, id, text) => self.answered(tab, id, &text),
            Due::News(tab) => self.hear_news(tab),
            Due::Looks(conn) => self.look_for_socket(conn),
            Due::TokenEnds(token) => self.token_ends(&token),
        }
    }

    /// Nothing leaves a device before it is in its journal.
    pub fn check_written(&mut self, tab: usize, frame: &ClientFrame) {
        let Some(text) = said_with(&frame.command) else {
            return;
        };
        let device = &self.devices[self.tabs[tab].device];
        let Some(word) = number_of(text).and_then(|number| self.ledger.words.get(number)) else {
            return;
        };
        let given_up = word.discarded && word.unsure;
        // One that slept over a refusal has not heard that it left the journal.
        let excused = word.excuse.is_some() || given_up || self.was_told(word);
        if device.damaged || word.on_desk || excused || device.holds(text) {
            return;
        }
        if self.tabs[tab].engine.view().storage == Storage::Durable {
            self.fail(|| format!("t{tab} sent {text} before it was written down"));
        }
    }
}
