//! How long a visitor will wait, from how long others have waited: said only where there is enough to say
//! it from.

use std::time::{Duration, Instant};

/// So many must have been taken before anything is said.
const ACCEPTS_MIN: u32 = 5;
/// What was learned is of no use after so long without anybody taken.
const VALID_FOR: Duration = Duration::from_secs(2 * 60 * 60);
/// The share that the newest wait has in the average.
const NEWEST_SHARE: f64 = 0.1;
const MINUTE_MS: f64 = 60_000.0;

/// The waits of one queue.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    mean_ms: f64,
    /// The mean distance from it.
    spread_ms: f64,
    accepts: u32,
    newest: Instant,
}

impl Waits {
    /// Somebody has taken the first one.
    pub fn first(waited_ms: u64, now: Instant) -> Self {
        Self {
            mean_ms: waited_ms as f64,
            spread_ms: waited_ms as f64 / 2.0,
            accepts: 1,
            newest: now,
        }
    }

    /// Somebody has taken another one.
    pub fn add(&mut self, waited_ms: u64, now: Instant) {
        let waited_ms = waited_ms as f64;
        let distance_ms = (waited_ms - self.mean_ms).abs();
        self.spread_ms += NEWEST_SHARE * (distance_ms - self.spread_ms);
        self.mean_ms += NEWEST_SHARE * (waited_ms - self.mean_ms);
        self.accepts = self.accepts.saturating_add(1);
        self.newest = now;
    }

    /// Between which whole minutes somebody will still wait who has waited so long; none where nobody
    /// can tell, also because it takes longer already than it used to.
    pub fn left_ms(&self, waited_ms: u64, now: Instant) -> Option<(u32, u32)> {
        let is_known =
            self.accepts >= ACCEPTS_MIN && now.saturating_duration_since(self.newest) < VALID_FOR;
        let from_ms = self.mean_ms - self.spread_ms - waited_ms as f64;
        let to_ms = self.mean_ms + self.spread_ms - waited_ms as f64;
        if !is_known || to_ms <= 0.0 {
            return None;
        }
        let from = (from_ms.max(0.0) / MINUTE_MS).floor() * MINUTE_MS;
        let to = (to_ms / MINUTE_MS).ceil() * MINUTE_MS;
        Some((from as u32, to as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn waits(all: &[u64]) -> (Waits, Instant) {
        let now = Instant::now();
        let mut waits = Waits::first(all[0], now);
        all[1..].iter().for_each(|ms| waits.add(*ms, now));
        (waits, now)
    }

    #[test]
    fn nothing_is_said_before_enough_were_taken() {
        let (mut waits, now) = waits(&[4 * MINUTE; 4]);
        assert_eq!(waits.left_ms(0, now), None);
        waits.add(4 * MINUTE, now);
        assert!(waits.left_ms(0, now).is_some());
    }

    #[test]
    fn the_wait_is_between_whole_minutes_around_the_mean() {
        let (waits, now) = waits(&[4 * MINUTE; 30]);
        let (from, to) = waits.left_ms(0, now).unwrap();
        assert_eq!((from, to), (3 * 60_000, 5 * 60_000));
    }

    #[test]
    fn what_was_waited_already_is_taken_off_and_never_less_than_nothing() {
        let (waits, now) = waits(&[4 * MINUTE; 30]);
        assert_eq!(waits.left_ms(4 * MINUTE, now), Some((0, 60_000)));
    }

    #[test]
    fn who_waits_longer_than_others_did_is_told_nothing() {
        let (waits, now) = waits(&[4 * MINUTE; 30]);
        assert_eq!(waits.left_ms(9 * MINUTE, now), None);
    }

    #[test]
    fn the_average_follows_a_tenth_of_the_way() {
        let (mut waits, now) = waits(&[4 * MINUTE; 30]);
        waits.add(14 * MINUTE, now);
        assert!((waits.mean_ms - 5.0 * MINUTE_MS).abs() < 1.0);
    }

    #[test]
    fn what_was_learned_this_morning_is_not_said_tonight() {
        let (waits, now) = waits(&[4 * MINUTE; 30]);
        assert_eq!(waits.left_ms(0, now + VALID_FOR), None);
    }
}
