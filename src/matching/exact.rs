//! Equal names, the cheapest stage: a fraction of a microsecond says which names equal the lead's, whatever the
//! order and the gluing of their words.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::names::NameId;
use super::prepared::Reading;
use crate::normalize::TokenKind;

const NO_MORE: u32 = u32::MAX;

/// From a hash to every id stored under it. Different keys may share a hash: whoever asks compares again.
#[derive(Debug, Default)]
struct Chains {
    /// The last id of each hash.
    heads: HashTable<u32>,
    /// Half of the hash of each id.
    hashes: Vec<u32>,
    /// The id before it of the same hash.
    next: Vec<u32>,
}

impl Chains {
    fn with_capacity(count: usize) -> Chains {
        Chains {
            heads: HashTable::with_capacity(count),
            hashes: Vec::with_capacity(count),
            next: Vec::with_capacity(count),
        }
    }

    /// Stores the next id, counted from 0.
    fn push(&mut self, hash: u64) {
        let id = self.next.len() as u32;
        let Chains { heads, hashes, next } = self;
        let (hash, whole) = halved(hash);
        let entry = heads.entry(whole, |at| hashes[*at as usize] == hash, |at| spread(hashes[*at as usize]));
        next.push(match entry {
            Entry::Occupied(mut last) => std::mem::replace(last.get_mut(), id),
            Entry::Vacant(free) => {
                free.insert(id);
                NO_MORE
            }
        });
        hashes.push(hash);
    }

    fn find(&self, hash: u64) -> impl Iterator<Item = u32> {
        let (hash, whole) = halved(hash);
        let head = self.heads.find(whole, |at| self.hashes[*at as usize] == hash);
        let mut at = head.copied().unwrap_or(NO_MORE);
        std::iter::from_fn(move || {
            let id = at;
            (id != NO_MORE).then(|| {
                at = self.next[id as usize];
                id
            })
        })
    }
}

/// Half of a hash, and that half spread over a whole one again, which is what tables ask for.
fn halved(hash: u64) -> (u32, u64) {
    let half = (hash >> 32) as u32;
    (half, spread(half))
}

/// Its bits at both ends: a table takes its place from the lower and a mark from the upper ones.
fn spread(half: u32) -> u64 {
    u64::from(half) << 32 | u64::from(half)
}

/// Names by their words in any order, and by their letters in one run.
#[derive(Debug, Default)]
pub(super) struct ExactNames {
    by_bag: Chains,
    by_glue: Chains,
}

impl ExactNames {
    /// Room for so many names.
    pub(super) fn with_capacity(count: usize) -> ExactNames {
        ExactNames { by_bag: Chains::with_capacity(count), by_glue: Chains::with_capacity(count) }
    }

    /// Adds the next name; `glued` is room that one leaves to the next.
    pub(super) fn add(&mut self, name: &Reading<'_>, glued: &mut String) {
        let (bag, glue) = hashes(name.words(), glued);
        self.by_bag.push(bag);
        self.by_glue.push(glue);
    }

    /// Names with the same words in any order, then names with the same letters however glued, function words
    /// aside; a name may come twice.
    pub(super) fn find<'t>(
        &self,
        words: impl Iterator<Item = (&'t str, TokenKind)> + Clone,
    ) -> impl Iterator<Item = NameId> {
        let (bag, glue) = hashes(words, &mut String::new());
        self.by_bag.find(bag).chain(self.by_glue.find(glue)).map(NameId)
    }

    /// Names with these letters, however they are divided into words; others may be among them.
    pub(super) fn find_glued(&self, letters: &str) -> impl Iterator<Item = NameId> {
        self.by_glue.find(glue_hash(letters)).map(NameId)
    }
}

/// Hashes of the words that names are equal by, in any order and in one run: of all but function words, or of all where
/// there are no others.
fn hashes<'t>(words: impl Iterator<Item = (&'t str, TokenKind)> + Clone, glued: &mut String) -> (u64, u64) {
    let none = words.clone().all(|(_, kind)| kind == TokenKind::Function);
    let telling = words.filter(|(_, kind)| none || *kind != TokenKind::Function);
    glued.clear();
    // A sum does not depend on the order.
    let bag = telling.fold(0u64, |bag, (word, _)| {
        glued.push_str(word);
        bag.wrapping_add(FixedState::with_seed(1).hash_one(word))
    });
    (bag, glue_hash(glued))
}

/// Hash of letters in one run.
fn glue_hash(letters: &str) -> u64 {
    FixedState::with_seed(2).hash_one(letters)
}
