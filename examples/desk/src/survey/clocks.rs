//! What a visitor whom the site names was asked on any device, so that no other asks it again too soon.
//! Whom it does not name is another visitor on each device.

use super::Site;
use crate::Desk;
use crate::auth::VisitorClaims;
use crate::refusal::Refusal;
use deskside::plain::{Value, Writable};
use deskside::protocol::ServerFrame;

/// How a survey, or something that it was asked about, stands with a visitor.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which survey.
    pub survey_id: String,
    /// As in `csat/conversation/2`, where it is this that is done, and not how the survey stands.
    pub subject: Option<String>,
    /// When it was last shown. Milliseconds since 1970, UTC.
    pub shown_at: u64,
    /// How often it was shown.
    pub times: u64,
    /// Whether it was ever answered.
    pub answered: bool,
}

/// The marks of a visitor, where there are any.
pub async fn of(desk: &Desk, claims: &VisitorClaims) -> Result<Option<Value>, Refusal> {
    let asked = desk.store.surveys_asked(&claims.sub, &claims.aud).await?;
    Ok(marks(&desk.surveys.of(&claims.aud), &asked))
}

/// Tells the visitor's other devices that something was shown, answered or dismissed.
pub async fn tell(desk: &Desk, claims: &VisitorClaims, origin: u64) -> Result<(), Refusal> {
    let clocks = of(desk, claims).await?;
    if clocks.is_some() {
        let frame = ServerFrame {
            clocks,
            ..ServerFrame::default()
        };
        desk.hub.tell_others(&claims.sub, origin, &frame);
    }
    Ok(())
}

/// Of the surveys that the site has: one by each survey's id, one by each subject, and one by nothing
/// for those with a global cooldown together.
pub fn marks(site: &Site, asked: &[Asked]) -> Option<Value> {
    let mut marks: Vec<(String, [u64; 3])> = Vec::new();
    let mut global: Option<[u64; 3]> = None;
    for one in asked {
        let mut newest = site.newest().into_iter();
        let Some(saved) = newest.find(|saved| saved.definition.id() == one.survey_id) else {
            continue;
        };
        let mark = [one.shown_at, one.times, u64::from(one.answered)];
        let name = one.subject.as_ref().unwrap_or(&one.survey_id);
        marks.push((name.clone(), mark));
        let heeds_all = saved.definition.display().get("globalCooldownDays");
        if one.subject.is_none() && heeds_all.is_some() {
            let [shown_at, times, _] = global.unwrap_or_default();
            global = Some([shown_at.max(one.shown_at), times + one.times, 0]);
        }
    }
    marks.extend(global.map(|mark| (String::new(), mark)));
    let write = |(name, mark): (String, [u64; 3])| {
        let numbers = mark.iter().map(Writable::write).collect();
        (name.into(), Value::List(numbers))
    };
    (!marks.is_empty()).then(|| Value::Map(marks.into_iter().map(write).collect()))
}
