//! What the desk promises, each promise a test: a real server on a free port, a real SQLite file,
//! real WebSockets.

mod access;
mod agents;
mod crash;
mod delivery;
mod frames;
mod http;
mod requests;
mod resume;
mod sockets;
mod store;
mod support;
mod surveys;
