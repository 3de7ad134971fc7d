//! Trigrams and their numbers: three characters in a row, of which nearly all are plain letters, digits and spaces.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Numbers of the trigrams that names have, in the order of their [`key`]s.
#[derive(Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct GramIds {
    /// Of the plain ones, by [`place`]: nearly all there are.
    plain: Vec<u32>,
    others: HashMap<u64, u32, FixedState>,
    count: u32,
}

/// No number: that of a trigram which no name has.
const NONE: u32 = u32::MAX;

impl Default for GramIds {
    fn default() -> GramIds {
        GramIds { plain: vec![NONE; PLACES as usize], others: HashMap::default(), count: 0 }
    }
}

impl GramIds {
    /// Gives the next number to the trigram of a key, which comes behind those of all keys that have one.
    pub(super) fn push(&mut self, key: u64) {
        match gram_of(key) {
            Some(gram) => drop(self.others.insert(gram, self.count)),
            None => self.plain[key as usize] = self.count,
        }
        self.count += 1;
    }

    /// The number of a trigram that any name has.
    pub(super) fn find(&self, gram: u64) -> Option<u32> {
        match place(gram) {
            Some(at) => Some(self.plain[at]).filter(|id| *id != NONE),
            None => self.others.get(&gram).copied(),
        }
    }

    /// How many have a number.
    pub(super) fn count(&self) -> usize {
        self.count as usize
    }

    /// The keys of all of them in order.
    pub(super) fn keys(&self) -> Vec<u64> {
        let plain = (0..).zip(&self.plain).filter(|(_, id)| **id != NONE).map(|(at, _)| at);
        let mut keys: Vec<u64> = plain.collect();
        let from = keys.len();
        keys.extend(self.others.keys().map(|gram| OTHER | gram));
        keys[from..].sort_unstable();
        keys
    }
}

/// What trigrams are in order by: the place of a plain one, and behind these the characters of any other.
pub(super) fn key(gram: u64) -> u64 {
    place(gram).map_or(OTHER | gram, |at| at as u64)
}

/// The trigram of a key, unless it is plain.
fn gram_of(key: u64) -> Option<u64> {
    (key & OTHER != 0).then_some(key & !OTHER)
}

/// Set in the key of a trigram that is not plain: three characters leave it free.
const OTHER: u64 = 1 << 63;

/// How many plain trigrams there may be.
pub(super) const PLACES: u32 = (PLAIN_COUNT * PLAIN_COUNT * PLAIN_COUNT) as u32;

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
pub(super) fn plain(character: usize) -> Option<usize> {
    PLAIN.get(character).map(|number| usize::from(*number)).filter(|number| *number < PLAIN_COUNT)
}

/// Calls `emit` with the [`place`] of each trigram of a text that is plain throughout.
pub(super) fn plain_places(text: &str, mut emit: impl FnMut(usize)) {
    let mut numbers = text.bytes().filter_map(|byte| plain(byte.into()));
    // A space in front, whose number is 0.
    let Some(mut pair) = numbers.next() else { return };
    for number in numbers.chain([0]) {
        emit(pair * PLAIN_COUNT + number);
        pair = pair % PLAIN_COUNT * PLAIN_COUNT + number;
    }
}

/// A number of its own for each trigram of plain characters.
pub(super) fn place(gram: u64) -> Option<usize> {
    let number = |shift: u32| plain((gram >> shift) as usize & ((1 << CHAR_BITS) - 1));
    let (first, second, third) = (number(2 * CHAR_BITS)?, number(CHAR_BITS)?, number(0)?);
    Some((first * PLAIN_COUNT + second) * PLAIN_COUNT + third)
}

/// Bits of a character.
const CHAR_BITS: u32 = 21;

/// Calls `emit` with every three characters in a row of the text, a space before and behind it.
pub(super) fn trigrams(text: &str, emit: impl FnMut(u64)) {
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
    fn trigrams_are_numbered_in_the_order_of_their_keys() {
        let mut keys = Vec::new();
        trigrams("ab 9z ЯB {a", |gram| keys.push((key(gram), gram)));
        keys.sort_unstable();
        let mut ids = GramIds::default();
        keys.iter().for_each(|(key, _)| ids.push(*key));
        assert!(keys.iter().zip(0..).all(|((_, gram), number)| ids.find(*gram) == Some(number)));
        assert!(ids.keys().iter().eq(keys.iter().map(|(key, _)| key)));
    }
}
