//! Names by three letters in a row: what is left to go by where no word agrees.

mod carried;
mod endings;
mod filled;
mod grams;

pub(super) use self::filled::TrigramNames;

use self::grams::{GramIds, trigrams};
use super::names::NameId;
use super::postings::Lists;

/// Names of a block: as many as two bytes tell apart, so that a list takes half the memory and the sums of a block stay in
/// the processor's nearer cache.
pub(super) const BLOCK: usize = 1 << 16;

/// Names by three letters in a row, each with the weight of its rarity.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct TrigramPostings {
    ids: GramIds,
    /// The square of each trigram's weight.
    squares: Vec<f32>,
    /// For each trigram, block by block, the places of its names in the block, ascending.
    lists: Lists<u16>,
    blocks: usize,
    /// Euclidean length of each name's vector of trigram weights.
    lengths: Vec<f32>,
}

impl TrigramPostings {
    /// A text's trigrams, ready to find names and to be compared with them.
    pub(super) fn lookup(&self, text: &str) -> TrigramQuery {
        let mut seen = Vec::with_capacity(text.len() + 2);
        trigrams(text, |gram| seen.push(gram));
        seen.sort_unstable();
        seen.dedup();
        let unknown = self.unknown();
        let mut squares = 0.0;
        let mut lists: Vec<(f32, u32)> = Vec::with_capacity(seen.len());
        let mut grams = Vec::with_capacity(seen.len());
        for gram in seen {
            let Some(id) = self.ids.find(gram) else {
                squares += unknown * unknown;
                continue;
            };
            let square = self.squares[id as usize];
            squares += square;
            lists.push((square, id));
            grams.push((gram, square));
        }
        TrigramQuery { lists, found: Places::of(&grams), grams, square: squares, length: squares.sqrt() }
    }

    /// The weight of a trigram that no name has: it counts as the rarest.
    fn unknown(&self) -> f32 {
        (self.lengths.len() as f32 + 1.0).ln() + 1.0
    }

    /// How many names have a trigram.
    pub(super) fn count(&self, gram: u32) -> usize {
        let from = gram as usize * self.blocks;
        self.lists.span(from..from + self.blocks).len()
    }

    /// How many blocks of names there are.
    pub(super) fn blocks(&self) -> usize {
        self.blocks
    }

    /// The places of a trigram's names in a block, ascending.
    pub(super) fn in_block(&self, gram: u32, block: usize) -> &[u16] {
        self.lists.get(gram as usize * self.blocks + block)
    }

    /// Euclidean lengths of the vectors of a block's names.
    pub(super) fn lengths_in_block(&self, block: usize) -> &[f32] {
        let to = self.lengths.len().min((block + 1) * BLOCK);
        &self.lengths[block * BLOCK..to]
    }

    /// Euclidean length of a name's vector.
    pub(super) fn length(&self, name: NameId) -> f32 {
        self.lengths[name.0 as usize]
    }
}

/// A lead's name as trigrams.
#[derive(Debug)]
pub(super) struct TrigramQuery {
    /// Squared weight and number of each trigram that any name has.
    pub(super) lists: Vec<(f32, u32)>,
    grams: Vec<(u64, f32)>,
    /// Where each of them stands.
    found: Places,
    /// The sum of all squared weights, also of trigrams that no name has.
    pub(super) square: f32,
    /// Euclidean length of the name's vector.
    pub(super) length: f32,
}

impl TrigramQuery {
    /// Cosine with a name of the index, whose own text and length are given. 0.0 to 1.0.
    pub(super) fn cosine(&self, text: &str, length: f32) -> f32 {
        let mut shared = 0.0;
        let mut used = [0u64; 5]; // 260 bits: no text has more trigrams than its 256 characters and one
        trigrams(text, |gram| {
            if let Some(at) = self.found.find(gram, &self.grams) {
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

/// Where trigrams stand in a list of at most 257, by their hash: every trigram of every candidate is looked up.
#[derive(Debug)]
struct Places([u16; PLACES]);

/// About twice as many as a text has trigrams, so that most are found where they are first sought.
const PLACES: usize = 512;

impl Places {
    fn of(grams: &[(u64, f32)]) -> Places {
        let mut places = [u16::MAX; PLACES];
        for (at, (gram, _)) in grams.iter().enumerate().take(PLACES - 1) {
            let mut place = Places::first(*gram);
            while places[place] != u16::MAX {
                place = (place + 1) % PLACES;
            }
            places[place] = at as u16;
        }
        Places(places)
    }

    fn find(&self, gram: u64, grams: &[(u64, f32)]) -> Option<usize> {
        let mut place = Places::first(gram);
        loop {
            let at = usize::from(self.0[place]);
            // An empty place names none.
            let (known, _) = grams.get(at)?;
            if *known == gram {
                return Some(at);
            }
            place = (place + 1) % PLACES;
        }
    }

    /// The upper bits of a product with an odd number spread best (Knuth: multiplicative hashing).
    fn first(gram: u64) -> usize {
        (gram.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - PLACES.ilog2())) as usize
    }
}
