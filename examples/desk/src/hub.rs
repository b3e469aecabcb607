//! Who hears of what. Sessions register before they read history, so that nothing falls between;
//! what they hear twice they drop by `seq`. A push never waits for a reader.

use crate::conversation::ledger::Change;
use crate::frame;
use crate::outbound::{Ending, Outbound};
use crate::queue::Queues;
use crate::store::{ConsoleOf, Store, TokenHash, without_note};
use axum::extract::ws::Utf8Bytes;
use deskside::protocol::agent::AgentServerFrame;
use deskside::protocol::event::{Event, Participant, Role};
use deskside::protocol::reply::{Availability, Delta, Receipt, ServerFrame, TypingNotice};
use deskside::protocol::survey::SurveySet;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// The sessions of this process.
#[derive(Default)]
pub struct Hub {
    seats: Mutex<Seats>,
    /// Conversations whose inbox line is out of date.
    stale: Mutex<BTreeSet<String>>,
    inbox_stirs: Notify,
    /// The sites whose queue moved.
    pub queues: Queues,
    agents_stir: Notify,
    /// Somebody's console has come or gone.
    pub colleagues_stir: Notify,
    /// The same, for other processes; or at one of them.
    pub processes_stir: Notify,
}

#[derive(Default)]
struct Seats {
    visitors: HashMap<String, Visitor>,
    agents: HashMap<u64, Console>,
    watchers: HashMap<String, HashSet<u64>>,
    /// Who has a console at another process on this database.
    elsewhere: Vec<ConsoleOf>,
    /// As visitors were last told.
    agents_online: u32,
}

/// A visitor's sessions. Whoever comes to two sites is two visitors.
#[derive(Default)]
struct Visitor {
    site: String,
    sessions: Vec<Outbound>,
}

struct Console {
    agent: String,
    /// A program; it answers, but is nobody who is there.
    is_bot: bool,
    token: TokenHash,
    out: Outbound,
    watched: HashSet<String>,
}

/// A registered session; dropping it leaves.
pub struct Seat {
    hub: Arc<Hub>,
    session: u64,
    /// The visitor; none for an agent.
    visitor: Option<String>,
}

impl Hub {
    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Registers a visitor's session.
    pub fn seat_visitor(self: &Arc<Self>, site: &str, visitor: &str, out: Outbound) -> Seat {
        let session = out.id();
        let mut seats = self.seats();
        let seated = seats.visitors.entry(visitor.to_owned()).or_default();
        site.clone_into(&mut seated.site);
        seated.sessions.push(out);
        Seat {
            hub: self.clone(),
            session,
            visitor: Some(visitor.to_owned()),
        }
    }

    /// Registers a console.
    pub fn seat_agent(
        self: &Arc<Self>,
        agent: &Participant,
        token: TokenHash,
        out: Outbound,
    ) -> Seat {
        let session = out.id();
        let mut seats = self.seats();
        let console = Console {
            agent: agent.id.clone(),
            is_bot: agent.role == Role::Bot,
            token,
            out,
            watched: HashSet::new(),
        };
        seats.agents.insert(session, console);
        drop(seats);
        self.stir_agents();
        self.processes_stir.notify_one();
        Seat {
            hub: self.clone(),
            session,
            visitor: None,
        }
    }

    fn stir_agents(&self) {
        self.agents_stir.notify_one();
        self.colleagues_stir.notify_one();
    }

    /// Whether a bot is connected, here or elsewhere.
    pub fn has_bots(&self) -> bool {
        let seats = self.seats();
        let here = seats.agents.values().any(|console| console.is_bot);
        here || seats.elsewhere.iter().any(|console| console.is_bot)
    }

    /// The people whose console is connected, here or elsewhere.
    pub fn agents_online(&self) -> BTreeSet<String> {
        self.seats().people().map(str::to_owned).collect()
    }

