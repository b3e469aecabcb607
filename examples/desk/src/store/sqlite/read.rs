//! The questions that are answered without the writer.

use super::row::{self, select_conversation, select_event, select_upload, unavailable};
use crate::conversation::ledger::{Change, Conversation, Kept, Upload};
use crate::identity::Verified;
use crate::limits::{
    ANSWER_BYTES_MAX, CONVERSATIONS_LISTED_MAX, HISTORY_EVENTS_MAX, INBOX_MAX, PAGE_EVENTS_MAX,
    QUEUE_TOLD_MAX, RESUME_EVENTS_MAX,
};
use crate::news::Place;
use crate::refusal::Refusal;
use crate::store::{Asker, ConsoleOf, KnownFiles, Standing, Waiting, without_note};
use deskside::protocol::agent::InboxItem;
use deskside::protocol::command::{History, Sub};
use deskside::protocol::event::{Event, Participant, Role, SurveyResponse};
use deskside::protocol::reply::{HistoryPage, Receipt, SubState};
use rusqlite::{Connection, OptionalExtension, Params, Row};
use std::collections::HashSet;

/// See [`crate::store::Store::resume`].
pub fn resume(db: &Connection, visitor: &str, site: &str, subs: &[Sub]) -> Kept<Vec<SubState>> {
    let mut conversations: Vec<Conversation> = many(
        db,
        select_conversation!("WHERE c.visitor = ?1 AND c.site = ?2 ORDER BY c.moved DESC LIMIT ?3"),
        (visitor, site, CONVERSATIONS_LISTED_MAX),
        row::conversation,
    )?;
    for sub in subs {
        if conversations.iter().any(|known| known.id == sub.conv) {
            continue;
        }
        // What is not this visitor's is left out, as if it were not there.
        if let Some(conversation) = conversation(db, &sub.conv)?
            && conversation.visitor == visitor
            && conversation.site == site
        {
            conversations.push(conversation);
        }
    }
    conversations.sort_by_key(|conversation| conversation.num);
    // The newest conversation takes of the answer's bytes first; the list is oldest first.
    let mut room = Room::new();
    let mut states = Vec::with_capacity(conversations.len());
    for conversation in conversations.iter().rev() {
        let sub = subs.iter().find(|sub| sub.conv == conversation.id);
        let mut state = sub_state(db, conversation, sub, &mut room)?;
        state.events.iter_mut().for_each(without_note);
        states.push(state);
    }
    states.reverse();
    Ok(states)
}

/// See [`crate::store::Store::standing`].
pub fn standing(db: &Connection, conv: &str, sub: Option<&Sub>, asker: &Asker) -> Kept<Standing> {
    let conversation = visible(db, conv, asker)?;
    let mut sub = sub_state(db, &conversation, sub, &mut Room::new())?;
    if matches!(asker, Asker::Visitor { .. }) {
        sub.events.iter_mut().for_each(without_note);
    }
    Ok(Standing {
        visitor: conversation.visitor,
        sub,
    })
}

/// See [`crate::store::Store::owns`].
pub fn owns(db: &Connection, conv: &str, asker: &Asker) -> Kept<bool> {
    Ok(find(db, conv, asker)?.is_some())
}

/// See [`crate::store::Store::history`].
pub fn history(db: &Connection, ask: &History, asker: &Asker) -> Kept<HistoryPage> {
    let conversation = visible(db, &ask.conv, asker)?;
    let limit = ask.limit.clamp(1, HISTORY_EVENTS_MAX);
    let after = ask.after.unwrap_or(0);
    let before = ask.before.unwrap_or(u32::MAX);
    let mut room = Room::new();
    let mut events = if ask.after.is_some() {
        oldest(db, &conversation, after, before, limit, &mut room)?
    } else {
        newest(db, &conversation, before, limit, &mut room)?
    };
    if matches!(asker, Asker::Visitor { .. }) {
        events.iter_mut().for_each(without_note);
    }
    Ok(HistoryPage {
        conv: conversation.id,
        epoch: conversation.epoch,
        top: conversation.top,
        events,
    })
}

