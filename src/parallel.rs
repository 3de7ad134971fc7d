//! Work on many items with all cores, results in the order of the items.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Items a thread takes at a time: few enough that a run of dear ones does not leave the others idle, many
/// enough that the counter costs nothing.
const CHUNK: usize = 64;

/// How many threads to use: one for each core the process may run on.
pub fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// `work` applied to each item, on up to `threads` threads; results in the order of the items.
///
/// # Panics
/// Where `work` does.
pub fn map_in_order<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    each_in_order(items, threads, work).collect()
}

/// The same for whoever takes the results one by one: they are gathered once, not twice.
///
/// # Panics
/// Where `work` does.
pub fn each_in_order<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> impl Iterator<Item = R> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done: Vec<(usize, Vec<R>)> = Vec::new();
        loop {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            let Some(rest) = items.get(start..).filter(|rest| !rest.is_empty()) else { return done };
            done.push((start, rest.iter().take(CHUNK).map(&work).collect()));
        }
    };
    let others = if items.len() <= CHUNK { 0 } else { threads.saturating_sub(1) };
    let mut parts: Vec<(usize, Vec<R>)> = thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(run)).collect();
        let mut parts = run();
        for other in others {
            parts.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        parts
    });
    parts.sort_unstable_by_key(|&(start, _)| start);
    parts.into_iter().flat_map(|(_, results)| results)
}

/// Two pieces of work side by side, where there are cores for both.
///
/// # Panics
/// Where either does.
pub fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    if threads() <= 1 {
        return (one(), other());
    }
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        (one, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_results_come_back_each_in_its_place() {
        assert_eq!(both(|| 1, || "other"), (1, "other"));
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..10_000).collect();
        let doubled = map_in_order(&items, 4, |item| item * 2);
        assert!(doubled.iter().enumerate().all(|(at, &result)| result == at * 2));
        assert_eq!(doubled.len(), items.len());
    }
}
