//! Lists of the names that share something, and the lists of the names that share a word.

use super::names::{NameId, Names};
use super::neighbors::Neighbors;
use super::order;
use super::vocabulary::{TokenId, Vocabulary};

/// For each of a range of keys a list of names, in two contiguous arrays.
#[derive(Debug, Default)]
pub(super) struct Lists {
    starts: Vec<u32>,
    names: Vec<NameId>,
}

impl Lists {
    /// Lists of `(key, name)` pairs, which are produced twice in the same order: to count and to fill.
    pub(super) fn build(keys: usize, mut each: impl FnMut(&mut dyn FnMut(u32, NameId))) -> Lists {
        let mut starts = vec![0u32; keys + 1];
        each(&mut |key, _| starts[key as usize + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut filled = starts.clone();
        let mut names = vec![NameId(0); starts[keys] as usize];
        each(&mut |key, name| {
            let at = &mut filled[key as usize];
            names[*at as usize] = name;
            *at += 1;
        });
        Lists { starts, names }
    }

    /// The names of a key, in the order they were given.
    pub(super) fn get(&self, key: u32) -> &[NameId] {
        &self.names[self.starts[key as usize] as usize..self.starts[key as usize + 1] as usize]
    }
}

/// Names by word, and words by their neighbors.
#[derive(Debug, Default)]
pub(super) struct WordPostings {
    lists: Lists,
    neighbors: Neighbors,
    /// Words in the order of their text, to look up beginnings.
    by_text: Vec<TokenId>,
}

impl WordPostings {
    /// The lists of all names.
    pub(super) fn build(names: &Names, vocabulary: &Vocabulary) -> WordPostings {
        let lists = Lists::build(vocabulary.len(), |emit| {
            for (id, entry) in names.iter() {
                let tokens = names.tokens(entry);
                for (at, token) in tokens.iter().enumerate() {
                    if !tokens[..at].contains(token) {
                        emit(token.0, id);
                    }
                }
            }
        });
        let text = |at: u32| &*vocabulary.get(TokenId(at)).text;
        let by_text = order::by_text(vocabulary.len(), text).into_iter().map(TokenId).collect();
        WordPostings { lists, neighbors: Neighbors::build(vocabulary), by_text }
    }

    /// Names that have a word, ascending.
    pub(super) fn names(&self, token: TokenId) -> &[NameId] {
        self.lists.get(token.0)
    }

    /// Words that a slip or two may have made of others.
    pub(super) fn neighbors(&self) -> &Neighbors {
        &self.neighbors
    }

    /// Words that begin with `text`, in the order of their text.
    pub(super) fn continuations<'a>(
        &'a self,
        text: &'a str,
        vocabulary: &'a Vocabulary,
    ) -> impl Iterator<Item = TokenId> + 'a {
        let from = self.by_text.partition_point(|id| &*vocabulary.get(*id).text < text);
        self.by_text[from..].iter().copied().take_while(move |id| vocabulary.get(*id).text.starts_with(text))
    }
}
