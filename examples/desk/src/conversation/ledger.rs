//! What the rules need of a database, inside one transaction. A second database implements this
//! and nothing else of the rules.

use crate::files::ContentHash;
use crate::refusal::Refusal;
use deskside::protocol::agent::Identity;
use deskside::protocol::command::{Feedback, Marks};
use deskside::protocol::content::Attachment;
use deskside::protocol::event::{
    Author, Content, Event, EventBody, Invitation, Lifecycle, Participant, Role, SurveyResponse,
};
use deskside::protocol::reply::{Receipt, SubState};

/// Fails only where the database does.
pub type Kept<T> = Result<T, Refusal>;

/// A conversation's row.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The database's own number; 0 before it is added.
    pub num: i64,
    /// The id that the client made.
    pub id: String,
    /// Whose it is.
    pub visitor: String,
    /// What the visitor is called; empty where nobody has said.
    pub visitor_name: String,
    /// Who the site says that they are.
    pub identity: Option<Identity>,
    /// Where it began.
    pub site: String,
    /// Of the log.
    pub epoch: String,
    /// The page on which it began.
    pub page: String,
    /// BCP 47.
    pub locale: String,
    /// Where it is in its life.
    pub state: Lifecycle,
    /// Who has it.
    pub assignee: Option<Participant>,
    /// The highest `seq`.
    pub top: u32,
    /// How often it has been resolved.
    pub cycle: u32,
    /// How far the visitor's devices are.
    pub visitor_marks: Marks,
    /// How far the agents are.
    pub agent_marks: Marks,
    /// Messages of the visitor that no agent has read.
    pub unread: u32,
    /// The start of the newest message.
    pub preview: String,
    /// The newest ticket in it.
    pub ticket: Option<u32>,
    /// The newest survey that has a rating.
    pub rated: Option<String>,
    /// Since when it waits for an agent, in milliseconds since 1970, if it does.
    pub waiting_since: Option<u64>,
    /// When the log last grew, in milliseconds since 1970.
    pub updated_at: u64,
}

impl Conversation {
    /// Moves in its life; from when it waits is the rank in the queue.
    pub fn enter(&mut self, state: Lifecycle, now: u64) {
        self.state = state;
        self.waiting_since = match state {
            Lifecycle::Queued | Lifecycle::Reopened => self.waiting_since.or(Some(now)),
            _ => None,
        };
    }

    /// The visitor, as others see them.
    pub fn visitor_participant(&self) -> Participant {
        Participant {
            role: Role::Visitor,
            id: self.visitor.clone(),
            name: self.visitor_name.clone(),
            avatar: None,
        }
    }
}

/// An event about to be appended.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Who does it.
    pub author: Author,
    /// The command's id and the digest of what it asked, where a command makes it.
    pub command: Option<(String, Digest)>,
    /// What happens.
    pub body: EventBody,
}

/// Tells two bodies under one cmid apart.
pub type Digest = [u8; 16];

/// An event that a cmid led to before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log.
    pub seq: u32,
    /// When it was committed.
    pub ts: u64,
    /// Of what the command asked.
    pub digest: Digest,
}

/// An invitation's row.
#[derive(Clone, Debug)]
pub struct SurveyRow {
    /// The conversation's number.
    pub conv: i64,
    /// Which survey.
    pub survey_id: String,
    /// Who is rated, frozen.
    pub agent: Option<String>,
}

/// A response's row.
#[derive(Clone, Debug)]
pub struct Responded {
    /// Whose it is.
    pub visitor: String,
    /// The conversation's number, where it is about one.
    pub conv: Option<i64>,
    /// Who is rated; only looked at when the response is new.
    pub agent: Option<String>,
    /// Its newest revision.
    pub response: SurveyResponse,
    /// The event that carries it; `seq` 0 where there is none.
    pub entry: Entry,
}

/// A file's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The conversation's number.
    pub conv: i64,
    /// In whose conversation it is: they may read it.
    pub visitor: String,
    /// The agent who sends it; none where the visitor does.
    pub agent: Option<String>,
    /// As it was announced.
    pub file: Attachment,
    /// Of its content, once it is whole.
    pub sha256: Option<ContentHash>,
    /// The message that names it.
    pub seq: Option<u32>,
}

