//! Words of the registry that are a slip away from a word of the lead.
//!
//! Two words one slip apart share the word that is left when one letter is left out of each: the letter that was
//! added, lost or changed, and of two swapped letters either. So each word is stored under the hashes of itself and
//! of what is left of it (Bocek, Hunt, Stiller: Fast Similarity Search in Large Dictionaries, 2007).

mod carried;

use super::ahead;
use super::vocabulary::{TokenId, Vocabulary};
use crate::normalize::TokenKind;

/// Words shorter than this have no neighbors by deletion: they tolerate no slip.
const CHARS_MIN: usize = 4;
/// Words longer than this are looked up as they are: a slip in them is found by their trigrams.
const CHARS_MAX: usize = 24;

/// Hashes that are handed over together: few enough to stay in the nearest cache.
const BATCH: usize = 1 << 10;

/// Words by the hashes of what is left of them.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Neighbors {
    /// Words, each with as many bits of its hash in front as four bytes have room for: few enough others have the same that
    /// whoever compares hardly meets them.
    words: Vec<u32>,
    /// For each value of a hash's first bits where its words begin, and behind them the end.
    starts: Vec<u32>,
    /// How many bits of a hash do not tell where to look.
    rest_bits: u32,
    /// How many bits a word's number takes.
    id_bits: u32,
}

impl Neighbors {
    /// All words of a vocabulary that tolerate a slip.
    pub(super) fn build(vocabulary: &Vocabulary) -> Neighbors {
        let (rest_bits, id_bits) = bits(vocabulary);
        let bits = u32::BITS - rest_bits;
        // Counted, then spread: the hashes are made twice, since all of them at once take more memory than all words do.
        let mut starts = vec![0u32; (1 << bits) + 1];
        each_deletion(vocabulary, |found| {
            found.iter().for_each(|(hash, _)| starts[(hash >> rest_bits) as usize + 1] += 1);
        });
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut words = vec![0; starts[1 << bits] as usize];
        each_deletion(vocabulary, |found| {
            for (hash, id) in found {
                let at = &mut next[(hash >> rest_bits) as usize];
                words[*at as usize] = told(*hash, id_bits) | id.0;
                *at += 1;
            }
        });
        Neighbors { words, starts, rest_bits, id_bits }
    }

    /// Calls `found` with each word that a slip or two may have made of `text`; some come twice, some are
    /// further away than that: whoever asks compares.
    pub(super) fn find(&self, text: &str, kind: TokenKind, mut found: impl FnMut(TokenId)) {
        if !tolerates_slips(text, kind) {
            return;
        }
        // Step by step for all hashes together, so that memory is waited for once a step and not once a hash.
        let mut asked: [(u32, &[u32]); CHARS_MAX + 1] = [(0, &[]); CHARS_MAX + 1];
        let mut count = 0;
        deletions(text, |hash| {
            asked[count].0 = hash;
            count += 1;
        });
        let asked = &mut asked[..count];
        for (hash, bucket) in asked.iter_mut() {
            let at = (*hash >> self.rest_bits) as usize;
            *bucket = &self.words[self.starts[at] as usize..self.starts[at + 1] as usize];
        }
        ahead::fetch(asked.iter().flat_map(|(_, bucket)| bucket.first()).copied());
        let ids = (1 << self.id_bits) - 1;
        for (hash, bucket) in asked {
            let told = told(*hash, self.id_bits);
            // About eight, side by side: to look at all is sooner than to search.
            let same = bucket.iter().filter(|word| *word & !ids == told);
            same.for_each(|word| found(TokenId(word & ids)));
        }
    }
}

/// How many bits of a hash do not tell where to look, and how many bits a word's number takes.
fn bits(vocabulary: &Vocabulary) -> (u32, u32) {
    let lengths = tolerant(vocabulary).map(|(_, text)| text.len() + 1);
    let count: usize = lengths.sum();
    // Hashes are even, so a bucket of their first bits holds about eight.
    let bits = (count / 8).max(2).ilog2();
    (u32::BITS - bits, (vocabulary.len().max(2) - 1).ilog2() + 1)
}

