//! From a hash to the few numbers stored under it: a table that is filled once, in four bytes and a half for each number.
//!
//! Numbers stand side by side by the first bits of their hashes, some six together, each with as many other bits of its hash in
//! front as four bytes have room for. A table with empty places for numbers to come takes twice as much.

mod carried;

pub(super) use self::carried::{Keyed, renumbered};

/// Numbers that share their hashes' first bits are about one to two times as many.
const TOGETHER: usize = 4;

/// Numbers by hash.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Buckets {
    /// Numbers, each behind the last bits of its hash; those of one bucket in the order in which they were given.
    entries: Vec<u32>,
    /// For each value of a hash's first bits where its numbers begin, and behind them the end.
    starts: Vec<u32>,
    /// How many bits of a hash do not tell where to look.
    rest_bits: u32,
    /// How many bits a number takes.
    number_bits: u32,
}

impl Buckets {
    /// The table of `count` pairs of a hash and a number under `numbers`, which are produced twice in the same order: to
    /// count and to fill.
    pub(super) fn build<P: Iterator<Item = (u32, u32)>>(
        count: usize,
        numbers: usize,
        pairs: impl Fn() -> P,
    ) -> Buckets {
        let (rest_bits, number_bits) = bits(count, numbers);
        let bits = u32::BITS - rest_bits;
        // Counted one place further on, so that filling moves each start to where it belongs.
        let mut starts = vec![0u32; (1 << bits) + 2];
        pairs().for_each(|(hash, _)| starts[(hash >> rest_bits) as usize + 2] += 1);
        for at in 2..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut entries = vec![0; count];
        for (hash, number) in pairs() {
            let at = &mut starts[(hash >> rest_bits) as usize + 1];
            entries[*at as usize] = told(hash, number_bits) | number;
            *at += 1;
        }
        Buckets { entries, starts, rest_bits, number_bits }
    }

    /// The numbers of a hash, the last one first. One in some hundred times another is among them: whoever asks compares.
    #[inline]
    pub(super) fn find(&self, hash: u32) -> impl Iterator<Item = u32> + use<'_> {
        let mask = mask(self.number_bits);
        let told = told(hash, self.number_bits);
        let same = self.bucket(hash).iter().rev().filter(move |entry| *entry & !mask == told);
        same.map(move |entry| entry & mask)
    }

    fn bucket(&self, hash: u32) -> &[u32] {
        let Some(at) = hash.checked_shr(self.rest_bits) else { return &[] };
        match self.starts.get(at as usize..at as usize + 2) {
            Some(&[from, to]) => &self.entries[from as usize..to as usize],
            _ => &[],
        }
    }
}

/// How many bits of a hash do not tell the bucket, and how many bits a number takes.
fn bits(count: usize, numbers: usize) -> (u32, u32) {
    (u32::BITS - (count / TOGETHER).max(2).ilog2(), (numbers.max(2) - 1).ilog2() + 1)
}

/// The bits that a number takes.
fn mask(number_bits: u32) -> u32 {
    1u32.checked_shl(number_bits).unwrap_or(0).wrapping_sub(1)
}

/// The last bits of a hash, in front of the place for a number: the first ones tell the bucket.
fn told(hash: u32, number_bits: u32) -> u32 {
    hash.checked_shl(number_bits).unwrap_or(0)
}

/// The half of a hash that tables are asked by.
pub(super) fn half(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;

    use foldhash::fast::FixedState;

    use super::*;

    fn hash(number: u32) -> u32 {
        half(FixedState::with_seed(7).hash_one(number))
    }

    #[track_caller]
    fn check(count: u32) {
        let table = Buckets::build(count as usize, count as usize, || {
            (0..count).map(|number| (hash(number), number))
        });
        let found = |number: u32| table.find(hash(number));
        assert!((0..count).all(|number| found(number).any(|found| found == number)));
        let others: usize = (0..count).map(|number| found(number).count() - 1).sum();
        let absent: usize = (count..2 * count).map(|number| found(number).count()).sum();
        assert!(others + absent <= count as usize / 50, "{others} and {absent} of {count}");
    }

    #[test]
    fn every_number_is_found_and_hardly_another() {
        [0, 1, 2, 7, 8, 9, 100, 5_000, 300_000].into_iter().for_each(check);
        assert_eq!(Buckets::default().find(hash(1)).count(), 0);
    }

    #[test]
    fn numbers_of_one_hash_come_the_last_one_first() {
        let table = Buckets::build(3, 3, || (0..3).map(|number| (hash(number % 2), number)));
        assert_eq!(table.find(hash(0)).collect::<Vec<_>>(), [2, 0]);
    }
}