/// See [`crate::store::Store::inbox`].
pub fn inbox(db: &Connection) -> Kept<Vec<InboxItem>> {
    let mut listed = many(
        db,
        select_conversation!("ORDER BY c.moved DESC LIMIT ?1"),
        [INBOX_MAX],
        row::conversation,
    )?;
    // Nobody who left a ticket is there to remind of it.
    let tickets = many(
        db,
        select_conversation!(
            "WHERE c.ticket IS NOT NULL AND c.state NOT IN ('resolved', 'closed')
             ORDER BY c.moved DESC LIMIT ?1"
        ),
        [INBOX_MAX],
        row::conversation,
    )?;
    let newest: HashSet<i64> = listed.iter().map(|c| c.num).collect();
    listed.extend(tickets.into_iter().filter(|c| !newest.contains(&c.num)));
    listed.into_iter().map(|c| inbox_item(db, c)).collect()
}

/// See [`crate::store::Store::inbox_items`].
pub fn inbox_items(db: &Connection, convs: &[String]) -> Kept<Vec<InboxItem>> {
    let mut items = Vec::with_capacity(convs.len());
    for conv in convs {
        if let Some(conversation) = conversation(db, conv)? {
            items.push(inbox_item(db, conversation)?);
        }
    }
    Ok(items)
}

/// See [`crate::store::Store::queue`].
pub fn queue(db: &Connection, site: &str) -> Kept<Vec<Waiting>> {
    many(
        db,
        "SELECT id, visitor, waiting_since FROM conversations WHERE site = ?1 AND waiting_since IS NOT NULL
         ORDER BY waiting_since, num LIMIT ?2",
        (site, QUEUE_TOLD_MAX),
        |row| {
            Ok(Waiting {
                conv: row.get(0)?,
                visitor: row.get(1)?,
                since: row.get(2)?,
            })
        },
    )
}

/// See [`crate::store::Store::agents`].
pub fn agents(db: &Connection) -> Kept<Vec<(String, Participant)>> {
    many(
        db,
        "SELECT id, name, avatar, email FROM agents ORDER BY name COLLATE NOCASE, id",
        [],
        |row| Ok((row.get(3)?, row::agent(row.get(0)?, row, 1)?)),
    )
}

/// The processes on the file, but for this one.
pub fn other_processes(db: &Connection, process: &str) -> Kept<Vec<String>> {
    let others = "SELECT id FROM processes WHERE id <> ?1";
    many(db, others, [process], |row| row.get(0))
}

/// Whether that one is among them.
pub fn knows(db: &Connection, process: &str) -> Kept<bool> {
    let known = "SELECT 1 FROM processes WHERE id = ?1";
    Ok(one(db, known, [process], |_| Ok(()))?.is_some())
}

/// Who has a console at another process.
pub fn consoles_elsewhere(db: &Connection, process: &str) -> Kept<Vec<ConsoleOf>> {
    many(
        db,
        "SELECT DISTINCT agent, is_bot FROM consoles WHERE process <> ?1",
        [process],
        |row| {
            Ok(ConsoleOf {
                agent: row.get(0)?,
                is_bot: row.get(1)?,
            })
        },
    )
}

/// See [`crate::store::Store::changes`].
pub fn changes(db: &Connection, places: &[Place]) -> Kept<Vec<Change>> {
    let mut changes = Vec::with_capacity(places.len());
    for place in places {
        if let Some(conversation) = conversation(db, &place.conv)? {
            changes.push(change(db, conversation, place)?);
        }
    }
    Ok(changes)
}

