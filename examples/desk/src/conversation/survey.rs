//! Surveys in a transaction: who is invited, and what becomes of a response.

use super::ledger::{Conversation, Draft, Entry, Kept, Ledger, Responded};
use super::visitor::Visitor;
use super::{again, by_desk, digest, first, seen_before};
use crate::refusal::Refusal;
use crate::survey::fit::is_answered;
use deskside::protocol::command::Survey;
use deskside::protocol::event::{Event, EventBody, Invitation, Participant};
use deskside::protocol::reply::Sent;
use deskside::protocol::survey::SurveyResponse;
use uuid::Uuid;

/// Who is rated: whoever has the conversation now; where nobody ever took it, the bot that answered.
fn in_charge(ledger: &mut dyn Ledger, of: &Conversation) -> Kept<Option<Participant>> {
    match &of.assignee {
        Some(agent) => Ok(Some(agent.clone())),
        None => ledger.last_bot(of),
    }
}

/// Invites to every survey of the site that this starts, about whoever is in charge now.
pub(super) fn invite(
    ledger: &mut dyn Ledger,
    conversation: &mut Conversation,
    trigger: &str,
    now: u64,
) -> Kept<Vec<Event>> {
    let mut events = Vec::new();
    let agent = in_charge(ledger, conversation)?;
    for (survey_id, scale) in ledger.surveys_starting(&conversation.site, trigger)? {
        let invitation = Invitation {
            response_id: Uuid::now_v7().to_string(),
            survey_id,
            scale,
            agent: agent.clone(),
            resolution_cycle: conversation.cycle,
        };
        ledger.add_survey(conversation, &invitation, now)?;
        events.push(ledger.append(
            conversation,
            by_desk(EventBody::Invitation(invitation)),
            now,
        )?);
    }
    Ok(events)
}

impl Visitor<'_> {
    /// Takes a state of a response. One that says something about a conversation stands in its log.
    pub fn survey(&mut self, survey: Survey) -> Kept<Sent> {
        let Survey {
            conv,
            cmid,
            response,
        } = survey;
        let body = serde_json::to_string(&response).unwrap_or_default();
        let digest = digest("survey", &[&conv, &body]);
        let mut conversation = if conv.is_empty() {
            None
        } else {
            Some(self.conversation(&conv)?)
        };
        if let Some(of) = &conversation {
            let author = self.author();
            if let Some(sent) = seen_before(self.ledger, of, &author, &cmid, &digest)? {
                return Ok(sent);
            }
        }
        let num = conversation.as_ref().map(|of| of.num);
        let agent = self.rated(conversation.as_ref(), &response)?;
        if let Some(kept) = self.ledger.response(&response.response_id)? {
            if kept.visitor != self.id
                || kept.conv != num
                || kept.response.survey_id != response.survey_id
            {
                return Err(Refusal::invalid("responseId belongs to another response"));
            }
            if response.revision == kept.response.revision && response != kept.response {
                return Err(Refusal::conflict());
            }
            if response.revision <= kept.response.revision {
                return Ok(match &conversation {
                    Some(of) if kept.entry.seq > 0 => again(of, &cmid, &kept.entry),
                    _ => unlogged(&conv, cmid, kept.entry.ts, true),
                });
            }
        }
        let mut entry = Entry {
            seq: 0,
            ts: self.now,
            digest,
        };
        let mut sent = unlogged(&conv, cmid.clone(), self.now, false);
        if let Some(of) = conversation.as_mut().filter(|_| is_answered(&response)) {
            if response.rating.is_some() {
                of.rated = Some(response.response_id.clone());
            }
            let answered = Draft {
                author: self.author(),
                command: Some((cmid.clone(), digest)),
                body: EventBody::Survey(response.clone()),
            };
            let event = self.ledger.append(of, answered, self.now)?;
            entry.seq = event.seq;
            entry.ts = event.ts;
            sent = first(of, &cmid, &event);
            self.ledger.save(of)?;
            let of = of.clone();
            self.announce(&of, vec![event], None);
        }
        let responded = Responded {
            visitor: self.id.clone(),
            conv: num,
            agent,
            response,
            entry,
        };
        self.ledger.save_response(&self.site, &responded)?;
        Ok(sent)
    }

    /// Who is rated: as frozen in the invitation; where the desk did not invite (after a silence),
    /// whoever has the conversation now. Others' invitations are refused.
    fn rated(
        &mut self,
        of: Option<&Conversation>,
        response: &SurveyResponse,
    ) -> Kept<Option<String>> {
        match (self.ledger.survey(&response.response_id)?, of) {
            (Some(row), Some(of)) if row.conv == of.num => {
                if row.survey_id != response.survey_id {
                    return Err(Refusal::invalid("surveyId is not that of the invitation"));
                }
                Ok(row.agent)
            }
            (Some(_), _) => Err(Refusal::invalid(
                "responseId matches no invitation of this conversation",
            )),
            (None, Some(of)) => {
                let silent = self.ledger.surveys_starting(&of.site, "silence")?;
                if !silent.iter().any(|(id, _)| *id == response.survey_id) {
                    return Err(Refusal::invalid(
                        "responseId matches no invitation of this conversation",
                    ));
                }
                Ok(in_charge(self.ledger, of)?.map(|agent| agent.id))
            }
            (None, None) => Ok(None),
        }
    }
}

/// The answer to what stands in no log.
fn unlogged(conv: &str, cmid: String, ts: u64, duplicate: bool) -> Sent {
    Sent {
        cmid,
        conv: conv.to_owned(),
        epoch: String::new(),
        seq: 0,
        ts,
        duplicate,
        ticket: None,
    }
}
