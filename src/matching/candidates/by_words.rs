//! Names that share words with the lead's, misspelled and cut ones included.
//!
//! Words that can tell companies apart bring names in; common ones only raise names that are in already, unless the
//! lead has no others.

use super::{Best, Sources, Sums};
use crate::matching::ahead;
use crate::matching::alignment::Word;
use crate::matching::name_score::{DISTINCTIVE_WEIGHT_MIN, LeadSide, Meant};
use crate::matching::names::{NameId, Names};
use crate::matching::token;
use crate::matching::trigrams::BLOCK;
use crate::matching::vocabulary::TokenId;
use crate::matching::work::Work;
use crate::normalize::TokenKind;

/// The most list entries that are walked: the walk ends before the first list that is longer than what is left.
const POSTINGS_MAX: usize = 20_000;
/// Up to so many entries are sorted; more are summed block by block.
const SORTED_MAX: usize = 128;
/// The most words that a cut or misspelled word may stand for.
const SIMILAR_WORDS_MAX: usize = 24;
/// The least share of both names' weight that a candidate has in common with the lead: 0.18 loses right answers on the
/// labelled sets, this none.
const SHARE_MIN: f32 = 0.12;
/// What a sum of the values of a name is counted in: 32 words of a weight of 1.0 come to 65 504.
const UNIT: f32 = 2_047.0;

/// A word of the registry that a word of the lead may stand for, with what it is worth to a name.
#[derive(Clone, Copy, Debug)]
struct List<'a> {
    word: TokenId,
    value: f32,
    heavy: bool,
    names: &'a [NameId],
}

/// The names that share the most weight in words.
pub(super) fn gather(
    lead: &LeadSide<'_>,
    sources: Sources<'_>,
    sums: &mut Sums,
    found: &mut Vec<NameId>,
) -> Work {
    let mut work = Work::default();
    let mut lists: Vec<List<'_>> = Vec::new();
    let meant = lead.meant(sources.words.neighbors());
    let lead = &lead.words;
    let square = lead.iter().map(|word| word.weight * word.weight).sum();
    let is_heavy = |weight: f32| weight >= DISTINCTIVE_WEIGHT_MIN;
    // A name of common words alone has nothing else to be found by.
    let all_light = !lead.iter().any(|word| is_heavy(word.weight));
    for (at, word) in lead.iter().enumerate() {
        if all_light || is_heavy(word.weight) {
            let meant = meant.filter(|meant| meant.at == at);
            for (word, share) in similar_words(word, meant, sources, &mut work) {
                let weight = sources.vocabulary.get(word).weight;
                let names = sources.words.names(word);
                let heavy = all_light || is_heavy(weight);
                lists.push(List { word, value: weight * weight * share, heavy, names });
            }
        } else if let Some(id) = word.id {
            let names = sources.words.names(id);
            lists.push(List { word: id, value: word.weight * word.weight, heavy: false, names });
        }
    }
    lists.sort_by_key(|list| (!list.heavy, list.names.len()));
    let mut entries = 0;
    let walked = lists
        .iter()
        .take_while(|list| {
            let fits = entries + list.names.len() <= POSTINGS_MAX;
            entries += if fits { list.names.len() } else { 0 };
            fits
        })
        .count();
    let heavy_end = lists.partition_point(|list| list.heavy);
    let heavy_entries: usize = lists[..heavy_end.min(walked)].iter().map(|list| list.names.len()).sum();
    let mut ranking = Ranking { best: Best::new(), square, names: sources.names };
    if heavy_entries <= SORTED_MAX {
        work.postings += heavy_entries;
        by_sorting(&lists[..heavy_end.min(walked)], &lists[heavy_end..], &mut ranking);
    } else {
        work.postings += entries;
        by_blocks(&lists[..walked], sums, &mut ranking);
    }
    found.extend(ranking.best.into_names());
    work
}

/// Names by the share of both names' weight that they have in common.
#[derive(Debug)]
struct Ranking<'a> {
    best: Best,
    /// The squares of the weights of the lead's words, added up.
    square: f32,
    names: &'a Names,
}

