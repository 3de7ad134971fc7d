//! The words of the registry's names: ids, how rare each is, and how much evidence that makes it.
//!
//! A word's weight is its information content, −ln p, as a share of that of a word nobody else uses. Its
//! probability p blends what the registry itself shows with a prior learnt from a large sample of company
//! names, so that a registry of ten accounts still knows that "technologies" says little, and one of a
//! hundred thousand relies on its own counts.

mod carried;

use std::hash::BuildHasher;
use std::sync::LazyLock;

use compact_str::CompactString;
use foldhash::fast::FixedState;
use hashbrown::hash_table::Entry;
use hashbrown::{HashMap, HashTable};

use super::alignment::Word;
use super::buckets::{Buckets, half};
use super::token::Letters;
use crate::normalize::TokenKind;

pub(super) use self::carried::{MovedWords, NextVocabulary};

/// Names the prior counts for as if they stood in the registry. About the size at which a registry's own
/// counts of common words become steady (a word of frequency 1 % is then seen 200 times, ± 14).
const PRIOR_NAMES: f32 = 20_000.0;
/// Occurrences assumed for a word that the prior does not list: it lists every word seen more often.
const UNLISTED_COUNT: f32 = 4.0;
/// Weight of a function word, at most: "of" in "Bank of China" must not outweigh a missing "China".
const FUNCTION_WEIGHT_MAX: f32 = 0.10;
/// What is left of a generic word's weight: it was put on the list because it does not identify.
const GENERIC_SHARE: f32 = 0.60;

/// Identifies a word of one index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TokenId(pub(super) u32);

/// A word of the registry.
#[derive(Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct VocabularyToken {
    /// Its comparable form; in place, as nearly all are short.
    pub(super) text: CompactString,
    /// Evidence it carries, 0.0 to 1.0.
    pub(super) weight: f32,
    /// What it contributes.
    pub(super) kind: TokenKind,
    /// Which letters it has.
    letters: Letters,
}

/// Every word of the registry's names, by id and by text.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    tokens: Vec<VocabularyToken>,
    /// Ids by the hash of their text, while words come; empty once all are there.
    ids: HashTable<TokenId>,
    /// The same of all words; empty before.
    found: Buckets,
    name_count: u32,
    /// Words that contribute one thing in one name and another in another, as far as is known: all such are here, and with
    /// them some that did in a name that is gone. Ascending.
    several_kinds: Vec<TokenId>,
}

impl Vocabulary {
    /// Room for the words of so many accounts: in real registries about one new word each.
    pub(super) fn with_capacity(accounts: usize) -> Vocabulary {
        Vocabulary {
            tokens: Vec::with_capacity(accounts),
            ids: HashTable::with_capacity(accounts),
            ..Vocabulary::default()
        }
    }

    /// The id of a word seen while the index is built; new words get the next id.
    pub(super) fn intern(&mut self, text: &str, kind: TokenKind) -> TokenId {
        let Vocabulary { tokens, ids, several_kinds, .. } = self;
        let entry = ids.entry(
            hash(text),
            |id| tokens[id.0 as usize].text == text,
            |id| hash(&tokens[id.0 as usize].text),
        );
        match entry {
            Entry::Occupied(known) => {
                let id = *known.get();
                if tokens[id.0 as usize].kind != kind {
                    several_kinds.push(id);
                }
                id
            }
            Entry::Vacant(free) => {
                let next = u32::try_from(tokens.len());
                let id = TokenId(next.expect("fewer than 2^32 distinct words fit in memory"));
                free.insert(id);
                let letters = Letters::of(text);
                tokens.push(VocabularyToken { text: CompactString::new(text), weight: 0.0, kind, letters });
                id
            }
        }
    }

    /// Makes words known by their texts. None comes after that.
    pub(super) fn complete(&mut self) {
        let hashes: Vec<u32> = self.tokens.iter().map(|token| half(hash(&token.text))).collect();
        self.complete_with(Buckets::build(hashes.len(), hashes.len(), || hashes.iter().copied().zip(0..)));
    }

    fn complete_with(&mut self, found: Buckets) {
        self.found = found;
        self.ids = HashTable::new();
        self.tokens.shrink_to_fit();
        self.several_kinds.sort_unstable();
        self.several_kinds.dedup();
        self.several_kinds.shrink_to_fit();
    }

    /// Sets every word's weight, once all are there: of so many names `count` says how many have a word.
    pub(super) fn weigh(&mut self, name_count: u32, count: impl Fn(TokenId) -> u32) {
        self.name_count = name_count;
        for (id, token) in (0..).map(TokenId).zip(&mut self.tokens) {
            token.weight = token.weigh(name_count, count(id));
        }
    }

    /// The id of a word, if any name has it. Known once all words are there.
    pub(super) fn find(&self, text: &str) -> Option<TokenId> {
        self.found.find(half(hash(text))).map(TokenId).find(|id| self.get(*id).text == text)
    }

    /// The word of an id.
    pub(super) fn get(&self, id: TokenId) -> &VocabularyToken {
        &self.tokens[id.0 as usize]
    }

