//! Visitors whom the site names: who is signed in on a device, each with a store of their own, and the
//! site's tokens, which live for a while.

use crate::device::Device;
use crate::planted::Bug;
use crate::run::{Due, Run, note};
use crate::script::{Script, With, dice};
use crate::world::desk::permanent;
use deskside::Action;
use deskside::protocol::command::{ClientFrame, Command};
use deskside::protocol::error_code;
use deskside::protocol::reply::ServerFrame;

/// Who may be signed in; nobody, and two customers.
pub const USERS: [&str; 3] = ["", "ann", "bob"];

/// Who is signed in first on each device.
pub fn first_users(script: &Script) -> Vec<&'static str> {
    let mut rng = dice(script.seed, 3);
    let named = script.with.contains(&With::Names);
    let users = script.means.iter().map(|_| match rng.up_to(3) {
        0 => USERS[0],
        1 | 2 if named => USERS[1],
        _ if named => USERS[2],
        _ => USERS[0],
    });
    users.collect()
}

impl Run {
    /// Somebody else signs in on a device, or nobody is any more: what was written before stays in a store
    /// that nobody opens meanwhile.
    pub fn sign_in(&mut self, body: usize, pick: u32) {
        let user = USERS[pick as usize % USERS.len()];
        let old = self.front[body];
        if !self.script.with.contains(&With::Names) || self.devices[old].user == user {
            return;
        }
        note!(self, "{user:?} signs in on device {old}");
        for tab in self.alive(old) {
            self.end_tab(tab);
        }
        if self.devices[old].bug == Some(Bug::StoreSharedByUsers) {
            self.devices[old].user = user;
            self.open_tab(old);
            return;
        }
        let same = |device: &Device| device.body == body && device.user == user;
        let new = self.devices.iter().position(same).unwrap_or_else(|| {
            let mut device = Device::new(self.devices[old].means, body, user);
            device.bug = self.devices[old].bug;
            self.devices.push(device);
            self.devices.len() - 1
        });
        let Device {
            net,
            wall_offset_ms,
            slow_until_ms,
            full_until_ms,
            shut_until_ms,
            ..
        } = self.devices[old];
        let device = &mut self.devices[new];
        (device.net, device.wall_offset_ms) = (net, wall_offset_ms);
        (device.slow_until_ms, device.full_until_ms) = (slow_until_ms, full_until_ms);
        device.shut_until_ms = shut_until_ms;
        device.troubled |= full_until_ms.max(shut_until_ms) > self.now_ms;
        self.front[body] = new;
        self.open_tab(new);
    }

    /// The page asks its own back end for a token, which may not answer.
    pub fn want_token(&mut self, tab: usize) {
        self.tabs[tab].wants_token = true;
        let delay = 20 + self.rng.up_to(400);
        if self.rng.up_to(4) > 0 {
            self.after(u64::from(delay), Due::Signed(tab));
        }
    }

    /// The page brings a token.
    pub fn signed(&mut self, tab: usize) {
        if !self.tabs[tab].alive {
            return;
        }
        self.tabs[tab].wants_token = false;
        let token = format!("jwt{}", self.next_number());
        let user = self.devices[self.tabs[tab].device].user;
        let ends_ms = self.now_ms + 20_000 + u64::from(self.rng.up_to(200_000));
        self.desk.tokens.push((token.clone(), user.to_owned()));
        self.site_tokens.push((token.clone(), ends_ms));
        self.at(ends_ms, Due::TokenEnds(token.clone()));
        let _ = self.act(tab, Action::Identify { token });
    }

    /// A token has come to its end, and so have the sessions under it.
    pub fn token_ends(&mut self, token: &str) {
        self.desk.tokens.retain(|(known, _)| known != token);
        for conn in 0..self.conns.len() {
            if self.conns[conn].token.as_deref() == Some(token) {
                self.cut(conn, 4003);
            }
        }
    }

    /// The desk takes none of a user's tokens any more; the site gives others.
    pub fn revoke_tokens_of(&mut self, user: &str) {
        let tokens = self.desk.tokens.iter().filter(|(_, of)| of == user);
        let tokens: Vec<String> = tokens.map(|(token, _)| token.clone()).collect();
        for token in tokens {
            self.token_ends(&token);
        }
    }

    /// A session goes on under another token, if that is one of the same visitor.
    pub fn refresh(&mut self, conn: usize, frame: &ClientFrame) -> Option<ServerFrame> {
        let token = match &frame.command {
            Command::Connect(connect) => {
                self.conns[conn].token.clone_from(&connect.token);
                return None;
            }
            Command::Refresh(refresh) => &refresh.token,
            _ => return None,
        };
        let user = self.devices[self.tabs[self.conns[conn].tab].device].user;
        let mut known = self.desk.tokens.iter();
        if known.any(|(known, of)| known == token && of == user) {
            self.conns[conn].token = Some(token.clone());
            return None;
        }
        Some(ServerFrame {
            id: Some(frame.id),
            error: Some(permanent(error_code::UNAUTHORIZED)),
            ..Default::default()
        })
    }

    /// The desk says how long the site's token lasts.
    pub fn say_how_long(&self, conn: usize, answer: &mut ServerFrame) {
        let token = self.conns[conn].token.as_ref();
        let mut tokens = self.site_tokens.iter();
        let Some((_, ends_ms)) = tokens.find(|(known, _)| Some(known) == token) else {
            return;
        };
        let lasts = Some(ends_ms.saturating_sub(self.now_ms) as u32);
        let Some(reply) = &mut answer.result else {
            return;
        };
        if let Some(connected) = &mut reply.connected {
            connected.token_expires_in_ms = lasts;
        }
        if let Some(refreshed) = &mut reply.refreshed {
            refreshed.token_expires_in_ms = lasts;
        }
    }

    /// A conversation of somebody else that a tab shows.
    pub fn foreign_conversation(&self, tab: usize, visitor: &str) -> Option<String> {
        let view = self.tabs[tab].engine.view();
        let foreign = view.conversations.iter().find(|shown| {
            let mut logs = self.desk.logs.iter();
            // Whoever has no name may be somebody else after a first contact that was not stored.
            let named = |one: &str| USERS[1..].contains(&one);
            logs.any(|log| {
                let other = log.visitor != visitor && (named(visitor) || named(&log.visitor));
                log.conv == shown.id && other
            })
        });
        foreign.map(|shown| shown.id.clone())
    }
}

/// Whether a message went out as somebody who did not write it.
pub fn is_imposture(user: &str, author: &str) -> bool {
    match user {
        "" => USERS[1..].contains(&author),
        user => user != author,
    }
}
