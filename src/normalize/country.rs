//! Countries as ISO 3166-1 alpha-2 codes.

use std::fmt;

/// A country: ISO 3166-1 alpha-2, upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// The country of an alpha-2 code, an alpha-3 code or an English name, in any case; `None` if unknown.
    pub fn parse(raw: &str) -> Option<Country> {
        let raw = raw.trim();
        let upper = raw.to_ascii_uppercase();
        let found = match upper.len() {
            2 => rust_iso3166::from_alpha2(&upper),
            3 => rust_iso3166::from_alpha3(&upper),
            _ => rust_iso3166::ALL.iter().find(|country| country.name.eq_ignore_ascii_case(raw)).copied(),
        }?;
        let code = found.alpha2.as_bytes();
        Some(Country([code[0], code[1]]))
    }

    /// The alpha-2 code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a country code is two ASCII letters")
    }
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
