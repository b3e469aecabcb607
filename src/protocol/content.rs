//! What a message is made of.
//!
//! `text` is always there, and says by itself what the rest says better: a client that does not know a
//! part still shows something. A visitor sends `text`, `payload`, `answers` and `attachments`, and `ticket`
//! by the command of that name; the desk refuses the other parts from a visitor.

use macro_rules_attribute::apply;

use crate::plain;
use crate::plain::{Names, Readable, Reading, Writable, Writing};
use crate::typescript::{protocol_ts, protocol_ts_optional};
use crate::written::{is_email, is_phone};

/// What a message says.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Plain text, or the markdown subset of [`crate::richtext`]; may be empty where there are parts.
    pub text: String,
    /// What the button carried that this message answers; for the bot that had offered it.
    pub payload: Option<String>,
    /// Answers offered to the visitor, until the next message. Their `link` has no meaning.
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<Button>>"))]
    pub quick_replies: Vec<Button>,
    /// Shown side by side.
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<Card>>"))]
    pub cards: Vec<Card>,
    /// What the visitor is asked to fill in.
    pub form: Option<Form>,
    /// What the visitor filled in.
    pub answers: Option<Answers>,
    /// Files, each committed before the message that names it.
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<Attachment>>"))]
    pub attachments: Vec<Attachment>,
    /// It was left while nobody was there: the question goes on as a ticket.
    pub ticket: Option<Ticket>,
    /// It is not what was said first; an `edit` changed it.
    #[cfg_attr(feature = "typescript", ts(as = "Option<bool>"))]
    pub edited: bool,
    /// It was taken back by a `redact`: nothing else is left of it.
    #[cfg_attr(feature = "typescript", ts(as = "Option<bool>"))]
    pub redacted: bool,
}

/// A button: opens its link, else says its title in the visitor's name.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What stands on it.
    pub title: String,
    /// Goes back as [`Content::payload`]; never shown.
    pub payload: Option<String>,
    /// An http, https, mailto or tel address.
    pub link: Option<String>,
}

/// A product, an order, a choice.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its head.
    pub title: String,
    /// Plain text under it; may be empty.
    pub text: String,
    /// A picture: a path at the desk, or an address there. From elsewhere it is not shown.
    pub image: Option<String>,
    /// Where its title leads: an http or https address.
    pub link: Option<String>,
    /// Under it.
    pub buttons: Vec<Button>,
}

/// A form. The visitor's answer is a message with [`Content::answers`].
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// In order.
    pub fields: Vec<Field>,
    /// What stands on its button; empty for the widget's own word.
    pub submit: String,
}

/// A field of a form.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Unique in the form; names the answer.
    pub name: String,
    /// `text`, `email`, `tel`, `number`, `date`, `multiline`, `select` or `checkbox`; another one is
    /// shown as `text`.
    pub kind: String,
    /// What is asked.
    pub label: String,
    /// Whether the form cannot go without it.
    pub required: bool,
    /// What a `select` offers.
    pub options: Vec<String>,
}

/// What the visitor filled into a form. The message's text says the same, a line for each field.
#[apply(protocol_ts!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The `seq` of the message with the form.
    pub form: u32,
    /// Names of fields and what was put in; a checkbox that is ticked says `true`.
    pub values: Vec<(String, String)>,
}

/// A file in a message. Its bytes come from `GET /v1/uploads/{uploadId}` with the token as bearer.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// UUIDv7, made by who sends the file, once.
    pub upload_id: String,
    /// The file's name, without folders.
    pub name: String,
    /// Its media type, as in `image/jpeg`.
    pub mime: String,
    /// Bytes.
    pub size: u32,
    /// Pixels, of a picture.
    pub width: Option<u32>,
    /// Pixels, of a picture.
    pub height: Option<u32>,
}

/// What makes a message a ticket: it can be answered where the visitor is not on the site any more. All of
/// it is personal data.
#[apply(protocol_ts_optional!)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticket {
    /// Where the answer is to go: an e-mail address or a phone number; see [`Ticket::is_reachable`].
    pub reply_to: String,
    /// What the visitor is called; may be empty.
    pub name: String,
    /// Given by the desk: dense per site, from 1.
    pub number: Option<u32>,
}

impl Ticket {
    /// Whether `reply_to` can be an e-mail address or a phone number.
    pub fn is_reachable(&self) -> bool {
        is_email(&self.reply_to) || is_phone(&self.reply_to)
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

/// Most messages are nothing but text: the other parts are written only where there are any.
const PARTS: Names =
    "text payload?quick_replies~cards~form?answers?attachments~ticket?edited~redacted~";

impl Readable for Content {
    fn blank() -> Self {
        Self::default()
    }

    fn take(&mut self, from: &mut Reading) {
        from.record(PARTS)
            .field(&mut self.text)
            .field(&mut self.payload)
            .field(&mut self.quick_replies)
            .field(&mut self.cards)
            .field(&mut self.form)
            .field(&mut self.answers)
            .field(&mut self.attachments)
            .field(&mut self.ticket)
            .field(&mut self.edited)
            .field(&mut self.redacted);
    }
}

impl Writable for Content {
    fn give(&self, to: &mut Writing) {
        to.record(PARTS)
            .field(&self.text)
            .field(&self.payload)
            .field(&self.quick_replies)
            .field(&self.cards)
            .field(&self.form)
            .field(&self.answers)
            .field(&self.attachments)
            .field(&self.ticket)
            .field(&self.edited)
            .field(&self.redacted);
    }
}
plain!(@serde Content);

plain!(struct Ticket { reply_to; name, number });
plain!(struct Button { title; payload, link });
plain!(struct Card { title; text, image, link, buttons });
plain!(struct Form { fields; submit });
plain!(struct Field { name, label; kind, required, options });
plain!(struct Answers { form, values });
plain!(struct Attachment { upload_id, name, mime, size; width, height });
