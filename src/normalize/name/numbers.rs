//! One spelling for numbers: Seven Eleven, 7-Eleven; Fund II, Fund 2.

use super::{facts::Facts, vocabulary::is_generic, words::Word};

/// Number words, except one: it is a name as often as a number (Capital One).
const WORDS: [(&str, &str); 13] = [
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("twenty", "20"),
    ("thirty", "30"),
];

/// Roman numerals that may be words (IV, Xi), so they are read at the end of a name alone.
const ROMAN: [(&str, &str); 14] = [
    ("iv", "4"),
    ("vi", "6"),
    ("ix", "9"),
    ("xi", "11"),
    ("xii", "12"),
    ("xiii", "13"),
    ("xiv", "14"),
    ("xv", "15"),
    ("xvi", "16"),
    ("xvii", "17"),
    ("xviii", "18"),
    ("xix", "19"),
    ("xx", "20"),
    ("xxi", "21"),
];

/// Every word that is a number somewhere.
pub(super) fn spellings() -> impl Iterator<Item = &'static str> {
    let listed = WORDS.iter().chain(&ROMAN).map(|(spelled, _)| *spelled);
    listed.chain(["i", "ii", "iii", "v", "vii", "viii", "x"])
}

/// Writes numbers in digits; true if any changed.
pub(super) fn to_digits(words: &mut [Word]) -> bool {
    let mut changed = false;
    if !words.iter().any(|word| word.facts.may(Facts::NUMBER)) {
        return false;
    }
    for word in words.iter_mut() {
        if let Some((_, digits)) = WORDS.iter().find(|(spelled, _)| *spelled == word.text) {
            word.write(digits);
            changed = true;
        }
    }
    // ii and iii are nothing else, so they count anywhere behind the first word (Fund II Holdings).
    for word in words.iter_mut().skip(1) {
        let digits = match word.text.as_str() {
            "ii" => "2",
            "iii" => "3",
            "vii" => "7",
            "viii" => "8",
            _ => continue,
        };
        word.write(digits);
        changed = true;
    }
    if let [.., before, last] = words
        && let Some(digits) = roman(&before.text, &last.text)
    {
        last.write(digits);
        changed = true;
    }
    changed
}

fn roman(before: &str, last: &str) -> Option<&'static str> {
    match last {
        // A single letter is a numeral only where something is counted: Fund I, Holdings V.
        "i" | "v" | "x" if !is_generic(before) => None,
        "i" => Some("1"),
        "v" => Some("5"),
        "x" => Some("10"),
        _ => ROMAN.iter().find(|(numeral, _)| *numeral == last).map(|(_, digits)| *digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::name::words::words;

    fn check(text: &str, expected: &str) {
        let mut words = words(text);
        to_digits(&mut words);
        assert_eq!(words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn number_words_are_digits() {
        check("Seven Eleven", "7 11");
        check("7-Eleven", "7 11");
        check("Capital One", "capital one");
    }

    #[test]
    fn roman_numerals_at_the_end_are_digits() {
        check("Apollo Fund III", "apollo fund 3");
        check("Apollo Fund I", "apollo fund 1");
        check("Vitamin X", "vitamin x");
        check("Mix", "mix");
        check("Xi Labs", "xi labs");
        check("II", "ii");
    }
}
