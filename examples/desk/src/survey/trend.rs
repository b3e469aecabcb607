//! The score over time, by day, week or month: as asked, else by how many answers there are.

use super::results::{Row, score_of};
use deskside::survey::Definition;
use deskside::survey::score::Score;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};

/// A period's length. Days, weeks (from Monday on) and months are those of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// A calendar month.
    Month,
}

/// The shortest first.
const STEPS: [Step; 3] = [Step::Day, Step::Week, Step::Month];
/// More than so many are too many to look at.
const PERIODS_MAX: usize = 120;

/// The score of each period, those included in which nobody answered.
#[derive(Debug, Serialize)]
pub struct Trend {
    step: Step,
    periods: Vec<Period>,
}

#[derive(Debug, Serialize)]
struct Period {
    /// Its first moment. Milliseconds since 1970, UTC.
    from: u64,
    score: Score,
}

impl Step {
    /// The first moment of the period in which a moment is.
    fn begin(self, at: u64) -> u64 {
        let date = date_of(at);
        ms_of(match self {
            Self::Day => date,
            Self::Week => {
                let days = date.weekday().number_days_from_monday();
                date.saturating_sub(time::Duration::days(days.into()))
            }
            Self::Month => date.replace_day(1).unwrap_or(date),
        })
    }

    /// The first moment of the period after the one that begins here.
    fn after(self, from: u64) -> u64 {
        let days = match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => date_of(from).month().length(date_of(from).year()),
        };
        from + u64::from(days) * DAY_MS
    }
}

const DAY_MS: u64 = 86_400_000;

fn date_of(at: u64) -> Date {
    let seconds = i64::try_from(at / 1_000).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MAX, OffsetDateTime::date)
}

fn ms_of(date: Date) -> u64 {
    let seconds = date.midnight().assume_utc().unix_timestamp();
    u64::try_from(seconds).unwrap_or(0) * 1_000
}

/// By these steps, or by the shortest that leaves enough answers in at least half of the periods; where
/// none does, by the longest of which there are two or more. Never so short that there are too many.
pub fn trend(survey: &Definition, rows: &[&Row], asked: Option<Step>) -> Option<Trend> {
    let few = |trend: &Trend| trend.periods.len() <= PERIODS_MAX;
    let mut all: Vec<Trend> = STEPS
        .iter()
        .filter_map(|step| by(survey, rows, *step))
        .collect();
    let chosen = match asked {
        Some(step) => all
            .iter()
            .position(|trend| trend.step >= step && few(trend))
            .unwrap_or(STEPS.len() - 1),
        None => {
            let several = |trend: &Trend| trend.periods.len() > 1;
            let sure = |trend: &Trend| {
                let sure = trend.periods.iter().filter(|period| !period.score.few);
                2 * sure.count() >= trend.periods.len()
            };
            all.iter()
                .position(|trend| several(trend) && few(trend) && sure(trend))
                .or_else(|| all.iter().rposition(several))
                .unwrap_or(0)
        }
    };
    (chosen < all.len()).then(|| all.swap_remove(chosen))
}

fn by(survey: &Definition, rows: &[&Row], step: Step) -> Option<Trend> {
    let mut grouped: BTreeMap<u64, Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.response.rating.is_some()) {
        grouped
            .entry(step.begin(row.shown_at))
            .or_default()
            .push(row);
    }
    let (first, last) = (*grouped.keys().next()?, *grouped.keys().next_back()?);
    let mut periods = Vec::new();
    let mut from = first;
    while from <= last {
        let rows = grouped.remove(&from).unwrap_or_default();
        let score = score_of(survey, &rows)?;
        periods.push(Period { from, score });
        from = step.after(from);
    }
    Some(Trend { step, periods })
}

#[cfg(test)]
mod tests {
    use super::*;
    use deskside::plain::Readable;
    use deskside::protocol::survey::SurveyResponse;

    /// Noon, so many days after Monday, 2 March 2026.
    fn day(n: u64) -> u64 {
        1_772_409_600_000 + n * DAY_MS + DAY_MS / 2
    }

    fn answered(n: u64, times: usize) -> Vec<Row> {
        let response = SurveyResponse {
            rating: Some(5),
            ..Readable::blank()
        };
        let row = Row {
            conversation: None,
            agent: None,
            team: String::new(),
            shown_at: day(n),
            response,
        };
        vec![row; times]
    }

    fn found(rows: &[Row], asked: Option<Step>) -> (Step, Vec<(u64, u32)>) {
        let survey = serde_json::from_str(crate::survey::BUILT_IN).unwrap();
        let survey = Definition::load(survey).unwrap();
        let rows: Vec<&Row> = rows.iter().collect();
        let found = trend(&survey, &rows, asked).unwrap();
        let day = |from: u64| (from as i64 - day(0) as i64 + DAY_MS as i64 / 2) / DAY_MS as i64;
        let periods = found.periods.iter();
        let periods = periods.map(|period| (day(period.from) as u64, period.score.n));
        (found.step, periods.collect())
    }

    #[test]
    fn a_week_begins_on_monday_and_a_month_on_its_first() {
        let rows = [answered(6, 1), answered(7, 2), answered(30, 3)].concat();
        let (step, weeks) = found(&rows, Some(Step::Week));
        assert_eq!(step, Step::Week);
        assert_eq!(weeks, [(0, 1), (7, 2), (14, 0), (21, 0), (28, 3)]);
        let (_, months) = found(&rows[1..], Some(Step::Month));
        // 1 March is a Sunday, the day before the first Monday; 1 April is day 30.
        assert_eq!(months.last(), Some(&(30, 3)));
        assert_eq!(months.len(), 2);
    }

    #[test]
    fn a_day_on_which_nobody_answered_is_there_and_undefined() {
        let rows = [answered(0, 1), answered(2, 1)].concat();
        assert_eq!(found(&rows, Some(Step::Day)).1, [(0, 1), (1, 0), (2, 1)]);
    }

    #[test]
    fn many_answers_are_shown_by_day_fewer_by_week_the_fewest_by_month() {
        let each_day = |times| (0..70).flat_map(|n| answered(n, times)).collect::<Vec<_>>();
        assert_eq!(found(&each_day(40), None).0, Step::Day);
        assert_eq!(found(&each_day(6), None).0, Step::Week);
        assert_eq!(found(&each_day(1), None).0, Step::Month);
    }

    #[test]
    fn a_handful_of_answers_within_a_week_stands_by_day() {
        let rows = [answered(0, 2), answered(1, 1), answered(3, 1)].concat();
        assert_eq!(found(&rows, None).0, Step::Day);
        assert_eq!(found(&answered(0, 1), None).0, Step::Day);
    }

    #[test]
    fn years_of_days_are_too_many_to_look_at() {
        let rows = [answered(0, 40), answered(800, 40)].concat();
        assert_eq!(found(&rows, Some(Step::Day)).0, Step::Week);
    }

    #[test]
    fn without_an_answer_there_is_no_trend() {
        let survey = serde_json::from_str(crate::survey::BUILT_IN).unwrap();
        let survey = Definition::load(survey).unwrap();
        assert!(trend(&survey, &[], None).is_none());
    }
}
