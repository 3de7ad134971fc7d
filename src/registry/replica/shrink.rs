//! Whether a loss of accounts can be believed.
//!
//! A file cut in half, a restore of the wrong dump or a sync job gone wrong look like any other change, so a
//! registry that holds less than half of what it held within the last hour is refused. An hour, so that a
//! registry may shrink as far as it likes when it takes its time.

use std::time::Duration;

use tokio::time::Instant;

/// How long the most accounts held are remembered, at least; at most twice as long.
const MEMORY: Duration = Duration::from_secs(3_600);

/// The most accounts held of late.
#[derive(Debug)]
pub(super) struct Shrink {
    /// Since when `current` counts.
    since: Instant,
    current: usize,
    before: usize,
}

impl Shrink {
    /// Remembers that `held` accounts are held.
    pub(super) fn new(held: usize, now: Instant) -> Shrink {
        Shrink { since: now, current: held, before: 0 }
    }

    /// True where `count` accounts are less than half of the most held of late.
    pub(super) fn refuses(&self, count: usize) -> bool {
        count < self.current.max(self.before).div_ceil(2)
    }

    /// Remembers that `count` accounts were taken.
    pub(super) fn took(&mut self, count: usize, now: Instant) {
        if now.duration_since(self.since) >= MEMORY {
            self.before = if now.duration_since(self.since) < 2 * MEMORY { self.current } else { 0 };
            (self.current, self.since) = (count, now);
        }
        self.current = self.current.max(count);
    }

    /// Forgets: `count` accounts were taken by order.
    pub(super) fn forced(&mut self, count: usize, now: Instant) {
        *self = Shrink::new(count, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_taken_and_less_is_refused_also_in_many_small_steps() {
        let now = Instant::now();
        let mut shrink = Shrink::new(10, now);
        assert!(!shrink.refuses(5) && shrink.refuses(4));
        for count in (5..10).rev() {
            shrink.took(count, now);
        }
        assert!(shrink.refuses(4));
    }

    #[test]
    fn a_registry_that_takes_its_time_may_shrink_as_far_as_it_likes() {
        let mut now = Instant::now();
        let mut shrink = Shrink::new(10, now);
        for count in [9, 7, 7, 6, 5, 4] {
            assert!(!shrink.refuses(count), "{count}");
            shrink.took(count, now);
            now += MEMORY;
        }
    }

    #[test]
    fn an_order_is_believed() {
        let now = Instant::now();
        let mut shrink = Shrink::new(10, now);
        shrink.forced(1, now);
        assert!(!shrink.refuses(1));
    }
}
