//! What a message may be made of, checked before anything else is done with it.

use crate::check::{id, text, uuid};
use crate::limits::{
    BUTTONS_MAX, FIELDS_MAX, LINK_BYTES_MAX, Limits, OPTIONS_MAX, PARTS_MAX, REPLY_TO_BYTES_MAX,
    TITLE_BYTES_MAX,
};
use crate::refusal::Refusal;
use deskside::protocol::command::Send;
use deskside::protocol::content::{Answers, Attachment, Button, Card, Content, Form, Ticket};

/// A visitor's message: words, files, and answers to what was offered.
pub fn of_visitor(send: &Send, limits: &Limits) -> Result<(), Refusal> {
    let body = &send.body;
    if !body.quick_replies.is_empty() || !body.cards.is_empty() || body.form.is_some() {
        return Err(Refusal::invalid(
            "quickReplies, cards and form are not for visitors",
        ));
    }
    if let Some(ticket) = &body.ticket {
        self::ticket(ticket)?;
    }
    message(send, limits)
}

fn ticket(ticket: &Ticket) -> Result<(), Refusal> {
    if !ticket.is_reachable() {
        return Err(Refusal::invalid(
            "body.ticket.replyTo is neither an e-mail address nor a phone number",
        ));
    }
    if ticket.number.is_some() {
        return Err(Refusal::invalid("body.ticket.number is given by the desk"));
    }
    short(
        "body.ticket.replyTo",
        Some(&ticket.reply_to),
        REPLY_TO_BYTES_MAX,
    )?;
    short("body.ticket.name", Some(&ticket.name), TITLE_BYTES_MAX)
}

fn no_ticket(body: &Content) -> Result<(), Refusal> {
    match body.ticket {
        None => Ok(()),
        Some(_) => Err(Refusal::invalid("body.ticket is for visitors")),
    }
}

/// An agent's or a bot's message: words, files, and what is offered.
pub fn of_agent(send: &Send, limits: &Limits) -> Result<(), Refusal> {
    no_ticket(&send.body)?;
    message(send, limits)
}

/// What an agent or a bot says in place of a message.
pub fn edit(body: &Content, limits: &Limits) -> Result<(), Refusal> {
    no_files(body)?;
    no_ticket(body)?;
    content(body, limits)
}

fn no_files(body: &Content) -> Result<(), Refusal> {
    match body.attachments.is_empty() {
        true => Ok(()),
        false => Err(Refusal::invalid("an edit names no files")),
    }
}

/// A message of either side.
fn message(send: &Send, limits: &Limits) -> Result<(), Refusal> {
    uuid("conv", &send.conv)?;
    uuid("cmid", &send.cmid)?;
    if let Some(prev) = &send.prev {
        uuid("prev", prev)?;
    }
    content(&send.body, limits)
}

/// What is said in it.
fn content(body: &Content, limits: &Limits) -> Result<(), Refusal> {
    if body.edited || body.redacted {
        return Err(Refusal::invalid("edited and redacted are set by the desk"));
    }
    let is_empty = body.text.trim().is_empty()
        && body.cards.is_empty()
        && body.form.is_none()
        && body.answers.is_none()
        && body.attachments.is_empty();
    if is_empty {
        return Err(Refusal::invalid("body.text is empty"));
    }
    text("body.text", &body.text, limits)?;
    short("body.payload", body.payload.as_deref(), LINK_BYTES_MAX)?;
    count("body.quickReplies", body.quick_replies.len(), PARTS_MAX)?;
    for reply in &body.quick_replies {
        button("body.quickReplies", reply)?;
    }
    count("body.cards", body.cards.len(), PARTS_MAX)?;
    for card in &body.cards {
        self::card(card, limits)?;
    }
    if let Some(form) = &body.form {
        self::form(form)?;
    }
    if let Some(answers) = &body.answers {
        self::answers(answers, limits)?;
    }
    count("body.attachments", body.attachments.len(), PARTS_MAX)?;
    body.attachments.iter().try_for_each(attachment)
}