impl Ranking<'_> {
    /// What is too little to share whichever name it is, in [`UNIT`]s, for a name shares no more than all of its own words.
    /// One of its words that two of the lead's stand for counts twice, so that such a name may be left a little early.
    fn least(&self) -> u16 {
        // A little less, for what is rounded.
        (self.best.least().max(SHARE_MIN) * self.square * UNIT * 0.99) as u16
    }

    fn offer(&mut self, shared: f32, name: NameId) {
        let either = self.square + self.names.squares()[name.0 as usize] - shared;
        // A cut or misspelled word may weigh more in the account's name than in the lead's.
        let share = shared / either.max(shared);
        if share >= SHARE_MIN {
            self.best.offer(share, name);
        }
    }
}

/// Few names: each is asked for the common words.
fn by_sorting(heavy: &[List<'_>], light: &[List<'_>], ranking: &mut Ranking<'_>) {
    let mut values: Vec<(NameId, f32)> =
        heavy.iter().flat_map(|list| list.names.iter().map(|name| (*name, list.value))).collect();
    values.sort_unstable_by_key(|(name, _)| *name);
    for same in values.chunk_by(|(one, _), (other, _)| one == other) {
        let name = same[0].0;
        let words = ranking.names.tokens(ranking.names.get(name));
        let common: f32 = light.iter().filter(|list| words.contains(&list.word)).map(|list| list.value).sum();
        ranking.offer(same.iter().map(|(_, value)| value).sum::<f32>() + common, name);
    }
}

/// Many names: lists are walked together, a block of names at a time.
fn by_blocks(lists: &[List<'_>], sums: &mut Sums, ranking: &mut Ranking<'_>) {
    let mut rest: Vec<(u16, bool, &[NameId])> =
        lists.iter().map(|list| (((list.value * UNIT) as u16).max(1), list.heavy, list.names)).collect();
    ahead::fetch_lists(lists.iter().map(|list| list.names), |name| name.0);
    let mut touched: Vec<u16> = Vec::new();
    while let Some(block) =
        rest.iter().filter_map(|(.., names)| Some(names.first()?.0 as usize / BLOCK)).min()
    {
        for (value, heavy, names) in &mut rest {
            let here = names.partition_point(|name| name.0 as usize / BLOCK <= block);
            let (now, later) = names.split_at(here);
            for name in now {
                let place = name.0 as usize % BLOCK;
                let sum = &mut sums[place];
                if *sum == 0 {
                    if !*heavy {
                        continue;
                    }
                    touched.push(place as u16);
                }
                *sum = sum.saturating_add(*value);
            }
            *names = later;
        }
        let name = |place: u16| NameId((block * BLOCK + usize::from(place)) as u32);
        let least = ranking.least();
        touched.retain(|place| {
            let sum = &mut sums[usize::from(*place)];
            let may = *sum >= least;
            *sum = if may { *sum } else { 0 };
            may
        });
        let squares = &ranking.names.squares()[block * BLOCK..];
        ahead::fetch(touched.iter().map(|place| squares[usize::from(*place)].to_bits()));
        for place in touched.drain(..) {
            let sum = std::mem::take(&mut sums[usize::from(place)]);
            ranking.offer(f32::from(sum) / UNIT, name(place));
        }
    }
}

/// Words of the registry that a word of the lead equals, misspells or cuts short, with the similarity.
fn similar_words(
    word: &Word<'_>,
    meant: Option<&Meant>,
    sources: Sources<'_>,
    work: &mut Work,
) -> Vec<(TokenId, f32)> {
    let vocabulary = sources.vocabulary;
    let Word { text, kind, .. } = *word;
    let mut ids: Vec<TokenId> = word.id.into_iter().collect();
    if matches!(kind, TokenKind::Word | TokenKind::Generic) {
        match meant {
            Some(meant) => ids.extend(&meant.words),
            None => sources.words.neighbors().find(text, kind, |id| ids.push(id)),
        }
        if text.len() >= 4 {
            ids.extend(sources.words.continuations(text, vocabulary).take(SIMILAR_WORDS_MAX));
            sources.words.beginnings(text, vocabulary, |id| ids.push(id));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    work.words += ids.len();
    let mut similar: Vec<(TokenId, f32)> = ids
        .into_iter()
        .filter_map(|id| token::similarity(word, &vocabulary.account_word(id)).map(|(share, _)| (id, share)))
        .collect();
    similar.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    similar.truncate(SIMILAR_WORDS_MAX);
    similar
}
