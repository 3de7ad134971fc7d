//! The copy: the versions of records at one position, and the rule by which it takes a change.
//!
//! What the records say is kept once, by whoever publishes ([`checked`](super::checked)). Here it is enough to know which
//! there are and of which revision.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use super::home::{Key, LogEntry, Operation, Position, Record};

/// Which records a registry has at one position, and of which revisions.
#[derive(Clone, Debug)]
pub struct LocalCopy {
    position: Position,
    versions: Versions,
}

/// The revision of each record's last change, by a hash of its key.
///
/// Two keys of ten million have one hash once in 370,000 copies (2^-64 for each pair). The count is one too low then, so that
/// the copy is never proven and a whole one, which hashes otherwise, takes its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    /// The lower half of each revision: whether two are the same is all that is asked. A tree, since a table with room to
    /// grow would hold half a million empty places beside a million records.
    by_hash: BTreeMap<u64, u32>,
    hasher: RandomState,
}

impl Versions {
    /// Those of records with distinct keys.
    pub(super) fn of(records: impl Iterator<Item = (impl Borrow<Key>, u64)>) -> Versions {
        let hasher = RandomState::new();
        let by_hash =
            records.map(|(key, version)| (hasher.hash_one(key.borrow()), lower_half(version))).collect();
        Versions { by_hash, hasher }
    }

    /// What a key is known by here.
    pub(super) fn hash(&self, key: &Key) -> u64 {
        self.hasher.hash_one(key)
    }

    /// Whether the record of this hash is there, and of this revision.
    pub(super) fn has(&self, hash: u64, version: u64) -> bool {
        self.by_hash.get(&hash) == Some(&lower_half(version))
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.by_hash.len()
    }
}

fn lower_half(version: u64) -> u32 {
    version as u32
}

/// Records that differ from what they were: the new one, or `None` where it is gone.
pub type Changes = BTreeMap<Key, Option<Record>>;

/// Why a change does not continue the copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It is of another epoch.
    #[error("a change of another epoch")]
    Epoch,
    /// Changes between it and the copy are missing, or it was applied before.
    #[error("revision {found} came where {expected} was due")]
    Gap {
        /// The copy's revision plus one.
        expected: u64,
        /// The change's.
        found: u64,
    },
    /// It continues another history.
    #[error("a change of another history")]
    Fork,
    /// Its own hash does not fit its content.
    #[error("a change whose content does not fit its hash")]
    Corrupt,
}

impl LocalCopy {
    /// A copy of a registry at `position`.
    pub(super) fn new(position: Position, versions: Versions) -> LocalCopy {
        LocalCopy { position, versions }
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        self.position
    }

    /// What it holds.
    pub(super) fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Takes the next change of the copy's own history; `changes` learns of it.
    ///
    /// # Errors
    /// [`Broken`], and the copy is as it was.
    pub fn apply(&mut self, entry: LogEntry, changes: &mut Changes) -> Result<(), Broken> {
        let expected = self.position.rev + 1;
        if entry.epoch != self.position.epoch {
            return Err(Broken::Epoch);
        }
        if entry.rev != expected {
            return Err(Broken::Gap { expected, found: entry.rev });
        }
        if entry.previous != self.position.chain {
            return Err(Broken::Fork);
        }
        if entry.chain != entry.chain_after(self.position.chain) {
            return Err(Broken::Corrupt);
        }
        self.position.rev = entry.rev;
        self.position.chain = entry.chain;
        let hash = self.versions.hash(&entry.key);
        let change = match entry.operation {
            Operation::Put(text) => {
                self.versions.by_hash.insert(hash, lower_half(entry.rev));
                Some(Record { version: entry.rev, text })
            }
            Operation::Delete => {
                self.versions.by_hash.remove(&hash);
                None
            }
        };
        self.position.count = self.versions.len() as u64;
        changes.insert(entry.key, change);
        Ok(())
    }

    /// Takes over the generation of a position that is otherwise the copy's own.
    pub fn adopt(&mut self, position: Position) {
        debug_assert_eq!(Position { generation: self.position.generation, ..position }, self.position);
        self.position = position;
    }
}

#[cfg(test)]
mod tests {
    use super::super::home::Kind;
    use super::*;

    fn key(id: &str) -> Key {
        Key { kind: Kind::Account, id: id.into() }
    }

    fn at_zero() -> LocalCopy {
        let chain = "da39a3ee5e6b4b0d3255bfef95601890afd80709".parse().unwrap();
        LocalCopy::new(Position { generation: 1, epoch: 7, rev: 0, chain, count: 0 }, Versions::default())
    }

    fn next(copy: &LocalCopy, id: &str, operation: Operation) -> LogEntry {
        let Position { epoch, rev, chain, .. } = copy.position;
        let mut entry = LogEntry { epoch, rev: rev + 1, key: key(id), operation, previous: chain, chain };
        entry.chain = entry.chain_after(chain);
        entry
    }

    fn put(text: &str) -> Operation {
        Operation::Put(text.into())
    }

    #[track_caller]
    fn check_refused(entry: LogEntry, why: Broken) {
        let mut copy = at_zero();
        let mut changes = Changes::new();
        assert_eq!(copy.apply(entry, &mut changes), Err(why));
        assert_eq!(
            (copy.position(), copy.versions().len(), changes),
            (at_zero().position(), 0, Changes::new())
        );
    }

    #[test]
    fn a_change_of_the_same_history_is_applied_once() {
        let mut copy = at_zero();
        let mut changes = Changes::new();
        let first = next(&copy, "a1", put("{}"));
        copy.apply(first.clone(), &mut changes).unwrap();
        assert_eq!((copy.position().rev, copy.position().count), (1, 1));
        let hash = copy.versions().hash(&key("a1"));
        assert!(copy.versions().has(hash, 1) && !copy.versions().has(hash, 2));
        let again = Broken::Gap { expected: 2, found: 1 };
        assert_eq!(copy.apply(first, &mut changes), Err(again));
        copy.apply(next(&copy, "a1", Operation::Delete), &mut changes).unwrap();
        assert_eq!((copy.position().rev, copy.position().count), (2, 0));
        assert_eq!(changes.get(&key("a1")), Some(&None));
    }

    #[test]
    fn a_change_that_does_not_continue_the_copy_is_refused() {
        let good = next(&at_zero(), "a1", put("{}"));
        let mut elsewhere = at_zero();
        elsewhere.apply(next(&elsewhere, "a2", put("{}")), &mut Changes::new()).unwrap();

        check_refused(LogEntry { epoch: 8, ..good.clone() }, Broken::Epoch);
        check_refused(next(&elsewhere, "a1", put("{}")), Broken::Gap { expected: 1, found: 2 });
        let previous = elsewhere.position().chain;
        check_refused(LogEntry { previous, ..good.clone() }, Broken::Fork);
        check_refused(LogEntry { operation: put("{ }"), ..good }, Broken::Corrupt);
    }
}
