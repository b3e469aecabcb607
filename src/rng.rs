//! Randomness that is an input: seeded once, then the same for the same seed.

/// xoshiro256++ 1.0 (Blackman and Vigna, public domain). Not for secrets: it makes ids and jitter;
/// what a desk must not be able to guess is never made here.
#[derive(Clone, Debug)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// A generator whose whole future the seed decides. A seed of zeros is taken as well.
    pub fn new(seed: [u8; 32]) -> Self {
        let mut state = [0x9e37_79b9_7f4a_7c15_u64; 4];
        for (word, bytes) in state.iter_mut().zip(seed.chunks_exact(8)) {
            for (shift, byte) in bytes.iter().enumerate() {
                *word ^= u64::from(*byte) << (8 * shift);
            }
        }
        let mut rng = Self { state };
        for _ in 0..8 {
            rng.next_u64();
        }
        rng
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c2, d2) = (c ^ a, d ^ b);
        self.state = [a ^ d2, b ^ c2, c2 ^ (b << 17), d2.rotate_left(45)];
        result
    }

    /// Uniform in `0..=max`, but for a bias below 2^-32.
    pub fn up_to(&mut self, max: u32) -> u32 {
        let wide = (self.next_u64() >> 32) * (u64::from(max) + 1);
        (wide >> 32) as u32
    }

    /// A UUIDv7 (RFC 9562): the wall clock in its first 48 bits, randomness in the rest.
    pub fn uuid_v7(&mut self, wall_ms: u64) -> String {
        let high = (wall_ms << 16) | 0x7000 | (self.next_u64() & 0x0fff);
        let low = (self.next_u64() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        let mut text = String::with_capacity(36);
        for (index, byte) in high
            .to_be_bytes()
            .into_iter()
            .chain(low.to_be_bytes())
            .enumerate()
        {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut a, mut b) = (Rng::new([7; 32]), Rng::new([7; 32]));
        assert_eq!(a.uuid_v7(1_700_000_000_000), b.uuid_v7(1_700_000_000_000));
        assert_ne!(
            a.uuid_v7(1_700_000_000_000),
            Rng::new([8; 32]).uuid_v7(1_700_000_000_000)
        );
    }

    #[test]
    fn an_id_has_the_form_of_a_uuid_v7_and_sorts_by_time() {
        let mut rng = Rng::new([0; 32]);
        let (early, late) = (rng.uuid_v7(1_000), rng.uuid_v7(1_001));
        assert!(early < late);
        assert_eq!(early.len(), 36);
        assert_eq!(&early[14..15], "7");
        assert!(matches!(&early[19..20], "8" | "9" | "a" | "b"));
    }

    #[test]
    fn a_bounded_draw_reaches_both_ends_and_never_beyond() {
        let mut rng = Rng::new([3; 32]);
        let draws: Vec<u32> = (0..1000).map(|_| rng.up_to(3)).collect();
        assert_eq!(draws.iter().max(), Some(&3));
        assert_eq!(draws.iter().min(), Some(&0));
        assert_eq!(rng.up_to(0), 0);
    }
}
