//! What happens at the desk: agents and bots that speak, a backup that is restored, rules that are broken.

use crate::run::{Due, Run, note};
use crate::said::{said_in, said_of};
use crate::script::Act;
use crate::world::desk::permanent;
use crate::world::push;
use deskside::protocol::command::Marks;
use deskside::protocol::event::{Author, Event, EventBody, Lifecycle, Role};
use deskside::protocol::reply::{Disconnect, Receipt, Reply, ServerFrame};

impl Run {
    pub fn lose_events(&mut self, pick: u32) {
        let lost = 1 + pick as usize % 4;
        for log in &mut self.desk.logs {
            let kept = log.events.len().saturating_sub(lost).max(1);
            for event in &log.events[kept.min(log.events.len())..] {
                if let Some(said) = said_of(&event.body)
                    && let Some(word) = self.ledger.word(said)
                {
                    word.excuse = Some("the desk lost it");
                    word.on_desk = false;
                }
            }
        }
        self.desk.restore_from_backup(lost);
        self.restart_desk(100);
    }

    /// A desk that does what the protocol forbids, as far as a client can tell.
    pub fn be_hostile(&mut self, visitor: usize, pick: u32) {
        let online: Vec<usize> = (0..self.conns.len())
            .filter(|conn| {
                self.conns[*conn].desk_side && self.tabs[self.conns[*conn].tab].device == visitor
            })
            .collect();
        let Some(conn) = online.last().copied() else {
            return;
        };
        let name = self
            .desk
            .logs
            .get(pick as usize % self.desk.logs.len().max(1))
            .map(|log| log.conv.clone());
        let conv = name.unwrap_or_else(|| "nowhere".into());
        let event = |seq: u32, conv: &str| Event {
            conv: conv.into(),
            seq,
            ts: 0,
            author: Author {
                role: Role::Agent,
                id: "a9".into(),
            },
            cmid: None,
            body: EventBody::State(Lifecycle::Assigned),
        };
        let frame = match pick % 11 {
            0 => push(|frame| frame.event = Some(event(0, &conv))),
            1 => push(|frame| frame.event = Some(event(u32::MAX, &conv))),
            2 => push(|frame| frame.event = Some(event(1, "somebody else's"))),
            3 => push(|frame| (frame.id, frame.result) = (Some(pick), Some(Reply::default()))),
            4 => push(|frame| (frame.id, frame.error) = (Some(pick), Some(permanent("invalid")))),
            5 => ServerFrame::default(),
            6 => push(|frame| {
                (frame.id, frame.result) = (Some(1 + pick % 40), Some(Reply::default()))
            }),
            7 => push(|frame| frame.id = Some(1 + pick % 40)),
            8 => push(|frame| {
                let marks = Marks::default();
                frame.read = Some(Receipt {
                    conv: conv.clone(),
                    by: Role::Agent,
                    marks,
                });
            }),
            9 => push(|frame| {
                frame.disconnect = Some(Disconnect {
                    code: 4000,
                    reconnect: true,
                    retry_after_ms: Some(pick % 9_000),
                });
            }),
            _ => push(|frame| frame.event = Some(event(1 + pick % 8, &conv))),
        };
        // The last one is a lie only about what is known already.
        if pick % 11 == 10 {
            let log = self.desk.logs.iter().find(|log| log.conv == conv);
            let first = log.and_then(|log| log.events.first());
            let old = first.is_some_and(|first| first.ts + 60_000 < self.wall_ms());
            if !old || 1 + pick % 8 > 1 {
                return;
            }
        }
        self.devices[visitor].lied_to |= pick % 11 == 6;
        let tab = self.conns[conn].tab;
        note!(self, "c{conn} t{tab} desk is hostile: {frame:?}");
        self.after(20, Due::Down(conn, vec![frame]));
    }

    pub fn agent_does(&mut self, act: Act, pick: u32) {
        let open: Vec<&crate::world::desk::Log> = self
            .desk
            .logs
            .iter()
            .filter(|log| log.state != Lifecycle::Closed)
            .collect();
        let Some(log) = open.get(pick as usize % open.len().max(1)) else {
            return;
        };
        let (conv, top) = (log.conv.clone(), log.events.len() as u32);
        if self.faults.down_until_ms > self.now_ms {
            return;
        }
        match act {
            Act::AgentSays => {
                self.desk
                    .agent_says_in(&conv, &format!("answer {pick}"), self.wall_ms())
            }
            Act::AgentAsks => self.desk.asks_in(&conv, self.wall_ms()),
            Act::AgentNotes => self.desk.agent_notes_in(&conv, self.wall_ms()),
            Act::AgentResolves => self.desk.agent_resolves_in(&conv, self.wall_ms()),
            Act::AgentEdits | Act::AgentRedacts => return self.agent_amends(&conv, act, pick),
            Act::BotWrites => self.bot_writes(conv, pick),
            Act::BotSays => {
                let at = self.drafts.iter().position(|(of, ..)| *of == conv);
                if let Some((conv, id, text)) = at.map(|at| self.drafts.remove(at)) {
                    self.desk.bot_ends_in(&conv, &id, &text, self.wall_ms());
                }
            }
            _ => {
                let old = log.agent_marks;
                let read_seq = old.read_seq.max(pick % (top + 1));
                let marks = Marks {
                    delivered_seq: top,
                    read_seq,
                };
                self.desk.agent_reads_in(&conv, marks);
            }
        }
        self.push_all();
    }

    /// An agent changes one of the last messages: any may be taken back, other words are only put into
    /// what the desk's side said.
    fn agent_amends(&mut self, conv: &str, act: Act, pick: u32) {
        let Some(log) = self.desk.logs.iter().find(|log| log.conv == conv) else {
            return;
        };
        let redacts = act == Act::AgentRedacts;
        let may = |event: &&Event| {
            matches!(&event.body, EventBody::Message(content) if !content.redacted)
                && (redacts || event.author.role != Role::Visitor)
        };
        let messages: Vec<&Event> = log.events.iter().rev().filter(may).take(8).collect();
        let Some(event) = messages.get(pick as usize % messages.len().max(1)) else {
            return;
        };
        let seq = event.seq;
        if let EventBody::Message(content) = &event.body
            && let Some(word) = self.ledger.word(said_in(content))
        {
            word.excuse = Some("an agent took it back");
        }
        if redacts {
            self.desk.redacts_in(conv, seq, self.wall_ms());
        } else {
            let text = format!("better {pick}");
            self.desk.edits_in(conv, seq, &text, self.wall_ms());
        }
        self.push_all();
    }

    fn bot_writes(&mut self, conv: String, pick: u32) {
        let open = self.drafts.iter().position(|(of, ..)| *of == conv);
        let at = open.unwrap_or_else(|| {
            let id = format!("bot{}", self.next_number());
            self.drafts.push((conv.clone(), id, String::new()));
            self.drafts.len() - 1
        });
        let (_, id, text) = &mut self.drafts[at];
        text.push_str(&format!("so {pick} "));
        let (id, text) = (id.clone(), text.clone());
        self.desk.bot_writes_in(&conv, &id, &text);
    }
}
