//! Which way to the desk: a socket, or requests where no socket is to be had.

/// A way to the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A WebSocket.
    Socket,
    /// Requests ([`super::poll`]).
    Requests,
}

/// Chooses the way of each connection by how the ones before it went.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    way: Way,
    /// Sockets in a row on which the desk never said a word.
    mute: u8,
    /// Whether a socket ever worked.
    worked: bool,
    has_socket: bool,
}

impl Choice {
    /// For a host that has sockets, or has none.
    pub fn new(has_socket: bool) -> Self {
        Self {
            way: Way::Socket,
            mute: 0,
            worked: false,
            has_socket,
        }
    }

    /// The way of the connection that begins now. Where sockets have never worked one mute one is
    /// enough to go the other way; where they have, two. After a connection by requests a socket is
    /// tried again.
    pub fn choose(&mut self) -> Way {
        let enough = if self.worked { 2 } else { 1 };
        if !self.has_socket || self.mute >= enough {
            self.way = Way::Requests;
            self.mute = enough - 1;
        } else {
            self.way = Way::Socket;
            self.mute += 1;
        }
        self.way
    }

    /// The way of the present connection.
    pub fn way(&self) -> Way {
        self.way
    }

    /// The desk said something.
    pub fn heard(&mut self) {
        if self.way == Way::Socket {
            self.mute = 0;
            self.worked = true;
        }
    }
}
