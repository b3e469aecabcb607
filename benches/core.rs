//! What the engine costs on the device: applying events, opening a long conversation, sending what
//! waits. `npm run bench -- core`; read times as ratios within a run.
#![allow(clippy::disallowed_types, reason = "a benchmark is told by a clock")]

use deskside::limits::OUTBOX_ENTRIES_MAX;
use deskside::output::{ConversationRecord, Durable, Entry, Meta, StoreOp};
use deskside::protocol::command::{Command, Marks, Send};
use deskside::protocol::content::Content;
use deskside::protocol::event::{Author, Event, EventBody, Lifecycle, Role};
use deskside::protocol::reply::{
    Availability, Connected, Reply, Sent, ServerFrame, SubState, WireLimits,
};
use deskside::{Action, Config, Engine, Input, Now, Output, Stored};
use std::time::{Duration, Instant};

const CONV: &str = "01890000-0000-7000-8000-00000000c0de";

/// A device, a network and a desk that do everything at once and nothing else.
struct Rig {
    engine: Engine,
    stored: Stored,
    now: Now,
    next_local_seq: u32,
    top: u32,
    sent: u32,
    offline: bool,
}

fn event(seq: u32) -> Event {
    let role = if seq.is_multiple_of(2) {
        Role::Agent
    } else {
        Role::Visitor
    };
    Event {
        conv: CONV.into(),
        seq,
        ts: u64::from(seq),
        author: Author {
            role,
            id: "a1".into(),
        },
        cmid: (role == Role::Visitor).then(|| format!("cmid-{seq}")),
        body: EventBody::Message(Content::from(format!("Message **{seq}** of a long talk."))),
    }
}

fn send(number: u32) -> Durable {
    Durable::Send(Send {
        conv: CONV.into(),
        cmid: format!("01890000-0000-7000-8000-{number:012}"),
        prev: None,
        body: Content::from(format!("Message {number} that waits.")),
    })
}

impl Rig {
    /// An engine on a conversation of `top` events, of which the store gives the newest, as a
    /// platform does, and on a journal.
    fn new(top: u32, journal: Vec<Entry>) -> Self {
        let config = Config {
            desk: "https://desk.test".into(),
            site: "demo".into(),
            ..Default::default()
        };
        let record = ConversationRecord {
            id: CONV.into(),
            epoch: "e".into(),
            cursor: top,
            state: Lifecycle::Assigned,
            ..Default::default()
        };
        let newest = top.saturating_sub(deskside::limits::LOADED_EVENTS_MAX) + 1;
        let stored = Stored {
            meta: Some(Meta {
                client_id: "c".into(),
                token: Some("t".into()),
                visitor: "v".into(),
                attachment_bytes_max: None,
            }),
            conversations: vec![record],
            events: (newest..=top).map(event).collect(),
            journal,
            ..Default::default()
        };
        Self {
            engine: Engine::new(config, [7; 32]).expect("the configuration is sound"),
            stored,
            now: Now {
                mono_ms: 1,
                wall_ms: 1_700_000_000_000,
            },
            next_local_seq: 1_000_000,
            top,
            sent: 0,
            offline: false,
        }
    }

    fn feed(&mut self, input: Input) {
        self.now.mono_ms += 1;
        self.engine
            .handle(self.now, input)
            .expect("only visitors are refused");
        self.drain();
    }

    fn drain(&mut self) {
        let mut inputs = Vec::new();
        loop {
            while let Some(output) = self.engine.poll() {
                inputs.extend(self.perform(output));
            }
            if inputs.is_empty() {
                return;
            }
            for input in std::mem::take(&mut inputs) {
                self.engine
                    .handle(self.now, input)
                    .expect("only visitors are refused");
                while let Some(output) = self.engine.poll() {
                    inputs.extend(self.perform(output));
                }
            }
        }
    }

