//! Equal names, the cheapest stage: a fraction of a microsecond says which names equal the lead's, whatever the
//! order and the gluing of their words.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::buckets::{Buckets, half};
use super::carried::Carried;
use super::names::NameId;
use super::prepared::Reading;
use crate::normalize::TokenKind;

/// Room for the letters of nearly all names.
const LETTERS: usize = 64;

/// Names by their words in any order, and by their letters in one run. Different ones may share a hash: whoever asks compares
/// again.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct ExactNames {
    by_bag: Buckets,
    by_glue: Buckets,
}

/// The hashes of each name, on the way to the tables.
#[derive(Debug, Default)]
pub(super) struct ExactHashes {
    bags: Vec<u32>,
    glues: Vec<u32>,
}

impl ExactHashes {
    /// Room for so many names.
    pub(super) fn with_capacity(count: usize) -> ExactHashes {
        ExactHashes { bags: Vec::with_capacity(count), glues: Vec::with_capacity(count) }
    }

    /// Adds the next name; `glued` is room that one leaves to the next.
    pub(super) fn add(&mut self, name: &Reading<'_>, glued: &mut String) {
        let (bag, glue) = hashes(name.words(), glued);
        self.bags.push(half(bag));
        self.glues.push(half(glue));
    }
}

impl ExactNames {
    /// The tables of all names that were added.
    pub(super) fn build(ExactHashes { bags, glues }: ExactHashes) -> ExactNames {
        let table =
            |hashes: Vec<u32>| Buckets::build(hashes.len(), hashes.len(), || hashes.iter().copied().zip(0..));
        ExactNames { by_bag: table(bags), by_glue: table(glues) }
    }

    /// What [`ExactNames::build`] gives of names, of which some stood in an index before and these, each by its number, are
    /// fresh. `None` where there are so many more or fewer that all have to be added.
    pub(super) fn carried(
        before: &ExactNames,
        carried: &Carried,
        ExactHashes { bags, glues }: ExactHashes,
    ) -> Option<ExactNames> {
        let count = carried.name_count;
        let table = |before: &Buckets, hashes: Vec<u32>| {
            let fresh = carried.fresh().flat_map(|fresh| fresh.names.clone());
            let fresh = hashes.into_iter().zip(fresh).collect();
            Buckets::carried(before, count, count, &carried.moved, fresh)
        };
        let (by_bag, by_glue) = (table(&before.by_bag, bags)?, table(&before.by_glue, glues)?);
        Some(ExactNames { by_bag, by_glue })
    }

    /// Names with the same words in any order, then names with the same letters however glued, function words
    /// aside; a name may come twice.
    pub(super) fn find<'t>(
        &self,
        words: impl Iterator<Item = (&'t str, TokenKind)> + Clone,
    ) -> impl Iterator<Item = NameId> {
        let (bag, glue) = hashes(words, &mut String::with_capacity(LETTERS));
        self.by_bag.find(half(bag)).chain(self.by_glue.find(half(glue))).map(NameId)
    }

    /// Names with these letters, however they are divided into words; others may be among them.
    pub(super) fn find_glued(&self, letters: &str) -> impl Iterator<Item = NameId> {
        self.by_glue.find(half(glue_hash(letters))).map(NameId)
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
