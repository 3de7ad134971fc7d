//! Memory asked for ahead of its use.
//!
//! An index of a million accounts does not fit the caches, so that a lead mostly waits for memory. Where many places are
//! known that will be looked at one after the other, all are looked at once in a loop that does nothing else: a processor
//! then fetches several together, where it would else stop at each place for a decision that hangs on it.

use std::hint::black_box;

/// Looks at values that nothing is decided by yet, so that the memory they stand in is near when it is needed.
pub(super) fn fetch(values: impl Iterator<Item = u32>) {
    black_box(values.fold(0, |all, value| all ^ value));
}

/// The same for whole lists, one look at each line of 64 bytes.
pub(super) fn fetch_lists<'l, T: Copy + 'l>(lists: impl Iterator<Item = &'l [T]>, value: impl Fn(T) -> u32) {
    let mut all = 0;
    for list in lists {
        for line in list.chunks(64 / size_of::<T>()) {
            all ^= value(line[0]);
        }
    }
    black_box(all);
}

/// Things that are brought near together: more than a processor waits for at once, and few enough to stay near.
pub(super) const TOGETHER: usize = 64;
