//! Between a tab and the desk: connections that open, carry, swallow and end; and the desk's own
//! failures.

use crate::run::{Conn, Due, Run, note};
use crate::said::said_with;
use deskside::platform::way::Way;
use deskside::protocol::command::{ClientFrame, Command};
use deskside::protocol::error_code;
use deskside::protocol::reply::ServerFrame;

impl Run {
    pub fn connect(&mut self, tab: usize) {
        if let Some(old) = self.tabs[tab].conn.take() {
            self.close(old);
        }
        let net = self.devices[self.tabs[tab].device].net;
        let now = self.now_ms;
        let conn = self.conns.len();
        let way = self.by_requests(tab);
        let by_requests = way == Some(Way::Requests);
        // A socket that does not come through is refused, or never opens.
        let no_socket = self.lets_no_socket_through(tab);
        let mute = no_socket == Some(false);
        let lost = !by_requests && (net.up_lost_ms > now || net.down_lost_ms > now || mute);
        let down = net.offline_ms > now || net.refused_ms > now || self.faults.down_until_ms > now;
        let refused = !by_requests && (no_socket == Some(true) || down);
        self.conns.push(Conn {
            tab,
            tab_side: true,
            desk_side: !refused && !lost,
            dead_up: lost,
            dead_down: lost,
            up_free_ms: 0,
            answers_free_ms: 0,
            pushes_free_ms: 0,
            token: None,
            mailbox: None,
        });
        self.tabs[tab].conn = Some(conn);
        note!(
            self,
            "t{tab} c{conn} {}",
            if lost {
                "is lost"
            } else if refused {
                "is refused"
            } else {
                "opens"
            }
        );
        if by_requests {
            return self.open_requests(tab, conn);
        }
        let delay = self.latency(tab);
        if lost {
            return;
        }
        if refused {
            self.after(delay, Due::ClosedForTab(conn, 1006));
        } else {
            self.after(2 * delay, Due::Opened(conn));
        }
    }

    /// The tab closes its end; the desk hears of it, or finds out.
    pub fn close(&mut self, conn: usize) {
        if !std::mem::replace(&mut self.conns[conn].tab_side, false) {
            return;
        }
        if self.conns[conn].has_mailbox() {
            return self.close_requests(conn);
        }
        let delay = if self.conns[conn].dead_up {
            60_000
        } else {
            let tab = self.conns[conn].tab;
            let free = self.conns[conn].up_free_ms;
            (self.now_ms + self.latency(tab)).max(free) - self.now_ms
        };
        self.after(delay, Due::ClosedForDesk(conn));
    }

    /// The desk's end is gone; the tab hears of it unless the network swallows that too.
    pub fn cut(&mut self, conn: usize, code: u16) {
        if !std::mem::replace(&mut self.conns[conn].desk_side, false) {
            return;
        }
        self.desk.hang_up(conn as u32);
        if self.conns[conn].has_mailbox() {
            return self.break_off(conn);
        }
        if !self.swallowed_down(conn) {
            let delay = self.latency(self.conns[conn].tab);
            let free = self.conns[conn]
                .answers_free_ms
                .max(self.conns[conn].pushes_free_ms);
            self.at(
                (self.now_ms + delay).max(free),
                Due::ClosedForTab(conn, code),
            );
        }
    }

    pub fn latency(&mut self, tab: usize) -> u64 {
        let slow = self.devices[self.tabs[tab].device].net.slow_ms > self.now_ms;
        u64::from(5 + self.rng.up_to(if slow { 9_000 } else { 60 }))
    }

    pub fn transmit(&mut self, tab: usize, frame: ClientFrame) {
        let Some(conn) = self.tabs[tab].conn else {
            return;
        };
        note!(self, "t{tab} c{conn} > {frame:?}");
        self.check_written(tab, &frame);
        if self.conns[conn].has_mailbox() {
            return self.request(tab, &frame);
        }
        let net = self.devices[self.tabs[tab].device].net;
        let now = self.now_ms;
        self.conns[conn].dead_up |= net.up_lost_ms > now;
        if self.conns[conn].dead_up {
            return;
        }
        let at = (now + self.latency(tab)).max(self.conns[conn].up_free_ms);
        self.conns[conn].up_free_ms = at;
        if net.portal_ms > now {
            // What a portal says is no frame; the platform passes it over.
            self.conns[conn].dead_up = true;
            self.at(at, Due::Down(conn, Vec::new()));
            return;
        }
        if net.twice_ms > now {
            self.at(at, Due::Up(conn, frame.clone()));
        }
        self.at(at, Due::Up(conn, frame));
    }

