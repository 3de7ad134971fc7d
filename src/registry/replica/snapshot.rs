//! A whole copy of a home that goes on changing while it is read.
//!
//! The position is read first, then the records page by page, and after every page the changes made meanwhile.
//! They are laid over the scanned records at the end, deletions too, so that no page brings back what is gone.
//! The result must have the position's count and chain, and no record may be newer than the changes say; else
//! the snapshot is given up, and nothing of it is seen by anybody.

use super::ahead::Reader;
use super::copy::{Broken, Changes, LocalCopy, Versions};
use super::home::{Home, HomeError, Key, Position, Record};
use super::status::Stamp;
use crate::order;

/// Changes read at a time.
pub(super) const PAGE: usize = 512;

/// Why a snapshot was given up; the next may succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GivenUp {
    /// There is no registry any more.
    #[error("the registry is gone")]
    Missing,
    /// Another whole registry took its place, or an older state of the same.
    #[error("the registry was replaced meanwhile")]
    Replaced,
    /// The log no longer holds the changes made meanwhile, or they do not follow each other.
    #[error("changes made meanwhile: {0}")]
    Broken(#[from] Broken),
    /// The log ends before the position does.
    #[error("changes made meanwhile are not in the log")]
    Trimmed,
    /// Records, versions, changes and position do not fit together.
    #[error("the records do not fit the position")]
    Inconsistent,
}

/// A whole copy.
#[derive(Debug)]
pub struct Whole {
    /// Where it stands, and what it knows of its records.
    pub copy: LocalCopy,
    /// The records, in the order of their keys.
    pub records: Vec<(Key, Record)>,
    /// When the home stood there.
    pub asked: Stamp,
}

/// Takes a copy of the home; `reader`, if any, reads its records meanwhile.
///
/// # Errors
/// The outer error where the home does not answer, the inner where the registry moves too fast or is broken.
pub async fn take<H: Home>(
    home: &mut H,
    reader: &mut Option<Reader>,
) -> Result<Result<Whole, GivenUp>, HomeError> {
    let Some(start) = home.position().await? else { return Ok(Err(GivenUp::Missing)) };
    // The changes since `start`: a copy of nothing, which checks that each continues the one before.
    let mut log = LocalCopy::new(start, Versions::default());
    let mut changes = Changes::new();
    let mut scanned: Vec<(Key, Record)> = Vec::new();

    let mut cursor = 0;
    loop {
        let page = home.scan(start.epoch, cursor).await?;
        if let Some(reader) = reader {
            reader.begin(&page.found).await;
        }
        scanned.extend(page.found);
        if let Err(why) = collect(home, &mut log, None, &mut changes).await? {
            return Ok(Err(why));
        }
        cursor = page.next;
        if cursor == 0 {
            break;
        }
    }
    let asked = Stamp::now();
    let Some(end) = home.position().await? else { return Ok(Err(GivenUp::Missing)) };
    let moved_on = (end.generation, end.epoch) == (start.generation, start.epoch);
    if !moved_on || end.rev < log.position().rev {
        return Ok(Err(GivenUp::Replaced));
    }
    if let Err(why) = collect(home, &mut log, Some(end), &mut changes).await? {
        return Ok(Err(why));
    }
    let scanned = in_order(scanned);
    Ok(lay(start, end, scanned, changes).map(|records| {
        let versions = Versions::of(records.iter().map(|(key, record)| (key, record.version)));
        Whole { copy: LocalCopy::new(end, versions), records, asked }
    }))
}

/// Reads the changes up to revision `end`, or as many as there are.
async fn collect<H: Home>(
    home: &mut H,
    log: &mut LocalCopy,
    end: Option<Position>,
    changes: &mut Changes,
) -> Result<Result<(), GivenUp>, HomeError> {
    let last = end.map_or(u64::MAX, |end| end.rev);
    while log.position().rev < last {
        let Position { epoch, rev, .. } = log.position();
        let page = home.log(epoch, rev, PAGE).await?;
        let full = page.len() >= PAGE;
        for entry in page {
            if entry.rev <= log.position().rev || entry.rev > last {
                continue; // applied already, or made after the end
            }
            if let Err(why) = log.apply(entry, changes) {
                return Ok(Err(why.into()));
            }
        }
        let stuck = log.position().rev == rev;
        match end {
            None if stuck || !full => break,
            Some(_) if stuck => return Ok(Err(GivenUp::Trimmed)),
            _ => {}
        }
    }
    let same = end.is_none_or(|end| end.chain == log.position().chain);
    Ok(if same { Ok(()) } else { Err(GivenUp::Replaced) })
}

/// Scanned records by key. Of one that stands in two pages the newer sight counts, the later of two of one version.
fn in_order(scanned: Vec<(Key, Record)>) -> Vec<(Key, Record)> {
    let mut order = order::by_text(scanned.len(), |at| &*scanned[at as usize].0.id);
    order.sort_by_key(|at| scanned[*at as usize].0.kind);
    let mut places: Vec<Option<(Key, Record)>> = scanned.into_iter().map(Some).collect();
    let mut sorted: Vec<(Key, Record)> = Vec::with_capacity(places.len());
    for (key, record) in order.into_iter().filter_map(|at| places[at as usize].take()) {
        match sorted.last_mut().filter(|(before, _)| *before == key) {
            Some((_, before)) if record.version < before.version => {}
            Some((_, before)) => *before = record,
            None => sorted.push((key, record)),
        }
    }
    sorted
}

/// The records at `end`: those scanned, which are in order, and over them what changed since `start`.
fn lay(
    start: Position,
    end: Position,
    mut records: Vec<(Key, Record)>,
    changes: Changes,
) -> Result<Vec<(Key, Record)>, GivenUp> {
    // A version that no change accounts for: the table was written by another hand.
    let explained = |(key, record): &(Key, Record)| match changes.get(key) {
        Some(Some(change)) => record.version <= change.version,
        Some(None) => true,
        None => record.version <= start.rev,
    };
    if !records.iter().all(explained) {
        return Err(GivenUp::Inconsistent);
    }
    if !changes.is_empty() {
        records.retain(|(key, _)| !changes.contains_key(key));
        records.extend(changes.into_iter().filter_map(|(key, change)| Some((key, change?))));
        // Two runs, which the sort merges.
        records.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    if records.len() as u64 == end.count { Ok(records) } else { Err(GivenUp::Inconsistent) }
}
