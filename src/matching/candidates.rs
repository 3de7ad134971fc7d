//! Which names deserve the careful comparison: the union of several cheap generators, each bounded.
//!
//! No single generator is enough: words cannot see glued names, trigrams drown in common words. Order and
//! bounds are fixed, so the same lead gives the same candidates on every replica.

use std::cell::RefCell;

use super::exact::ExactNames;
use super::names::{LeadName, NameId};
use super::postings::WordPostings;
use super::token;
use super::trigrams::{TrigramPostings, TrigramQuery};
use super::vocabulary::{TokenId, Vocabulary};
use super::work::Work;
use crate::normalize::TokenKind;

/// The most names that one reading of a lead passes on from each generator.
const PER_GENERATOR_MAX: usize = 40;
/// The most list entries that the word stage walks. A list longer than what is left is skipped.
const WORD_POSTINGS_MAX: usize = 20_000;
/// The most list entries that the trigram stage walks. Three times as many cost as much more, and moved recall on
/// the labelled sets by less than two leads in a thousand, either way.
const TRIGRAM_POSTINGS_MAX: usize = 20_000;
/// The rarest trigrams are walked even where their lists are long: a name made of common words has no other.
const TRIGRAMS_MIN: usize = 4;
/// The most words that a cut or misspelled word may stand for.
const SIMILAR_WORDS_MAX: usize = 24;

/// The parts of an index that candidates are drawn from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sources<'a> {
    /// Words.
    pub(super) vocabulary: &'a Vocabulary,
    /// Equal names.
    pub(super) exact: &'a ExactNames,
    /// Shared words.
    pub(super) words: &'a WordPostings,
    /// Shared trigrams.
    pub(super) trigrams: &'a TrigramPostings,
    /// How many names the index holds.
    pub(super) name_count: usize,
}

/// Names equal to one reading of a lead's name, in whatever order or gluing; ascending, each once.
pub(super) fn equal(lead: &LeadName, sources: Sources<'_>) -> Vec<NameId> {
    let words = lead.tokens.iter().map(|(text, kind)| (text.as_str(), *kind));
    let mut found: Vec<NameId> = sources.exact.find(words).take(PER_GENERATOR_MAX).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Names worth comparing with one reading of a lead's name, whose trigrams are `query`; ascending, each once.
pub(super) fn gather(
    lead: &LeadName,
    query: &TrigramQuery<'_>,
    sources: Sources<'_>,
    work: &mut Work,
) -> Vec<NameId> {
    let mut found = equal(lead, sources);
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.fit(sources.name_count);
        *work += by_words(lead, sources, scratch, &mut found);
        *work += by_trigrams(query, sources, scratch, &mut found);
    });
    found.sort_unstable();
    found.dedup();
    found
}

/// Sums per name, reused between calls so that a lead does not pay for clearing them.
#[derive(Debug, Default)]
struct Scratch {
    sums: Vec<f32>,
    touched: Vec<NameId>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Scratch {
    fn fit(&mut self, names: usize) {
        if self.sums.len() < names {
            self.sums.resize(names, 0.0);
        }
    }

    fn add(&mut self, name: NameId, value: f32) {
        let sum = &mut self.sums[name.0 as usize];
        if *sum == 0.0 {
            self.touched.push(name);
        }
        *sum += value;
    }

    /// The `count` names with the greatest sums, weighed by `scale`; ties by id. Forgets all sums.
    fn take_top(&mut self, count: usize, scale: impl Fn(NameId) -> f32) -> Vec<NameId> {
        let better =
            |one: &(f32, NameId), other: &(f32, NameId)| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1));
        // Twice as many as wanted are kept; when they are full, the worse half goes and tells what the next must beat.
        let mut ranked: Vec<(f32, NameId)> = Vec::with_capacity(2 * count);
        let mut least: Option<(f32, NameId)> = None;
        for name in self.touched.drain(..) {
            let sum = std::mem::take(&mut self.sums[name.0 as usize]);
            let entry = (sum * scale(name), name);
            if least.is_some_and(|least| better(&least, &entry).is_lt()) {
                continue;
            }
            ranked.push(entry);
            if ranked.len() == 2 * count {
                let (_, nth, _) = ranked.select_nth_unstable_by(count - 1, better);
                least = Some(*nth);
                ranked.truncate(count);
            }
        }
        if ranked.len() > count {
            ranked.select_nth_unstable_by(count - 1, better);
            ranked.truncate(count);
        }
        ranked.into_iter().map(|(_, name)| name).collect()
    }
}

fn by_words(lead: &LeadName, sources: Sources<'_>, scratch: &mut Scratch, found: &mut Vec<NameId>) -> Work {
    let mut work = Work::default();
    let mut lists: Vec<(f32, &[NameId])> = Vec::new();
    for (text, kind) in &lead.tokens {
        for (id, share) in similar_words(text, *kind, sources, &mut work) {
            let weight = sources.vocabulary.get(id).weight;
            lists.push((weight * weight * share, sources.words.names(id)));
        }
    }
    lists.sort_by_key(|(_, list)| list.len());
    let mut budget = WORD_POSTINGS_MAX;
    for (value, list) in lists {
        if list.len() > budget {
            break;
        }
        budget -= list.len();
        work.postings += list.len();
        list.iter().for_each(|name| scratch.add(*name, value));
    }
    found.extend(scratch.take_top(PER_GENERATOR_MAX, |_| 1.0));
    work
}

/// Words of the registry that a word of the lead equals, misspells or cuts short, with the similarity.
fn similar_words(text: &str, kind: TokenKind, sources: Sources<'_>, work: &mut Work) -> Vec<(TokenId, f32)> {
    let vocabulary = sources.vocabulary;
    let mut ids: Vec<TokenId> = vocabulary.find(text).into_iter().collect();
    if matches!(kind, TokenKind::Word | TokenKind::Generic) {
        sources.words.neighbors().find(text, kind, |id| ids.push(id));
        if text.len() >= 4 {
            ids.extend(sources.words.continuations(text, vocabulary).take(SIMILAR_WORDS_MAX));
            let beginnings = (4..text.len()).filter(|to| text.is_char_boundary(*to));
            ids.extend(beginnings.filter_map(|to| vocabulary.find(&text[..to])));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    work.words += ids.len();
    let mut similar: Vec<(TokenId, f32)> = ids
        .into_iter()
        .filter_map(|id| {
            let word = vocabulary.get(id);
            token::similarity(text, kind, &word.text, word.kind).map(|(share, _)| (id, share))
        })
        .collect();
    similar.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    similar.truncate(SIMILAR_WORDS_MAX);
    similar
}

/// The names nearest by trigrams, as far as the budget lets their lists be walked.
fn by_trigrams(
    query: &TrigramQuery<'_>,
    sources: Sources<'_>,
    scratch: &mut Scratch,
    found: &mut Vec<NameId>,
) -> Work {
    let mut walked = 0;
    for (at, (square, list)) in query.lists.iter().enumerate() {
        if at >= TRIGRAMS_MIN && walked + list.len() > TRIGRAM_POSTINGS_MAX {
            break;
        }
        walked += list.len();
        list.iter().for_each(|name| scratch.add(*name, *square));
    }
    found.extend(scratch.take_top(PER_GENERATOR_MAX, |name| 1.0 / sources.trigrams.length(name)));
    Work { postings: walked, ..Work::default() }
}
