//! Waits between attempts: longer each time, with jitter, so that replicas do not come back in step.

use std::time::Duration;

/// The bound of the first wait.
const FIRST: Duration = Duration::from_millis(200);
/// The bound of every later one. Under the 5 s in which a replica promises to be equal again once its home can
/// be reached.
const LONGEST: Duration = Duration::from_secs(4);

/// Waits of full jitter: anything from nothing to a bound that doubles.
#[derive(Debug)]
pub(super) struct Backoff {
    bound: Duration,
    random: u64,
}

impl Backoff {
    /// The waits of a seed.
    pub(super) fn new(seed: u64) -> Backoff {
        Backoff { bound: FIRST, random: seed }
    }

    /// The next wait.
    pub(super) fn next(&mut self) -> Duration {
        // SplitMix64 (Steele, Lea, Flood 2014): any seed will do, zero too.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let share = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        let wait = self.bound.mul_f64(share);
        self.bound = (self.bound * 2).min(LONGEST);
        wait
    }

    /// Begins with short waits again.
    pub(super) fn reset(&mut self) {
        self.bound = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_bound_and_begin_again() {
        let mut backoff = Backoff::new(1);
        let longest = (0..200).map(|_| backoff.next()).max().unwrap();
        assert!(longest <= LONGEST && longest > LONGEST / 2, "{longest:?}");
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }

    #[test]
    fn replicas_of_different_seeds_do_not_wait_in_step() {
        assert_ne!(Backoff::new(1).next(), Backoff::new(2).next());
        assert_eq!(Backoff::new(7).next(), Backoff::new(7).next());
    }
}
