//! Names that share trigrams with the lead's: what is left where no word agrees.
//!
//! The rarest trigrams first, under a budget; block by block, so that the sums stay in the cache. A name becomes a
//! candidate with the entry that lifts it over the share it needs, so that nobody looks through all that were touched.

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
/// Entries of a list that are asked at once whether any of them is touched.
const TOGETHER: usize = 8;
/// What the weights that are walked add up to, in whole numbers; each is rounded, and 65 535 is the most a sum can hold.
const WHOLE: f32 = 60_000.0;

/// The names nearest by trigrams, as far as the budget lets their lists be walked.
pub(super) fn gather(
    query: &TrigramQuery,
    trigrams: &TrigramPostings,
    sums: &mut Sums,
    found: &mut Vec<NameId>,
) -> Work {
    let mut lists: Vec<(usize, f32, u32)> =
        query.lists.iter().map(|(square, gram)| (trigrams.count(*gram), *square, *gram)).collect();
    lists.sort_by_key(|(count, ..)| *count);
    let (mut walked, mut weight, mut taken) = (0, 0.0, 0);
    for (count, square, _) in &lists {
        if taken >= TRIGRAMS_MIN && walked + count > POSTINGS_MAX {
            break;
        }
        (walked, weight, taken) = (walked + count, weight + square, taken + 1);
    }
    // What the lists that are not walked could add to any name.
    let unseen: f32 = lists[taken..].iter().map(|(_, square, _)| square).sum();
    let least = (SHARE_MIN * weight).max(SHARE_MIN * query.square - unseen);
    if weight < least || taken == 0 {
        return Work::default();
    }
    let may_take = |shared: f32, length: f32, best: &Best| {
        let most = shared + unseen;
        let near = most >= COSINE_MIN * query.length * length || most >= CONTAINED_MIN * query.square;
        near && best.may_take(shared / length)
    };
    let unit = WHOLE / weight;
    let steps: Vec<(u16, u32)> =
        lists[..taken].iter().map(|(_, square, gram)| ((square * unit) as u16, *gram)).collect();
    let threshold = ((least * unit) as u16).max(1);
    let opening_count = opening_count(&steps, threshold);
    let mut best = Best::default();
    let mut crossed: Vec<u16> = Vec::new();
    let mut lists: Vec<(u16, &[u16])> = Vec::with_capacity(steps.len());
    for block in 0..trigrams.blocks() {
        lists.clear();
        lists.extend(steps.iter().map(|(step, gram)| (*step, trigrams.in_block(*gram, block))));
        let lines = lists.iter().flat_map(|(_, list)| list.iter().step_by(ahead::per_line::<u16>()));
        ahead::fetch(lines.map(|place| u32::from(*place)));
        let (opening, adding) = lists.split_at(opening_count);
        let entries: usize = opening.iter().map(|(_, list)| list.len()).sum();
        for (step, list) in opening {
            for place in *list {
                let sum = &mut sums[usize::from(*place)];
                *sum += step;
                // This entry lifted it over the threshold: it is over by less than the entry's own step.
                if sum.wrapping_sub(threshold) < *step {
                    crossed.push(*place);
                }
            }
        }
        for (step, list) in adding {
            let (groups, others) = list.as_chunks::<TOGETHER>();
            for places in groups {
                // Most places are untouched: that is asked of several at once.
                if places.iter().fold(0, |all, place| all | sums[usize::from(*place)]) > 0 {
                    add(places, *step, threshold, sums, &mut crossed);
                }
            }
            add(others, *step, threshold, sums, &mut crossed);
        }
        let name = |place: u16| NameId((block * BLOCK + usize::from(place)) as u32);
        ahead::fetch(crossed.iter().map(|place| trigrams.length(name(*place)).to_bits()));
        for place in crossed.drain(..) {
            let shared = f32::from(sums[usize::from(place)]) / unit;
            let length = trigrams.length(name(place));
            if may_take(shared, length, &best) {
                best.offer(shared / length, name(place));
            }
        }
        // Either way all sums are zero again, the cheaper way.
        let names = trigrams.names_in_block(block);
        if entries > names / 16 {
            sums[..names].fill(0);
        } else {
            for (_, list) in opening {
                list.iter().for_each(|place| sums[usize::from(*place)] = 0);
            }
        }
    }
    found.extend(best.into_names());
    Work { postings: walked, ..Work::default() }
}

/// Adds a list's step to the places that are touched already.
fn add(places: &[u16], step: u16, threshold: u16, sums: &mut Sums, crossed: &mut Vec<u16>) {
    for place in places {
        let sum = &mut sums[usize::from(*place)];
        if *sum > 0 {
            *sum += step;
            if sum.wrapping_sub(threshold) < step {
                crossed.push(*place);
            }
        }
    }
}

/// How many of the lists, the first ones, a name can be in for the first time and still get over the threshold: it
/// would not, were it in all of the others, which are the longest. They only add to names that are touched already.
fn opening_count(steps: &[(u16, u32)], threshold: u16) -> usize {
    let mut rest: u32 = steps.iter().map(|(step, _)| u32::from(*step)).sum();
    let reaches = |(step, _): &&(u16, u32)| {
        let reached = rest >= u32::from(threshold);
        rest -= u32::from(*step);
        reached
    };
    steps.iter().take_while(reaches).count()
}
