//! Keys for the small fields that only ever need equality: postal code, region, phone.

/// Letters and digits of a postal code, upper case: `"sw1a 1aa"` and `"SW1A-1AA"` are the same place.
pub fn postal_key(raw: &str) -> String {
    raw.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).take(16).collect()
}

/// Letters and digits of a region, lower case.
pub fn region_key(raw: &str) -> String {
    raw.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(64).collect()
}

/// The last nine digits of a phone number, so that trunk and country prefixes do not matter; `None` where
/// fewer than seven digits are given, since a short number is an extension and identifies nobody.
pub fn phone_digits(raw: &str) -> Option<String> {
    let digits: Vec<char> =
        raw.chars().filter_map(|c| c.to_digit(10)).filter_map(|d| char::from_digit(d, 10)).collect();
    (digits.len() >= 7).then(|| digits[digits.len().saturating_sub(9)..].iter().collect())
}
