//! How long to wait before trying again.

use crate::limits::{RETRY_DELAY_MS_MAX, RETRY_DELAY_MS_MIN};
use crate::rng::Rng;

/// Full jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015): uniform in 0 to
/// `min(max, min * 2^(attempts - 1))`, so that ten thousand clients do not come back at once.
pub fn delay_ms(attempts: u32, rng: &mut Rng) -> u32 {
    let doublings = attempts.saturating_sub(1).min(16);
    rng.up_to(
        RETRY_DELAY_MS_MIN
            .saturating_mul(1 << doublings)
            .min(RETRY_DELAY_MS_MAX),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_its_maximum_and_is_spread_from_zero() {
        let mut rng = Rng::new([1; 32]);
        for (attempts, ceiling) in [
            (1, 500),
            (2, 1_000),
            (5, 8_000),
            (7, 30_000),
            (1_000, 30_000),
        ] {
            let draws: Vec<u32> = (0..2_000).map(|_| delay_ms(attempts, &mut rng)).collect();
            let (low, high) = (*draws.iter().min().unwrap(), *draws.iter().max().unwrap());
            assert!(high <= ceiling, "{attempts}: {high}");
            assert!(
                high > ceiling / 10 * 9 && low < ceiling / 10,
                "{attempts}: {low} to {high}"
            );
        }
    }
}
