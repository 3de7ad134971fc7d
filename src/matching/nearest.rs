//! Names of the index beside the lead's: how each compares, the best of each account, the nearest of all.

use std::cell::OnceCell;
use std::cmp::Reverse;

use super::index::Index;
use super::name_score::{LeadSide, NameMatch, Scratch, compare};
use super::names::{LeadName, NameId};
use super::trigrams::TrigramQuery;
use crate::account::NameKind;
use crate::score::Score;

/// The best comparison of the lead's name with the names of one account.
#[derive(Clone, Copy, Debug)]
pub(super) struct BestName {
    pub(super) name: NameId,
    pub(super) kind: NameKind,
    pub(super) found: NameMatch,
}

/// One reading of the lead's name, with what it looks up.
#[derive(Debug)]
pub(super) struct Side<'s> {
    pub(super) side: LeadSide<'s>,
    /// Read when it is first asked for: a name that is equal letter by letter asks for none.
    query: OnceCell<TrigramQuery>,
}

impl<'s> Side<'s> {
    pub(super) fn of(readings: &'s [LeadName], index: &Index) -> Vec<Side<'s>> {
        let side = |name| Side { side: LeadSide::new(name, index.vocabulary()), query: OnceCell::new() };
        readings.iter().map(side).collect()
    }

    pub(super) fn query(&self, index: &Index) -> &TrigramQuery {
        self.query.get_or_init(|| index.trigrams().lookup(self.side.surface()))
    }
}

/// Lays names of the index beside one reading of the lead's.
pub(super) fn compare_names(
    reading: &Side<'_>,
    ids: &[NameId],
    index: &Index,
    best: &mut Vec<(u32, BestName)>,
) {
    let (names, vocabulary) = (index.names(), index.vocabulary());
    let side = &reading.side;
    let mut scratch = Scratch::default();
    names.fetch(ids, vocabulary);
    for id in ids {
        let entry = names.get(*id);
        let cosine = |surface: &mut String, same_words: bool| {
            names.surface(entry, vocabulary, surface);
            if surface == side.surface() {
                return 1.0;
            }
            let length = index.trigrams().length(*id);
            if same_words {
                index.trigrams().cosine_by_endings(side.surface(), surface, length)
            } else {
                reading.query(index).cosine(surface, length)
            }
        };
        if let Some(found) = compare(side, *id, names, vocabulary, &mut scratch, cosine) {
            best.push((entry.account, BestName { name: *id, kind: entry.kind, found }));
        }
    }
}

/// Keeps of each account the best comparison, in the order of accounts.
pub(super) fn keep_best(names: &mut Vec<(u32, BestName)>) {
    names.sort_by(|(one, one_name), (other, other_name)| {
        one.cmp(other)
            .then_with(|| rank(other_name).cmp(&rank(one_name)))
            .then(one_name.name.cmp(&other_name.name))
    });
    names.dedup_by_key(|(account, _)| *account);
}

/// Keeps the accounts with an equal name and the `count` with the nearest others, in the order of accounts.
pub(super) fn keep_nearest(names: &mut Vec<(u32, BestName)>, count: usize) {
    if names.len() > count {
        names.sort_by(|(one, one_name), (other, other_name)| {
            rank(other_name).cmp(&rank(one_name)).then(one.cmp(other))
        });
        let equal = names.iter().take_while(|(_, name)| name.found.equal).count();
        names.truncate(equal + count);
        names.sort_by_key(|(account, _)| *account);
    }
}

/// The greater, the nearer.
pub(super) fn rank(name: &BestName) -> (Score, bool, Reverse<NameKind>) {
    (name.found.similarity, name.found.equal, Reverse(name.kind))
}
