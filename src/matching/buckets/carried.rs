//! The table of an index as that of the next: the same hashes, other numbers.

use super::{Buckets, bits, mask, told};
use crate::matching::carried::Moved;

impl Buckets {
    /// What [`Buckets::build`] gives of pairs in the order of their numbers, where numbers of before have moved and these pairs
    /// have come; numbers stood in order before. `None` where there are so many more or fewer that hashes are cut in another
    /// place.
    pub(in crate::matching) fn carried(
        before: &Buckets,
        count: usize,
        numbers: usize,
        moved: &Moved,
        fresh: Vec<(u32, u32)>,
    ) -> Option<Buckets> {
        let (rest_bits, number_bits) = bits(count, numbers);
        if (before.rest_bits, before.number_bits) != (rest_bits, number_bits) {
            return None;
        }
        let fresh = fresh.into_iter().map(|(hash, number)| Keyed {
            bucket: hash >> rest_bits,
            entry: told(hash, number_bits) | number,
        });
        let buckets = before.starts.len() - 2;
        let starts = &before.starts[..=buckets];
        let (entries, mut starts) =
            renumbered(&before.entries, starts, mask(number_bits), moved, fresh.collect(), count);
        // As a table that is filled has it.
        starts.push(count as u32);
        Some(Buckets { entries, starts, rest_bits, number_bits })
    }
}

/// An entry that comes new into a bucket.
#[derive(Clone, Copy, Debug)]
pub(in crate::matching) struct Keyed {
    pub(in crate::matching) bucket: u32,
    /// A number and in front of it bits of its hash.
    pub(in crate::matching) entry: u32,
}

/// Entries and starts of buckets whose numbers have moved; `mask` is a number's place in an entry, `count` how many entries
/// there are now. Those of a bucket stand in the order of their numbers, those of one number as they came.
pub(in crate::matching) fn renumbered(
    entries: &[u32],
    starts: &[u32],
    mask: u32,
    moved: &Moved,
    mut fresh: Vec<Keyed>,
    count: usize,
) -> (Vec<u32>, Vec<u32>) {
    fresh.sort_by_key(|new| new.bucket);
    let mut fresh = fresh.into_iter().peekable();
    let mut now = vec![0; count];
    let mut now_starts = Vec::with_capacity(starts.len() + 1);
    now_starts.push(0);
    let mut at = 0;
    for (bucket, span) in (0..).zip(starts.windows(2)) {
        let from = at;
        let (mut last, mut in_order) = (0, true);
        let mut put = |number: u32, entry: u32| {
            now[at] = entry;
            at += 1;
            in_order &= last <= number;
            last = number;
        };
        for entry in &entries[span[0] as usize..span[1] as usize] {
            if let Some(number) = moved.get(entry & mask) {
                put(number, entry & !mask | number);
            }
        }
        while let Some(new) = fresh.next_if(|new| new.bucket == bucket) {
            put(new.entry & mask, new.entry);
        }
        // Seldom: numbers that are kept hardly ever pass each other.
        if !in_order {
            now[from..at].sort_by_key(|entry| entry & mask);
        }
        now_starts.push(at as u32);
    }
    debug_assert_eq!(at, count, "as many as were counted");
    (now, now_starts)
}
