//! Records of one kind in the order of their ids, which are those of their meanings: an id stands in memory once.
//!
//! They stand in chunks that copies share. A tree of the same takes half as much again, and to copy it while the snapshot file
//! is written is to copy all of it.

use std::sync::Arc;

use compact_str::CompactString;

use super::held::{Held, Spelled};

/// Records of a chunk: few enough that to copy one is soon done.
const CHUNK: usize = 64;
/// Room for records that come between others, made by so many at a time.
const ROOM: usize = 8;

/// Records by id.
#[derive(Clone, Debug)]
pub struct Records<T> {
    /// Never empty ones.
    chunks: Vec<Arc<Vec<Held<T>>>>,
    /// The first id of each chunk, or one before it and behind the last of the chunk before.
    firsts: Vec<CompactString>,
    len: usize,
}

impl<T> Default for Records<T> {
    fn default() -> Records<T> {
        Records { chunks: Vec::new(), firsts: Vec::new(), len: 0 }
    }
}

impl<T: Spelled + Clone> Records<T> {
    /// Records that are in order, each id once.
    pub(super) fn in_order(records: impl IntoIterator<Item = Held<T>>) -> Records<T> {
        let mut all = Records::default();
        let mut records = records.into_iter();
        loop {
            let mut chunk = Vec::with_capacity(CHUNK);
            chunk.extend(records.by_ref().take(CHUNK));
            if chunk.is_empty() {
                return all;
            }
            all.len += chunk.len();
            chunk.shrink_to_fit();
            all.insert_chunk(all.chunks.len(), chunk);
        }
    }

    fn insert_chunk(&mut self, at: usize, chunk: Vec<Held<T>>) {
        self.firsts.insert(at, chunk[0].id().into());
        self.chunks.insert(at, Arc::new(chunk));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Held<T>> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// The chunk in which an id stands or would stand, and its place there or the one that it would have.
    fn place(&self, id: &str) -> (usize, Result<usize, usize>) {
        let chunk = self.firsts.partition_point(|first| **first <= *id).saturating_sub(1);
        let within = self.chunks.get(chunk).map(|chunk| chunk.binary_search_by(|held| held.id().cmp(id)));
        (chunk, within.unwrap_or(Err(0)))
    }

    /// The record of an id.
    pub fn get(&self, id: &str) -> Option<&Held<T>> {
        let (chunk, at) = self.place(id);
        at.ok().map(|at| &self.chunks[chunk][at])
    }

    /// The same, to be changed; copies that share it keep what it was.
    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Held<T>> {
        let (chunk, at) = self.place(id);
        at.ok().map(|at| &mut Arc::make_mut(&mut self.chunks[chunk])[at])
    }

    /// Puts a record in, which no other is in the place of.
    pub(super) fn insert(&mut self, record: Held<T>) {
        let (number, at) = self.place(record.id());
        let at = at.unwrap_or_else(|at| at);
        self.len += 1;
        let Some(chunk) = self.chunks.get_mut(number) else { return self.insert_chunk(0, vec![record]) };
        let chunk = Arc::make_mut(chunk);
        if chunk.len() == chunk.capacity() {
            chunk.reserve_exact(ROOM);
        }
        chunk.insert(at, record);
        if chunk.len() >= 2 * CHUNK {
            let behind = chunk.split_off(CHUNK);
            chunk.shrink_to_fit();
            self.insert_chunk(number + 1, behind);
        }
    }

    /// Takes the record of an id out.
    pub(super) fn remove(&mut self, id: &str) -> Option<Held<T>> {
        let (number, at) = self.place(id);
        let at = at.ok()?;
        let chunk = Arc::make_mut(&mut self.chunks[number]);
        let removed = chunk.remove(at);
        if chunk.is_empty() {
            self.chunks.remove(number);
            self.firsts.remove(number);
        }
        self.len -= 1;
        Some(removed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::account::{Rep, RepId};
    use crate::registry::replica::held::Good;

    fn held(id: &str, version: u64) -> Held<Rep> {
        let rep = Rep::new(RepId::new(id).unwrap());
        Held::of(version, Good::of("{}", rep))
    }

    proptest! {
        #[test]
        fn records_are_what_a_tree_of_them_would_be(
            first in proptest::collection::btree_set(0u16..500, 0..300),
            changes in proptest::collection::vec((0u16..500, any::<bool>()), 0..400),
        ) {
            let id = |number: u16| format!("r{number:03}");
            let mut tree: BTreeMap<String, u64> = first.iter().map(|number| (id(*number), 0)).collect();
            let mut records = Records::in_order(tree.keys().map(|id| held(id, 0)));
            let before = records.clone();
            for (version, (number, stays)) in (1..).zip(changes) {
                let id = id(number);
                let known = tree.get(&id).copied();
                prop_assert_eq!(records.get(&id).map(Held::version), known);
                match (stays, records.get_mut(&id)) {
                    (true, Some(held)) => held.set_version(version),
                    (true, None) => records.insert(held(&id, version)),
                    (false, _) => prop_assert_eq!(records.remove(&id).map(|held| held.version()), known),
                }
                let _ = if stays { tree.insert(id, version) } else { tree.remove(&id) };
            }
            let all: Vec<_> = records.iter().map(|held| (held.id().to_owned(), held.version())).collect();
            prop_assert_eq!(records.len(), all.len());
            prop_assert_eq!(all, tree.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(before.iter().map(Held::version).max().unwrap_or(0), 0);
        }
    }
}
