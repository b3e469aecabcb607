//! What a visitor's SDK asks of the desk.

use macro_rules_attribute::apply;

use super::content::{Attachment, Content};
use super::event::{HandoffContext, SurveyResponse};
use crate::plain;
use crate::plain::{Readable, Reading, Writable, Writing};
use crate::typescript::{protocol_ts, protocol_ts_optional};

/// A command with the number that its answer will carry.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct ClientFrame {
    /// Unique per connection while the answer is awaited.
    pub id: u32,
    /// The command, as one field named after it.
    #[cfg_attr(feature = "typescript", ts(flatten))]
    pub command: Command,
}

/// The commands. Those with a `cmid` are durable and idempotent: the desk answers only after the
/// commit, and the same `cmid` again gives the first answer with `duplicate: true`.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The first frame of every connection.
    Connect(Connect),
    /// Starts a conversation under an id that the client made.
    Open(Open),
    /// Says something. Where nobody is there and the body has a [`Content::ticket`], it is a `ticket` on the
    /// wire, and the conversation waits for a person: a desk that does not know that command refuses it,
    /// where it would lose the address of a `send`.
    Send(Send),
    /// The visitor asks for a person, and waits for one from now on. A conversation that a person has,
    /// or that waits already, stays where it is; the words are kept all the same.
    Handoff(Handoff),
    /// The visitor ends the conversation.
    Close(Close),
    /// Names a file that is about to come. The `uploadId` is the command's `cmid`: the same one again
    /// gives how far it came, with another file it is a `conflict`.
    UploadBegin(UploadBegin),
    /// All bytes of a file are there. Under its `uploadId`, as often as need be.
    UploadCommit(UploadCommit),
    /// Saves an answer to a survey.
    Survey(Survey),
    /// Says whether an article helped.
    Feedback(Feedback),
    /// How far the visitor's device has received, and the visitor has read. Never moves backwards.
    Read(Read),
    /// The visitor is, or is no longer, typing. Ephemeral: no answer.
    Typing(Typing),
    /// Goes on under a fresh token of the same visitor, before the old one ends.
    Refresh(Refresh),
    /// Asks for a range of events.
    History(History),
    /// Asks for a `pong`.
    Ping {},
}

/// Authenticates, and resumes every conversation that the client knows.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Connect {
    /// See [`super::PROTOCOL_VERSION`].
    pub version: u32,
    /// The site's id at this desk.
    pub site: String,
    /// The visitor's token: one that the desk made, or a JWT of the site's own back end for a visitor
    /// who is signed in there. None on first contact, when the desk makes one.
    pub token: Option<String>,
    /// This device's id, made once and stored.
    pub client_id: String,
    /// BCP 47.
    pub locale: String,
    /// Where to resume, in at most 100 conversations.
    pub subs: Vec<Sub>,
    /// The digest of the survey definitions that it has, if it has any.
    pub surveys: Option<String>,
}

/// A conversation and how far its log has been applied.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Sub {
    /// The conversation.
    pub conv: String,
    /// The epoch of the log that `offset` counts in.
    pub epoch: String,
    /// The highest `seq` applied.
    pub offset: u32,
}

/// See [`Command::Open`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// UUIDv7, made by the client.
    pub conv: String,
    /// UUIDv7, made by the client.
    pub cmid: String,
    /// The page on which it began, without query and fragment; may be empty.
    pub page: String,
}

/// See [`Command::Send`].
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Send {
    /// The conversation.
    pub conv: String,
    /// UUIDv7, made once, before the message is shown.
    pub cmid: String,
    /// The cmid of this visitor's previous message in the conversation.
    pub prev: Option<String>,
    /// What is said.
    pub body: Content,
}

/// See [`Command::Handoff`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Handoff {
    /// The conversation.
    pub conv: String,
    /// UUIDv7, made by the client.
    pub cmid: String,
    /// What the person should know.
    pub context: HandoffContext,
}