    /// Who has a console here, each once.
    pub fn consoles_here(&self) -> Vec<ConsoleOf> {
        let seats = self.seats();
        let here: BTreeSet<ConsoleOf> = seats
            .agents
            .values()
            .map(|console| ConsoleOf {
                agent: console.agent.clone(),
                is_bot: console.is_bot,
            })
            .collect();
        here.into_iter().collect()
    }

    /// Who has one elsewhere.
    pub fn set_elsewhere(&self, consoles: Vec<ConsoleOf>) {
        let mut seats = self.seats();
        if seats.elsewhere != consoles {
            seats.elsewhere = consoles;
            drop(seats);
            self.stir_agents();
        }
    }

    /// Whether somebody here is to be told what happens in a conversation.
    pub fn concerns(&self, conv: &str, visitor: &str) -> bool {
        let seats = self.seats();
        seats.visitors.contains_key(visitor) || seats.watchers.contains_key(conv)
    }

    /// Ends every session.
    pub fn end_all(&self, why: Ending) {
        let seats = self.seats();
        let visitors = seats.visitors.values().flat_map(|v| &v.sessions);
        let consoles = seats.agents.values().map(|console| &console.out);
        let all: Vec<&Outbound> = visitors.chain(consoles).collect();
        let sessions = u32::try_from(all.len()).unwrap_or(u32::MAX);
        all.iter()
            .for_each(|out| out.end(why.of_many(out.id(), sessions)));
    }

    /// Tells every console something.
    pub fn tell_agents(&self, frame: &AgentServerFrame) {
        let text = frame::write(frame);
        self.consoles().iter().for_each(|out| out.push(&text));
    }

    /// What visitors were last told.
    pub fn availability(&self) -> Availability {
        Availability {
            agents_online: self.seats().agents_online,
        }
    }

    /// Tells everybody concerned of what was committed.
    pub fn publish(&self, change: &Change) {
        let events: Vec<Utf8Bytes> = change.events.iter().map(event_frame).collect();
        let for_visitor: Vec<Utf8Bytes> = change.events.iter().map(visitor_frame).collect();
        let receipt = change.receipt.as_ref().map(receipt_frame);
        let is_whole = change.opened.as_ref().is_some_and(|c| !c.events.is_empty());
        let opened = change.opened.clone().map(|conversation| {
            frame::write(&ServerFrame {
                conversation: Some(conversation),
                ..ServerFrame::default()
            })
        });
        let seats = self.seats();
        for out in seats.sessions_of(&change.visitor) {
            let is_origin = out.id() == change.origin;
            // The session that opened it has it in its answer, the others get it whole.
            if let Some(opened) = &opened
                && !is_origin
            {
                out.push(opened);
            }
            if !is_whole {
                for_visitor.iter().for_each(|event| out.push(event));
            }
            if let Some(receipt) = &receipt
                && !is_origin
            {
                out.push(receipt);
            }
        }
        for out in seats.watchers_of(&change.conv) {
            events.iter().for_each(|event| out.push(event));
            if let Some(receipt) = &receipt
                && out.id() != change.origin
            {
                out.push(receipt);
            }
        }
        drop(seats);
        self.moved(&change.conv, change.queue.as_deref(), change.waited_ms);
    }

    /// The line of a conversation in the inbox is out of date, and perhaps the queue of its site.
    pub fn moved(&self, conv: &str, queue: Option<&str>, waited_ms: Option<u64>) {
        self.stale
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .insert(conv.to_owned());
        self.inbox_stirs.notify_one();
        if let Some(site) = queue {
            if let Some(waited_ms) = waited_ms {
                self.queues.accepted(site, waited_ms, Instant::now());
            }
            self.queues.stir(site);
        }
    }