    /// Every word with its id, in order of first appearance.
    pub(super) fn iter(&self) -> impl Iterator<Item = (TokenId, &VocabularyToken)> {
        self.tokens.iter().enumerate().map(|(at, token)| (TokenId(at as u32), token))
    }

    /// How many distinct words there are.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The weight of a lead's word: that of the registry's word, or of one that no name has.
    pub(super) fn lead_weight(&self, text: &str, kind: TokenKind) -> f32 {
        self.lead_word(text, kind).weight
    }

    /// A word of a lead, read.
    pub(super) fn lead_word<'t>(&self, text: &'t str, kind: TokenKind) -> Word<'t> {
        let id = self.find(text);
        let (weight, known) = match id {
            Some(id) => (self.get(id).weight, true),
            None => {
                let prior = PRIOR.counts.get(text).copied();
                (weight(prior, kind, 0, self.name_count), prior.is_some())
            }
        };
        Word { text, letters: Letters::of(text), kind, weight, known, id }
    }

    /// A word of a name of the registry.
    pub(super) fn account_word(&self, id: TokenId) -> Word<'_> {
        let token = self.get(id);
        let VocabularyToken { ref text, weight, kind, letters } = *token;
        Word { text, letters, kind, weight, known: true, id: Some(id) }
    }
}

impl VocabularyToken {
    /// Its weight where so many of so many names have it.
    fn weigh(&self, names: u32, count: u32) -> f32 {
        weight(PRIOR.counts.get(&*self.text).copied(), self.kind, count, names)
    }
}

fn hash(text: &str) -> u64 {
    FixedState::with_seed(5).hash_one(text)
}

/// The weight of a word that the prior lists so many times, if it does, and so many names of the registry have.
fn weight(prior_count: Option<f32>, kind: TokenKind, name_count: u32, names: u32) -> f32 {
    let prior_count = prior_count.unwrap_or(UNLISTED_COUNT);
    let prior_names = PRIOR.names.max(1.0);
    let prior_share = PRIOR_NAMES / prior_names;
    let p = (name_count as f32 + prior_count * prior_share) / (names as f32 + PRIOR_NAMES);
    let rarest = (UNLISTED_COUNT * prior_share) / (names as f32 + PRIOR_NAMES);
    let information = (p.ln() / rarest.ln()).clamp(0.0, 1.0);
    match kind {
        TokenKind::Word | TokenKind::Number => information,
        TokenKind::Generic => information * GENERIC_SHARE,
        TokenKind::Function => information.min(FUNCTION_WEIGHT_MAX),
    }
}

struct Prior {
    names: f32,
    counts: HashMap<&'static str, f32, FixedState>,
}

/// Word counts over a large sample of company names; see the head of the data file.
static PRIOR: LazyLock<Prior> = LazyLock::new(|| {
    let mut prior = Prior { names: 0.0, counts: HashMap::default() };
    for line in include_str!("../../data/token_prior.tsv").lines() {
        if let Some(names) = line.strip_prefix("# names: ") {
            prior.names =
                names.trim().parse().expect("the head of token_prior.tsv gives the number of names");
        } else if let Some((token, count)) = line.split_once('\t').filter(|_| !line.starts_with('#')) {
            prior.counts.insert(token, count.parse().expect("token_prior.tsv gives a count behind each tab"));
        }
    }
    prior
});

#[cfg(test)]
impl PartialEq for Vocabulary {
    /// Whether leads find the same: which words were once several things does not matter to them.
    fn eq(&self, other: &Vocabulary) -> bool {
        (&self.tokens, &self.found, self.name_count) == (&other.tokens, &other.found, other.name_count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(names: &[&[(&str, TokenKind)]]) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for (text, kind) in names.iter().copied().flatten() {
            vocabulary.intern(text, *kind);
        }
        vocabulary.complete();
        let texts: Vec<String> = vocabulary.tokens.iter().map(|token| token.text.to_string()).collect();
        vocabulary.weigh(names.len() as u32, |id| {
            let has =
                |name: &&&[(&str, TokenKind)]| name.iter().any(|(text, _)| *text == texts[id.0 as usize]);
            names.iter().filter(has).count() as u32
        });
        vocabulary
    }

    #[test]
    fn a_word_unknown_to_the_registry_weighs_as_much_as_a_word_can() {
        let vocabulary = vocabulary(&[&[("acme", TokenKind::Word)]]);
        assert_eq!(vocabulary.lead_weight("qxzzyq", TokenKind::Word), 1.0);
    }

    #[test]
    fn a_common_word_weighs_little_even_where_the_registry_has_it_once() {
        let vocabulary = vocabulary(&[&[("acme", TokenKind::Word), ("technology", TokenKind::Word)]]);
        let technology = vocabulary.lead_weight("technology", TokenKind::Word);
        assert!(technology < 0.6, "technology weighs {technology}");
        assert!(vocabulary.lead_weight("acme", TokenKind::Word) > technology);
    }

    #[test]
    fn a_function_word_never_outweighs_a_rare_word() {
        let vocabulary = vocabulary(&[&[("of", TokenKind::Function), ("acme", TokenKind::Word)]]);
        assert!(vocabulary.lead_weight("of", TokenKind::Function) <= FUNCTION_WEIGHT_MAX);
    }
}
