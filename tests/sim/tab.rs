//! A tab: a page with the widget in it, and the engine that is at work in it.

use crate::device::Work;
use crate::ledger::text_of;
use crate::requests::Requests;
use crate::run::{Due, Run, WALL_MS, note};
use deskside::output::HostEvent;
use deskside::protocol::error_code;
use deskside::{Config, Engine, Input, Now, Output};
use std::collections::VecDeque;

/// A page with the widget in it.
pub struct Tab {
    pub device: usize,
    pub engine: Engine,
    pub alive: bool,
    pub frozen: bool,
    /// What waits for a frozen tab.
    pub held: VecDeque<Due>,
    /// How far its steady clock is behind: it may stand still while the device sleeps.
    pub lag_ms: u64,
    pub sleeps_since: Option<u64>,
    /// It lost its store before it had read it: it is a visitor of its own.
    pub astray: bool,
    pub wake: u32,
    pub conn: Option<usize>,
    /// It waits for a token of the site.
    pub wants_token: bool,
    /// Where no socket comes through.
    pub requests: Option<Requests>,
    pub store_open: bool,
    /// When it was, or will be, opened last.
    pub opens_ms: u64,
    /// Counts its connections to the store.
    pub opening: u32,
    /// It is among the other tabs of its device; and waits for its place to read the store.
    pub joined: bool,
    pub load_waits: bool,
    /// The highest status that each message was shown with.
    pub ranks: Vec<u8>,
    /// What of no message it showed last as refused for good, and how often its page was told of such since.
    pub refused: Vec<String>,
    pub told_refused: usize,
}

impl Run {
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
            opens_ms: 0,
            opening: 0,
            joined: false,
            load_waits: false,
            ranks: Vec::new(),
            refused: Vec::new(),
            told_refused: 0,
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
        let view = self.look_at(tab);
        self.look_at_refused(tab, &view, false);
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
        let answered = matches!(input, Input::Received(_));
        let now = self.now_of(tab);
        self.inputs += 1;
        self.tabs[tab]
            .engine
            .handle(now, input)
            .expect("only visitors are refused");
        self.drain(tab);
        if shows {
            let view = self.look_at(tab);
            self.look_at_refused(tab, &view, answered);
        }
    }

    pub fn thaw(&mut self, tab: usize) {
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
                Output::Event(HostEvent::CommandRefused { command, code }) => {
                    if code == error_code::CONFLICT {
                        self.fail(|| format!("t{tab} has {command} refused, which nobody refused"));
                    }
                    self.tabs[tab].told_refused += 1;
                    if command == "handoff" {
                        self.devices[self.tabs[tab].device].told_refused += 1;
                    }
                }
                Output::Event(HostEvent::TokenWanted { .. }) => self.want_token(tab),
                Output::SendChunk(chunk) => self.send_chunk(tab, chunk),
                Output::ForgetFile { upload_id } => self.forget_file(tab, &upload_id),
                Output::Changed | Output::Event(_) => {}
            }
        }
    }
}