fn change(db: &Connection, of: Conversation, place: &Place) -> Kept<Change> {
    let events = many(
        db,
        select_event!("WHERE conv = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq"),
        (of.num, place.after, place.top),
        |row| row::event(&of.id, row),
    )?;
    let is_new = place.after == 0;
    let opened = match place.opened {
        true => Some(SubState {
            conv: of.id.clone(),
            epoch: of.epoch.clone(),
            top: if is_new { place.top } else { place.after },
            recovered: !is_new,
            state: of.state,
            participants: participants(db, &of)?,
            visitor_marks: of.visitor_marks,
            agent_marks: of.agent_marks,
            events: if is_new { events.clone() } else { Vec::new() },
        }),
        false => None,
    };
    Ok(Change {
        visitor: place.visitor.clone(),
        origin: 0,
        events,
        opened,
        receipt: place.side.map(|side| Receipt {
            conv: of.id.clone(),
            by: side,
            marks: match side {
                Role::Visitor => of.visitor_marks,
                _ => of.agent_marks,
            },
        }),
        queue: place.queue.clone(),
        waited_ms: place.waited_ms,
        conv: of.id,
    })
}

/// The id of a contact whom the desk knows as the site does.
pub fn contact(db: &Connection, whom: &Verified) -> Kept<Option<String>> {
    one(
        db,
        "SELECT id FROM contacts WHERE site = ?1 AND subject = ?2 AND name = ?3 AND email IS ?4",
        (&whom.site, &whom.subject, &whom.name, &whom.email),
        |row| row.get(0),
    )
}

/// See [`crate::store::Store::upload`].
pub fn upload(db: &Connection, upload_id: &str) -> Kept<Option<Upload>> {
    one(
        db,
        select_upload!("WHERE id = ?1"),
        [upload_id],
        row::upload,
    )
}

/// See [`crate::store::Store::sweep_uploads`].
pub fn known_files(db: &Connection) -> Kept<KnownFiles> {
    let parts = "SELECT id FROM uploads WHERE seq IS NULL AND sha256 IS NULL";
    let contents = "SELECT sha256 FROM uploads WHERE sha256 IS NOT NULL";
    Ok(KnownFiles {
        parts: many(db, parts, [], |row| row.get(0))?.into_iter().collect(),
        contents: many(db, contents, [], |row| row.get(0))?
            .into_iter()
            .collect(),
    })
}

fn inbox_item(db: &Connection, conversation: Conversation) -> Kept<InboxItem> {
    let rating = match &conversation.rated {
        Some(response_id) => rating(db, response_id)?,
        None => None,
    };
    Ok(InboxItem {
        visitor: conversation.visitor_participant(),
        identity: conversation.identity,
        conv: conversation.id,
        site: conversation.site,
        page: conversation.page,
        locale: conversation.locale,
        state: conversation.state,
        assignee: conversation.assignee,
        top: conversation.top,
        agent_marks: conversation.agent_marks,
        unread: conversation.unread,
        preview: conversation.preview,
        ticket: conversation.ticket,
        waiting_since: conversation.waiting_since,
        updated_at: conversation.updated_at,
        rating,
    })
}

fn rating(db: &Connection, response_id: &str) -> Kept<Option<SurveyResponse>> {
    let body: Option<String> = one(
        db,
        "SELECT body FROM survey_responses WHERE response_id = ?1",
        [response_id],
        |row| row.get(0),
    )?;
    Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
}

fn conversation(db: &Connection, id: &str) -> Kept<Option<Conversation>> {
    one(
        db,
        select_conversation!("WHERE c.id = ?1"),
        [id],
        row::conversation,
    )
}

fn find(db: &Connection, id: &str, asker: &Asker) -> Kept<Option<Conversation>> {
    Ok(conversation(db, id)?.filter(|conversation| match asker {
        Asker::Agent => true,
        Asker::Visitor { id, site } => conversation.visitor == *id && conversation.site == *site,
    }))
}

fn visible(db: &Connection, id: &str, asker: &Asker) -> Kept<Conversation> {
    find(db, id, asker)?.ok_or_else(Refusal::not_found)
}

