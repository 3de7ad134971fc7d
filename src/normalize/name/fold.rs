//! One word to its comparable spelling: case folded; Latin, Cyrillic, Greek, Armenian and Georgian in ASCII.
//!
//! Other scripts stay as they are: romanized Han, Arabic or Thai loses what tells names apart, and their marks are
//! vowels.

use compact_str::CompactString;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

use super::words::Word;

/// The word that `raw` (letters, digits and marks, no separators) spells; `None` if nothing readable is in it.
pub(super) fn fold(raw: &str) -> Option<Word> {
    if raw.is_ascii() {
        let mut text = CompactString::new(raw);
        text.as_mut_str().make_ascii_lowercase();
        return Some(Word::new(text));
    }
    let mut text = CompactString::with_capacity(raw.len());
    let mut original = String::with_capacity(raw.len());
    let mut variant = String::new();
    let (mut romanized, mut after_romanized) = (false, false);
    for c in raw.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            text.push(c);
            original.push(c);
            if !variant.is_empty() {
                variant.push(c);
            }
            after_romanized = true;
            continue;
        }
        if is_combining_mark(c) {
            if !after_romanized && !text.is_empty() {
                text.push(c);
                original.push(c);
            }
            continue;
        }
        let c = plain(c);
        let script = c.script();
        after_romanized = is_romanized(script) || c.is_numeric();
        if !after_romanized {
            text.push(c);
            original.push(c);
            continue;
        }
        let ascii = any_ascii::any_ascii_char(c);
        let start = text.len();
        text.extend(ascii.chars().filter(char::is_ascii_alphanumeric).map(|a| a.to_ascii_lowercase()));
        if let Some(two) = umlaut(c) {
            if variant.is_empty() {
                variant.push_str(&text[..start]);
            }
            variant.push_str(two);
        } else if !variant.is_empty() {
            variant.push_str(&text[start..]);
        }
        if script == Script::Latin || c.is_numeric() {
            original.push_str(&text[start..]);
        } else {
            romanized = true;
            original.push(c);
        }
    }
    if text.is_empty() {
        // Signs that romanization drops (a lone soft sign) are all there is of this word.
        let kept = |c: &char| c.is_alphanumeric() && !is_combining_mark(*c);
        text = raw.chars().flat_map(char::to_lowercase).filter(kept).collect();
        romanized = false;
    }
    let mut word = Word::new(text);
    word.original = romanized.then_some(original);
    word.variant = (!variant.is_empty() && variant.is_ascii()).then_some(variant);
    (!word.text.is_empty()).then_some(word)
}

/// Letters whose other form means nothing: final sigma, Greek accents, Cyrillic yo.
fn plain(c: char) -> char {
    match c {
        'ς' => 'σ',
        'ё' => 'е',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        _ => c,
    }
}

/// Whether words of this script are compared in ASCII.
pub(super) fn is_romanized(script: Script) -> bool {
    matches!(script, Script::Latin | Script::Cyrillic | Script::Greek | Script::Armenian | Script::Georgian)
}

/// The spelling in two letters that German and the Nordic languages allow beside the bare vowel.
fn umlaut(c: char) -> Option<&'static str> {
    Some(match c {
        'ä' => "ae",
        'ö' | 'ø' => "oe",
        'ü' => "ue",
        'å' => "aa",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, text: &str, variant: Option<&str>, original: Option<&str>) {
        let word = fold(raw).unwrap();
        assert_eq!(
            (word.text.as_str(), word.variant.as_deref(), word.original.as_deref()),
            (text, variant, original)
        );
    }

    #[test]
    fn umlauts_have_two_spellings() {
        check("Müller", "muller", Some("mueller"), None);
        check("MØLLER", "moller", Some("moeller"), None);
        check("Åland", "aland", Some("aaland"), None);
        check("Süßöl", "sussol", Some("suessoel"), None);
    }

    #[test]
    fn other_latin_letters_have_one() {
        check("Łódź", "lodz", None, None);
        check("Iğdır", "igdir", None, None);
        check("İstanbul", "istanbul", None, None);
    }

    #[test]
    fn cyrillic_and_greek_keep_their_original() {
        check("Ромашка", "romashka", None, Some("ромашка"));
        check("Ελληνικός", "ellinikos", None, Some("ελληνικοσ"));
        check("Василёк", "vasilek", None, Some("василек"));
    }

    #[test]
    fn other_scripts_keep_letters_and_marks() {
        check("ปูนซิเมนต์", "ปูนซิเมนต์", None, None);
        check("トヨタ", "トヨタ", None, None);
        check("삼성전자", "삼성전자", None, None);
    }

    #[test]
    fn digits_of_every_script_are_ascii() {
        check("٣٤", "34", None, None);
    }

    #[test]
    fn a_lone_sign_is_kept() {
        check("Ь", "ь", None, None);
    }
}
