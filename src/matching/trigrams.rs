//! Names by three letters in a row: what is left to go by where no word agrees.

mod endings;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::names::NameId;
use super::postings::Lists;
use super::prepared::{Reading, Sizes};

/// Names of a block: as many as two bytes tell apart, so that a list takes half the memory and the sums of a block stay in
/// the processor's nearer cache.
pub(super) const BLOCK: usize = 1 << 16;

/// Names by three letters in a row, each with the weight of its rarity.
#[derive(Debug, Default)]
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
    /// The lists of all names that were added.
    pub(super) fn build(names: TrigramNames) -> TrigramPostings {
        let TrigramNames { ids, per_name, starts } = names;
        let count = starts.len() - 1;
        let grams_of = |name: usize| &per_name[starts[name]..starts[name + 1]];
        let blocks = count.div_ceil(BLOCK);
        let lists = Lists::build(ids.count as usize * blocks, |emit| {
            for name in 0..count {
                let (block, place) = (name / BLOCK, (name % BLOCK) as u16);
                grams_of(name).iter().for_each(|gram| emit(*gram as usize * blocks + block, place));
            }
        });
        let names_of = |gram: u32| lists.span(gram as usize * blocks..(gram as usize + 1) * blocks).len();
        let weight = |gram| ((count as f32 + 1.0) / (names_of(gram) as f32 + 1.0)).ln() + 1.0;
        let squares: Vec<f32> = (0..ids.count).map(|gram| weight(gram).powi(2)).collect();
        let length = |name| grams_of(name).iter().map(|gram| squares[*gram as usize]).sum::<f32>().sqrt();
        let lengths = (0..count).map(length).collect();
        TrigramPostings { ids, squares, lists, blocks, lengths }
    }

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

/// The trigrams of each name, on the way to the lists of names.
#[derive(Debug)]
pub(super) struct TrigramNames {
    ids: GramIds,
    per_name: Vec<u32>,
    starts: Vec<usize>,
}

impl TrigramNames {
    /// Room for the names of accounts.
    pub(super) fn with_capacity(sizes: Sizes) -> TrigramNames {
        let mut starts = Vec::with_capacity(sizes.names + 1);
        starts.push(0);
        TrigramNames { ids: GramIds::default(), per_name: Vec::with_capacity(sizes.bytes), starts }
    }

    /// Adds the next name.
    pub(super) fn add(&mut self, name: &Reading<'_>) {
        let TrigramNames { ids, per_name, starts } = self;
        let from = per_name.len();
        if name.surface.bytes().all(|byte| plain(byte.into()).is_some()) {
            plain_places(name.surface, |at| {
                per_name.push(GramIds::number(&mut ids.plain[at], &mut ids.count))
            });
        } else {
            trigrams(name.surface, |gram| per_name.push(ids.intern(gram)));
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

/// Numbers of trigrams in the order of their first appearance.
#[derive(Debug)]
struct GramIds {
    /// Of the plain ones, by [`place`]: nearly all there are.
    plain: Vec<u32>,
    others: HashMap<u64, u32, FixedState>,
    count: u32,
}

/// No number: that of a trigram which no name has.
const NONE: u32 = u32::MAX;

impl Default for GramIds {
    fn default() -> GramIds {
        GramIds { plain: vec![NONE; PLAIN_COUNT.pow(3)], others: HashMap::default(), count: 0 }
    }
}

impl GramIds {
    fn intern(&mut self, gram: u64) -> u32 {
        let id = match place(gram) {
            Some(at) => &mut self.plain[at],
            None => self.others.entry(gram).or_insert(NONE),
        };
        GramIds::number(id, &mut self.count)
    }

    /// The number in a slot, the next one where there was none.
    fn number(slot: &mut u32, count: &mut u32) -> u32 {
        if *slot == NONE {
            *slot = *count;
            *count += 1;
        }
        *slot
    }

    fn find(&self, gram: u64) -> Option<u32> {
        match place(gram) {
            Some(at) => Some(self.plain[at]).filter(|id| *id != NONE),
            None => self.others.get(&gram).copied(),
        }
    }
}

/// Space, digits and the letters from a to z.
const PLAIN_COUNT: usize = 37;

/// The number of each plain character; [`PLAIN_COUNT`] for any other.
const PLAIN: [u8; 128] = {
    let mut numbers = [PLAIN_COUNT as u8; 128];
    numbers[b' ' as usize] = 0;
    let mut at = 0;
    while at < 26 {
        if at < 10 {
            numbers[b'0' as usize + at] = 1 + at as u8;
        }
        numbers[b'a' as usize + at] = 11 + at as u8;
        at += 1;
    }
    numbers
};

/// The number of a plain character.
fn plain(character: usize) -> Option<usize> {
    PLAIN.get(character).map(|number| usize::from(*number)).filter(|number| *number < PLAIN_COUNT)
}

/// Calls `emit` with the [`place`] of each trigram of a text that is plain throughout.
fn plain_places(text: &str, mut emit: impl FnMut(usize)) {
    let mut numbers = text.bytes().filter_map(|byte| plain(byte.into()));
    // A space in front, whose number is 0.
    let Some(mut pair) = numbers.next() else { return };
    for number in numbers.chain([0]) {
        emit(pair * PLAIN_COUNT + number);
        pair = pair % PLAIN_COUNT * PLAIN_COUNT + number;
    }
}

/// A number of its own for each trigram of plain characters.
fn place(gram: u64) -> Option<usize> {
    let number = |shift: u32| plain((gram >> shift) as usize & ((1 << CHAR_BITS) - 1));
    let (first, second, third) = (number(2 * CHAR_BITS)?, number(CHAR_BITS)?, number(0)?);
    Some((first * PLAIN_COUNT + second) * PLAIN_COUNT + third)
}

/// Bits of a character.
const CHAR_BITS: u32 = 21;

/// Calls `emit` with every three characters in a row of the text, a space before and behind it.
fn trigrams(text: &str, emit: impl FnMut(u64)) {
    if text.is_ascii() {
        windows(text.bytes().map(u64::from), emit);
    } else {
        windows(text.chars().map(|character| u64::from(u32::from(character))), emit);
    }
}

fn windows(mut characters: impl Iterator<Item = u64>, mut emit: impl FnMut(u64)) {
    // A space in front.
    let Some(first) = characters.next() else { return };
    let mut pair = u64::from(b' ') << CHAR_BITS | first;
    for character in characters.chain([u64::from(b' ')]) {
        emit(pair << CHAR_BITS | character);
        pair = (pair << CHAR_BITS | character) & ((1 << (2 * CHAR_BITS)) - 1);
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
    fn a_plain_text_has_the_trigrams_of_any_text() {
        for text in ["a", "ab", "acme 24 gmbh", "9 z"] {
            let (mut usual, mut plain) = (Vec::new(), Vec::new());
            trigrams(text, |gram| usual.extend(place(gram)));
            plain_places(text, |at| plain.push(at));
            assert_eq!(plain, usual, "{text}");
        }
    }

    #[test]
    fn every_trigram_keeps_its_number() {
        let mut ids = GramIds::default();
        let mut grams = Vec::new();
        trigrams("ab 9z ЯB {a", |gram| grams.push(gram));
        let first: Vec<u32> = grams.iter().map(|gram| ids.intern(*gram)).collect();
        assert_eq!(first, (0..grams.len() as u32).collect::<Vec<_>>());
        assert!(grams.iter().zip(first).all(|(gram, id)| ids.find(*gram) == Some(id)));
    }
}
