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

/// Entries and starts of buckets whose numbers have moved; `mask` is a number's place in an entry, `room` how many entries
/// there are about. Those of a bucket stand in the order of their numbers, those of one number as they came.
pub(in crate::matching) fn renumbered(
    entries: &[u32],
    starts: &[u32],
    mask: u32,
    moved: &Moved,
    mut fresh: Vec<Keyed>,
    room: usize,
) -> (Vec<u32>, Vec<u32>) {
    fresh.sort_by_key(|new| new.bucket);
    let mut fresh = fresh.into_iter().peekable();
    let mut now = Vec::with_capacity(room);
    let mut now_starts = Vec::with_capacity(starts.len() + 1);
    now_starts.push(0);
    for (bucket, span) in (0..).zip(starts.windows(2)) {
        let from = now.len();
        let kept = entries[span[0] as usize..span[1] as usize].iter();
        now.extend(kept.filter_map(|entry| Some(entry & !mask | moved.get(entry & mask)?)));
        while let Some(new) = fresh.next_if(|new| new.bucket == bucket) {
            now.push(new.entry);
        }
        // Nearly always: numbers that are kept seldom pass each other.
        let bucket = &mut now[from..];
        if !bucket.is_sorted_by_key(|entry| entry & mask) {
            bucket.sort_by_key(|entry| entry & mask);
        }
        now_starts.push(now.len() as u32);
    }
    (now, now_starts)
}