/// Who sends a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender<'a> {
    /// A visitor, by id.
    Visitor(&'a str),
    /// An agent or a bot, by id.
    Agent(&'a str),
}

impl Upload {
    /// Whether it is this one's to complete and to name.
    pub fn is_of(&self, sender: Sender<'_>) -> bool {
        match (sender, &self.agent) {
            (Sender::Visitor(id), None) => self.visitor == id,
            (Sender::Agent(id), Some(agent)) => agent == id,
            _ => false,
        }
    }
}

/// What the other sessions learn once the transaction is committed.
#[derive(Clone, Debug)]
pub struct Change {
    /// The conversation.
    pub conv: String,
    /// Whose it is.
    pub visitor: String,
    /// The session that caused it.
    pub origin: u64,
    /// New entries of the log.
    pub events: Vec<Event>,
    /// The conversation with its events, where it is new; without them, where somebody takes part in it for
    /// the first time, who is told of before what they say.
    pub opened: Option<SubState>,
    /// A side's marks, where they moved.
    pub receipt: Option<Receipt>,
    /// The site whose queue moved, where one did.
    pub queue: Option<String>,
    /// How long it had waited for the agent who has it from now on.
    pub waited_ms: Option<u64>,
}

/// One transaction.
pub trait Ledger {
    /// The conversation of that id.
    fn conversation(&mut self, id: &str) -> Kept<Option<Conversation>>;
    /// How many conversations a visitor has.
    fn conversations_of(&mut self, visitor: &str) -> Kept<u32>;
    /// Adds a conversation and gives it its number.
    fn add_conversation(&mut self, conversation: &mut Conversation, now: u64) -> Kept<()>;
    /// Saves the columns that change.
    fn save(&mut self, conversation: &Conversation) -> Kept<()>;
    /// Appends an event under the next `seq`, and remembers its author as a participant, unless it is
    /// a note: the visitor does not learn who writes those.
    fn append(&mut self, to: &mut Conversation, draft: Draft, now: u64) -> Kept<Event>;
    /// Whether they take part already.
    fn takes_part(&mut self, of: &Conversation, author: &Author) -> Kept<bool>;
    /// The event that the author's command of that id made.
    fn by_cmid(&mut self, of: &Conversation, author: &Author, cmid: &str) -> Kept<Option<Entry>>;
    /// The newest event of a kind, `state` or `assignment`.
    fn newest(&mut self, of: &Conversation, kind: &str) -> Kept<Option<Entry>>;
    /// The message under that `seq`: who said it, and what it says now.
    fn message(&mut self, of: &Conversation, seq: u32) -> Kept<Option<(Author, Content)>>;
    /// What the message under that `seq` says from now on.
    fn rewrite(&mut self, of: &Conversation, seq: u32, content: &Content) -> Kept<()>;
    /// Leaves nothing of what the edits of that message said.
    fn forget_edits(&mut self, of: &Conversation, seq: u32) -> Kept<()>;
    /// What the newest message says.
    fn last_words(&mut self, of: &Conversation) -> Kept<Option<Content>>;
    /// The visitor's messages with `after < seq <= up_to`.
    fn visitor_messages(&mut self, of: &Conversation, after: u32, up_to: u32) -> Kept<u32>;
    /// Makes the message under that `seq` a ticket, and gives its number: the next one of the site.
    fn add_ticket(&mut self, of: &Conversation, seq: u32) -> Kept<u32>;
    /// The number of the ticket that stands under that `seq`.
    fn ticket(&mut self, of: &Conversation, seq: u32) -> Kept<Option<u32>>;
    /// The file under that id.
    fn upload(&mut self, upload_id: &str) -> Kept<Option<Upload>>;
    /// How many files of theirs are under way, and how many bytes all of them have.
    fn uploads_of(&mut self, sender: Sender<'_>) -> Kept<(u32, u64)>;
    /// An agent who has an account; no bot.
    fn agent(&mut self, id: &str) -> Kept<Option<Participant>>;
    /// Adds a file.
    fn add_upload(&mut self, upload: &Upload, now: u64) -> Kept<()>;
    /// The file is whole.
    fn finish_upload(&mut self, upload_id: &str, content: &ContentHash) -> Kept<()>;
    /// A message names it.
    fn name_upload(&mut self, upload_id: &str, seq: u32) -> Kept<()>;
    /// Forgets the files of a message.
    fn forget_uploads(&mut self, of: &Conversation, seq: u32) -> Kept<()>;
    /// Adds an invitation, to be answered once.
    fn add_survey(&mut self, of: &Conversation, invitation: &Invitation, now: u64) -> Kept<()>;
    /// The bot that spoke last in a conversation.
    fn last_bot(&mut self, of: &Conversation) -> Kept<Option<Participant>>;
    /// The surveys of a site that such a trigger starts: id and points of the first rating.
    fn surveys_starting(&mut self, site: &str, trigger: &str) -> Kept<Vec<(String, u8)>>;
    /// The invitation under that response id.
    fn survey(&mut self, response_id: &str) -> Kept<Option<SurveyRow>>;
    /// The response under that id.
    fn response(&mut self, response_id: &str) -> Kept<Option<Responded>>;
    /// Saves a response of a site.
    fn save_response(&mut self, site: &str, of: &Responded) -> Kept<()>;
    /// Feedback under that cmid: its digest and when it came.
    fn feedback(&mut self, visitor: &str, cmid: &str) -> Kept<Option<(Digest, u64)>>;
    /// Adds feedback.
    fn add_feedback(
        &mut self,
        visitor: &str,
        site: &str,
        feedback: &Feedback,
        digest: &Digest,
        now: u64,
    ) -> Kept<()>;
    /// To be told to the other sessions after the commit.
    fn announce(&mut self, change: Change);
}
