//! Lists of the names that share something, and the lists of the names that share a word.

mod carried;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::names::{NameId, Names};
use super::neighbors::Neighbors;
use super::vocabulary::{TokenId, Vocabulary};
use crate::order;

/// For each of a range of keys a list of entries, in two contiguous arrays.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Lists<T> {
    starts: Vec<u32>,
    entries: Vec<T>,
}

impl<T: Copy + Default> Lists<T> {
    /// Lists of `(key, entry)` pairs, which are produced twice in the same order: to count and to fill.
    pub(super) fn build(keys: usize, mut each: impl FnMut(&mut dyn FnMut(usize, T))) -> Lists<T> {
        let mut starts = vec![0u32; keys + 1];
        each(&mut |key, _| starts[key + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut filled = starts.clone();
        let mut entries = vec![T::default(); starts[keys] as usize];
        each(&mut |key, entry| {
            let at = &mut filled[key];
            entries[*at as usize] = entry;
            *at += 1;
        });
        Lists { starts, entries }
    }

    /// Lists that are filled: where each begins, and behind them the end.
    pub(super) fn filled(starts: Vec<u32>, entries: Vec<T>) -> Lists<T> {
        Lists { starts, entries }
    }

    /// All entries, and where the list of each key begins.
    pub(super) fn into_parts(self) -> (Vec<u32>, Vec<T>) {
        (self.starts, self.entries)
    }

    /// How many entries there are in all lists.
    pub(super) fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// The entries of a key, in the order they were given.
    pub(super) fn get(&self, key: usize) -> &[T] {
        self.span(key..key + 1)
    }

    /// The entries of keys that follow one another.
    pub(super) fn span(&self, keys: std::ops::Range<usize>) -> &[T] {
        &self.entries[self.starts[keys.start] as usize..self.starts[keys.end] as usize]
    }
}

/// Names by word, and words by their neighbors.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct WordPostings {
    lists: Lists<NameId>,
    neighbors: Neighbors,
    /// Words in the order of their text, to look up beginnings.
    by_text: Vec<TokenId>,
    /// The fifth to the eighth byte of each of them, as a number that sorts as they do: most of a search waits for no text.
    next_four: Vec<u32>,
    /// Where the words begin that have the same first four bytes, and where they end.
    by_four: HashMap<u32, (u32, u32), FixedState>,
}

impl WordPostings {
    /// The lists of all names.
    pub(super) fn build(names: &Names, vocabulary: &Vocabulary) -> WordPostings {
        let lists = Lists::build(vocabulary.len(), |emit| {
            for (id, entry) in names.iter() {
                let tokens = names.tokens(entry);
                for (at, token) in tokens.iter().enumerate() {
                    if !tokens[..at].contains(token) {
                        emit(token.0 as usize, id);
                    }
                }
            }
        });
        let text = |at: u32| &*vocabulary.get(TokenId(at)).text;
        let by_text: Vec<TokenId> = order::by_text(vocabulary.len(), text).into_iter().map(TokenId).collect();
        let beginnings: Vec<u64> = by_text.iter().map(|id| beginning(&vocabulary.get(*id).text)).collect();
        let mut by_four = HashMap::default();
        let mut from = 0;
        for same in beginnings.chunk_by(|one, other| first_four(*one) == first_four(*other)) {
            let to = from + same.len() as u32;
            by_four.insert(first_four(same[0]), (from, to));
            from = to;
        }
        by_four.shrink_to_fit();
        let next_four = beginnings.into_iter().map(|beginning| beginning as u32).collect();
        WordPostings { lists, neighbors: Neighbors::build(vocabulary), by_text, next_four, by_four }
    }

    /// Names that have a word, ascending.
    pub(super) fn names(&self, token: TokenId) -> &[NameId] {
        self.lists.get(token.0 as usize)
    }

    /// Words that a slip or two may have made of others.
    pub(super) fn neighbors(&self) -> &Neighbors {
        &self.neighbors
    }

