//! Memory that is free and not given back to the system.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Larger than any block that an allocator keeps for the next who asks for as much.
const BLOCK: usize = 64 << 20;
/// How often: an allocator that owns several arenas looks at some of them each time.
const TIMES: usize = 8;
/// After what time without a build memory is given back: mimalloc holds freed pages for a second.
const REST: Duration = Duration::from_millis(1_500);
/// How often, with as much time in between: what one round frees inside the allocator only the next gives back.
const ROUNDS: u32 = 3;

/// What builds leave behind, for whoever looks at the clock now and then.
#[derive(Debug)]
pub struct Leftovers {
    /// When the last build ended.
    since: Instant,
    rounds: u32,
}

impl Leftovers {
    /// Those of a build that ended just now.
    pub fn just_now() -> Leftovers {
        Leftovers { since: Instant::now(), rounds: 0 }
    }

    /// Whether it is time to [`give_back`]; counts that it is done.
    pub fn are_due(&mut self) -> bool {
        let due = self.rounds < ROUNDS && self.since.elapsed() >= REST * (self.rounds + 1);
        self.rounds += u32::from(due);
        due
    }
}

/// Has the allocator give back what was freed a while ago, and takes some milliseconds.
///
/// mimalloc gives pages back a second after they were freed, but looks for such only when further ones are freed. A process
/// that has read its registry and then waits for leads frees none, and would hold what the reading took for as long as it waits:
/// a fifth of what it needs. So a block is asked for, never touched, and freed. Other allocators take that for nothing.
pub fn give_back() {
    for _ in 0..TIMES {
        drop(black_box(Vec::<u8>::with_capacity(BLOCK)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_given_back_a_few_times_after_a_build_and_then_no_more() {
        let ended = |ago: Duration| Leftovers { since: Instant::now() - ago, rounds: 0 };
        assert!(!ended(Duration::ZERO).are_due());
        let mut leftovers = ended(REST);
        assert_eq!([leftovers.are_due(), leftovers.are_due()], [true, false]);
        let mut leftovers = ended(REST * 10);
        assert_eq!((0..10).filter(|_| leftovers.are_due()).count(), ROUNDS as usize);
    }
}
