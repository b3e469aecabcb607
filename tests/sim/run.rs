//! A run: visitors with their tabs, one desk, one virtual clock. Whatever happens happens in the
//! order of a queue, and the seed decides the rest.

use crate::device::{Device, Work};
use crate::files::said_in;
use crate::identity::first_users;
use crate::ledger::{Ledger, number_of, text_of};
use crate::planted::Bug;
use crate::requests::{Mailbox, Requests};
use crate::script::{Script, With, dice};
use crate::world::desk::Desk;
use deskside::output::{Chunk, HostEvent};
use deskside::platform::poll::Post;
use deskside::protocol::command::{ClientFrame, Command};
use deskside::protocol::reply::ServerFrame;
use deskside::rng::Rng;
use deskside::view::Storage;
use deskside::{Config, Engine, Input, Now, Output};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// When every clock of the simulation starts.
pub const START_MS: u64 = 1_000_000;
const WALL_MS: u64 = 1_700_000_000_000;

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

/// A page with the widget in it.
pub struct Tab {
    pub device: usize,
    pub engine: Engine,
    pub alive: bool,
    pub frozen: bool,
    /// What waits for a frozen tab.
    held: VecDeque<Due>,
    /// How far its steady clock is behind: it may stand still while the device sleeps.
    pub lag_ms: u64,
    pub sleeps_since: Option<u64>,
    /// It lost its store before it had read it: it is a visitor of its own.
    pub astray: bool,
    wake: u32,
    pub conn: Option<usize>,
    /// It waits for a token of the site.
    pub wants_token: bool,
    /// Where no socket comes through.
    pub requests: Option<Requests>,
    pub store_open: bool,
    /// Counts its connections to the store.
    pub opening: u32,
    /// It is among the other tabs of its device; and waits for its place to read the store.
    pub joined: bool,
    pub load_waits: bool,
    /// The highest status that each message was shown with.
    pub ranks: Vec<u8>,
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
    /// The desk will refuse the next message that it has not seen.
    pub refuse_next: bool,
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
            refuse_next: false,
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
            if script.with.contains(&With::Tabs) {
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

    fn happen(&mut self, due: Due) {
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
            Due::Opened(conn) | Due::Down(conn, _) | Due::ClosedForTab(conn, _) => {
                Some(self.conns[*conn].tab)
            }
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
            Due::TokenEnds(token) => self.token_ends(&token),
        }
    }

    // Tabs.

    pub fn open_tab(&mut self, device: usize) -> usize {
        let mut seed = [0; 32];
        for bytes in seed.chunks_exact_mut(8) {
            bytes.copy_from_slice(&self.rng.next_u64().to_le_bytes());
        }
        let config = Config {
            desk: "https://desk.test".into(),
            site: "demo".into(),
            locale: "en".into(),
            page: String::new(),
            user: self.devices[device].user.to_owned(),
            ..Default::default()
        };
        let engine = Engine::new(config, seed).expect("the configuration is sound");
        let tab = self.tabs.len();
        self.tabs.push(Tab {
            device,
            engine,
            alive: true,
            frozen: false,
            held: VecDeque::new(),
            lag_ms: 0,
            sleeps_since: None,
            astray: false,
            wake: 0,
            conn: None,
            wants_token: false,
            requests: Requests::of(&self.script.with),
            store_open: false,
            opening: 0,
            joined: false,
            load_waits: false,
            ranks: Vec::new(),
        });
        note!(self, "t{tab} opens on device {device}");
        let offline = self.devices[device].net.offline_ms > self.now_ms;
        self.tell(tab, Input::Network { online: !offline });
        for action in [
            deskside::Action::Open { conv: None },
            deskside::Action::Look { visible: true },
        ] {
            let _ = self.act(tab, action);
        }
        tab
    }

    /// The tab is gone, its work for the store with it: but what is at work may still be committed.
    pub fn end_tab(&mut self, tab: usize) {
        self.tabs[tab].alive = false;
        let device = self.tabs[tab].device;
        for (number, word) in self.ledger.words.iter_mut().enumerate() {
            // What was not written down yet may have happened or not.
            let unwritten = word.device == device && self.devices[device].holds(&text_of(number));
            word.unsure |= word.discarded && unwritten;
        }
        let keeps_first = self.rng.up_to(1) == 0;
        let mut first = true;
        self.devices[device].waiting.retain(|(owner, _)| {
            let kept = *owner != tab || (first && keeps_first);
            first &= *owner != tab;
            // The work that a timer is set for stays, so that the next is not done before its time.
            kept
        });
        if let Some(conn) = self.tabs[tab].conn.take() {
            self.close(conn);
        }
        self.leave(tab);
        note!(self, "t{tab} is gone");
    }

    pub fn alive(&self, device: usize) -> Vec<usize> {
        let of_device = |tab: &usize| self.tabs[*tab].device == device && self.tabs[*tab].alive;
        (0..self.tabs.len()).filter(of_device).collect()
    }

    /// The right time, which the desk has.
    pub fn wall_ms(&self) -> u64 {
        WALL_MS + self.now_ms
    }

