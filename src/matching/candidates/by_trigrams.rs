//! Names that share trigrams with the lead's: what is left where no word agrees.
//!
//! The rarest trigrams first, under a budget; block by block, so that the sums stay in the cache. The longest lists only
//! raise names that others brought in, so that most of their entries are passed over.

use super::{Best, Sums};
use crate::matching::ahead;
use crate::matching::names::NameId;
use crate::matching::trigrams::{BLOCK, TrigramPostings, TrigramQuery};
use crate::matching::work::Work;

/// The most list entries that are walked. Twice or five times as many move recall on the labelled sets by no more than
/// two leads in a thousand, either way.
const POSTINGS_MAX: usize = 4_000;
/// The rarest trigrams are walked even where their lists are long: a name made of common words has no other.
const TRIGRAMS_MIN: usize = 4;
/// The share of the lead's weight in trigrams that a candidate has at least.
const SHARE_MIN: f32 = 0.35;
/// The least cosine of a candidate: on the labelled sets, of names that are one company's and score over 6 000, two in a
/// hundred have less, and nearly all of these share a word and come in by that.
const COSINE_MIN: f32 = 0.4;
/// Or the least share of the lead's weight: a longer name may contain the lead's, glued ("Yamahdi", "Ya Mahdi Industries").
const CONTAINED_MIN: f32 = 0.5;
/// Entries of a list whose sums are asked something together: the bits of all of them tell whether any is touched, and
/// whether any has [`REACHED`].
const TOGETHER: usize = 8;
/// The share that a candidate needs, in whole numbers: a bit, so that sums need not be compared one by one. As this is
/// [`SHARE_MIN`] at least of all that is walked, no sum is over 46 812, and two bytes hold it.
const REACHED: u16 = 1 << 14;

/// The names nearest by trigrams, as far as the budget lets their lists be walked.
pub(super) fn gather(
    query: &TrigramQuery,
    trigrams: &TrigramPostings,
    sums: &mut Sums,
    found: &mut Vec<NameId>,
) -> Work {
    // The rarest first, then in their order: one number for both.
    let rarity = |((_, gram), at): (&(f32, u32), u64)| (trigrams.count(*gram) as u64) << 32 | at;
    let mut order: Vec<u64> = query.lists.iter().zip(0..).map(rarity).collect();
    order.sort_unstable();
    let lists = || order.iter().map(|rarity| ((rarity >> 32) as usize, query.lists[*rarity as u32 as usize]));
    let (mut walked, mut weight, mut taken) = (0, 0.0, 0);
    for (count, (square, _)) in lists() {
        if taken >= TRIGRAMS_MIN && walked + count > POSTINGS_MAX {
            break;
        }
        (walked, weight, taken) = (walked + count, weight + square, taken + 1);
    }
    // What the lists that are not walked could add to any name.
    let unseen: f32 = lists().skip(taken).map(|(_, (square, _))| square).sum();
    let least = (SHARE_MIN * weight).max(SHARE_MIN * query.square - unseen);
    if weight < least || taken == 0 {
        return Work::default();
    }
    let may_take = |shared: f32, length: f32, best: &Best| {
        let most = shared + unseen;
        let near = most >= COSINE_MIN * query.length * length || most >= CONTAINED_MIN * query.square;
        near && shared / length >= best.least()
    };
    let unit = f32::from(REACHED) / least;
    let steps: Vec<(u16, u32)> =
        lists().take(taken).map(|(_, (square, gram))| ((square * unit) as u16, gram)).collect();
    let opening_count = opening_count(&steps);
    let mut best = Best::new();
    let mut reached: Vec<(u16, u16)> = Vec::new();
    let mut lists: Vec<(u16, &[u16])> = Vec::with_capacity(steps.len());
    for block in 0..trigrams.blocks() {
        lists.clear();
        lists.extend(steps.iter().map(|(step, gram)| (*step, trigrams.in_block(*gram, block))));
        ahead::fetch_lists(lists.iter().map(|(_, list)| *list), u32::from);
        let (opening, adding) = lists.split_at(opening_count);
        for (step, list) in opening {
            list.iter().for_each(|place| sums[usize::from(*place)] += step);
        }
        for (step, list) in adding {
            let (groups, others) = list.as_chunks::<TOGETHER>();
            for places in groups {
                // Most places are untouched: that is asked of several at once.
                if places.iter().fold(0, |all, place| all | sums[usize::from(*place)]) > 0 {
                    add(places, *step, sums);
                }
            }
            add(others, *step, sums);
        }
        // Whatever was touched is zero again, and seen once.
        for (_, list) in opening {
            let (groups, others) = list.as_chunks::<TOGETHER>();
            for places in groups {
                if places.iter().fold(0, |all, place| all | sums[usize::from(*place)]) >= REACHED {
                    take_reached(places, sums, &mut reached);
                }
                places.iter().for_each(|place| sums[usize::from(*place)] = 0);
            }
            take_reached(others, sums, &mut reached);
        }
        let lengths = trigrams.lengths_in_block(block);
        ahead::fetch(reached.iter().map(|(place, _)| lengths[usize::from(*place)].to_bits()));
        for (place, sum) in reached.drain(..) {
            let shared = f32::from(sum) / unit;
            let length = lengths[usize::from(place)];
            if may_take(shared, length, &best) {
                let name = NameId((block * BLOCK + usize::from(place)) as u32);
                best.offer(shared / length, name);
            }
        }
    }
    found.extend(best.into_names());
    Work { postings: walked, ..Work::default() }
}

/// Adds a list's step to the places that are touched already.
fn add(places: &[u16], step: u16, sums: &mut Sums) {
    for place in places {
        let sum = &mut sums[usize::from(*place)];
        *sum += if *sum > 0 { step } else { 0 };
    }
}

/// Makes the sums of places zero, and says which have reached what a candidate needs.
fn take_reached(places: &[u16], sums: &mut Sums, reached: &mut Vec<(u16, u16)>) {
    for place in places {
        let sum = std::mem::take(&mut sums[usize::from(*place)]);
        if sum >= REACHED {
            reached.push((*place, sum));
        }
    }
}

/// How many of the lists, the first ones, a name can be in for the first time and still reach what it needs: it
/// would not, were it in all of the others, which are the longest. They only add to names that are touched already.
fn opening_count(steps: &[(u16, u32)]) -> usize {
    let mut rest: u32 = steps.iter().map(|(step, _)| u32::from(*step)).sum();
    let reaches = |(step, _): &&(u16, u32)| {
        let reached = rest >= u32::from(REACHED);
        rest -= u32::from(*step);
        reached
    };
    steps.iter().take_while(reaches).count()
}
