//! The stages of a search one by one, for benches: to tell which of them a change made dearer.
//!
//! A search is more than their sum: it leaves out what it need not do. Nothing here is a promise to anybody.

use std::iter::zip;

use super::candidates;
use super::features::NameFeatures;
use super::forest::{Asked, Forest};
use super::index::Index;
use super::names::{LeadName, NameId, lead_names};
use super::nearest::{BestName, Side, compare_names};
use crate::score::Score;

/// The readings of a lead's company name.
#[derive(Clone, Debug)]
pub struct Readings(Vec<LeadName>);

impl Readings {
    /// Reads a company name; none where it has no letter or digit.
    pub fn of(company: &str) -> Readings {
        Readings(lead_names(company))
    }
}

/// A lead's name beside one index.
#[derive(Debug)]
pub struct Stages<'a> {
    readings: &'a [LeadName],
    sides: Vec<Side<'a>>,
    index: &'a Index,
}

/// Names of the index that one stage passes on to the next, by reading of the lead's name.
#[derive(Debug)]
pub struct Candidates(Vec<Vec<NameId>>);

impl<'a> Stages<'a> {
    /// Weighs the words of a lead's name.
    pub fn of(readings: &'a Readings, index: &'a Index) -> Stages<'a> {
        Stages { readings: &readings.0, sides: Side::of(&readings.0, index), index }
    }

    /// Names that are equal.
    pub fn exact(&self) -> Candidates {
        Candidates(self.readings.iter().map(|name| candidates::equal(name, self.index.sources())).collect())
    }

    /// Names that share words, misspelled and cut ones too.
    pub fn words(&self) -> Candidates {
        let found = self.sides.iter().map(|side| candidates::sharing_words(&side.side, self.index.sources()));
        Candidates(found.collect())
    }

    /// Names that share trigrams, those of the lead's name read first.
    pub fn trigrams(&self) -> Candidates {
        let trigrams = self.index.trigrams();
        let found = self.readings.iter().map(|name| {
            let query = trigrams.lookup(&name.surface());
            candidates::sharing_trigrams(&query, self.index.sources())
        });
        Candidates(found.collect())
    }

    /// All of these, each once.
    pub fn candidates(&self) -> Candidates {
        let mut found = self.exact().0;
        for (found, more) in zip(&mut found, zip(self.words().0, self.trigrams().0)) {
            found.extend(more.0);
            found.extend(more.1);
            found.sort_unstable();
            found.dedup();
        }
        Candidates(found)
    }

    /// Candidate names laid beside the lead's; those are left out that have no word in common with it.
    pub fn compare(&self, candidates: &Candidates) -> Vec<NameFeatures> {
        let mut best: Vec<(u32, BestName)> = Vec::new();
        for (side, names) in zip(&self.sides, &candidates.0) {
            compare_names(side, names, self.index, &mut best);
        }
        best.into_iter().map(|(_, name)| name.found.features).collect()
    }
}

/// What the name model says of comparisons.
pub fn scores(compared: &[NameFeatures]) -> Vec<Score> {
    Forest::fitted().scores(compared.iter().map(|features| Asked { features, only_if_reported: true }))
}
