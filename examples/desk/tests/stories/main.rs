//! What the desk promises, each promise a test: a real server on a free port, a real SQLite file,
//! real WebSockets.

mod access;
mod agents;
mod attachments;
mod bots;
mod commands;
mod conformance;
mod contract;
mod crash;
mod delivery;
mod frames;
mod handover;
mod http;
mod identity;
mod lookups;
mod parts;
mod processes;
mod queue;
mod requests;
mod resume;
mod revisions;
mod sockets;
mod store;
mod support;
mod survey_results;
mod surveys;
mod tickets;
mod uploads;