/// See [`Command::UploadBegin`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct UploadBegin {
    /// The conversation in which it will be sent.
    pub conv: String,
    /// As the message will name it.
    pub file: Attachment,
}

/// See [`Command::UploadCommit`].
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct UploadCommit {
    /// The conversation in which it will be sent.
    pub conv: String,
    /// The file's.
    pub upload_id: String,
    /// Bytes.
    pub size: u32,
    /// Of all its bytes, in lower-case hexadecimal; where the device could work it out.
    pub sha256: Option<String>,
}

/// See [`Command::Close`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Close {
    /// The conversation.
    pub conv: String,
    /// UUIDv7, made by the client.
    pub cmid: String,
}

/// See [`Command::Survey`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// The conversation that it is about; empty where it is about none.
    pub conv: String,
    /// UUIDv7, made by the client; each revision has its own.
    pub cmid: String,
    /// The answers so far.
    pub response: SurveyResponse,
}

/// See [`Command::Feedback`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Feedback {
    /// UUIDv7, made by the client.
    pub cmid: String,
    /// The article's id in the index.
    pub article: String,
    /// Whether it helped.
    pub helpful: bool,
    /// What the visitor had searched for; may be empty.
    pub query: String,
}

/// See [`Command::Read`].
#[apply(protocol_ts!)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Every event up to here has reached a device.
    pub delivered_seq: u32,
    /// Every event up to here has been looked at.
    pub read_seq: u32,
}

/// See [`Command::Read`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// The conversation.
    pub conv: String,
    /// How far.
    pub marks: Marks,
}

/// See [`Command::Typing`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Typing {
    /// The conversation.
    pub conv: String,
    /// Whether it goes on.
    pub active: bool,
}

/// See [`Command::Refresh`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq)]
pub struct Refresh {
    /// From the site's own back end.
    pub token: String,
}

/// See [`Command::History`]. With `after`, the oldest of the range come first to be cut off at
/// `limit`; with `before`, the newest.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The conversation.
    pub conv: String,
    /// Only events with a lower `seq`.
    pub before: Option<u32>,
    /// Only events with a higher `seq`.
    pub after: Option<u32>,
    /// At most so many, 1 to 300.
    pub limit: u32,
}

plain!(
    enum Command {
        Connect(content),
        Open(content),
        Send(content | Ticket),
        Handoff(content),
        Close(content),
        UploadBegin(content),
        UploadCommit(content),
        Survey(content),
        Feedback(content),
        Read(content),
        Typing(content),
        Refresh(content),
        History(content),
        Ping {},
    }
);
plain!(struct Connect { version, site, token, client_id, locale, subs; surveys });
plain!(struct Sub { conv, epoch, offset });
plain!(struct Open { conv, cmid; page });
plain!(struct Send { conv, cmid, prev, body });

impl Send {
    /// Whether it is a `ticket`.
    pub(crate) fn has_other_name(&self) -> bool {
        self.body.ticket.is_some()
    }
}

plain!(struct Handoff { conv, cmid; context });
plain!(struct UploadBegin { conv, file });
plain!(struct UploadCommit { conv, upload_id, size; sha256 });
plain!(struct Close { conv, cmid });
plain!(struct Survey { conv, cmid, response });
plain!(struct Feedback { cmid, article, helpful; query });
plain!(struct Marks { ; delivered_seq, read_seq });
plain!(struct Read { conv, marks });
plain!(struct Typing { conv, active });
plain!(struct Refresh { token });
plain!(struct History { conv, before, after, limit });

impl Readable for ClientFrame {
    fn blank() -> Self {
        Self {
            id: 0,
            command: Command::blank(),
        }
    }

    fn take(&mut self, from: &mut Reading) {
        from.record("id ").field(&mut self.id);
        if from.misfit.is_none() {
            self.command.take(from);
        }
    }
}

impl Writable for ClientFrame {
    fn give(&self, to: &mut Writing) {
        to.value = self.command.write().with("id", self.id.write());
    }
}
plain!(@serde ClientFrame);
