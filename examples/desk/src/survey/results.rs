//! What came of a survey: the scores of the core, worked out over its responses.

use super::Site;
use super::trend::{Step, Trend, trend};
use deskside::plain::Value;
use deskside::protocol::survey::SurveyResponse;
use deskside::survey::Definition;
use deskside::survey::answer::{self, is_asked};
use deskside::survey::logic::follow;
use deskside::survey::score::{self, Score};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// A response, and what the desk knows beside it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where the log carries it.
    pub conversation: Option<String>,
    /// Who is rated, by id and name.
    pub agent: Option<(String, String)>,
    /// Their team when they were asked about; empty where they had none.
    pub team: String,
    /// When it was shown. Milliseconds since 1970, UTC.
    pub shown_at: u64,
    /// As it came.
    pub response: SurveyResponse,
}

/// Which responses count.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// From this moment on (milliseconds since 1970, UTC).
    pub from: Option<u64>,
    /// Before this moment.
    pub to: Option<u64>,
    /// Only of this agent.
    pub agent: Option<String>,
    /// Only of agents who were of this team.
    pub team: Option<String>,
    /// Only through this channel: `widget`, `inline`, `headless`.
    pub source: Option<String>,
    /// By which periods the trend goes; by how much there is where none is named.
    pub step: Option<Step>,
    /// Only in this language.
    pub language: Option<String>,
}

impl Filter {
    /// When the responses that count were shown. As far as the database counts, and no further.
    pub fn shown(&self) -> Range<u64> {
        const LAST: u64 = i64::MAX.unsigned_abs();
        self.from.unwrap_or(0).min(LAST)..self.to.unwrap_or(LAST).min(LAST)
    }

    pub(super) fn takes(&self, row: &Row) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
        };
        self.from.is_none_or(|from| row.shown_at >= from)
            && self.to.is_none_or(|to| row.shown_at < to)
            && is(&self.agent, row.agent.as_ref().map(|(id, _)| id.as_str()))
            && is(&self.team, Some(&row.team))
            && is(&self.source, Some(&row.response.source))
            && is(&self.language, Some(&row.response.language))
    }
}

/// The whole report. A share or a score that cannot be said is null.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// How many were asked, answered anything, finished, waved it away.
    pub shown: u32,
    answered: u32,
    finished: u32,
    dismissed: u32,
    response_rate: Option<f64>,
    completion_rate: Option<f64>,
    /// The first rating: its metric and score; null where the survey has none.
    score: Option<Metric>,
    /// Of the first rating; null where nobody answered it.
    trend: Option<Trend>,
    by_agent: Vec<Group>,
    by_team: Vec<Group>,
    by_source: Vec<Group>,
    by_language: Vec<Group>,
    questions: Vec<QuestionReport>,
    comments: Vec<Comment>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    metric: String,
    range: [u32; 2],
    #[serde(flatten)]
    score: Score,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    id: String,
    name: String,
    shown: u32,
    answered: u32,
    score: Option<Score>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct QuestionReport {
    id: String,
    r#type: String,
    headline: String,
    /// To how many it was put, and how many answered; the rest dropped off, or left it out.
    asked: u32,
    answered: u32,
    /// The answers that can be counted, in the question's order.
    distribution: Vec<Count>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    value: String,
    label: String,
    n: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    conversation: Option<String>,
    at: u64,
    rating: Option<u8>,
    text: String,
}

const COMMENTS_MAX: usize = 50;

/// Works the report out, in a language.
pub fn report(
    site: &Site,
    survey: &Definition,
    rows: &[Row],
    filter: &Filter,
    language: &str,
) -> Report {
    let rows: Vec<&Row> = rows.iter().filter(|row| filter.takes(row)).collect();
    let count = |is: &dyn Fn(&SurveyResponse) -> bool| {
        rows.iter().filter(|row| is(&row.response)).count() as u32
    };
    let (shown, answered) = (rows.len() as u32, count(&super::fit::is_answered));
    let finished = count(&|response| response.finished);
    let metric = survey.rating().and_then(|rating| {
        let (low, high) = answer::points(rating)?;
        let score = score_of(survey, &rows)?;
        Some(Metric {
            metric: text(rating, "type"),
            range: [low, high],
            score,
        })
    });
    Report {
        shown,
        answered,
        finished,
        dismissed: count(&|response| response.dismissed),
        response_rate: score::share(answered, shown),
        completion_rate: score::share(finished, answered),
        score: metric,
        trend: trend(survey, &rows, filter.step),
        by_agent: groups(survey, &rows, |row| row.agent.clone()),
        by_team: groups(survey, &rows, |row| {
            (!row.team.is_empty()).then(|| (row.team.clone(), row.team.clone()))
        }),
        by_source: groups(survey, &rows, |row| {
            Some((row.response.source.clone(), row.response.source.clone()))
        }),
        by_language: groups(survey, &rows, |row| {
            Some((row.response.language.clone(), row.response.language.clone()))
        }),
        questions: questions(site, survey, &rows, language),
        comments: comments(&rows),
    }
}