    pub fn now_of(&self, tab: usize) -> Now {
        let tab = &self.tabs[tab];
        let wall_ms = self.wall_ms() as i64 + self.devices[tab.device].wall_offset_ms;
        Now {
            mono_ms: self.now_ms - tab.lag_ms,
            wall_ms: wall_ms.max(0) as u64,
        }
    }

    /// The visitor does something in a tab.
    pub fn act(&mut self, tab: usize, action: deskside::Action) -> Result<(), deskside::Error> {
        let now = self.now_of(tab);
        note!(self, "t{tab} {action:?}");
        self.inputs += 1;
        let result = self.tabs[tab].engine.handle(now, Input::Visitor(action));
        self.drain(tab);
        self.look_at(tab);
        result
    }

    pub fn tell(&mut self, tab: usize, input: Input) {
        if !self.tabs[tab].alive {
            return;
        }
        note!(self, "t{tab} < {input:?}");
        let shows = matches!(
            input,
            Input::Persisted { .. }
                | Input::Received(_)
                | Input::Read(_)
                | Input::Loaded(_)
                | Input::Following
                | Input::Told(_)
                | Input::SocketClosed { .. }
        );
        let now = self.now_of(tab);
        self.inputs += 1;
        self.tabs[tab]
            .engine
            .handle(now, input)
            .expect("only visitors are refused");
        self.drain(tab);
        if shows {
            self.look_at(tab);
        }
    }

    fn thaw(&mut self, tab: usize) {
        if std::mem::take(&mut self.tabs[tab].frozen) && self.tabs[tab].alive {
            note!(self, "t{tab} thaws");
            let slept = self.tabs[tab].sleeps_since.take();
            self.tabs[tab].lag_ms += slept.map_or(0, |since| self.now_ms - since);
            let held = std::mem::take(&mut self.tabs[tab].held);
            for due in held {
                self.happen(due);
            }
            self.tell(tab, Input::Resumed);
        }
    }

    fn drain(&mut self, tab: usize) {
        while let Some(output) = self.tabs[tab].engine.poll() {
            match output {
                Output::Load => self.load(tab),
                Output::Read(wanted) => self.ask_store(tab, Work::Read(wanted)),
                Output::Persist(batch) if self.tabs[tab].store_open => {
                    self.ask_store(tab, Work::Write(batch));
                }
                Output::Persist(batch) => {
                    let (rev, code) = (batch.rev, "broken".into());
                    self.after(0, Due::Told(tab, Input::PersistFailed { rev, code }));
                }
                Output::CloseStore => {
                    self.tabs[tab].store_open = false;
                    self.tabs[tab].opening += 1;
                    self.devices[self.tabs[tab].device].forget_reads_of(tab);
                    self.leave(tab);
                }
                Output::Tell(message) => self.broadcast(tab, &message),
                Output::Steal => self.steal(tab),
                Output::Connect { .. } => self.connect(tab),
                Output::Transmit(frame) => self.transmit(tab, frame),
                Output::Disconnect => {
                    if let Some(conn) = self.tabs[tab].conn.take() {
                        self.close(conn);
                    }
                }
                Output::Wake { after_ms: 0 } => {
                    self.fail(|| format!("t{tab} asks to be woken at once, for ever"));
                }
                Output::Wake { after_ms } => {
                    self.tabs[tab].wake += 1;
                    let wake = self.tabs[tab].wake;
                    // A browser's timers are late now and then.
                    let late = u64::from(if self.rng.up_to(15) == 0 {
                        self.rng.up_to(1_500)
                    } else {
                        0
                    });
                    self.after(u64::from(after_ms) + late, Due::Wake(tab, wake));
                }
                Output::Event(HostEvent::CommandRefused { command, code })
                    if command == "feedback" && !self.devices[self.tabs[tab].device].revoked =>
                {
                    self.fail(|| format!("t{tab} drops feedback, which nobody refused: {code}"));
                }
                Output::Event(HostEvent::TokenWanted { .. }) => self.want_token(tab),
                Output::SendChunk(chunk) => self.send_chunk(tab, chunk),
                Output::ForgetFile { upload_id } => self.forget_file(tab, &upload_id),
                Output::Changed | Output::Event(_) => {}
            }
        }
    }

    /// Nothing leaves a device before it is in its journal.
    pub fn check_written(&mut self, tab: usize, frame: &ClientFrame) {
        let Command::Send(send) = &frame.command else {
            return;
        };
        let device = &self.devices[self.tabs[tab].device];
        let text = said_in(&send.body);
        let Some(word) = number_of(text).and_then(|number| self.ledger.words.get(number)) else {
            return;
        };
        let given_up = word.discarded && word.unsure;
        let excused = word.excuse.is_some() || given_up;
        if device.damaged || word.on_desk || excused || device.holds(text) {
            return;
        }
        if self.tabs[tab].engine.view().storage == Storage::Durable {
            self.fail(|| format!("t{tab} sent {text} before it was written down"));
        }
    }
}
