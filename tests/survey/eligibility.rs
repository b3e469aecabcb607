//! Who is asked, and how often.

use super::{block, load, survey};
use deskside::survey::Definition;
use deskside::survey::eligibility::{Clocks, sampled};

const DAY: u64 = 86_400_000;
const START: u64 = 1_700_000_000_000;

fn shown_as(id: &str, display: &str) -> Definition {
    let json = survey(&block("b", ""), &format!(r#","display":{{{display}}}"#));
    load(&json.replace(r#""id":"s""#, &format!(r#""id":"{id}""#)))
}

fn refused(clocks: &Clocks, of: &Definition, after_days: u64) -> Option<&'static str> {
    clocks.refuse(of, "", true, START + after_days * DAY)
}

/// After one showing at the start.
fn after_one(of: &Definition, subject: &str) -> Clocks {
    let mut clocks = Clocks::default();
    assert_eq!(clocks.refuse(of, subject, true, START), None);
    clocks.shown(of, subject, START);
    clocks
}

#[test]
fn the_options_say_how_often_one_survey_is_shown() {
    let table = [
        (
            r#""displayOption":"displayOnce""#,
            false,
            Some("display_once"),
        ),
        ("", false, Some("display_once")),
        (
            r#""displayOption":"displaySome","displayLimit":1"#,
            false,
            Some("display_limit"),
        ),
        (
            r#""displayOption":"displaySome","displayLimit":2"#,
            false,
            None,
        ),
        (
            r#""displayOption":"displaySome","displayLimit":2"#,
            true,
            Some("answered"),
        ),
        (r#""displayOption":"displayMultiple""#, false, None),
        (
            r#""displayOption":"displayMultiple""#,
            true,
            Some("answered"),
        ),
        (r#""displayOption":"respondMultiple""#, true, None),
    ];
    for (display, answered, expected) in table {
        let survey = shown_as("s", display);
        let mut clocks = after_one(&survey, "");
        if answered {
            clocks.answered("s");
        }
        assert_eq!(
            refused(&clocks, &survey, 1),
            expected,
            "{display} answered: {answered}"
        );
    }
}

#[test]
fn a_survey_comes_back_when_its_own_days_are_over() {
    let survey = shown_as(
        "s",
        r#""displayOption":"respondMultiple","recontactDays":90"#,
    );
    let clocks = after_one(&survey, "");
    assert_eq!(refused(&clocks, &survey, 89), Some("recontact"));
    assert_eq!(refused(&clocks, &survey, 90), None);
}

#[test]
fn the_global_clock_holds_back_every_survey_that_heeds_it() {
    let heeds = r#""displayOption":"respondMultiple","globalCooldownDays":14"#;
    let (first, second) = (shown_as("first", heeds), shown_as("second", heeds));
    let clocks = after_one(&first, "");
    assert_eq!(refused(&clocks, &second, 13), Some("global_cooldown"));
    assert_eq!(refused(&clocks, &second, 14), None);
}

#[test]
fn a_question_after_every_conversation_does_not_starve_the_one_of_each_quarter() {
    let csat = shown_as(
        "csat",
        r#""displayOption":"respondMultiple","perSubject":true"#,
    );
    let nps = shown_as(
        "nps",
        r#""displayOption":"respondMultiple","recontactDays":90,"globalCooldownDays":14"#,
    );
    let mut clocks = after_one(&nps, "");
    for day in 0..90 {
        clocks.shown(&csat, &format!("csat/c{day}/1"), START + day * DAY);
    }
    assert_eq!(refused(&clocks, &nps, 90), None);
}

#[test]
fn a_conversation_is_asked_about_once_in_each_cycle() {
    let survey = shown_as("s", r#""perSubject":true"#);
    let clocks = after_one(&survey, "s/c/1");
    assert_eq!(
        clocks.refuse(&survey, "s/c/1", true, START + DAY),
        Some("subject_done")
    );
    assert_eq!(clocks.refuse(&survey, "s/c/2", true, START + DAY), None);
    assert_eq!(clocks.refuse(&survey, "s/d/1", true, START + DAY), None);
}

#[test]
fn the_share_that_is_asked_is_the_share_that_was_wanted() {
    let visitors = 100_000;
    for percentage in [1, 20, 50, 90] {
        let survey = shown_as("nps", &format!(r#""displayPercentage":{percentage}"#));
        let asked = (0..visitors)
            .filter(|n| sampled(&survey, &format!("visitor-{n}"), ""))
            .count();
        let p = f64::from(percentage) / 100.0;
        let expected = p * f64::from(visitors);
        let deviation = (f64::from(visitors) * p * (1.0 - p)).sqrt();
        assert!(
            (asked as f64 - expected).abs() < 4.0 * deviation,
            "{percentage}%: {asked}"
        );
    }
    assert!(!sampled(
        &shown_as("s", r#""displayPercentage":0"#),
        "v",
        ""
    ));
    assert!(sampled(
        &shown_as("s", r#""displayPercentage":100"#),
        "v",
        ""
    ));
}

#[test]
fn a_visitor_is_in_the_sample_or_not_however_often_it_is_asked() {
    let survey = shown_as("s", r#""displayPercentage":50"#);
    for n in 0..100 {
        let visitor = format!("v{n}");
        let first = sampled(&survey, &visitor, "");
        assert!((0..50).all(|_| sampled(&survey, &visitor, "") == first));
    }
}

#[test]
fn who_is_sampled_for_one_survey_is_not_thereby_sampled_for_another() {
    let (a, b) = (
        shown_as("a", r#""displayPercentage":50"#),
        shown_as("b", r#""displayPercentage":50"#),
    );
    let both =
        (0..10_000).filter(|n| sampled(&a, &n.to_string(), "") && sampled(&b, &n.to_string(), ""));
    let both = both.count() as f64;
    assert!(
        (both - 2_500.0).abs() < 4.0 * (10_000.0_f64 * 0.25 * 0.75).sqrt(),
        "{both}"
    );
}

#[test]
fn a_conversation_may_be_sampled_instead_of_its_visitor() {
    let survey = shown_as(
        "s",
        r#""displayPercentage":50,"samplingKey":"conversation""#,
    );
    let asked = (0..1_000)
        .filter(|n| sampled(&survey, "one visitor", &format!("c{n}")))
        .count();
    assert!((400..600).contains(&asked), "{asked}");
}

#[test]
fn a_mark_from_a_clock_that_was_ahead_counts_as_made_now() {
    let survey = shown_as(
        "s",
        r#""displayOption":"respondMultiple","recontactDays":7"#,
    );
    let mut wrong = Clocks::default();
    wrong.shown(&survey, "", START + 3_650 * DAY);
    let mut clocks = Clocks::default();
    clocks.merge(&wrong.marks, START);
    assert_eq!(refused(&clocks, &survey, 6), Some("recontact"));
    assert_eq!(refused(&clocks, &survey, 7), None);
}

#[test]
fn two_tabs_together_remember_what_each_of_them_saw() {
    let (a, b) = (shown_as("a", ""), shown_as("b", ""));
    let mut here = after_one(&a, "");
    here.merge(&after_one(&b, "").marks, START);
    assert_eq!(refused(&here, &a, 1), Some("display_once"));
    assert_eq!(refused(&here, &b, 1), Some("display_once"));
}
