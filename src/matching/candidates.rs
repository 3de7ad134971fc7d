//! Which names deserve the careful comparison: the union of several cheap generators, each bounded.
//!
//! No single generator is enough: words cannot see glued names, trigrams drown in common words. Order and
//! bounds are fixed, so the same lead gives the same candidates on every replica.

mod by_slip;
mod by_trigrams;
mod by_words;

use std::cell::RefCell;

use super::exact::ExactNames;
use super::name_score::LeadSide;
use super::names::{LeadName, NameId, Names};
use super::postings::WordPostings;
use super::trigrams::{BLOCK, TrigramPostings, TrigramQuery};
use super::vocabulary::Vocabulary;
use super::work::Work;

/// The most names that one reading of a lead passes on from each generator.
const PER_GENERATOR_MAX: usize = 10;

/// The parts of an index that candidates are drawn from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sources<'a> {
    /// Words.
    pub(super) vocabulary: &'a Vocabulary,
    /// Names as words.
    pub(super) names: &'a Names,
    /// Equal names.
    pub(super) exact: &'a ExactNames,
    /// Shared words.
    pub(super) words: &'a WordPostings,
    /// Shared trigrams.
    pub(super) trigrams: &'a TrigramPostings,
}

/// Names equal to one reading of a lead's name, in whatever order or gluing; ascending, each once.
pub(super) fn equal(lead: &LeadName, sources: Sources<'_>) -> Vec<NameId> {
    let words = lead.tokens.iter().map(|(text, kind)| (text.as_str(), *kind));
    let mut found: Vec<NameId> = sources.exact.find(words).take(EQUAL_MAX).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The most equal names of one reading of a lead: a chain's shops may all have one, told apart by where they are.
const EQUAL_MAX: usize = 256;

/// Names that are equal to one reading of a lead's name but for a slip in one word that nobody writes otherwise;
/// ascending, each once.
pub(super) fn by_slip(lead: &LeadSide<'_>, sources: Sources<'_>, work: &mut Work) -> Vec<NameId> {
    let mut found = by_slip::gather(lead, sources, work);
    found.sort_unstable();
    found.dedup();
    found
}

/// Names that are equal to one reading of a lead's name or share words with it; ascending, each once.
pub(super) fn by_words(lead: &LeadSide<'_>, sources: Sources<'_>, work: &mut Work) -> Vec<NameId> {
    let mut found = equal(lead.name, sources);
    SUMS.with_borrow_mut(|sums| *work += by_words::gather(lead, sources, sums, &mut found));
    found.sort_unstable();
    found.dedup();
    found
}

/// Names that share trigrams with one reading of a lead's name, whose trigrams are `query`, and are not among those
/// `known`, which ascend; ascending, each once.
pub(super) fn by_trigrams(
    query: &TrigramQuery,
    known: &[NameId],
    sources: Sources<'_>,
    work: &mut Work,
) -> Vec<NameId> {
    let mut found = Vec::new();
    SUMS.with_borrow_mut(|sums| *work += by_trigrams::gather(query, sources.trigrams, sums, &mut found));
    found.retain(|name| known.binary_search(name).is_err());
    found.sort_unstable();
    found.dedup();
    found
}

/// What shared words alone bring in, for benches.
pub(super) fn sharing_words(lead: &LeadSide<'_>, sources: Sources<'_>) -> Vec<NameId> {
    let mut found = Vec::new();
    SUMS.with_borrow_mut(|sums| by_words::gather(lead, sources, sums, &mut found));
    found
}

/// What shared trigrams alone bring in, for benches.
pub(super) fn sharing_trigrams(query: &TrigramQuery, sources: Sources<'_>) -> Vec<NameId> {
    let mut found = Vec::new();
    SUMS.with_borrow_mut(|sums| by_trigrams::gather(query, sources.trigrams, sums, &mut found));
    found
}

/// Sums of the names of one block, all zero between calls. 128 KiB, so that they stay in the second-nearest cache.
type Sums = [u16; BLOCK];

thread_local! {
    static SUMS: RefCell<Box<Sums>> = RefCell::new(
        vec![0; BLOCK].into_boxed_slice().try_into().expect("as many sums as a block has names")
    );
}

/// The best names by value, at most [`PER_GENERATOR_MAX`]; ties by id.
#[derive(Debug)]
struct Best {
    /// The best first.
    ranked: Vec<(f32, NameId)>,
}

impl Best {
    fn new() -> Best {
        Best { ranked: Vec::with_capacity(PER_GENERATOR_MAX) }
    }

    /// Under this value nothing is among the best, whatever the name.
    fn least(&self) -> f32 {
        self.ranked.get(PER_GENERATOR_MAX - 1).map_or(f32::NEG_INFINITY, |(least, _)| *least)
    }

    fn offer(&mut self, value: f32, name: NameId) {
        // What comes later is seldom better, so its place is sought from the end.
        let mut place = self.ranked.len();
        while place > 0 && Best::order(&self.ranked[place - 1], &(value, name)).is_gt() {
            place -= 1;
        }
        if place < PER_GENERATOR_MAX {
            self.ranked.truncate(PER_GENERATOR_MAX - 1);
            self.ranked.insert(place, (value, name));
        }
    }

    /// The names, the best first.
    fn into_names(self) -> impl Iterator<Item = NameId> {
        self.ranked.into_iter().map(|(_, name)| name)
    }

    fn order(one: &(f32, NameId), other: &(f32, NameId)) -> std::cmp::Ordering {
        other.0.total_cmp(&one.0).then(one.1.cmp(&other.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_best_are_kept_whatever_the_order_they_come_in() {
        // Each value three times, so that ties are told apart by their ids.
        let offers: Vec<(f32, NameId)> = (0..60).map(|id| ((id % 20) as f32 / 20.0, NameId(id))).collect();
        let mut expected = offers.clone();
        expected.sort_by(Best::order);
        let expected: Vec<NameId> =
            expected.into_iter().take(PER_GENERATOR_MAX).map(|(_, name)| name).collect();
        for step in [1, 7, 13, 59] {
            let mut best = Best::new();
            for at in 0..offers.len() {
                let (value, name) = offers[at * step % offers.len()];
                best.offer(value, name);
            }
            assert_eq!(best.least(), 0.8);
            assert_eq!(best.into_names().collect::<Vec<_>>(), expected, "every {step}th");
        }
    }
}