    /// Words that begin with `text`, in the order of their text; `text` has four bytes at least.
    pub(super) fn continuations<'a>(
        &'a self,
        text: &'a str,
        vocabulary: &'a Vocabulary,
    ) -> impl Iterator<Item = TokenId> + 'a {
        let sought = beginning(text);
        let (words, next_four) = self.of_four(sought);
        let sought = sought as u32;
        let least = next_four.partition_point(|known| *known < sought);
        let same = next_four[least..].partition_point(|known| *known == sought);
        let before = words[least..least + same].partition_point(|id| *vocabulary.get(*id).text < *text);
        let longer = words[least + before..].iter().copied();
        longer.take_while(move |id| vocabulary.get(*id).text.starts_with(text))
    }

    /// Calls `found` with each word of four bytes at least that `text` continues, which has more than four.
    pub(super) fn beginnings(&self, text: &str, vocabulary: &Vocabulary, mut found: impl FnMut(TokenId)) {
        let sought = beginning(text);
        let (words, next_four) = self.of_four(sought);
        if words.is_empty() {
            return;
        }
        // A shorter word has nothing where the text goes on.
        for len in 4..text.len().min(BEGINNING) {
            let short = (sought & !0 << (8 * (BEGINNING - len))) as u32;
            let at = next_four.partition_point(|known| *known < short);
            if next_four.get(at) == Some(&short) && vocabulary.get(words[at]).text.len() == len {
                found(words[at]);
            }
        }
        let longer = (BEGINNING..text.len()).filter(|to| text.is_char_boundary(*to));
        longer.filter_map(|to| vocabulary.find(&text[..to])).for_each(found);
    }

    /// The words that have the first four bytes of a beginning, and the four bytes behind these of each.
    fn of_four(&self, beginning: u64) -> (&[TokenId], &[u32]) {
        let (from, to) = self.by_four.get(&first_four(beginning)).copied().unwrap_or_default();
        (&self.by_text[from as usize..to as usize], &self.next_four[from as usize..to as usize])
    }
}

fn first_four(beginning: u64) -> u32 {
    (beginning >> 32) as u32
}

/// Bytes of a beginning.
const BEGINNING: usize = 8;

/// The first eight bytes as a number.
fn beginning(text: &str) -> u64 {
    (order::beginning(text) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::TokenKind;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let words = ["ab", "abc", "communal", "communes", "community", "communityx", "z", "äbcd"];
        let mut vocabulary = Vocabulary::with_capacity(words.len());
        for word in words.into_iter().rev() {
            vocabulary.intern(word, TokenKind::Word);
        }
        let postings = WordPostings::build(&Names::default(), &vocabulary);
        let found: Vec<&str> =
            postings.continuations(text, &vocabulary).map(|id| &*vocabulary.get(id).text).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_text_continues_each_of_its_beginnings() {
        let words = ["abc", "comm", "common", "commun", "communal", "communally", "communism", "öä", "öäü"];
        let mut vocabulary = Vocabulary::with_capacity(words.len());
        for word in words {
            vocabulary.intern(word, TokenKind::Word);
        }
        vocabulary.complete();
        let postings = WordPostings::build(&Names::default(), &vocabulary);
        for (text, expected) in [
            ("communally-yours", &["comm", "commun", "communal", "communally"][..]),
            ("communally", &["comm", "commun", "communal"]),
            ("communal", &["comm", "commun"]),
            ("commu", &["comm"]),
            ("comm", &[]),
            ("abcde", &[]),
            ("öäüx", &["öä", "öäü"]),
        ] {
            let mut found = Vec::new();
            postings.beginnings(text, &vocabulary, |id| found.push(&*vocabulary.get(id).text));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn continuations_begin_with_the_text() {
        check("comm", &["communal", "communes", "community", "communityx"]);
        check("communit", &["community", "communityx"]);
        check("communityx", &["communityx"]);
        check("communityxx", &[]);
        check("äbcd", &["äbcd"]);
    }
}
