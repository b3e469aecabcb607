//! Surveys in SQL: definitions, invitations, responses.

use super::ledger::SqliteLedger;
use super::row;
use crate::conversation::ledger::{Conversation, Entry, Kept, Responded, SurveyRow};
use crate::limits::{SUBJECTS_ASKED_MAX, SURVEYS_ASKED_MAX};
use crate::news::Hint;
use crate::refusal::Refusal;
use crate::survey::Saved;
use crate::survey::clocks::Asked;
use crate::survey::results::Row;
use deskside::plain::Value;
use deskside::protocol::event::Invitation;
use deskside::protocol::survey::SurveyResponse;
use deskside::survey::Definition;
use rusqlite::{Connection, params};
use std::ops::Range;

/// Every definition. One that a later loader would not take any more is left out, and told of.
pub(super) fn all(db: &Connection) -> Kept<Vec<Saved>> {
    let mut asked = db
        .prepare_cached("SELECT site, definition, active, saved_at FROM survey_definitions ORDER BY site, id, version")
        .map_err(row::unavailable)?;
    let found = asked
        .query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, String>(1)?,
                row.get(2)?,
                row.get(3)?,
            ))
        })
        .map_err(row::unavailable)?;
    let mut all = Vec::new();
    for one in found {
        let (site, text, active, saved_at) = one.map_err(row::unavailable)?;
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        match Definition::load(value) {
            Ok(definition) => all.push(Saved {
                site,
                definition,
                active,
                saved_at,
            }),
            Err(mistakes) => tracing::warn!(
                site,
                mistake = mistakes[0].to_text(),
                "a survey is left out"
            ),
        }
    }
    Ok(all)
}

/// Saves a definition, unless somebody was quicker to save another one as that version.
pub(super) fn save(ledger: &mut SqliteLedger<'_>, saved: &Saved) -> Kept<()> {
    let survey = &saved.definition;
    let there = ledger.one(
        "SELECT definition FROM survey_definitions WHERE site = ?1 AND id = ?2 AND version = ?3",
        params![saved.site, survey.id(), survey.version()],
        |row| row.get::<_, String>(0),
    )?;
    let there: Option<Value> = there.map(|text| serde_json::from_str(&text).unwrap_or_default());
    if there.is_some_and(|there| there != *survey.value()) {
        return Err(Refusal::another_version());
    }
    ledger.run(
        "INSERT OR REPLACE INTO survey_definitions (site, id, version, definition, triggers, scale, active, saved_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            saved.site,
            survey.id(),
            survey.version(),
            serde_json::to_string(survey.value()).unwrap_or_default(),
            saved.triggers(),
            saved.scale(),
            saved.active,
            saved.saved_at,
        ],
    )?;
    ledger.hints.push(Hint::Surveys {
        site: saved.site.clone(),
    });
    Ok(())
}

/// The responses to a survey.
pub(super) fn rows(db: &Connection, site: &str, id: &str, shown: Range<u64>) -> Kept<Vec<Row>> {
    let mut asked = db
        .prepare_cached(
            "SELECT r.body, c.id, r.agent, coalesce(a.name, b.name), r.team, r.shown_at
             FROM survey_responses r
             LEFT JOIN conversations c ON c.num = r.conv
             LEFT JOIN agents a ON a.id = r.agent
             LEFT JOIN bots b ON b.id = r.agent
             WHERE r.site = ?1 AND r.survey_id = ?2 AND r.shown_at >= ?3 AND r.shown_at < ?4
             ORDER BY r.shown_at",
        )
        .map_err(row::unavailable)?;
    let found = asked.query_map(params![site, id, shown.start, shown.end], |row| {
        let agent: Option<String> = row.get(2)?;
        let name: Option<String> = row.get(3)?;
        Ok((
            row.get::<_, String>(0)?,
            row.get(1)?,
            agent.map(|id| (id, name.unwrap_or_default())),
            row.get(4)?,
            row.get(5)?,
        ))
    });
    let mut rows = Vec::new();
    for one in found.map_err(row::unavailable)? {
        let (body, conversation, agent, team, shown_at) = one.map_err(row::unavailable)?;
        if let Ok(response) = serde_json::from_str(&body) {
            rows.push(Row {
                conversation,
                agent,
                team,
                shown_at,
                response,
            });
        }
    }
    Ok(rows)
}

