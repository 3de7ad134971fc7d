//! Lists of the names that share something: a word, a word but for a slip, or three letters in a row.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::names::{NameId, Names};
use super::vocabulary::{TokenId, Vocabulary};
use crate::normalize::TokenKind;

/// Words shorter than this have no neighbors by deletion: they tolerate no slip.
const NEIGHBOR_CHARS_MIN: usize = 4;
/// Words longer than this are looked up as they are: a slip in them is found by their trigrams.
const NEIGHBOR_CHARS_MAX: usize = 24;

/// For each of a range of keys a list of names, in two contiguous arrays.
#[derive(Debug, Default)]
struct Lists {
    starts: Vec<u32>,
    names: Vec<NameId>,
}

impl Lists {
    /// Lists of `(key, name)` pairs, which are produced twice in the same order: to count and to fill.
    fn build(keys: usize, mut each: impl FnMut(&mut dyn FnMut(u32, NameId))) -> Lists {
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

    fn get(&self, key: u32) -> &[NameId] {
        &self.names[self.starts[key as usize] as usize..self.starts[key as usize + 1] as usize]
    }
}

/// Names by word, and words by their neighbors.
#[derive(Debug, Default)]
pub(super) struct WordPostings {
    lists: Lists,
    /// Hash of a word with one letter left out, and the word; ascending.
    neighbors: Vec<(u32, TokenId)>,
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
        let mut neighbors = Vec::new();
        for (id, token) in vocabulary.iter() {
            if tolerates_slips(&token.text, token.kind) {
                deletions(&token.text, |hash| neighbors.push((hash, id)));
            }
        }
        neighbors.sort_unstable();
        neighbors.dedup();
        let mut by_text: Vec<TokenId> = vocabulary.iter().map(|(id, _)| id).collect();
        by_text.sort_unstable_by_key(|id| &vocabulary.get(*id).text);
        WordPostings { lists, neighbors, by_text }
    }

    /// Names that have a word, ascending.
    pub(super) fn names(&self, token: TokenId) -> &[NameId] {
        self.lists.get(token.0)
    }