/// The last bits of a hash, in front of the place for a word's number: the first ones tell the bucket.
fn told(hash: u32, id_bits: u32) -> u32 {
    hash.checked_shl(id_bits).unwrap_or(0)
}

/// The words that tolerate a slip.
fn tolerant(vocabulary: &Vocabulary) -> impl Iterator<Item = (TokenId, &str)> {
    let tolerant = vocabulary.iter().filter(|(_, token)| tolerates_slips(&token.text, token.kind));
    tolerant.map(|(id, token)| (id, &*token.text))
}

/// Hands over the hashes of what is left of these words, many at a time: each leads to another place in memory, which a
/// processor waits for one after the other where it has a word to take apart in between.
fn each_deletion(vocabulary: &Vocabulary, mut take: impl FnMut(&[(u32, TokenId)])) {
    let mut found = Vec::with_capacity(BATCH + CHARS_MAX + 1);
    for (id, text) in tolerant(vocabulary) {
        deletions(text, |hash| found.push((hash, id)));
        if found.len() >= BATCH {
            take(&found);
            found.clear();
        }
    }
    take(&found);
}

fn tolerates_slips(text: &str, kind: TokenKind) -> bool {
    let fits = text.len() >= CHARS_MIN && text.len() <= CHARS_MAX;
    fits && text.is_ascii() && matches!(kind, TokenKind::Word | TokenKind::Generic)
}

/// Calls `emit` with the hash of a word and of the word without each of its letters; the word is ASCII and not empty,
/// and has at most [`CHARS_MAX`] letters.
fn deletions(text: &str, mut emit: impl FnMut(u32)) {
    let text = text.as_bytes();
    let mut before = [0u64; CHARS_MAX + 1];
    for (at, letter) in text.iter().enumerate() {
        before[at + 1] = next(before[at], *letter);
    }
    let whole = before[text.len()];
    emit(mixed(whole));
    // Without a letter, what stands before it moves up by one place: the polynomials differ in those terms alone.
    let mut place = 1u64;
    for at in (0..text.len()).rev() {
        // Without either of two equal neighbors the same is left.
        if at == 0 || text[at - 1] != text[at] {
            let moved = before[at].wrapping_sub(before[at + 1]).wrapping_mul(place);
            emit(mixed(whole.wrapping_add(moved)));
        }
        place = place.wrapping_mul(BASE);
    }
}

/// A word as a polynomial of its letters, one letter longer.
fn next(before: u64, letter: u8) -> u64 {
    before.wrapping_mul(BASE).wrapping_add(letter.into())
}

/// The point at which polynomials are taken: odd, with its bits well mixed (a prime of Collet: xxHash).
const BASE: u64 = 0x9E37_79B1_85EB_CA87;

/// The upper half of a last product, which depends on all bits.
fn mixed(polynomial: u64) -> u32 {
    ((polynomial ^ polynomial >> 29).wrapping_mul(BASE) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Vec<u32> {
        let mut all = Vec::new();
        deletions(text, |hash| all.push(hash));
        all
    }

    #[test]
    fn words_one_slip_apart_share_a_deletion() {
        let known = hashes("kumar");
        for slip in ["kumr", "kumaar", "kumer", "kuamr", "kumar"] {
            assert!(hashes(slip).iter().any(|hash| known.contains(hash)), "{slip}");
        }
        assert!(!hashes("vilniaus").iter().any(|hash| known.contains(hash)));
    }

    #[test]
    fn each_letter_is_left_out_once() {
        let hash = |word: &str| mixed(word.bytes().fold(0, next));
        for (word, left) in
            [("acce", &["acce", "acc", "ace", "cce"][..]), ("abcd", &["abcd", "abc", "abd", "acd", "bcd"])]
        {
            assert_eq!(hashes(word), left.iter().map(|left| hash(left)).collect::<Vec<_>>());
        }
    }
}
