//! Lists of names by trigram, filled from all names.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::grams::{GramIds, PLACES, key, place, plain, plain_places, trigrams};
use super::{BLOCK, TrigramPostings};
use crate::matching::postings::Lists;
use crate::matching::prepared::{Reading, Sizes};

/// The trigrams of each name, on the way to the lists of names.
#[derive(Debug)]
pub(in crate::matching) struct TrigramNames {
    /// Trigrams that are not plain, each with a number in the order of first appearance.
    others: HashMap<u64, u32, FixedState>,
    /// Of a plain trigram its [`place`], of another its number behind all places.
    per_name: Vec<u32>,
    starts: Vec<usize>,
}

impl TrigramNames {
    /// Room for the names of accounts.
    pub(in crate::matching) fn with_capacity(sizes: Sizes) -> TrigramNames {
        let mut starts = Vec::with_capacity(sizes.names + 1);
        starts.push(0);
        TrigramNames { others: HashMap::default(), per_name: Vec::with_capacity(sizes.bytes), starts }
    }

    /// Adds the next name.
    pub(in crate::matching) fn add(&mut self, name: &Reading<'_>) {
        let TrigramNames { others, per_name, starts } = self;
        let from = per_name.len();
        if name.surface.bytes().all(|byte| plain(byte.into()).is_some()) {
            plain_places(name.surface, |at| per_name.push(at as u32));
        } else {
            trigrams(name.surface, |gram| {
                let next = PLACES + others.len() as u32;
                per_name.push(
                    place(gram).map_or_else(|| *others.entry(gram).or_insert(next), |place| place as u32),
                );
            });
        }
        per_name[from..].sort_unstable();
        // A trigram counts once a name: "banana" is no more banana than "ban".
        let mut kept = from;
        for at in from..per_name.len() {
            if at == from || per_name[at] != per_name[at - 1] {
                per_name[kept] = per_name[at];
                kept += 1;
            }
        }
        per_name.truncate(kept);
        starts.push(per_name.len());
    }

    /// Numbers the trigrams that are not plain in the order of their keys, and gives these.
    fn order_others(&mut self) -> Vec<u64> {
        let mut others: Vec<(u64, u32)> = self.others.drain().collect();
        others.sort_unstable();
        let mut now = vec![0; others.len()];
        for ((_, number), at) in others.iter().zip(PLACES..) {
            now[(number - PLACES) as usize] = at;
        }
        if !others.is_empty() {
            for gram in self.per_name.iter_mut().filter(|gram| **gram >= PLACES) {
                *gram = now[(*gram - PLACES) as usize];
            }
        }
        others.into_iter().map(|(gram, _)| key(gram)).collect()
    }
}

impl TrigramPostings {
    /// The lists of all names that were added.
    pub(in crate::matching) fn build(mut names: TrigramNames) -> TrigramPostings {
        let keys: Vec<u64> = (0..u64::from(PLACES)).chain(names.order_others()).collect();
        let TrigramNames { per_name, starts, .. } = names;
        let count = starts.len() - 1;
        let blocks = count.div_ceil(BLOCK);
        let lists = Lists::build(keys.len() * blocks, |emit| {
            for name in 0..count {
                let (block, place) = (name / BLOCK, (name % BLOCK) as u16);
                let grams = &per_name[starts[name]..starts[name + 1]];
                grams.iter().for_each(|gram| emit(*gram as usize * blocks + block, place));
            }
        });
        drop(per_name);
        // Many a plain trigram is in no name.
        let mut ids = GramIds::default();
        let (all_starts, entries) = lists.into_parts();
        let mut starts = Vec::with_capacity(all_starts.len());
        if blocks > 0 {
            for (key, span) in keys.iter().zip(all_starts.windows(blocks + 1).step_by(blocks)) {
                if span[0] < span[blocks] {
                    ids.push(*key);
                    starts.extend_from_slice(&span[..blocks]);
                }
            }
        }
        starts.push(entries.len() as u32);
        starts.shrink_to_fit();
        TrigramPostings::weighed(ids, Lists::filled(starts, entries), count)
    }

    /// Weighs trigrams and names by lists of so many names.
    pub(super) fn weighed(ids: GramIds, lists: Lists<u16>, count: usize) -> TrigramPostings {
        let blocks = count.div_ceil(BLOCK);
        let names_of = |gram: usize| lists.span(gram * blocks..(gram + 1) * blocks).len();
        let weight = |gram| ((count as f32 + 1.0) / (names_of(gram) as f32 + 1.0)).ln() + 1.0;
        let squares: Vec<f32> = (0..ids.count()).map(|gram| weight(gram).powi(2)).collect();
        // List by list, so that a length does not depend on how the lists came about.
        let mut lengths = vec![0.0; count];
        for (block, lengths) in lengths.chunks_mut(BLOCK).enumerate() {
            for (gram, square) in squares.iter().enumerate() {
                let names = lists.get(gram * blocks + block);
                names.iter().for_each(|place| lengths[usize::from(*place)] += square);
            }
            lengths.iter_mut().for_each(|length: &mut f32| *length = length.sqrt());
        }
        TrigramPostings { ids, squares, lists, blocks, lengths }
    }
}