/// A file that is about to come.
pub fn new_file(file: &Attachment, limits: &Limits) -> Result<(), Refusal> {
    const OVERRIDES: [std::ops::RangeInclusive<char>; 2] =
        ['\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];
    attachment(file)?;
    // Neither a path, nor a name that reads as another.
    let is_odd = |c: char| {
        c == '/' || c == '\\' || c.is_control() || OVERRIDES.iter().any(|range| range.contains(&c))
    };
    if file.name.contains(is_odd) {
        return Err(Refusal::invalid(
            "file.name has a folder in it, or characters that are not shown",
        ));
    }
    let bytes_max = limits.attachment_bytes_max;
    match file.size {
        0 => Err(Refusal::file_refused("an empty file")),
        size if size > bytes_max => Err(Refusal::too_large(format!(
            "the file has {size} bytes; at most {bytes_max} are taken"
        ))),
        _ => Ok(()),
    }
}

/// A file, as a message names it.
fn attachment(file: &Attachment) -> Result<(), Refusal> {
    uuid("uploadId", &file.upload_id)?;
    id("mime", &file.mime)?;
    if file.name.trim().is_empty() {
        return Err(Refusal::invalid("the name of the file is empty"));
    }
    short("name", Some(&file.name), TITLE_BYTES_MAX)
}

fn card(card: &Card, limits: &Limits) -> Result<(), Refusal> {
    short("body.cards.title", Some(&card.title), TITLE_BYTES_MAX)?;
    text("body.cards.text", &card.text, limits)?;
    short("body.cards.image", card.image.as_deref(), LINK_BYTES_MAX)?;
    link("body.cards.link", card.link.as_deref())?;
    count("body.cards.buttons", card.buttons.len(), BUTTONS_MAX)?;
    for each in &card.buttons {
        button("body.cards.buttons", each)?;
    }
    Ok(())
}

fn button(field: &str, button: &Button) -> Result<(), Refusal> {
    if button.title.trim().is_empty() {
        return Err(Refusal::invalid(format!("{field}.title is empty")));
    }
    short(field, Some(&button.title), TITLE_BYTES_MAX)?;
    short(field, button.payload.as_deref(), LINK_BYTES_MAX)?;
    link(field, button.link.as_deref())
}

fn form(form: &Form) -> Result<(), Refusal> {
    short("body.form.submit", Some(&form.submit), TITLE_BYTES_MAX)?;
    count("body.form.fields", form.fields.len(), FIELDS_MAX)?;
    for (at, field) in form.fields.iter().enumerate() {
        id("body.form.fields.name", &field.name)?;
        let before = &form.fields[..at];
        if before.iter().any(|other| other.name == field.name) {
            return Err(Refusal::invalid(format!(
                "body.form.fields has {:?} twice",
                field.name
            )));
        }
        short(
            "body.form.fields.label",
            Some(&field.label),
            TITLE_BYTES_MAX,
        )?;
        count("body.form.fields.options", field.options.len(), OPTIONS_MAX)?;
        for option in &field.options {
            short("body.form.fields.options", Some(option), TITLE_BYTES_MAX)?;
        }
    }
    Ok(())
}

fn answers(answers: &Answers, limits: &Limits) -> Result<(), Refusal> {
    count("body.answers.values", answers.values.len(), FIELDS_MAX)?;
    for (name, value) in &answers.values {
        id("body.answers.values", name)?;
        text("body.answers.values", value, limits)?;
    }
    Ok(())
}

/// The schemes that the clients open; any other never gets into a log.
fn link(field: &str, link: Option<&str>) -> Result<(), Refusal> {
    let Some(link) = link else {
        return Ok(());
    };
    short(field, Some(link), LINK_BYTES_MAX)?;
    let scheme = link.split_once(':').map(|(scheme, _)| scheme);
    let opens = ["http", "https", "mailto", "tel"];
    match scheme.is_some_and(|scheme| opens.iter().any(|s| s.eq_ignore_ascii_case(scheme))) {
        true => Ok(()),
        false => Err(Refusal::invalid(format!(
            "{field}.link is not an http, https, mailto or tel address"
        ))),
    }
}

fn short(field: &str, value: Option<&str>, bytes_max: usize) -> Result<(), Refusal> {
    match value.map_or(0, str::len) > bytes_max {
        true => Err(Refusal::too_large(format!(
            "{field} is longer than {bytes_max} bytes"
        ))),
        false => Ok(()),
    }
}

fn count(field: &str, there: usize, max: usize) -> Result<(), Refusal> {
    match there > max {
        true => Err(Refusal::too_large(format!(
            "{field} has {there} entries; at most {max} are taken"
        ))),
        false => Ok(()),
    }
}