/// The score of the first rating over the answers that were given.
pub(super) fn score_of(survey: &Definition, rows: &[&Row]) -> Option<Score> {
    let rating = survey.rating()?;
    let (_, high) = answer::points(rating)?;
    let answers: Vec<u8> = rows.iter().filter_map(|row| row.response.rating).collect();
    Some(match text(rating, "type").as_str() {
        "nps" => score::nps(&answers),
        "ces" => score::ces(&answers, high as u8),
        _ => score::csat(&answers, high as u8),
    })
}

fn groups(
    survey: &Definition,
    rows: &[&Row],
    of: impl Fn(&Row) -> Option<(String, String)>,
) -> Vec<Group> {
    let mut grouped: BTreeMap<(String, String), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        if let Some(key) = of(row) {
            grouped.entry(key).or_default().push(row);
        }
    }
    let groups = grouped.into_iter().map(|((id, name), rows)| Group {
        id,
        name,
        shown: rows.len() as u32,
        answered: rows
            .iter()
            .filter(|row| super::fit::is_answered(&row.response))
            .count() as u32,
        score: score_of(survey, &rows),
    });
    groups.collect()
}

/// What each question was answered with. Whom it was put to follows from the answers before it.
fn questions(
    site: &Site,
    survey: &Definition,
    rows: &[&Row],
    language: &str,
) -> Vec<QuestionReport> {
    let mut reports: Vec<QuestionReport> = survey
        .elements()
        .map(|element| blank(survey, element, language))
        .collect();
    for row in rows {
        let response = &row.response;
        let Some(of) = site.find(&response.survey_id, response.survey_version) else {
            continue;
        };
        let way = follow(
            &of.definition,
            &response.data,
            &response.hidden,
            response.steps as usize,
        );
        let mut blocks = way.trail.clone();
        if let (deskside::survey::logic::Place::Block(block), false) =
            (&way.place, response.finished)
        {
            blocks.push(*block);
        }
        for element in blocks
            .iter()
            .flat_map(|block| of.definition.elements_of(*block))
        {
            let id = text(element, "id");
            let Some(report) = reports.iter_mut().find(|report| report.id == id) else {
                continue;
            };
            if !is_asked(element, &response.data) {
                continue;
            }
            report.asked += 1;
            if let Value::Map(answers) = &response.data
                && let Some((_, value)) = answers.iter().find(|(name, _)| *name == id)
            {
                report.answered += 1;
                tally(report, value);
            }
        }
    }
    reports
}

fn blank(survey: &Definition, element: &Value, language: &str) -> QuestionReport {
    let shown = survey.element_in(element, survey.language(language), "");
    let mut distribution = Vec::new();
    let mut add = |value: String, label: String| distribution.push(Count { value, label, n: 0 });
    if let Some((low, high)) = answer::points(element) {
        (low..=high).for_each(|point| add(point.to_string(), point.to_string()));
    }
    let mut labelled: Vec<(String, String)> = Vec::new();
    let mut choices = |list: Option<&Value>| {
        if let Some(Value::List(items)) = list {
            for item in items {
                let pair = (text(item, "id"), text(item, "label"));
                if !labelled.contains(&pair) {
                    labelled.push(pair);
                }
            }
        }
    };
    choices(shown.get("choices"));
    if let Some(Value::List(sets)) = shown.get("sets") {
        sets.iter().for_each(|set| choices(set.get("choices")));
    }
    labelled.into_iter().for_each(|(id, label)| add(id, label));
    if let Some(other) = shown.get("other") {
        add("other".into(), text(other, "label"));
    }
    let kind = text(element, "type");
    if kind == "boolean" || kind == "consent" {
        for (value, label) in [("true", "yesLabel"), ("false", "noLabel")] {
            add(value.into(), text(&shown, label));
        }
    }
    QuestionReport {
        id: text(element, "id"),
        r#type: kind,
        headline: text(&shown, "headline"),
        asked: 0,
        answered: 0,
        distribution,
    }
}

fn tally(report: &mut QuestionReport, value: &Value) {
    let values = match value {
        Value::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    for value in values {
        let key = match value {
            Value::Map(_) => String::from("other"),
            other => super::table::cell(other),
        };
        if let Some(count) = report
            .distribution
            .iter_mut()
            .find(|count| count.value == key)
        {
            count.n += 1;
        }
    }
}

fn comments(rows: &[&Row]) -> Vec<Comment> {
    let mut comments: Vec<Comment> = rows
        .iter()
        .filter_map(|row| {
            Some(Comment {
                conversation: row.conversation.clone(),
                at: row.response.updated_at.max(row.shown_at),
                rating: row.response.rating,
                text: row.response.comment.clone()?,
            })
        })
        .collect();
    comments.sort_by_key(|comment| std::cmp::Reverse(comment.at));
    comments.truncate(COMMENTS_MAX);
    comments
}

pub(super) fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        Some(Value::Text(text)) => text.to_string(),
        _ => String::new(),
    }
}