/// All or nothing: either everything after the client's offset, or the newest page.
fn sub_state(
    db: &Connection,
    conversation: &Conversation,
    sub: Option<&Sub>,
    room: &mut Room,
) -> Kept<SubState> {
    let top = conversation.top;
    let missing = sub
        .filter(|sub| sub.epoch == conversation.epoch && sub.offset <= top)
        .map(|sub| top - sub.offset)
        .filter(|missing| *missing <= RESUME_EVENTS_MAX);
    let mut recovered = None;
    if let Some(missing) = missing {
        let before = room.clone();
        let events = oldest(db, conversation, top - missing, u32::MAX, missing, room)?;
        if events.len() == missing as usize {
            recovered = Some(events);
        } else {
            *room = before;
        }
    }
    let is_recovered = recovered.is_some();
    let events = match recovered {
        Some(events) => events,
        None => newest(db, conversation, u32::MAX, PAGE_EVENTS_MAX, room)?,
    };
    Ok(SubState {
        conv: conversation.id.clone(),
        epoch: conversation.epoch.clone(),
        top,
        recovered: is_recovered,
        state: conversation.state,
        participants: participants(db, conversation)?,
        visitor_marks: conversation.visitor_marks,
        agent_marks: conversation.agent_marks,
        events,
    })
}

fn participants(db: &Connection, conversation: &Conversation) -> Kept<Vec<Participant>> {
    many(
        db,
        "SELECT p.role, p.id, coalesce(a.name, b.name, k.name, ''), a.avatar
         FROM participants p
           LEFT JOIN agents a ON p.role = 'agent' AND a.id = p.id
           LEFT JOIN bots b ON p.role = 'bot' AND b.id = p.id
           LEFT JOIN contacts k ON p.role = 'visitor' AND k.id = p.id
         WHERE p.conv = ?1 ORDER BY p.role DESC, p.id",
        [conversation.num],
        row::participant,
    )
}

/// The oldest events of a range, ascending.
fn oldest(
    db: &Connection,
    of: &Conversation,
    after: u32,
    before: u32,
    limit: u32,
    room: &mut Room,
) -> Kept<Vec<Event>> {
    events(
        db,
        select_event!("WHERE conv = ?1 AND seq > ?2 AND seq < ?3 ORDER BY seq LIMIT ?4"),
        (of.num, after, before, limit),
        &of.id,
        room,
    )
}

/// The newest events before a place, ascending.
fn newest(
    db: &Connection,
    of: &Conversation,
    before: u32,
    limit: u32,
    room: &mut Room,
) -> Kept<Vec<Event>> {
    let mut events = events(
        db,
        select_event!("WHERE conv = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"),
        (of.num, before, limit),
        &of.id,
        room,
    )?;
    events.reverse();
    Ok(events)
}

fn events(
    db: &Connection,
    sql: &str,
    params: impl Params,
    conv: &str,
    room: &mut Room,
) -> Kept<Vec<Event>> {
    let mut statement = db.prepare_cached(sql).map_err(unavailable)?;
    let mut rows = statement.query(params).map_err(unavailable)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(unavailable)? {
        let bytes = row.get_ref(6).map_err(unavailable)?;
        let bytes = bytes.as_str().map_or(0, str::len);
        if !room.take(bytes) {
            break;
        }
        events.push(row::event(conv, row).map_err(unavailable)?);
    }
    Ok(events)
}

/// What is left of an answer's bytes.
#[derive(Clone)]
struct Room {
    bytes: usize,
    is_whole: bool,
}

impl Room {
    /// About what surrounds a body in a frame.
    const EVENT_BYTES: usize = 300;

    fn new() -> Self {
        Self {
            bytes: ANSWER_BYTES_MAX,
            is_whole: true,
        }
    }

    /// Room for one more event. The first always fits, or a long one could never be read.
    fn take(&mut self, body_bytes: usize) -> bool {
        let wanted = body_bytes + Self::EVENT_BYTES;
        if wanted > self.bytes && !self.is_whole {
            return false;
        }
        self.bytes = self.bytes.saturating_sub(wanted);
        self.is_whole = false;
        true
    }
}

fn one<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Kept<Option<T>> {
    let mut statement = db.prepare_cached(sql).map_err(unavailable)?;
    statement
        .query_row(params, read)
        .optional()
        .map_err(unavailable)
}

fn many<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Kept<Vec<T>> {
    let mut statement = db.prepare_cached(sql).map_err(unavailable)?;
    let rows = statement.query_map(params, read).map_err(unavailable)?;
    rows.collect::<rusqlite::Result<Vec<T>>>()
        .map_err(unavailable)
}
