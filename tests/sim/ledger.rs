//! What was promised to the visitors: the reference that a run is judged by.

use deskside::view::Status;

/// How it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// It goes when its file is up, and lets what was said after it go first.
    File,
    /// Filled into a form.
    Form,
    /// With an address to be answered at.
    Ticket,
    /// The reason for which a person was asked for.
    Handoff,
    /// What an agent is to know, though nobody asked for one. Once it is written down, it arrives, or the
    /// page is told that it was refused.
    Context,
    /// The article that a word was said about.
    Feedback,
}

/// One message that a visitor sent, under a text of its own.
#[derive(Clone, Debug)]
pub struct Word {
    pub device: usize,
    pub tab: usize,
    /// Who was signed in.
    pub user: &'static str,
    /// The desk's name for whoever wrote it; empty before the first contact.
    pub author: String,
    /// It was shown as queued by a tab whose store was sound, so it must arrive.
    pub promised: bool,
    /// Why it may be missing after all.
    pub excuse: Option<&'static str>,
    /// It was shown as failed at some time.
    pub failed: bool,
    pub retried: bool,
    pub discarded: bool,
    /// Its tab ended while it was being given up, or another one slept.
    pub unsure: bool,
    pub kind: Kind,
    /// Its number in the device's journal.
    pub local_seq: u32,
    /// The desk has committed it.
    pub on_desk: bool,
}

/// A conversation that the visitor ended on a device.
#[derive(Clone, Debug)]
pub struct End {
    pub device: usize,
    pub conv: String,
}

/// How far an answer to a survey is.
pub type Shown = Option<(Option<u8>, bool)>;

/// Every message, by the number in its text.
#[derive(Debug, Default)]
pub struct Ledger {
    pub words: Vec<Word>,
    pub ends: Vec<End>,
    /// Responses to surveys: the tab that answered last, and whether it was put away, or another one that
    /// lived or was not heard of answered too: of two that do not know of each other the desk takes what
    /// comes first.
    pub rated: Vec<(String, usize, bool)>,
    /// What was shown of each after its last answer: its rating, and whether it was finished.
    pub shown: Vec<(String, Shown)>,
}

/// The text of a message.
pub fn text_of(number: usize) -> String {
    format!("w{number}")
}

/// The number in a message's text.
pub fn number_of(text: &str) -> Option<usize> {
    text.strip_prefix('w')?.parse().ok()
}

impl Word {
    pub fn new(device: usize, tab: usize, user: &'static str) -> Self {
        Self {
            device,
            tab,
            user,
            author: String::new(),
            promised: false,
            excuse: None,
            failed: false,
            retried: false,
            discarded: false,
            unsure: false,
            kind: Kind::Text,
            local_seq: 0,
            on_desk: false,
        }
    }
}

impl Ledger {
    /// A tab answers a survey, or puts it away.
    pub fn rates(
        &mut self,
        response_id: &str,
        tab: usize,
        puts_away: bool,
        lives: impl Fn(usize) -> bool,
    ) {
        match self.rated.iter_mut().find(|(id, ..)| id == response_id) {
            Some((_, last, both)) => {
                *both |= puts_away || *last != tab && lives(*last);
                *last = tab;
            }
            None => self.rated.push((response_id.to_owned(), tab, puts_away)),
        }
    }

    /// What a tab shows of a response before, or after, it answers; whether that is what was shown last.
    pub fn shows(&mut self, response_id: &str, shown: Shown) -> bool {
        let known = self.shown.iter_mut().find(|(id, _)| id == response_id);
        match known {
            Some((_, last)) => std::mem::replace(last, shown) == shown,
            None => {
                self.shown.push((response_id.to_owned(), shown));
                true
            }
        }
    }

    /// Whether it was put away, or two tabs answered it.
    pub fn is_contested(&self, response_id: &str) -> bool {
        self.rated
            .iter()
            .any(|(id, _, both)| id == response_id && *both)
    }

    pub fn word(&mut self, text: &str) -> Option<&mut Word> {
        self.words.get_mut(number_of(text)?)
    }
}

/// How far a status is: it may never fall, but for a failure and its retry. Queued and sending are
/// one step: a connection that is lost takes a message back from the network, not from the visitor.
pub fn rank(status: &Status) -> u8 {
    match status {
        Status::Failed { .. } => 0,
        Status::Saving => 1,
        Status::Queued | Status::Sending => 2,
        Status::Sent => 3,
        Status::Delivered => 4,
        Status::Read => 5,
    }
}