    fn swallowed_down(&mut self, conn: usize) -> bool {
        let device = self.tabs[self.conns[conn].tab].device;
        self.conns[conn].dead_down |= self.devices[device].net.down_lost_ms > self.now_ms;
        self.conns[conn].dead_down
    }

    fn send_down(&mut self, conn: usize, frame: ServerFrame) {
        if self.conns[conn].has_mailbox() {
            return self.mail(conn, frame);
        }
        if !self.conns[conn].desk_side || self.swallowed_down(conn) {
            return;
        }
        let tab = self.conns[conn].tab;
        let slow = self.faults.slow_until_ms > self.now_ms && frame.id.is_some();
        let thinking = u64::from(if slow {
            self.rng.up_to(3_000)
        } else {
            self.rng.up_to(3)
        });
        let at = self.now_ms + self.latency(tab) + thinking;
        let lane = &mut self.conns[conn];
        // Answers keep their order, pushes keep theirs; one may overtake the other.
        let free = match frame.id {
            Some(_) => &mut lane.answers_free_ms,
            None => &mut lane.pushes_free_ms,
        };
        *free = at.max(*free);
        let at = *free;
        let twice = self.devices[self.tabs[tab].device].net.twice_ms > self.now_ms;
        let frames = if twice {
            vec![frame.clone(), frame]
        } else {
            vec![frame]
        };
        self.at(at, Due::Down(conn, frames));
    }

    /// A frame has reached the desk.
    pub fn at_desk(&mut self, conn: usize, frame: ClientFrame) {
        if !self.conns[conn].desk_side {
            return;
        }
        if std::mem::take(&mut self.faults.expire_next)
            && !matches!(frame.command, Command::Connect(_))
        {
            // Who refuses a token twice takes it no more: the visitor comes back as somebody else.
            let device = self.tabs[self.conns[conn].tab].device;
            let named = !self.devices[device].user.is_empty();
            let doubted = std::mem::replace(&mut self.devices[device].doubted, true);
            self.devices[device].revoked |= doubted && !named;
            let refusal = crate::world::desk::permanent(error_code::UNAUTHORIZED);
            let answer = ServerFrame {
                id: Some(frame.id),
                error: Some(refusal),
                ..Default::default()
            };
            self.send_down(conn, answer);
            return;
        }
        let mut attachments = Vec::new();
        let said = said_with(&frame.command).map(str::to_owned);
        if let Command::Send(send) = &frame.command {
            attachments.clone_from(&send.body.attachments);
        }
        let ends = match &frame.command {
            Command::Close(close) => Some(close.conv.clone()),
            _ => None,
        };
        self.choose_refused(&frame);
        let durable = !matches!(
            frame.command,
            Command::Connect(_)
                | Command::Read(_)
                | Command::Typing(_)
                | Command::Refresh(_)
                | Command::History(_)
                | Command::Ping {}
        );
        let refused = self.refresh(conn, &frame);
        let answer = refused.or_else(|| self.desk.receive(conn as u32, frame, self.wall_ms()));
        let committed = answer
            .as_ref()
            .is_some_and(|answer| answer.result.is_some());
        let error = answer.as_ref().and_then(|answer| answer.error.as_ref());
        let unauthorized = error.is_some_and(|error| error.code == error_code::UNAUTHORIZED);
        let gone = error.is_some_and(|error| error.code == error_code::NOT_FOUND);
        if let Some(conv) = ends.filter(|_| gone) {
            self.forget_end(&conv);
        }
        if committed && let Some(text) = said {
            note!(self, "desk has {text}");
            self.check_files(&attachments);
            if let Some(word) = self.ledger.word(&text) {
                word.on_desk = true;
            }
        }
        if committed && durable && std::mem::take(&mut self.faults.crash_after_commit) {
            note!(self, "desk dies before the answer");
            self.restart_desk(500);
            return;
        }
        let echoes_first = self.rng.up_to(1) == 0;
        if echoes_first {
            self.push_all();
        }
        if let Some(mut answer) = answer {
            self.say_how_long(conn, &mut answer);
            note!(self, "c{conn} desk answers {answer:?}");
            self.send_down(conn, answer);
        }
        self.push_all();
        if unauthorized {
            self.cut(conn, 4003);
        }
    }

    /// What the desk has to push goes out.
    pub fn push_all(&mut self) {
        for (session, frame) in self.desk.take_pushes() {
            note!(self, "c{session} desk pushes {frame:?}");
            self.send_down(session as usize, frame);
        }
    }

    pub fn restart_desk(&mut self, down_ms: u64) {
        self.desk.restart(self.wall_ms());
        self.cut_files();
        self.faults.down_until_ms = self.now_ms + down_ms;
        for conn in 0..self.conns.len() {
            self.cut(conn, 1006);
        }
    }
}
