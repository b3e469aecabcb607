//! Scores are worked out as the people who made them up have it.

use deskside::survey::score::{ces, csat, nps, wilson};

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 5e-5
}

#[test]
fn wilsons_interval_has_its_published_values() {
    let table = [
        (0, 5, 0.0, 0.434482),
        (5, 5, 0.565518, 1.0),
        (8, 10, 0.490162, 0.943318),
        (85, 100, 0.767164, 0.906940),
        (425, 500, 0.816039, 0.878624),
    ];
    for (k, n, low, high) in table {
        let (found_low, found_high) = wilson(k, n).unwrap();
        assert!((found_low - low).abs() < 1e-6, "{k} of {n}: {found_low}");
        assert!((found_high - high).abs() < 1e-6, "{k} of {n}: {found_high}");
    }
    assert_eq!(wilson(0, 0), None);
}

#[test]
fn nps_is_promoters_less_detractors_with_a_margin() {
    let table = [
        (50, 30, 20, 30.0, 15.3078),
        (3, 2, 1, 33.3333, 59.6398),
        (200, 100, 50, 42.8571, 7.6314),
    ];
    for (promoters, passives, detractors, value, margin) in table {
        let answers = [vec![9; promoters], vec![8; passives], vec![6; detractors]].concat();
        let score = nps(&answers);
        assert!(near(score.value.unwrap(), value), "{score:?}");
        assert!(
            near(score.high.unwrap() - score.value.unwrap(), margin),
            "{score:?}"
        );
        assert!(
            near(score.value.unwrap() - score.low.unwrap(), margin),
            "{score:?}"
        );
    }
}

#[test]
fn answers_that_are_all_alike_have_no_interval_and_are_too_few() {
    let score = nps(&[10; 10]);
    assert_eq!(
        (score.value, score.low, score.high, score.few),
        (Some(100.0), None, None, true)
    );
    let many = nps(&[10; 100]);
    assert_eq!((many.low, many.few), (None, true));
}

#[test]
fn nps_counts_0_to_6_as_detractors_and_7_and_8_as_neither() {
    let all: Vec<u8> = (0..=10).collect();
    assert!(near(nps(&all).value.unwrap(), 100.0 * (2.0 - 7.0) / 11.0));
}

#[test]
fn the_top_boxes_depend_on_the_scale_and_the_middle_stays_in_the_denominator() {
    for (points, top) in [(2, 1), (3, 1), (4, 2), (5, 2), (7, 2), (10, 2)] {
        let all: Vec<u8> = (1..=points).collect();
        let score = csat(&all, points);
        assert!(
            near(
                score.value.unwrap(),
                100.0 * f64::from(top) / f64::from(points)
            ),
            "{points}"
        );
        assert_eq!(score.n, u32::from(points));
    }
}

#[test]
fn csat_has_wilsons_interval_in_percent() {
    let score = csat(&[vec![5; 8], vec![3; 2]].concat(), 5);
    assert_eq!(score.value, Some(80.0));
    assert!(near(score.low.unwrap(), 49.0162) && near(score.high.unwrap(), 94.3318));
    assert!(score.few, "ten are few");
}

#[test]
fn ces_is_a_mean_with_an_index_beside_it() {
    let score = ces(&[7, 6, 4, 2], 7);
    assert_eq!(score.value, Some(4.75));
    assert_eq!(score.index, Some(25.0));
    assert!(score.low < score.value && score.value < score.high);
    assert_eq!(ces(&[5, 4, 3, 1], 5).index, Some(25.0));
}

#[test]
fn nothing_has_no_score_rather_than_0() {
    for score in [csat(&[], 5), nps(&[]), ces(&[], 7)] {
        assert_eq!(
            (score.value, score.low, score.high, score.n, score.few),
            (None, None, None, 0, true)
        );
    }
}
