//! The rules' ledger on a SQLite transaction.

use super::row::{
    self, lifecycle_name, role_name, select_conversation, select_event, select_upload, unavailable,
};
use super::survey;
use crate::conversation::ledger::{
    Change, Conversation, Digest, Draft, Entry, Kept, Ledger, Responded, Sender, SurveyRow, Upload,
};
use crate::files::ContentHash;
use crate::news::Hint;
use crate::refusal::Refusal;
use deskside::protocol::command::Feedback;
use deskside::protocol::event::{
    Author, Content, Edit, Event, EventBody, Invitation, Participant, Role,
};
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, params};

/// The writer's connection inside a transaction, and what is to be told after its commit.
pub struct SqliteLedger<'a> {
    pub(super) db: &'a Connection,
    pub(super) changes: Vec<Change>,
    /// What only other processes are told of: here somebody else does it.
    pub(super) hints: Vec<Hint>,
    /// See [`super::feed::Feed`].
    pub(super) cursor: Option<i64>,
}

impl SqliteLedger<'_> {
    /// The first row, if there is one.
    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Kept<Option<T>> {
        let mut statement = self.db.prepare_cached(sql).map_err(unavailable)?;
        statement
            .query_row(params, read)
            .optional()
            .map_err(unavailable)
    }

    /// Every row.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Kept<Vec<T>> {
        let mut statement = self.db.prepare_cached(sql).map_err(unavailable)?;
        let found = statement.query_map(params, read).map_err(unavailable)?;
        found.collect::<Result<Vec<T>>>().map_err(unavailable)
    }

    /// How many rows changed.
    pub(super) fn run(&self, sql: &str, params: impl Params) -> Kept<usize> {
        let mut statement = self.db.prepare_cached(sql).map_err(unavailable)?;
        statement.execute(params).map_err(unavailable)
    }

    fn join(&self, conversation: i64, role: Role, id: &str) -> Kept<usize> {
        self.run(
            "INSERT OR IGNORE INTO participants (conv, role, id) VALUES (?1, ?2, ?3)",
            params![conversation, role_name(role), id],
        )
    }
}

fn encoded(body: &EventBody) -> Kept<String> {
    row::encode(body).map_err(|error| {
        tracing::error!(%error, "an event cannot be written");
        Refusal::unavailable()
    })
}

