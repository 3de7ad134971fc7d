//! Countries as ISO 3166-1 alpha-2 codes.

use std::fmt;
use std::sync::LazyLock;

use hashbrown::HashMap;

/// A country: ISO 3166-1 alpha-2, upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// Longest text that is looked up, in characters: the longest name on file has 52.
const NAME_CHARS_MAX: usize = 80;

/// Folded names to codes: the English names of ISO 3166, and data/country_names.tsv over them.
static NAMES: LazyLock<HashMap<String, Country, foldhash::fast::FixedState>> = LazyLock::new(|| {
    let mut names = HashMap::default();
    for country in rust_iso3166::ALL {
        // "Bolivia (Plurinational State of)" is known as Bolivia; what two countries share in front of their
        // brackets (Korea, Virgin Islands) names neither.
        let short = country.name.split(" (").next().unwrap_or_default();
        let shared = rust_iso3166::ALL.iter().filter(|other| other.name.split(" (").next() == Some(short));
        if shared.count() == 1 {
            names.insert(fold(short), Country::from_alpha2(country.alpha2));
        }
    }
    for country in rust_iso3166::ALL {
        names.insert(fold(country.name), Country::from_alpha2(country.alpha2));
    }
    for line in include_str!("../../data/country_names.tsv").lines().filter(|line| !line.starts_with('#')) {
        if let Some((code, name)) = line.split_once('\t') {
            names.insert(fold(name), Country::from_alpha2(code));
        }
    }
    names
});

/// The alpha-2 codes, each at the place of its letters ([`place`]).
static CODES: LazyLock<[bool; 26 * 26]> = LazyLock::new(|| {
    let mut codes = [false; 26 * 26];
    let all = rust_iso3166::ALL.iter().filter_map(|country| place(country.alpha2.as_bytes()));
    all.for_each(|place| codes[place] = true);
    codes
});

/// 26 times the first of two capital letters, and the second.
fn place(code: &[u8]) -> Option<usize> {
    match *code {
        [first @ b'A'..=b'Z', second @ b'A'..=b'Z'] => {
            Some(usize::from(first - b'A') * 26 + usize::from(second - b'A'))
        }
        _ => None,
    }
}

impl Country {
    /// The country of an alpha-2 code, an alpha-3 code or a name, in any case; `None` if unknown.
    ///
    /// Names are the English ones of ISO 3166 and those in common use (`UK`, `South Korea`, `Czech Republic`,
    /// `Deutschland`). Accents, dots, a leading "the" and "and" or "&" do not matter.
    ///
    /// ```
    /// use namesake::normalize::Country;
    /// assert_eq!(Country::parse("the Netherlands"), Country::parse("NLD"));
    /// assert_eq!(Country::parse("Atlantis"), None);
    /// ```
    pub fn parse(raw: &str) -> Option<Country> {
        let raw = raw.trim();
        if let &[first, second] = raw.as_bytes() {
            let code = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
            if place(&code).is_some_and(|place| CODES[place]) {
                return Some(Country(code));
            }
        }
        if raw.is_empty() || raw.chars().nth(NAME_CHARS_MAX).is_some() {
            return None;
        }
        let folded = fold(raw);
        let code = match folded.len() {
            2 => rust_iso3166::from_alpha2(&folded.to_ascii_uppercase()),
            3 => rust_iso3166::from_alpha3(&folded.to_ascii_uppercase()),
            _ => None,
        };
        code.map(|found| Country::from_alpha2(found.alpha2)).or_else(|| NAMES.get(&folded).copied())
    }

    fn from_alpha2(code: &str) -> Country {
        let code = code.as_bytes();
        Country([code[0], code[1]])
    }

    /// The alpha-2 code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a country code is two ASCII letters")
    }
}

/// ASCII letters alone, lower case, without a leading article and without "and": `Bosnia & Herzegovina` and
/// `BOSNIA AND HERZEGOVINA` are the same.
fn fold(name: &str) -> String {
    let ascii = any_ascii::any_ascii(name).to_lowercase();
    let words = ascii.split(|c: char| !c.is_ascii_alphabetic() && !matches!(c, '.' | '\'' | '`'));
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if words.len() > 1 {
        words.retain(|word| *word != "and");
        if words.first() == Some(&"the") {
            words.remove(0);
        }
    }
    words.concat().chars().filter(char::is_ascii_alphabetic).collect()
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({})", self.as_str())
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(names: &[&str], code: Option<&str>) {
        for name in names {
            assert_eq!(Country::parse(name).map(|country| country.to_string()).as_deref(), code, "{name}");
        }
    }

    #[test]
    fn codes_are_read_in_any_case() {
        check(&["DE", "de", " deu ", "DEU"], Some("DE"));
        check(&["us", "usa", "U.S.A.", "U.S."], Some("US"));
    }

    #[test]
    fn one_country_goes_by_many_names() {
        check(&["UK", "U.K.", "Great Britain", "England", "United Kingdom", "GBR"], Some("GB"));
        check(&["South Korea", "Korea, South", "Republic of Korea", "Korea (Republic of)"], Some("KR"));
        check(&["Czech Republic", "Czechia"], Some("CZ"));
        check(&["Turkey", "Türkiye", "Turkiye"], Some("TR"));
        check(&["the Netherlands", "Holland", "Netherlands (Kingdom of the)"], Some("NL"));
        check(&["Ivory Coast", "Côte d’Ivoire", "Cote d'Ivoire"], Some("CI"));
        check(&["Bosnia & Herzegovina", "Bosnia and Herzegovina", "Bosnia"], Some("BA"));
        check(&["Russia", "Russian Federation", "Россия"], Some("RU"));
        check(&["Deutschland", "Germany", "GERMANY"], Some("DE"));
        check(&["UAE", "United Arab Emirates"], Some("AE"));
    }

    #[test]
    fn every_iso_name_finds_its_own_country() {
        for country in rust_iso3166::ALL {
            check(&[country.name, country.alpha2, country.alpha3], Some(country.alpha2));
        }
    }

    #[test]
    fn what_names_no_single_country_is_unknown() {
        check(&["", "XX", "ZZZ", "Atlantis", "Korea", "Virgin Islands", "Europe", "123", "!!"], None);
        check(&["Germanyy", "ä"], None);
        check(&[&"a".repeat(1 << 16)], None);
    }

    #[test]
    fn every_line_of_the_table_has_a_real_code_and_a_name() {
        for line in include_str!("../../data/country_names.tsv").lines().filter(|l| !l.starts_with('#')) {
            let (code, name) = line.split_once('\t').unwrap();
            assert!(rust_iso3166::from_alpha2(code).is_some() && !fold(name).is_empty(), "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(raw in "\\PC{0,40}") {
            if let Some(country) = Country::parse(&raw) {
                prop_assert_eq!(Country::parse(country.as_str()), Some(country));
            }
        }
    }
}
