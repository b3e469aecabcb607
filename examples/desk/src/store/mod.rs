//! Where the desk keeps what it must not lose: one trait, one database behind it.

pub mod sqlite;

use crate::conversation::ledger::{Change, Upload};
use crate::conversation::{Done, Durable};
use crate::files::ContentHash;
use crate::identity::Verified;
use crate::news::{Hint, Place};
use crate::refusal::Refusal;
use crate::survey::Saved;
use crate::survey::clocks::Asked;
use crate::survey::results::Row;
use deskside::protocol::agent::InboxItem;
use deskside::protocol::command::{History, Sub};
use deskside::protocol::event::{Author, Event, EventBody, Participant, Role};
use deskside::protocol::reply::{HistoryPage, SubState};
use std::collections::HashSet;
use std::ops::Range;
use std::pin::Pin;

/// An answer to come.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + Send + 'a>>;

/// Whose conversations a question is about.
#[derive(Clone, Debug)]
pub enum Asker {
    /// A visitor sees their own.
    Visitor {
        /// The token's subject.
        id: String,
        /// The token's site.
        site: String,
    },
    /// An agent sees all.
    Agent,
}

/// Where one conversation stands, and whose it is.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The visitor's id.
    pub visitor: String,
    /// The rest.
    pub sub: SubState,
}

/// A conversation that waits for an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The conversation.
    pub conv: String,
    /// Whose it is.
    pub visitor: String,
    /// Since when, in milliseconds since 1970.
    pub since: u64,
}

/// What agents tell each other is not for visitors: they get the entry, for the log has no holes,
/// and nothing of what it says or who wrote it.
pub fn without_note(event: &mut Event) {
    if matches!(event.body, EventBody::Note(_)) {
        event.body = EventBody::Unknown("note".to_owned());
        event.author = Author {
            role: Role::System,
            id: String::new(),
        };
        event.cmid = None;
    }
}

/// The files whose bytes are wanted.
#[derive(Clone, Debug, Default)]
pub struct KnownFiles {
    /// Ids of those under way.
    pub parts: HashSet<String>,
    /// Contents of those that are whole.
    pub contents: HashSet<ContentHash>,
}

/// An agent who may sign in.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who it is.
    pub agent: Participant,
    /// What they sign in with.
    pub email: String,
    /// An argon2 hash in the PHC form.
    pub password: String,
    /// The team that results are told apart by; empty where there is none.
    pub team: String,
}

/// An agent or a bot who has signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who it is.
    pub agent: Participant,
    /// What they signed in with; empty for a bot.
    pub email: String,
    /// When they must sign in again, in milliseconds since 1970.
    pub expires_at: u64,
}

/// Who has a console.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConsoleOf {
    /// An agent or a bot, by id.
    pub agent: String,
    /// A program; it answers, but is nobody who is there.
    pub is_bot: bool,
}

/// The hash under which a token of an agent is kept.
pub type TokenHash = [u8; 32];