impl Ledger for SqliteLedger<'_> {
    fn conversation(&mut self, id: &str) -> Kept<Option<Conversation>> {
        self.one(
            select_conversation!("WHERE c.id = ?1"),
            [id],
            row::conversation,
        )
    }

    fn conversations_of(&mut self, visitor: &str) -> Kept<u32> {
        let count = self.one(
            "SELECT count(*) FROM conversations WHERE visitor = ?1",
            [visitor],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    fn add_conversation(&mut self, conversation: &mut Conversation, now: u64) -> Kept<()> {
        self.run(
            "INSERT INTO conversations (id, visitor, site, epoch, page, locale, state, top, cycle,
               visitor_delivered, visitor_read, agent_delivered, agent_read, unread, preview,
               waiting_since, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, 0, 0, 0, 0, 0, '', ?8, ?9, ?9)",
            params![
                conversation.id,
                conversation.visitor,
                conversation.site,
                conversation.epoch,
                conversation.page,
                conversation.locale,
                lifecycle_name(conversation.state),
                conversation.waiting_since,
                now,
            ],
        )?;
        conversation.num = self.db.last_insert_rowid();
        self.join(conversation.num, Role::Visitor, &conversation.visitor)?;
        Ok(())
    }

    fn save(&mut self, conversation: &Conversation) -> Kept<()> {
        self.run(
            "UPDATE conversations SET
               moved = CASE WHEN top < ?4 THEN (SELECT max(moved) FROM conversations) + 1 ELSE moved END,
               state = ?2, assignee = ?3, top = ?4, cycle = ?5,
               visitor_delivered = ?6, visitor_read = ?7, agent_delivered = ?8, agent_read = ?9,
               unread = ?10, preview = ?11, rated = ?12, updated_at = ?13,
               waiting_since = ?14, ticket = ?15
             WHERE num = ?1",
            params![
                conversation.num,
                lifecycle_name(conversation.state),
                conversation.assignee.as_ref().map(|agent| &agent.id),
                conversation.top,
                conversation.cycle,
                conversation.visitor_marks.delivered_seq,
                conversation.visitor_marks.read_seq,
                conversation.agent_marks.delivered_seq,
                conversation.agent_marks.read_seq,
                conversation.unread,
                conversation.preview,
                conversation.rated,
                conversation.updated_at,
                conversation.waiting_since,
                conversation.ticket,
            ],
        )?;
        Ok(())
    }

    fn append(&mut self, to: &mut Conversation, draft: Draft, now: u64) -> Kept<Event> {
        let body = encoded(&draft.body)?;
        let (cmid, digest) = draft.command.unzip();
        let seq = to.top.checked_add(1).ok_or_else(Refusal::closed)?;
        self.run(
            "INSERT INTO events (conv, seq, ts, role, author, cmid, digest, kind, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                to.num,
                seq,
                now,
                role_name(draft.author.role),
                draft.author.id,
                cmid,
                digest,
                draft.body.kind(),
                body,
            ],
        )?;
        let is_note = matches!(draft.body, EventBody::Note(_));
        if matches!(draft.author.role, Role::Agent | Role::Bot) && !is_note {
            self.join(to.num, draft.author.role, &draft.author.id)?;
        }
        to.top = seq;
        to.updated_at = now;
        Ok(Event {
            conv: to.id.clone(),
            seq,
            ts: now,
            author: draft.author,
            cmid,
            body: draft.body,
        })
    }

    fn takes_part(&mut self, of: &Conversation, author: &Author) -> Kept<bool> {
        let found = self.one(
            "SELECT 1 FROM participants WHERE conv = ?1 AND role = ?2 AND id = ?3",
            params![of.num, role_name(author.role), author.id],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    fn by_cmid(&mut self, of: &Conversation, author: &Author, cmid: &str) -> Kept<Option<Entry>> {
        self.one(
            "SELECT seq, ts, digest FROM events
             WHERE conv = ?1 AND role = ?2 AND author = ?3 AND cmid = ?4",
            params![of.num, role_name(author.role), author.id, cmid],
            row::entry,
        )
    }

    fn newest(&mut self, of: &Conversation, kind: &str) -> Kept<Option<Entry>> {
        self.one(
            "SELECT seq, ts, digest FROM events INDEXED BY events_of_kind
             WHERE conv = ?1 AND kind = ?2 AND kind IN ('state', 'assignment') ORDER BY seq DESC LIMIT 1",
            params![of.num, kind],
            row::entry,
        )
    }

    fn message(&mut self, of: &Conversation, seq: u32) -> Kept<Option<(Author, Content)>> {
        let found = self.one(
            select_event!("WHERE conv = ?1 AND seq = ?2 AND kind = 'message'"),
            params![of.num, seq],
            |row| row::event(&of.id, row),
        )?;
        Ok(found.and_then(|event| match event.body {
            EventBody::Message(content) => Some((event.author, content)),
            _ => None,
        }))
    }

    fn rewrite(&mut self, of: &Conversation, seq: u32, content: &Content) -> Kept<()> {
        let body = encoded(&EventBody::Message(content.clone()))?;
        self.run(
            "UPDATE events SET body = ?3 WHERE conv = ?1 AND seq = ?2",
            params![of.num, seq, body],
        )?;
        Ok(())
    }

    fn forget_edits(&mut self, of: &Conversation, seq: u32) -> Kept<()> {
        let forgotten = encoded(&EventBody::Edit(Edit {
            seq,
            content: Content {
                redacted: true,
                ..Content::default()
            },
        }))?;
        self.run(
            "UPDATE events SET body = ?3
             WHERE conv = ?1 AND seq > ?2 AND kind = 'edit' AND body ->> '$.seq' = ?2",
            params![of.num, seq, forgotten],
        )?;
        Ok(())
    }

    fn last_words(&mut self, of: &Conversation) -> Kept<Option<Content>> {
        let found = self.one(
            select_event!("WHERE conv = ?1 AND kind = 'message' ORDER BY seq DESC LIMIT 1"),
            [of.num],
            |row| row::event(&of.id, row),
        )?;
        Ok(found.and_then(|event| match event.body {
            EventBody::Message(content) => Some(content),
            _ => None,
        }))
    }

    fn last_bot(&mut self, of: &Conversation) -> Kept<Option<Participant>> {
        // Where none took part, all that was said would be looked through for one.
        let took_part = self.one(
            "SELECT 1 FROM participants WHERE conv = ?1 AND role = 'bot'",
            [of.num],
            |_| Ok(()),
        )?;
        if took_part.is_none() {
            return Ok(None);
        }
        self.one(
            "SELECT 'bot', b.id, b.name, NULL FROM events e JOIN bots b ON b.id = e.author
             WHERE e.conv = ?1 AND e.role = 'bot' AND e.kind = 'message'
             ORDER BY e.seq DESC LIMIT 1",
            [of.num],
            row::participant,
        )
    }

    fn visitor_messages(&mut self, of: &Conversation, after: u32, up_to: u32) -> Kept<u32> {
        let count = self.one(
            "SELECT count(*) FROM events
             WHERE conv = ?1 AND seq > ?2 AND seq <= ?3 AND kind = 'message' AND role = 'visitor'",
            params![of.num, after, up_to],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    fn add_ticket(&mut self, of: &Conversation, seq: u32) -> Kept<u32> {
        let number = self.one(
            "INSERT INTO tickets (site, number, conv, seq)
             SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3 FROM tickets WHERE site = ?1
             RETURNING number",
            params![of.site, of.num, seq],
            |row| row.get(0),
        )?;
        number.ok_or_else(Refusal::unavailable)
    }

    fn ticket(&mut self, of: &Conversation, seq: u32) -> Kept<Option<u32>> {
        self.one(
            "SELECT number FROM tickets WHERE conv = ?1 AND seq = ?2",
            params![of.num, seq],
            |row| row.get(0),
        )
    }

    fn upload(&mut self, upload_id: &str) -> Kept<Option<Upload>> {
        self.one(select_upload!("WHERE id = ?1"), [upload_id], row::upload)
    }

    fn uploads_of(&mut self, sender: Sender<'_>) -> Kept<(u32, u64)> {
        let sums = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found = match sender {
            Sender::Visitor(id) => self.one(
                "SELECT count(*) FILTER (WHERE sha256 IS NULL), coalesce(sum(size), 0)
                 FROM uploads WHERE visitor = ?1 AND agent IS NULL",
                [id],
                sums,
            )?,
            Sender::Agent(id) => self.one(
                "SELECT count(*) FILTER (WHERE sha256 IS NULL), coalesce(sum(size), 0)
                 FROM uploads WHERE agent = ?1",
                [id],
                sums,
            )?,
        };
        Ok(found.unwrap_or_default())
    }

    fn agent(&mut self, id: &str) -> Kept<Option<Participant>> {
        self.one(
            "SELECT id, name, avatar FROM agents WHERE id = ?1",
            [id],
            |row| row::agent(row.get(0)?, row, 1),
        )
    }

    fn add_upload(&mut self, upload: &Upload, now: u64) -> Kept<()> {
        let file = &upload.file;
        self.run(
            "INSERT INTO uploads (id, conv, visitor, name, mime, size, width, height, begun_at,
               agent)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                file.upload_id,
                upload.conv,
                upload.visitor,
                file.name,
                file.mime,
                file.size,
                file.width,
                file.height,
                now,
                upload.agent,
            ],
        )?;
        Ok(())
    }

    fn finish_upload(&mut self, upload_id: &str, content: &ContentHash) -> Kept<()> {
        self.run(
            "UPDATE uploads SET sha256 = ?2 WHERE id = ?1",
            params![upload_id, content],
        )?;
        Ok(())
    }

    fn name_upload(&mut self, upload_id: &str, seq: u32) -> Kept<()> {
        self.run(
            "UPDATE uploads SET seq = ?2 WHERE id = ?1",
            params![upload_id, seq],
        )?;
        Ok(())
    }

    fn forget_uploads(&mut self, of: &Conversation, seq: u32) -> Kept<()> {
        self.run(
            "DELETE FROM uploads WHERE conv = ?1 AND seq = ?2",
            params![of.num, seq],
        )?;
        Ok(())
    }

    fn add_survey(&mut self, of: &Conversation, invitation: &Invitation, now: u64) -> Kept<()> {
        survey::invite(self, of, invitation, now)
    }

    fn surveys_starting(&mut self, site: &str, trigger: &str) -> Kept<Vec<(String, u8)>> {
        survey::starting(self, site, trigger)
    }

    fn survey(&mut self, response_id: &str) -> Kept<Option<SurveyRow>> {
        survey::invitation(self, response_id)
    }

    fn response(&mut self, response_id: &str) -> Kept<Option<Responded>> {
        survey::response(self, response_id)
    }

    fn save_response(&mut self, site: &str, of: &Responded) -> Kept<()> {
        survey::keep(self, site, of)
    }

    fn feedback(&mut self, visitor: &str, cmid: &str) -> Kept<Option<(Digest, u64)>> {
        self.one(
            "SELECT digest, ts FROM feedback WHERE visitor = ?1 AND cmid = ?2",
            [visitor, cmid],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    fn add_feedback(
        &mut self,
        visitor: &str,
        site: &str,
        feedback: &Feedback,
        digest: &Digest,
        now: u64,
    ) -> Kept<()> {
        self.run(
            "INSERT INTO feedback (visitor, cmid, site, article, helpful, query, digest, ts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                visitor,
                feedback.cmid,
                site,
                feedback.article,
                feedback.helpful,
                feedback.query,
                digest,
                now,
            ],
        )?;
        Ok(())
    }

    fn announce(&mut self, change: Change) {
        self.changes.push(change);
    }
}
