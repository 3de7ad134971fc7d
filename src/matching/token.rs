//! How alike two words are.

use rapidfuzz::distance::osa;

use super::alignment::Word;
use crate::normalize::TokenKind;

/// Words shorter than this collide by chance ("abb", "abc"; "hps", "kps"), so they must be equal.
const TYPO_CHARS_MIN: usize = 4;
/// Two edits are a slip only in a word at least this long: "stripe" is not "strix".
const TWO_EDITS_CHARS_MIN: usize = 8;
/// Three edits are a slip only in a word at least this long.
const THREE_EDITS_CHARS_MIN: usize = 13;
/// A cut word keeps at least this many characters: "comm" for "communications".
const CUT_CHARS_MIN: usize = 3;

/// In which way two words agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Agreement {
    /// Letter by letter.
    Equal,
    /// But for slips of spelling.
    Typo,
    /// One is the other cut short, or its consonants: "comm", "mfg".
    Cut,
}

/// Which letters a word has, some standing for others too: two words whose letters differ are different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letters([u8; 3]);

/// Letters that share no bit with another, beside the last bit of the three bytes.
const LETTER_BITS: u32 = 23;
/// Set where a word is not ASCII throughout.
const NOT_ASCII: u32 = 1 << LETTER_BITS;

impl Letters {
    pub(super) fn of(text: &str) -> Letters {
        let bit = |byte: u8| if byte.is_ascii() { 1 << (u32::from(byte) % LETTER_BITS) } else { NOT_ASCII };
        let [bits @ .., _] = text.bytes().fold(0, |all, byte| all | bit(byte)).to_le_bytes();
        Letters(bits)
    }

    fn bits(self) -> u32 {
        let [one, two, three] = self.0;
        u32::from_le_bytes([one, two, three, 0])
    }

    fn is_ascii(self) -> bool {
        self.bits() & NOT_ASCII == 0
    }
}

/// A similarity over 0.0 up to 1.0 and the way it came about; `None` for different words.
///
/// Symmetric. Words with a digit agree only when equal: "fund 2" is not "fund 3".
pub(super) fn similarity(one: &Word<'_>, other: &Word<'_>) -> Option<(f32, Agreement)> {
    if one.text == other.text {
        return Some((1.0, Agreement::Equal));
    }
    if one.kind == TokenKind::Number || other.kind == TokenKind::Number {
        return None;
    }
    let ascii = one.letters.is_ascii() && other.letters.is_ascii();
    let (short, long) = if one.text.len() <= other.text.len() { (one, other) } else { (other, one) };
    typo(short, long, ascii).map(|share| (share, Agreement::Typo)).or_else(|| {
        if !ascii || one.kind == TokenKind::Function || other.kind == TokenKind::Function {
            return None;
        }
        cut(short.text, long.text).map(|share| (share, Agreement::Cut))
    })
}

/// 1 less the share of characters that a slip touched; `None` for more slips than a word of this length
/// explains. Lengths are compared in bytes first, since a byte more is at least part of a character more.
fn typo(short: &Word<'_>, long: &Word<'_>, ascii: bool) -> Option<f32> {
    // Fewer bytes may still be more characters: "abcd" and "三菱".
    let (short_chars, long_chars) = if ascii {
        (short.text.len(), long.text.len())
    } else {
        let (one, other) = (short.text.chars().count(), long.text.chars().count());
        (one.min(other), one.max(other))
    };
    if short_chars < TYPO_CHARS_MIN {
        return None;
    }
    let budget = match short_chars {
        THREE_EDITS_CHARS_MIN.. => 3,
        TWO_EDITS_CHARS_MIN.. => 2,
        _ => 1,
    };
    if long_chars - short_chars > budget {
        return None;
    }
    if ascii && !may_be_slips(short.letters, long.letters, budget) {
        return None;
    }
    let (short, long) = (short.text, long.text);
    let edits =
        if ascii { osa::distance(short.bytes(), long.bytes()) } else { strsim::osa_distance(short, long) };
    (edits <= budget).then(|| 1.0 - edits as f32 / long_chars as f32)
}

/// False where one word has more letters that the other lacks than `budget` slips could bring in: a slip brings one.
fn may_be_slips(one: Letters, other: Letters, budget: usize) -> bool {
    let (one, other) = (one.bits(), other.bits());
    let few = |lacking: u32| lacking.count_ones() as usize <= budget;
    few(one & !other) && few(other & !one)
}