    fn perform(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Load => Some(Input::Loaded(std::mem::take(&mut self.stored))),
            Output::Persist(batch) => {
                let new = batch
                    .ops
                    .iter()
                    .filter(|op| matches!(op, StoreOp::Enqueue(_)));
                let local_seqs = new.map(|_| {
                    self.next_local_seq += 1;
                    self.next_local_seq
                });
                Some(Input::Persisted {
                    rev: batch.rev,
                    local_seqs: local_seqs.collect(),
                })
            }
            Output::Connect { .. } if self.offline => Some(Input::SocketClosed { code: 1006 }),
            Output::Connect { .. } => Some(Input::SocketOpened),
            Output::Transmit(frame) => {
                let reply = self.answer(frame.command)?;
                Some(Input::Received(vec![ServerFrame {
                    id: Some(frame.id),
                    result: Some(reply),
                    ..Default::default()
                }]))
            }
            _ => None,
        }
    }

    fn answer(&mut self, command: Command) -> Option<Reply> {
        match command {
            Command::Connect(_) => Some(Reply {
                connected: Some(Connected {
                    session: "s".into(),
                    visitor: "v".into(),
                    token: None,
                    token_expires_in_ms: None,
                    ping_interval_ms: 25_000,
                    limits: WireLimits {
                        frame_bytes_max: 65_536,
                        text_bytes_max: 16_384,
                        attachment_bytes_max: 0,
                    },
                    site_name: String::new(),
                    availability: Availability::default(),
                    subs: vec![SubState {
                        conv: CONV.into(),
                        epoch: "e".into(),
                        top: self.top,
                        recovered: true,
                        state: Lifecycle::Assigned,
                        participants: Vec::new(),
                        visitor_marks: Marks::default(),
                        agent_marks: Marks::default(),
                        events: Vec::new(),
                    }],
                    surveys: None,
                    clocks: None,
                }),
                ..Default::default()
            }),
            Command::Send(send) => {
                self.top += 1;
                self.sent += 1;
                Some(Reply {
                    sent: Some(Sent {
                        cmid: send.cmid,
                        conv: send.conv,
                        epoch: "e".into(),
                        seq: self.top,
                        ts: 1,
                        duplicate: false,
                        ticket: None,
                    }),
                    ..Default::default()
                })
            }
            Command::Read(_) => Some(Reply::default()),
            _ => None,
        }
    }

    fn start(&mut self) {
        self.feed(Input::Visitor(Action::Open {
            conv: Some(CONV.into()),
        }));
    }
}

/// The shortest of three.
fn time(mut run: impl FnMut() -> Duration) -> Duration {
    (0..3).map(|_| run()).min().unwrap_or_default()
}

fn apply(count: u32) -> Duration {
    let mut rig = Rig::new(1, Vec::new());
    rig.start();
    let frames: Vec<ServerFrame> = (2..=count + 1)
        .map(|seq| ServerFrame {
            event: Some(event(seq)),
            ..Default::default()
        })
        .collect();
    let started = Instant::now();
    for frame in frames {
        rig.feed(Input::Received(vec![frame]));
    }
    started.elapsed()
}

fn open(top: u32) -> Duration {
    let mut rig = Rig::new(top, Vec::new());
    let started = Instant::now();
    rig.start();
    let view = rig.engine.view();
    let took = started.elapsed();
    assert!(!view.conversation.expect("it is open").items.is_empty());
    took
}

/// So many entries wait in the store when the engine starts.
fn flush(count: u32) -> Duration {
    let journal = (1..=count).map(|number| Entry {
        local_seq: number,
        made_at: 1_700_000_000_000,
        visitor: "v".into(),
        command: send(number),
        failed: None,
    });
    let mut rig = Rig::new(1, journal.collect());
    let started = Instant::now();
    rig.start();
    let took = started.elapsed();
    assert_eq!(rig.sent, count);
    took
}

/// So many are written without a network and sent when it is back, as many at a time as the device
/// holds.
fn write_and_flush(count: u32) -> Duration {
    let mut rig = Rig::new(1, Vec::new());
    rig.start();
    let started = Instant::now();
    for _ in 0..count / OUTBOX_ENTRIES_MAX as u32 {
        rig.offline = true;
        rig.feed(Input::SocketClosed { code: 1006 });
        for number in 0..OUTBOX_ENTRIES_MAX {
            rig.feed(Input::Visitor(Action::Send {
                conv: CONV.into(),
                text: format!("Message {number} that waits."),
                ticket: None,
            }));
        }
        rig.offline = false;
        rig.feed(Input::Network { online: true });
    }
    let took = started.elapsed();
    assert_eq!(rig.sent, count);
    took
}

fn table(title: &str, sizes: &[u32], run: impl Fn(u32) -> Duration) {
    println!("\n{title}");
    let mut first = None;
    for size in sizes {
        let took = time(|| run(*size));
        let each = took.as_secs_f64() * 1e6 / f64::from(*size);
        let ratio = each / *first.get_or_insert(each);
        let ms = took.as_secs_f64() * 1e3;
        println!("{size:>8}  {ms:>10.2} ms  {each:>8.2} us each  x{ratio:.2}");
    }
}

fn main() {
    table(
        "applying events, one by one, stored with the cursor",
        &[1_000, 10_000, 100_000],
        apply,
    );
    println!("\nopening a conversation of so many events, to its view");
    for top in [1_000, 10_000, 100_000] {
        println!(
            "{top:>8}  {:>10.2} ms",
            time(|| open(top)).as_secs_f64() * 1e3
        );
    }
    table(
        "sending what waits in the journal; a device holds 1,000",
        &[100, 1_000, 10_000, 100_000],
        flush,
    );
    table(
        "writing offline and sending, as many at a time as a device holds",
        &[1_000, 10_000, 100_000],
        write_and_flush,
    );
}