    /// Tells the consoles that watch, and the visitor's other sessions, that the visitor types; or
    /// the visitor and the other consoles, that an agent does.
    pub fn typing(&self, notice: TypingNotice, visitor: &str, origin: u64) {
        let conv = notice.conv.clone();
        let by_visitor = notice.by.id == visitor;
        let text = frame::write(&ServerFrame {
            typing: Some(notice),
            ..ServerFrame::default()
        });
        let seats = self.seats();
        if !by_visitor {
            for out in seats.sessions_of(visitor) {
                out.push(&text);
            }
        }
        for out in seats.watchers_of(&conv).filter(|out| out.id() != origin) {
            out.push(&text);
        }
    }

    /// Shows the visitor and the consoles that watch what a bot has written so far.
    pub fn stream(&self, delta: Delta, visitor: &str, origin: u64) {
        let conv = delta.conv.clone();
        let text = frame::write(&ServerFrame {
            delta: Some(delta),
            ..ServerFrame::default()
        });
        let seats = self.seats();
        for out in seats.sessions_of(visitor) {
            out.push(&text);
        }
        for out in seats.watchers_of(&conv).filter(|out| out.id() != origin) {
            out.push(&text);
        }
    }

    /// Tells a visitor's sessions something.
    pub fn tell_visitor(&self, visitor: &str, frame: &ServerFrame) {
        let text = frame::write(frame);
        for out in self.seats().sessions_of(visitor) {
            out.push(&text);
        }
    }

    /// Tells a visitor's sessions something, but for the one that it comes from.
    pub fn tell_others(&self, visitor: &str, origin: u64, frame: &ServerFrame) {
        let text = frame::write(frame);
        let seats = self.seats();
        for out in seats.sessions_of(visitor).filter(|out| out.id() != origin) {
            out.push(&text);
        }
    }

    /// Ends the consoles that signed in with this token.
    pub fn sign_out(&self, token: &TokenHash) {
        for console in self.seats().agents.values() {
            if console.token == *token {
                console.out.end(Ending::UNAUTHORIZED);
            }
        }
    }

