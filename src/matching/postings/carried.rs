//! Lists by word taken over: the same names under other numbers, the fresh ones among them.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{Lists, WordPostings, beginning, first_four};
use crate::matching::carried::{AccountNames, Carried};
use crate::matching::names::{NameId, Names};
use crate::matching::neighbors::Neighbors;
use crate::matching::vocabulary::{MovedWords, TokenId, Vocabulary};

impl WordPostings {
    /// What [`WordPostings::build`] gives of names, of which and of whose words some stood in an index before.
    pub(in crate::matching) fn carried(
        (before, names_before, vocabulary_before): (&WordPostings, &Names, &Vocabulary),
        carried: &Carried,
        names: &Names,
        words: &MovedWords,
        vocabulary: &Vocabulary,
    ) -> WordPostings {
        let gone = words_of(carried.gone.iter(), names_before).len();
        let fresh = words_of(carried.fresh(), names);
        let lists = lists(&before.lists, carried, gone, fresh, words);
        let ordered = Ordered::carried(before, vocabulary_before, words, vocabulary);
        let neighbors = Neighbors::carried(&before.neighbors, vocabulary_before, words, vocabulary);
        let Ordered { by_text, next_four, by_four } = ordered;
        WordPostings { lists, neighbors, by_text, next_four, by_four }
    }
}

/// The words of the names of accounts, each with a name that has it, in order.
fn words_of<'n>(of: impl Iterator<Item = &'n AccountNames>, names: &Names) -> Vec<(TokenId, NameId)> {
    let mut words = Vec::new();
    for id in of.flat_map(|account| account.names.clone()).map(NameId) {
        words.extend(names.tokens(names.get(id)).iter().map(|word| (*word, id)));
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// The names of each word; so many entries are gone.
fn lists(
    before: &Lists<NameId>,
    carried: &Carried,
    gone: usize,
    fresh: Vec<(TokenId, NameId)>,
    words: &MovedWords,
) -> Lists<NameId> {
    let mut starts = Vec::with_capacity(words.origins.len() + 1);
    let mut entries = Vec::with_capacity(before.entries.len() + fresh.len() - gone);
    starts.push(0);
    let mut fresh = fresh.into_iter().peekable();
    for (word, origin) in (0..).map(TokenId).zip(&words.origins) {
        let kept = origin.map_or(&[][..], |origin| before.get(origin.0 as usize));
        let next = fresh.peek().filter(|(of, _)| *of == word);
        if next.is_none() {
            entries.extend(kept.iter().filter_map(|name| carried.moved.get(name.0)).map(NameId));
        } else {
            for name in kept.iter().filter_map(|name| carried.moved.get(name.0)).map(NameId) {
                while let Some((_, new)) = fresh.next_if(|new| *new < (word, name)) {
                    entries.push(new);
                }
                entries.push(name);
            }
            while let Some((_, new)) = fresh.next_if(|(of, _)| *of == word) {
                entries.push(new);
            }
        }
        starts.push(entries.len() as u32);
    }
    Lists::filled(starts, entries)
}

/// Words in the order of their text.
#[derive(Debug)]
struct Ordered {
    by_text: Vec<TokenId>,
    next_four: Vec<u32>,
    by_four: HashMap<u32, (u32, u32), FixedState>,
}

impl Ordered {
    fn carried(
        before: &WordPostings,
        vocabulary_before: &Vocabulary,
        words: &MovedWords,
        vocabulary: &Vocabulary,
    ) -> Ordered {
        let text = |id: &TokenId| &*vocabulary.get(*id).text;
        let mut fresh: Vec<TokenId> = new_words(words).collect();
        fresh.sort_unstable_by(|one, other| text(one).cmp(text(other)));
        let beginnings: Vec<u64> = fresh.iter().map(|id| beginning(text(id))).collect();
        let mut by_text = Vec::with_capacity(vocabulary.len());
        let mut next_four = Vec::with_capacity(vocabulary.len());
        // Places before of words that are gone.
        let mut gone: Vec<u32> = Vec::new();
        let mut from = 0;
        let mut keep = |to: usize, by_text: &mut Vec<TokenId>, next_four: &mut Vec<u32>| {
            for (at, (id, four)) in
                (from..to).zip(before.by_text[from..to].iter().zip(&before.next_four[from..to]))
            {
                match words.moved.get(id.0) {
                    Some(now) => {
                        by_text.push(TokenId(now));
                        next_four.push(*four);
                    }
                    None => gone.push(at as u32),
                }
            }
            from = to;
        };
        let mut groups: Vec<(u32, u32, u32)> = Vec::new();
        let mut to = 0;
        for (id, beginning) in fresh.iter().zip(&beginnings) {
            to = place(&before.by_text, to, text(id), vocabulary_before);
            keep(to, &mut by_text, &mut next_four);
            let at = by_text.len() as u32;
            match groups.last_mut() {
                Some((four, _, end)) if *four == first_four(*beginning) => *end = at + 1,
                _ => groups.push((first_four(*beginning), at, at + 1)),
            }
            by_text.push(*id);
            next_four.push(*beginning as u32);
        }
        keep(before.by_text.len(), &mut by_text, &mut next_four);
        let fours: Vec<u32> = beginnings.iter().map(|beginning| first_four(*beginning)).collect();
        Ordered { by_four: by_four(&before.by_four, &gone, &fours, &groups), by_text, next_four }
    }
}

/// Where a text belongs among words in the order of their text, from a place on.
fn place(by_text: &[TokenId], from: usize, text: &str, vocabulary: &Vocabulary) -> usize {
    let less = |id: &TokenId| *vocabulary.get(*id).text < *text;
    // Fresh words come in order too, so that it is often near.
    let mut step = 1;
    while by_text.get(from + step - 1).is_some_and(less) {
        step *= 2;
    }
    let (least, most) = (from + step / 2, by_text.len().min(from + step - 1));
    least + by_text[least..most.max(least)].partition_point(less)
}

/// Where words begin and end that have the same first four bytes, after words at some places are gone and others with
/// these first four bytes came, each in order; `groups` says where those stand.
fn by_four(
    before: &HashMap<u32, (u32, u32), FixedState>,
    gone: &[u32],
    fresh: &[u32],
    groups: &[(u32, u32, u32)],
) -> HashMap<u32, (u32, u32), FixedState> {
    let mut now = before.clone();
    if gone.is_empty() && fresh.is_empty() {
        return now;
    }
    let kept = |place: u32| place - gone.partition_point(|gone| *gone < place) as u32;
    now.retain(|four, (from, to)| {
        let come = fresh.partition_point(|new| new < four);
        let with = fresh[come..].iter().take_while(|new| *new == four).count();
        (*from, *to) = (kept(*from) + come as u32, kept(*to) + (come + with) as u32);
        from < to
    });
    for (four, from, to) in groups {
        now.entry(*four).or_insert((*from, *to));
    }
    now.shrink_to_fit();
    now
}

/// Words that stood in no name before.
pub(in crate::matching) fn new_words(words: &MovedWords) -> impl Iterator<Item = TokenId> {
    let new = (0..).zip(&words.origins).filter(|(_, origin)| origin.is_none());
    new.map(|(id, _)| TokenId(id))
}
