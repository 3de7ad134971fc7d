//! The copy: records at one position, and the rule by which it takes a change.

use std::collections::BTreeMap;

use super::home::{Key, LogEntry, Operation, Position, Record};

/// A registry's records at one position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalCopy {
    position: Position,
    /// In the order of their keys: what takes all of them over puts them in order too, and a table with room to grow would
    /// hold half a million empty places beside a million records.
    records: BTreeMap<Key, Record>,
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
    /// The records of a registry at `position`.
    pub fn new(position: Position, records: BTreeMap<Key, Record>) -> LocalCopy {
        LocalCopy { position, records }
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        self.position
    }

    /// What it holds.
    pub fn records(&self) -> &BTreeMap<Key, Record> {
        &self.records
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
        let change = match entry.operation {
            Operation::Put(text) => {
                let record = Record { version: entry.rev, text };
                self.records.insert(entry.key.clone(), record.clone());
                Some(record)
            }
            Operation::Delete => {
                self.records.remove(&entry.key);
                None
            }
        };
        self.position.count = self.records.len() as u64;
        changes.insert(entry.key, change);
        Ok(())
    }

    /// Takes over the generation of a position that is otherwise the copy's own.
    pub fn adopt(&mut self, position: Position) {
        debug_assert_eq!(Position { generation: self.position.generation, ..position }, self.position);
        self.position = position;
    }

    /// Puts `other` in place of this copy; `changes` learns what differs.
    pub fn replace(&mut self, other: LocalCopy, changes: &mut Changes) {
        for (key, record) in &other.records {
            if self.records.remove(key).as_ref() != Some(record) {
                changes.insert(key.clone(), Some(record.clone()));
            }
        }
        changes.extend(std::mem::take(&mut self.records).into_keys().map(|key| (key, None)));
        *self = other;
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
        LocalCopy::new(Position { generation: 1, epoch: 7, rev: 0, chain, count: 0 }, BTreeMap::new())
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
        assert_eq!((copy, changes), (at_zero(), Changes::new()));
    }

    #[test]
    fn a_change_of_the_same_history_is_applied_once() {
        let mut copy = at_zero();
        let mut changes = Changes::new();
        let first = next(&copy, "a1", put("{}"));
        copy.apply(first.clone(), &mut changes).unwrap();
        assert_eq!((copy.position().rev, copy.position().count), (1, 1));
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

    #[test]
    fn a_replacement_tells_what_came_what_went_and_what_differs() {
        let record = |version, text: &str| Record { version, text: text.into() };
        let of = |records: &[(&str, Record)]| {
            LocalCopy::new(at_zero().position, records.iter().map(|(id, r)| (key(id), r.clone())).collect())
        };
        let mut copy =
            of(&[("kept", record(1, "k")), ("gone", record(2, "g")), ("new text", record(3, "n"))]);
        let mut changes = Changes::new();
        copy.replace(
            of(&[("kept", record(1, "k")), ("new text", record(3, "m")), ("new", record(4, "x"))]),
            &mut changes,
        );
        let expected = [
            (key("gone"), None),
            (key("new text"), Some(record(3, "m"))),
            (key("new"), Some(record(4, "x"))),
        ];
        assert_eq!(changes, Changes::from_iter(expected));
    }
}
