//! Names of plain words, as most people type them, to their key in one pass: letters and digits of ASCII in words that no
//! step takes away or writes in another way, but for legal forms behind them.
//!
//! It saves most of what the steps cost and says what they say; whatever is odd is left to them. Of the companies that people
//! typed into a web form three in four are plain.

use compact_str::CompactString;

use super::facts::Facts;
use super::legal::has_substance;
use super::legal_table::LEGAL_FORMS;
use super::{LegalForm, NameKey, TOKENS_MAX, camel, clean, vocabulary};

/// A word in its comparable form, and what is known of it.
type Known = (CompactString, Facts);

/// The key of a plain name, which can be read in one way only; `None` for any other.
pub(super) fn plain_key(raw: &str) -> Option<NameKey> {
    let mut words = plain_words(raw)?;
    let (_, others) = words.split_first()?;
    let (_, inner) = others.split_last().unwrap_or((&words[0], &[]));
    // What may be a mark between two names, or mean "and" between two words.
    if others.iter().any(|word| word.1.may(Facts::MARKER)) || inner.iter().any(|word| word.1.may(Facts::AND))
    {
        return None;
    }
    let mut legal_forms = Vec::new();
    while !is_settled(words.last()?) {
        let (form, length) = form_behind(&words)?;
        legal_forms.push(form);
        words.truncate(words.len() - length);
        while words.len() > 1 && words.last().is_some_and(|(text, _)| text == "and") {
            words.pop();
        }
    }
    if !words.iter().all(is_settled) {
        return None;
    }
    legal_forms.reverse();
    let tokens = vocabulary::tokens(words.into_iter().map(|(text, facts)| (text, None, facts)));
    Some(NameKey { tokens, legal_forms, original_script: None })
}

/// The words of a text, of two characters and more each, with nothing between them that means anything; `None` for any
/// other.
fn plain_words(raw: &str) -> Option<Vec<Known>> {
    if raw.len() > clean::CHARS_MAX || !raw.is_ascii() {
        return None;
    }
    // Room for nearly all names.
    let mut words = Vec::with_capacity(6);
    let mut rest = raw;
    while let Some(byte) = rest.bytes().next() {
        if !byte.is_ascii_alphanumeric() {
            rest = if only_separates(byte) { &rest[1..] } else { return None };
            continue;
        }
        let (word, behind) = rest.split_at(rest.bytes().take_while(u8::is_ascii_alphanumeric).count());
        let text = if word.len() > 1 {
            rest = behind;
            lower_case(word)?
        } else {
            let (initials, behind) = initials(rest);
            rest = behind;
            initials
        };
        if text.len() < 2 || words.len() == TOKENS_MAX {
            return None;
        }
        let facts = Facts::of(&text);
        words.push((text, facts));
    }
    Some(words)
}

/// A word in lower case; `None` for one whose capitals cut it in parts.
fn lower_case(word: &str) -> Option<CompactString> {
    if camel::is_glued(word) && camel::parts(word).len() > 1 {
        return None;
    }
    let mut text = CompactString::new(word);
    text.as_mut_str().make_ascii_lowercase();
    Some(text)
}

/// The letters that `text` begins with, as many as full stops join (`S.A.`), and what is behind them. A letter in front of
/// another, or of a digit, is none of them. Empty where they are odd.
fn initials(text: &str) -> (CompactString, &str) {
    let mut initials = CompactString::const_new("");
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(letter) = bytes.get(at).filter(|byte| byte.is_ascii_alphabetic())
        && !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
    {
        initials.push(char::from(letter.to_ascii_lowercase()));
        at += 1;
        let is_joined = bytes.get(at) == Some(&b'.');
        at += usize::from(is_joined);
        // More than one stop, or a slash, may join further letters: what has them is odd.
        if matches!(bytes.get(at), Some(b'.' | b'/' | b'\\')) {
            initials.clear();
            break;
        }
        if !is_joined {
            break;
        }
    }
    (initials, &text[at..])
}

/// The legal form that the last words spell, and how many they are; `None` too where the rest would say nothing.
fn form_behind(words: &[Known]) -> Option<(LegalForm, usize)> {
    let (last, others) = words.split_last()?;
    let may_be_longer = others.last().is_some_and(|(_, facts)| facts.may(Facts::FORM_PART));
    let longest = if may_be_longer { words.len() } else { 1 };
    for form in LEGAL_FORMS.to(&last.0).iter().filter(|form| form.words.len() <= longest) {
        let (rest, behind) = words.split_at(words.len() - form.words.len());
        if !behind.iter().zip(&form.words).all(|((text, _), expected)| text == expected) {
            continue;
        }
        if form.row.places.keep {
            return None;
        }
        if has_substance(rest.iter().map(|(text, _)| text.as_str())) {
            return Some((form.row.form, form.words.len()));
        }
    }
    None
}

/// Punctuation that says no more than a space does between words of two letters and more.
fn only_separates(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
        && !matches!(byte, b'\'' | b'`' | b'"' | b'&' | b'+' | b'(' | b')' | b'[' | b']' | b'{' | b'}')
}

/// True for a word that no step takes away or writes in another way.
fn is_settled((_, facts): &Known) -> bool {
    !facts.may(Facts::CHANGES)
}

#[cfg(test)]
mod tests {
    use super::super::{name_key, readings, words};
    use super::*;
    use crate::normalize::name::facts;
    use proptest::prelude::*;

    /// Where a name is plain, its key is what the steps make of it; true if it is plain.
    #[track_caller]
    fn check(name: &str) -> bool {
        let Some(plain) = plain_key(name) else { return false };
        let (text, cut) = clean::clean(name);
        assert!(!cut, "{name}");
        let readings: Vec<NameKey> =
            readings::readings(words::words(&text)).into_iter().map(name_key).collect();
        assert_eq!(readings, [plain], "{name}");
        true
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn a_plain_name_has_the_key_that_the_steps_give_it(
            picked in prop::collection::vec(
                (0..6_usize, any::<prop::sample::Index>(), "[a-zA-Z0-9]{1,5}", "[ -/:-@\\[-`{-~]{0,2}"),
                1..7,
            ),
        ) {
            let known = facts::words();
            let mut name = String::new();
            for (sort, at, other, separator) in picked {
                let listed = known[at.index(known.len())];
                match sort {
                    0 => name += listed,
                    1 => name += &listed.to_ascii_uppercase(),
                    2 => name += &other,
                    3 => name += ["and", "og", "Co", "Ltd", "of", "company", "the"][at.index(7)],
                    4 => name += &other.chars().map(|letter| format!("{letter}.")).collect::<String>(),
                    _ => name += &format!("Korvex{other}"),
                }
                name += if separator.is_empty() { " " } else { &separator };
            }
            check(&name);
        }
    }

    #[test]
    fn usual_names_are_plain() {
        for name in
            ["Korvex Tooling", "KORVEX", "Korvex Tooling, Inc.", "Korvex-Zumbado GmbH", "Bank of Korvex"]
        {
            assert!(check(name), "{name}");
        }
    }

    #[test]
    fn what_the_steps_would_change_is_left_to_them() {
        let odd = [
            "Korvex & Sons",
            "The Korvex",
            "Korvex (East)",
            "J Korvex",
            "KorvexSystems",
            "Zumbado formerly Korvex",
            "",
            "Körvex",
            "O'Korvex",
            "Two Korvex",
            "Inc",
            "of GmbH",
            "Korvex og Zumbado",
        ];
        for name in odd {
            assert!(!check(name), "{name}");
        }
    }
}
