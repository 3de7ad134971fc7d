//! The records of a snapshot file and what they mean: read on all cores, since a start waits for nothing else.

use super::held::{Good, Held, Spelled};
use super::home::Kind;
use crate::parallel;
use crate::registry::problem::Problem;

/// A record as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) kind: Kind,
    pub(super) version: u64,
    pub(super) id: &'a str,
    pub(super) text: &'a str,
    /// The last text that made sense, where that is another; else empty.
    pub(super) good: &'a str,
    /// What was read out of that last text, where nothing of it was ignored; else empty.
    pub(super) read: &'a str,
}

/// How a kind of record is made of what stands in the file.
#[derive(Debug)]
pub(super) struct Meaning<T> {
    /// Of an id and a text.
    pub(super) of_text: fn(&str, &str, &mut Vec<Problem>) -> Option<T>,
    /// Of an id and what was read out of a text before.
    pub(super) of_read: fn(&str, &str) -> Option<T>,
}

/// A record that was read.
#[derive(Debug)]
pub(super) struct Restored<T> {
    pub(super) held: Held<T>,
    /// Values that were ignored.
    pub(super) ignored: u32,
}

/// What the rows mean, in their order.
pub(super) fn read<T: Send + Spelled>(
    rows: &[Row<'_>],
    meaning: Meaning<T>,
) -> impl Iterator<Item = Restored<T>> {
    parallel::each_in_order(rows, parallel::threads(), move |row| {
        let mut problems = Vec::new();
        let last_good = if row.good.is_empty() { row.text } else { row.good };
        let mut good = None;
        if !row.read.is_empty() {
            good = (meaning.of_read)(row.id, row.read).map(|meaning| (last_good, meaning));
        }
        if good.is_none() {
            good = (meaning.of_text)(row.id, row.text, &mut problems).map(|meaning| (row.text, meaning));
        }
        if good.is_none() && !row.good.is_empty() {
            problems.clear();
            good = (meaning.of_text)(row.id, row.good, &mut problems).map(|meaning| (row.good, meaning));
        }
        let ignored = if good.is_some() { u32::try_from(problems.len()).unwrap_or(u32::MAX) } else { 0 };
        let held = match good {
            Some((text, meaning)) => {
                let mut held = Held::of(row.version, Good::of(text, meaning));
                if text != row.text {
                    held.spoil(row.version, row.text);
                }
                held
            }
            None => Held::senseless(row.id, row.version, row.text),
        };
        Restored { held, ignored }
    })
}