/// How much of the longer word the shorter one shows, where it is its beginning or, letter for letter in
/// order from the same initial, its skeleton without vowels. Both are ASCII.
fn cut(short: &str, long: &str) -> Option<f32> {
    if short.len() < CUT_CHARS_MIN || short.len() + 1 >= long.len() {
        return None;
    }
    let shown = short.len() as f32 / long.len() as f32;
    if long.starts_with(short) {
        // A beginning of three letters out of ten is a weak hint, seven out of ten a near certainty.
        return Some(0.5 + 0.5 * shown);
    }
    is_skeleton(short, long).then_some(0.4 + 0.4 * shown)
}

/// True where `short` has the first letter of `long` and drops only vowels or a tail: "mfg", "svcs", "grp".
fn is_skeleton(short: &str, long: &str) -> bool {
    let (short, long) = (short.as_bytes(), long.as_bytes());
    if short[0] != long[0] || short[1..].iter().any(|letter| b"aeiou".contains(letter)) {
        return false;
    }
    let mut rest = long[1..].iter();
    short[1..].iter().all(|letter| rest.any(|candidate| candidate == letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, kind: TokenKind) -> Word<'_> {
        Word { text, letters: Letters::of(text), kind, weight: 0.5, known: false, id: None }
    }

    fn check(one: &str, other: &str) -> Option<Agreement> {
        let words = (word(one, TokenKind::Word), word(other, TokenKind::Word));
        let forward = similarity(&words.0, &words.1);
        let backward = similarity(&words.1, &words.0);
        assert_eq!(forward, backward, "similarity of {one} and {other} depends on the side");
        if let Some((share, _)) = forward {
            assert!(share > 0.0 && share <= 1.0, "{share}");
        }
        forward.map(|(_, agreement)| agreement)
    }

    #[test]
    fn words_of_two_scripts_are_compared_by_characters() {
        assert_eq!(check("astemo", "三菱"), None);
        assert_eq!(check("ΔΕΗ", "abcde"), None);
    }

    #[test]
    fn equal_words_are_equal() {
        assert_eq!(check("acme", "acme"), Some(Agreement::Equal));
    }

    #[test]
    fn short_words_must_be_equal() {
        assert_eq!(check("hps", "kps"), None);
        assert_eq!(check("abb", "abc"), None);
    }

    #[test]
    fn one_slip_is_forgiven_from_four_letters_and_two_from_eight() {
        assert_eq!(check("kumar", "kumr"), Some(Agreement::Typo));
        assert_eq!(check("stripe", "strix"), None);
        assert_eq!(check("ramesh", "ganesh"), None);
        assert_eq!(check("microsoft", "mircosfot"), Some(Agreement::Typo));
    }

    #[test]
    fn a_transposition_is_one_slip() {
        assert_eq!(check("delta", "detla"), Some(Agreement::Typo));
    }

    #[test]
    fn a_cut_word_is_a_cut() {
        assert_eq!(check("comm", "communication"), Some(Agreement::Cut));
        assert_eq!(check("grp", "group"), Some(Agreement::Cut));
        assert_eq!(check("mfg", "manufacturing"), Some(Agreement::Cut));
        assert_eq!(check("mag", "manufacturing"), None);
    }

    proptest::proptest! {
        #[test]
        fn slips_are_counted_as_strsim_counts_them(one in "[a-cx-z]{4,12}", other in "[a-cx-z]{4,12}") {
            let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
            let edits = strsim::osa_distance(short, long);
            let budget = match short.len() { 13.. => 3, 8.. => 2, _ => 1 };
            let expected = (edits <= budget).then(|| 1.0 - edits as f32 / long.len() as f32);
            let (short, long) = (word(short, TokenKind::Word), word(long, TokenKind::Word));
            proptest::prop_assert_eq!(typo(&short, &long, true), expected);
        }
    }

    #[test]
    fn numbers_must_be_equal() {
        assert_eq!(similarity(&word("11420", TokenKind::Number), &word("11421", TokenKind::Number)), None);
    }

    #[test]
    fn words_in_other_scripts_are_compared_by_character() {
        assert_eq!(check("招商银行", "招商很行"), Some(Agreement::Typo));
        assert_eq!(check("招商", "招行"), None);
    }
}