/// How surveys stand with a visitor whom the site names; and of the newest that were about a conversation,
/// those that are over.
pub(super) fn asked(db: &Connection, visitor: &str, site: &str) -> Kept<Vec<Asked>> {
    let mut asked = db
        .prepare_cached(
            "SELECT * FROM (
               SELECT survey_id, NULL, max(shown_at) AS at, count(*), max(answered) FROM survey_responses
               WHERE visitor = ?1 AND site = ?2 GROUP BY survey_id ORDER BY at DESC LIMIT ?3)
             UNION ALL
             SELECT * FROM (
               SELECT r.survey_id, r.survey_id || '/' || c.id || '/' || coalesce(s.cycle, 0), r.shown_at AS at, 1, r.answered
               FROM survey_responses r JOIN conversations c ON c.num = r.conv
               LEFT JOIN surveys s ON s.response_id = r.response_id
               WHERE r.visitor = ?1 AND r.site = ?2 AND (r.finished OR r.dismissed) ORDER BY at DESC LIMIT ?4)
             ORDER BY at",
        )
        .map_err(row::unavailable)?;
    let is_named = "SELECT 1 FROM contacts WHERE id = ?1";
    let named = db.prepare_cached(is_named).map_err(row::unavailable)?;
    if !{ named }.exists([visitor]).map_err(row::unavailable)? {
        return Ok(Vec::new());
    }
    let found = asked.query_map(
        params![visitor, site, SURVEYS_ASKED_MAX, SUBJECTS_ASKED_MAX],
        |row| {
            Ok(Asked {
                survey_id: row.get(0)?,
                subject: row.get(1)?,
                shown_at: row.get(2)?,
                times: row.get(3)?,
                answered: row.get(4)?,
            })
        },
    );
    let found = found.map_err(row::unavailable)?;
    found.collect::<Result<_, _>>().map_err(row::unavailable)
}

/// The surveys of a site that such a trigger starts: id and points of the first rating.
pub(super) fn starting(
    ledger: &SqliteLedger<'_>,
    site: &str,
    trigger: &str,
) -> Kept<Vec<(String, u8)>> {
    ledger.all(
        "SELECT id, scale FROM survey_definitions d
         WHERE site = ?1 AND active AND instr(triggers, ' ' || ?2 || ' ') > 0
           AND version = (SELECT max(version) FROM survey_definitions WHERE site = d.site AND id = d.id)
         ORDER BY id",
        [site, trigger],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

pub(super) fn invite(
    ledger: &SqliteLedger<'_>,
    of: &Conversation,
    invitation: &Invitation,
    now: u64,
) -> Kept<()> {
    ledger.run(
        "INSERT INTO surveys (response_id, conv, survey_id, scale, agent, team, cycle, invited_at)
         VALUES (?1, ?2, ?3, ?4, ?5, coalesce((SELECT team FROM agents WHERE id = ?5), ''), ?6, ?7)",
        params![
            invitation.response_id,
            of.num,
            invitation.survey_id,
            invitation.scale,
            invitation.agent.as_ref().map(|agent| &agent.id),
            invitation.resolution_cycle,
            now,
        ],
    )?;
    Ok(())
}

pub(super) fn invitation(ledger: &SqliteLedger<'_>, response_id: &str) -> Kept<Option<SurveyRow>> {
    ledger.one(
        "SELECT conv, survey_id, agent FROM surveys WHERE response_id = ?1",
        [response_id],
        |row| {
            Ok(SurveyRow {
                conv: row.get(0)?,
                survey_id: row.get(1)?,
                agent: row.get(2)?,
            })
        },
    )
}

pub(super) fn response(ledger: &SqliteLedger<'_>, response_id: &str) -> Kept<Option<Responded>> {
    let found = ledger.one(
        "SELECT visitor, conv, body, seq, updated_at, digest FROM survey_responses WHERE response_id = ?1",
        [response_id],
        |row| {
            let body: String = row.get(2)?;
            let entry = Entry { seq: row.get(3)?, ts: row.get(4)?, digest: row.get(5)? };
            Ok((row.get(0)?, row.get(1)?, body, entry))
        },
    )?;
    Ok(found.and_then(|(visitor, conv, body, entry)| {
        let response: SurveyResponse = serde_json::from_str(&body).ok()?;
        Some(Responded {
            visitor,
            conv,
            response,
            entry,
            agent: None,
        })
    }))
}

pub(super) fn keep(ledger: &mut SqliteLedger<'_>, site: &str, of: &Responded) -> Kept<()> {
    let response = &of.response;
    ledger.run(
        "INSERT INTO survey_responses (response_id, site, visitor, conv, survey_id, survey_version, agent, team, revision,
           rating, finished, dismissed, answered, language, source, shown_at, updated_at, seq, digest, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,
           coalesce((SELECT team FROM surveys WHERE response_id = ?1), (SELECT team FROM agents WHERE id = ?7), ''),
           ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15, ?16, ?17, ?18)
         ON CONFLICT (response_id) DO UPDATE SET revision = excluded.revision, rating = excluded.rating,
           finished = excluded.finished, dismissed = excluded.dismissed, answered = excluded.answered,
           updated_at = excluded.updated_at, seq = excluded.seq, digest = excluded.digest, body = excluded.body,
           survey_version = excluded.survey_version",
        params![
            response.response_id,
            site,
            of.visitor,
            of.conv,
            response.survey_id,
            response.survey_version,
            of.agent,
            response.revision,
            response.rating,
            response.finished,
            response.dismissed,
            crate::survey::fit::is_answered(response),
            response.language,
            response.source,
            of.entry.ts,
            of.entry.seq,
            of.entry.digest,
            serde_json::to_string(response).unwrap_or_default(),
        ],
    )?;
    ledger.hints.push(Hint::Asked {
        visitor: of.visitor.clone(),
        site: site.to_owned(),
    });
    Ok(())
}
