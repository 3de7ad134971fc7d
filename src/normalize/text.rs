//! Keys for the small fields that only ever need equality: postal code, region, phone.

use std::sync::LazyLock;

use hashbrown::HashMap;
use unicode_normalization::UnicodeNormalization;

/// Longest postal key, in characters: the longest codes of the world have 10.
const POSTAL_CHARS_MAX: usize = 16;
/// Longest region key, in characters.
const REGION_CHARS_MAX: usize = 64;
/// Fewest digits of a telephone number: a shorter one is an extension and identifies nobody.
const PHONE_DIGITS_MIN: usize = 7;
/// Digits that are compared: the national numbers of the large countries have nine or more, and what stands in
/// front of the last nine is a country or trunk prefix that people write in many ways.
const PHONE_DIGITS_COMPARED: usize = 9;

/// Names of states and provinces to their codes, where both are in everyday use.
static REGION_CODES: LazyLock<HashMap<String, &'static str, foldhash::fast::FixedState>> =
    LazyLock::new(|| {
        let lines = include_str!("../../data/regions.tsv").lines().filter(|line| !line.starts_with('#'));
        lines
            .filter_map(|line| line.split_once('\t'))
            .map(|(code, name)| (letters_and_digits(name), code))
            .collect()
    });

/// Letters and digits of a postal code, upper case: `"sw1a 1aa"` and `"SW1A-1AA"` are the same place, as are
/// `"94105-1234"` and `"94105"` (the four digits that a US code may add tell a side of a street).
pub fn postal_key(raw: &str) -> String {
    let shown: String = raw.trim().nfkc().take(2 * POSTAL_CHARS_MAX).collect();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let area = match shown.split_once('-') {
        Some((zip, plus)) if zip.len() == 5 && plus.len() == 4 && digits(zip) && digits(plus) => zip,
        _ => &shown,
    };
    area.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).take(POSTAL_CHARS_MAX).collect()
}

/// Letters and digits of a region, lower case, accents taken off; the code where the name has one in everyday
/// use: `"California"`, `"CA"` and `"US-CA"` are the same. Only comparable within one country.
pub fn region_key(raw: &str) -> String {
    let raw = raw.trim();
    let local = match raw.split_once('-') {
        Some((country, code))
            if country.len() == 2 && (1..=3).contains(&code.len()) && country.is_ascii() =>
        {
            code
        }
        _ => raw,
    };
    let key = letters_and_digits(local);
    REGION_CODES.get(&key).map_or(key, |code| (*code).to_owned())
}

/// The last nine digits of a phone number, so that trunk and country prefixes do not matter; `None` where
/// fewer than seven digits are given. An extension (`ext. 12`, `x12`) is left out.
pub fn phone_digits(raw: &str) -> Option<String> {
    let plain: String = raw.nfkc().map(|c| c.to_ascii_lowercase()).collect();
    let number = plain.find(['x', '#']).map_or(plain.as_str(), |at| &plain[..at]);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= PHONE_DIGITS_MIN)
        .then(|| digits[digits.len().saturating_sub(PHONE_DIGITS_COMPARED)..].to_owned())
}

fn letters_and_digits(text: &str) -> String {
    let bounded: String = text.chars().take(REGION_CHARS_MAX).collect();
    let ascii = any_ascii::any_ascii(&bounded);
    let kept = ascii.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase());
    kept.take(REGION_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(key: impl Fn(&str) -> String, spellings: &[&str], expected: &str) {
        for spelling in spellings {
            assert_eq!(key(spelling), expected, "{spelling}");
        }
    }

    #[test]
    fn a_postal_code_is_the_same_however_it_is_spaced() {
        check(postal_key, &["sw1a 1aa", "SW1A-1AA", " SW1A1AA "], "SW1A1AA");
        check(postal_key, &["94105-1234", "94105"], "94105");
        check(postal_key, &["01310-100"], "01310100");
        check(postal_key, &["〒１００－０００１", "100-0001"], "1000001");
        check(postal_key, &["", "--"], "");
    }

    #[test]
    fn a_region_is_the_same_by_name_and_by_code() {
        check(region_key, &["California", "CA", "ca.", "US-CA", "CALIFORNIA"], "ca");
        check(region_key, &["Québec", "Quebec", "QC"], "qc");
        check(region_key, &["Île-de-France", "ile de france"], "iledefrance");
        check(region_key, &["Baden-Württemberg"], "badenwurttemberg");
        check(region_key, &[""], "");
    }

    #[test]
    fn a_phone_number_is_the_same_with_any_prefix() {
        let key = |raw: &str| phone_digits(raw).unwrap_or_default();
        check(
            key,
            &["+1 (415) 555-0100", "415-555-0100", "001 415 555 0100", "4155550100 ext. 12"],
            "155550100",
        );
        check(key, &["+49 30 1234567", "030/1234567", "０３０ １２３４５６７"], "301234567");
        check(key, &["12345", "", "ext. 1234567"], "");
    }

    proptest! {
        #[test]
        fn keys_are_stable_bounded_and_never_panic(raw in "\\PC{0,80}") {
            let (postal, region) = (postal_key(&raw), region_key(&raw));
            prop_assert!(postal.chars().count() <= POSTAL_CHARS_MAX && region.len() <= REGION_CHARS_MAX);
            prop_assert_eq!(region_key(&region), region);
            prop_assert!(phone_digits(&raw).is_none_or(|digits| (7..=9).contains(&digits.len())));
        }
    }
}