/// The desk's database.
pub trait Store: Send + Sync + 'static {
    /// Carries a command out and answers after the commit.
    fn commit(&self, command: Durable) -> Answer<'_, Done>;
    /// Answers once the writer has been heard from: fails where nothing could be committed.
    fn check(&self) -> Answer<'_, ()>;

    /// The visitor's newest conversations and those that `subs` name, oldest first.
    fn resume(&self, visitor: &str, site: &str, subs: Vec<Sub>) -> Answer<'_, Vec<SubState>>;
    /// One conversation with what a client lacks that is there already, or with its newest page.
    fn standing(&self, conv: &str, sub: Option<Sub>, asker: Asker) -> Answer<'_, Standing>;
    /// Whether the conversation is there for who asks.
    fn owns(&self, conv: &str, asker: Asker) -> Answer<'_, bool>;
    /// A range of events.
    fn history(&self, ask: History, asker: Asker) -> Answer<'_, HistoryPage>;
    /// The newest lines of the inbox, newest first; then older ones whose ticket is open.
    fn inbox(&self) -> Answer<'_, Vec<InboxItem>>;
    /// The inbox lines of these conversations.
    fn inbox_items(&self, convs: Vec<String>) -> Answer<'_, Vec<InboxItem>>;

    /// Every definition of a survey.
    fn surveys(&self) -> Answer<'_, Vec<Saved>>;
    /// Saves a definition; the same again changes whether it is active, another of that version is a conflict.
    fn save_survey(&self, saved: Saved) -> Answer<'_, ()>;
    /// The responses to a survey that was shown in this time, the oldest first.
    fn survey_rows(&self, site: &str, id: &str, shown: Range<u64>) -> Answer<'_, Vec<Row>>;
    /// How surveys stand with a visitor whom the site names, the oldest first; nothing for any other.
    fn surveys_asked(&self, visitor: &str, site: &str) -> Answer<'_, Vec<Asked>>;

    /// The secret that signs visitors' tokens, the same for the life of the database.
    fn secret(&self) -> Answer<'_, [u8; 32]>;
    /// The visitor's id of somebody whom a site has named; the same for the same subject.
    fn contact(&self, whom: &Verified) -> Answer<'_, String>;
    /// The account under an e-mail address.
    fn account(&self, email: &str) -> Answer<'_, Option<Account>>;
    /// Every account: its address and whose it is, by name.
    fn agents(&self) -> Answer<'_, Vec<(String, Participant)>>;
    /// Adds an account; `false` where the address has one.
    fn add_account(&self, account: Account) -> Answer<'_, bool>;
    /// Puts an agent into a team, of which empty is none; false where there is no such agent.
    fn set_team(&self, email: &str, team: &str) -> Answer<'_, bool>;
    /// Signs an agent in, and forgets what has expired.
    fn sign_in(&self, agent: &str, token: TokenHash, expires_at: u64, now: u64) -> Answer<'_, ()>;
    /// Who is signed in under a token.
    fn signed_in(&self, token: TokenHash, now: u64) -> Answer<'_, Option<SignedIn>>;
    /// Adds a bot, which signs in with a token that does not expire; `false` where the name is taken.
    fn add_bot(&self, bot: Participant, token: TokenHash) -> Answer<'_, bool>;
    /// The conversations of a site that wait for an agent, in order, and whose they are.
    fn queue(&self, site: &str) -> Answer<'_, Vec<Waiting>>;
    /// The file under that id.
    fn upload(&self, upload_id: &str) -> Answer<'_, Option<Upload>>;
    /// Forgets the files that nobody finished or named in time, and tells which are left.
    fn sweep_uploads(&self, now: u64) -> Answer<'_, KnownFiles>;
    /// Signs an agent out.
    fn sign_out(&self, token: TokenHash) -> Answer<'_, ()>;
    /// From now on this process has sessions, which are told what other processes commit.
    fn join(&self) -> Answer<'_, ()>;
    /// Joins again where others have taken this process for dead; true where they had, and told it nothing.
    fn rejoin(&self) -> Answer<'_, bool>;
    /// It has none any more.
    fn leave(&self) -> Answer<'_, ()>;
    /// Tells other processes what no commit tells.
    fn hint(&self, hint: Hint) -> Answer<'_, ()>;
    /// Tells other processes who has a console at this one.
    fn tell_consoles(&self, consoles: Vec<ConsoleOf>) -> Answer<'_, ()>;
    /// Who has one at another process that lives.
    fn consoles_elsewhere(&self) -> Answer<'_, Vec<ConsoleOf>>;
    /// What is found at these places.
    fn changes(&self, places: Vec<Place>) -> Answer<'_, Vec<Change>>;
    /// Gives every conversation a new epoch, so that clients load anew; answers how many there are.
    fn renew_epochs(&self) -> Answer<'_, u64>;
}