    /// Keeps the inbox lines of all consoles up to date. A line is read once for all that
    /// happened to it meanwhile, so a busy conversation does not flood a console.
    pub async fn keep_inboxes(self: Arc<Self>, store: Arc<dyn Store>) {
        const PAUSE: Duration = Duration::from_millis(20);
        const LINES_MAX: usize = 50;
        loop {
            self.inbox_stirs.notified().await;
            loop {
                let consoles = self.consoles();
                let convs = self.take_stale(LINES_MAX);
                if convs.is_empty() {
                    break;
                }
                if consoles.is_empty() {
                    continue;
                }
                match store.inbox_items(convs).await {
                    Ok(items) => {
                        for item in items {
                            let text = frame::write(&AgentServerFrame {
                                inbox: Some(item),
                                ..AgentServerFrame::default()
                            });
                            consoles.iter().for_each(|out| out.push(&text));
                        }
                    }
                    Err(refusal) => tracing::warn!(?refusal, "inbox lines were not read"),
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Tells visitors when agents come, at once, and when they go, after a grace.
    pub async fn keep_availability(self: Arc<Self>, leave_grace: Duration) {
        loop {
            self.agents_stir.notified().await;
            if self.some_agent_left() {
                tokio::time::sleep(leave_grace).await;
            }
            self.announce_availability();
        }
    }

    fn some_agent_left(&self) -> bool {
        let seats = self.seats();
        seats.count_agents() < seats.agents_online
    }

    fn announce_availability(&self) {
        let mut seats = self.seats();
        let agents_online = seats.count_agents();
        if agents_online == seats.agents_online {
            return;
        }
        seats.agents_online = agents_online;
        let text = frame::write(&ServerFrame {
            availability: Some(Availability { agents_online }),
            ..ServerFrame::default()
        });
        for out in seats.visitors.values().flat_map(|v| &v.sessions) {
            out.push(&text);
        }
    }

    /// Gives everybody who is on a site its surveys, which have changed.
    pub fn announce_surveys(&self, site: &str, surveys: &SurveySet) {
        let text = frame::write(&ServerFrame {
            surveys: Some(surveys.clone()),
            ..ServerFrame::default()
        });
        for visitor in self.seats().visitors.values().filter(|v| v.site == site) {
            visitor.sessions.iter().for_each(|out| out.push(&text));
        }
    }

    fn consoles(&self) -> Vec<Outbound> {
        let seats = self.seats();
        seats.agents.values().map(|c| c.out.clone()).collect()
    }

    fn take_stale(&self, lines_max: usize) -> Vec<String> {
        let mut stale = self.stale.lock().unwrap_or_else(|e| e.into_inner());
        let mut convs = Vec::with_capacity(stale.len().min(lines_max));
        while convs.len() < lines_max
            && let Some(conv) = stale.pop_first()
        {
            convs.push(conv);
        }
        convs
    }
}

impl Seats {
    fn sessions_of(&self, visitor: &str) -> impl Iterator<Item = &Outbound> {
        let seated = self.visitors.get(visitor);
        seated.into_iter().flat_map(|seated| &seated.sessions)
    }

    fn watchers_of(&self, conv: &str) -> impl Iterator<Item = &Outbound> {
        let sessions = self.watchers.get(conv).into_iter().flatten();
        sessions.filter_map(|session| Some(&self.agents.get(session)?.out))
    }

    /// Whoever is there, at one console or more.
    fn people(&self) -> impl Iterator<Item = &str> {
        let here = self.agents.values().filter(|console| !console.is_bot);
        let elsewhere = self.elsewhere.iter().filter(|console| !console.is_bot);
        let elsewhere = elsewhere.map(|console| console.agent.as_str());
        here.map(|console| console.agent.as_str()).chain(elsewhere)
    }

    fn count_agents(&self) -> u32 {
        let agents: HashSet<&str> = self.people().collect();
        u32::try_from(agents.len()).unwrap_or(u32::MAX)
    }

    fn unwatch(&mut self, session: u64, conv: &str) {
        if let Some(watchers) = self.watchers.get_mut(conv) {
            watchers.remove(&session);
            if watchers.is_empty() {
                self.watchers.remove(conv);
            }
        }
    }
}

impl Seat {
    /// From now on this console hears of the conversation.
    pub fn watch(&self, conv: &str) {
        let mut seats = self.hub.seats();
        if let Some(console) = seats.agents.get_mut(&self.session) {
            console.watched.insert(conv.to_owned());
            let watchers = seats.watchers.entry(conv.to_owned()).or_default();
            watchers.insert(self.session);
        }
    }

    /// From now on it does not.
    pub fn unwatch(&self, conv: &str) {
        let mut seats = self.hub.seats();
        if let Some(console) = seats.agents.get_mut(&self.session) {
            console.watched.remove(conv);
        }
        seats.unwatch(self.session, conv);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.hub.seats();
        match &self.visitor {
            Some(visitor) => {
                if let Some(seated) = seats.visitors.get_mut(visitor) {
                    seated.sessions.retain(|out| out.id() != self.session);
                    if seated.sessions.is_empty() {
                        seats.visitors.remove(visitor);
                    }
                }
            }
            None => {
                if let Some(console) = seats.agents.remove(&self.session) {
                    for conv in console.watched {
                        seats.unwatch(self.session, &conv);
                    }
                }
                self.hub.stir_agents();
                self.hub.processes_stir.notify_one();
            }
        }
    }
}

// These pushes are the same to a visitor and to an agent.

fn event_frame(event: &Event) -> Utf8Bytes {
    frame::write(&ServerFrame {
        event: Some(event.clone()),
        ..ServerFrame::default()
    })
}

/// As visitors get it.
fn visitor_frame(event: &Event) -> Utf8Bytes {
    let mut event = event.clone();
    without_note(&mut event);
    event_frame(&event)
}

fn receipt_frame(receipt: &Receipt) -> Utf8Bytes {
    frame::write(&ServerFrame {
        read: Some(receipt.clone()),
        ..ServerFrame::default()
    })
}