    /// Calls `found` with each word that a slip or two may have made of `text`; some come twice, some are
    /// further away than that: whoever asks compares.
    pub(super) fn neighbors(&self, text: &str, kind: TokenKind, mut found: impl FnMut(TokenId)) {
        if !tolerates_slips(text, kind) {
            return;
        }
        deletions(text, |hash| {
            let from = self.neighbors.partition_point(|(known, _)| *known < hash);
            self.neighbors[from..]
                .iter()
                .take_while(|(known, _)| *known == hash)
                .for_each(|(_, id)| found(*id));
        });
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

fn tolerates_slips(text: &str, kind: TokenKind) -> bool {
    let fits = text.len() >= NEIGHBOR_CHARS_MIN && text.len() <= NEIGHBOR_CHARS_MAX;
    fits && text.is_ascii() && matches!(kind, TokenKind::Word | TokenKind::Generic)
}

/// Calls `emit` with the hash of an ASCII word and of the word without each of its letters.
///
/// Two words one slip apart share at least one of these: the letter that was added, lost or changed is the
/// one left out, and of two swapped letters either.
fn deletions(text: &str, mut emit: impl FnMut(u32)) {
    emit(hash32(text.as_bytes()));
    let mut shorter = Vec::with_capacity(text.len());
    for left_out in 0..text.len() {
        shorter.clear();
        shorter.extend_from_slice(&text.as_bytes()[..left_out]);
        shorter.extend_from_slice(&text.as_bytes()[left_out + 1..]);
        emit(hash32(&shorter));
    }
}

fn hash32(value: impl Hash) -> u32 {
    // The upper half: foldhash mixes its best bits there.
    (FixedState::with_seed(3).hash_one(value) >> 32) as u32
}

/// Names by three letters in a row, each with the weight of its rarity.
#[derive(Debug, Default)]
pub(super) struct TrigramPostings {
    ids: HashMap<u64, u32, FixedState>,
    weights: Vec<f32>,
    lists: Lists,
    /// Euclidean length of each name's vector of trigram weights.
    lengths: Vec<f32>,
}

impl TrigramPostings {
    /// The lists of all names.
    pub(super) fn build(names: &Names, vocabulary: &Vocabulary) -> TrigramPostings {
        let mut ids: HashMap<u64, u32, FixedState> = HashMap::default();
        let mut per_name: Vec<u32> = Vec::new();
        let mut starts = Vec::with_capacity(names.len() + 1);
        starts.push(0usize);
        let mut text = String::new();
        for (_, entry) in names.iter() {
            names.surface(entry, vocabulary, &mut text);
            let from = per_name.len();
            trigrams(&text, |gram| {
                let next = ids.len() as u32;
                per_name.push(*ids.entry(gram).or_insert(next));
            });
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
        let lists = Lists::build(ids.len(), |emit| {
            for (id, _) in names.iter() {
                let span = starts[id.0 as usize]..starts[id.0 as usize + 1];
                per_name[span].iter().for_each(|gram| emit(*gram, id));
            }
        });
        let weights: Vec<f32> = (0..ids.len())
            .map(|gram| ((names.len() as f32 + 1.0) / (lists.get(gram as u32).len() as f32 + 1.0)).ln() + 1.0)
            .collect();
        let lengths = (0..names.len())
            .map(|name| {
                let grams = &per_name[starts[name]..starts[name + 1]];
                grams.iter().map(|gram| weights[*gram as usize].powi(2)).sum::<f32>().sqrt()
            })
            .collect();
        TrigramPostings { ids, weights, lists, lengths }
    }

    /// A text's trigrams, ready to find names and to be compared with them.
    pub(super) fn lookup(&self, text: &str) -> TrigramQuery<'_> {
        let mut seen = Vec::with_capacity(text.len() + 2);
        trigrams(text, |gram| seen.push(gram));
        seen.sort_unstable();
        seen.dedup();
        // A trigram that no name has counts as the rarest.
        let unknown = (self.lengths.len() as f32 + 1.0).ln() + 1.0;
        let mut squares = 0.0;
        let mut lists: Vec<(f32, &[NameId])> = Vec::with_capacity(seen.len());
        let mut grams = Vec::with_capacity(seen.len());
        for gram in seen {
            let Some(id) = self.ids.get(&gram) else {
                squares += unknown * unknown;
                continue;
            };
            let square = self.weights[*id as usize].powi(2);
            squares += square;
            lists.push((square, self.lists.get(*id)));
            grams.push((gram, square));
        }
        lists.sort_by_key(|(_, list)| list.len());
        TrigramQuery { lists, grams, length: squares.sqrt() }
    }

    /// Euclidean length of a name's vector.
    pub(super) fn length(&self, name: NameId) -> f32 {
        self.lengths[name.0 as usize]
    }
}

/// A lead's name as trigrams.
#[derive(Debug)]
pub(super) struct TrigramQuery<'a> {
    /// Squared weight and names of each trigram that any name has, the shortest list first.
    pub(super) lists: Vec<(f32, &'a [NameId])>,
    grams: Vec<(u64, f32)>,
    length: f32,
}

impl TrigramQuery<'_> {
    /// Cosine with a name of the index, whose own text and length are given. 0.0 to 1.0.
    pub(super) fn cosine(&self, text: &str, length: f32) -> f32 {
        let mut shared = 0.0;
        let mut used = [0u64; 5]; // 260 bits: no text has more trigrams than its 256 characters and one
        trigrams(text, |gram| {
            if let Ok(at) = self.grams.binary_search_by_key(&gram, |(known, _)| *known) {
                let (word, bit) = (at / 64, 1u64 << (at % 64));
                if used.get(word).is_some_and(|bits| bits & bit == 0) {
                    used[word] |= bit;
                    shared += self.grams[at].1;
                }
            }
        });
        (shared / (self.length * length).max(f32::MIN_POSITIVE)).min(1.0)
    }
}

/// Calls `emit` with every three characters in a row of the text, a space before and behind it.
fn trigrams(text: &str, mut emit: impl FnMut(u64)) {
    let mut window = [u64::from(b' '); 2];
    let mut first = true;
    for character in text.chars().chain(std::iter::once(' ')) {
        let character = u64::from(u32::from(character));
        if !first {
            emit(window[0] << 42 | window[1] << 21 | character);
        }
        window = [window[1], character];
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trigrams_of_a_text_are_as_many_as_its_characters() {
        let mut count = 0;
        trigrams("acme", |_| count += 1);
        assert_eq!(count, 4); // " ac", "acm", "cme", "me "
    }

    #[test]
    fn words_one_slip_apart_share_a_deletion() {
        let hashes = |text: &str| {
            let mut all = Vec::new();
            deletions(text, |hash| all.push(hash));
            all
        };
        let acme = hashes("kumar");
        for slip in ["kumr", "kumaar", "kumer", "kuamr", "kumar"] {
            assert!(hashes(slip).iter().any(|hash| acme.contains(hash)), "{slip}");
        }
        assert!(!hashes("vilniaus").iter().any(|hash| acme.contains(hash)));
    }
}
