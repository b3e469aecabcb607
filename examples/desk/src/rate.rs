//! Token buckets: so many at once, then so many a second.

use crate::limits::Limits;
use crate::refusal::Refusal;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Instant;

/// One bucket.
#[derive(Debug)]
pub struct Bucket {
    per_second: f64,
    burst: f64,
    tokens: f64,
    filled_at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub fn new(per_second: f64, burst: u32, now: Instant) -> Self {
        Self {
            per_second,
            burst: f64::from(burst),
            tokens: f64::from(burst),
            filled_at: now,
        }
    }

    /// Takes one token, or says after how many milliseconds there will be one.
    pub fn take(&mut self, now: Instant) -> Result<(), u32> {
        self.fill(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let wait_ms = (1.0 - self.tokens) / self.per_second * 1_000.0;
        Err(wait_ms.ceil().clamp(1.0, 3_600_000.0) as u32)
    }

    fn fill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * self.per_second).min(self.burst);
        self.filled_at = now;
    }

    fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.tokens >= self.burst
    }
}

/// A bucket per key; those that are full again are forgotten.
#[derive(Debug)]
pub struct Buckets<K> {
    per_second: f64,
    burst: u32,
    keys_max: usize,
    buckets: Mutex<HashMap<K, Bucket>>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// No bucket yet, and never more than `keys_max`.
    pub fn new(per_second: f64, burst: u32, keys_max: usize) -> Self {
        Self {
            per_second,
            burst,
            keys_max,
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Takes one token of the key's bucket, or says after how many milliseconds there will be one.
    pub fn take(&self, key: K, now: Instant) -> Result<(), u32> {
        let mut buckets = self.buckets.lock().unwrap_or_else(|e| e.into_inner());
        if buckets.len() >= self.keys_max && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| !bucket.is_full(now));
            if buckets.len() >= self.keys_max {
                return Err(1_000);
            }
        }
        buckets
            .entry(key)
            .or_insert_with(|| Bucket::new(self.per_second, self.burst, now))
            .take(now)
    }
}

/// How fast commands may come: of each visitor or agent over all their sessions, and of each
/// address.
#[derive(Debug)]
pub struct Rates {
    subjects: Buckets<String>,
    addresses: Buckets<IpAddr>,
}

impl Rates {
    /// As the limits say.
    pub fn new(limits: &Limits) -> Self {
        let keys_max = limits.sockets_max.saturating_mul(2) as usize;
        Self {
            subjects: Buckets::new(
                f64::from(limits.commands_per_second),
                limits.commands_burst,
                keys_max,
            ),
            addresses: Buckets::new(
                f64::from(limits.commands_per_second_per_address),
                limits.commands_burst_per_address,
                keys_max,
            ),
        }
    }

    /// Takes a token for a command of somebody, or refuses it.
    pub fn take(&self, subject: &str, address: IpAddr, now: Instant) -> Result<(), Refusal> {
        let taken = self.subjects.take(subject.to_owned(), now);
        taken.map_err(Refusal::rate_limited)?;
        let taken = self.addresses.take(address, now);
        taken.map_err(Refusal::rate_limited)
    }

    /// Takes a token for a command of nobody yet.
    pub fn take_address(&self, address: IpAddr) -> Result<(), Refusal> {
        let taken = self.addresses.take(address, Instant::now());
        taken.map_err(Refusal::rate_limited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10.0, 3, start);
        for _ in 0..3 {
            assert_eq!(bucket.take(start), Ok(()));
        }
        assert_eq!(bucket.take(start), Err(100));
        assert_eq!(bucket.take(start + Duration::from_millis(100)), Ok(()));
        assert!(bucket.take(start + Duration::from_millis(100)).is_err());
    }

    #[test]
    fn keys_do_not_share_a_bucket_and_full_ones_are_forgotten() {
        let start = Instant::now();
        let buckets = Buckets::new(1.0, 1, 2);
        assert_eq!(buckets.take("a", start), Ok(()));
        assert_eq!(buckets.take("b", start), Ok(()));
        assert!(buckets.take("a", start).is_err());
        assert!(buckets.take("c", start).is_err(), "no room for a third key");
        assert_eq!(buckets.take("c", start + Duration::from_secs(2)), Ok(()));
    }
}
