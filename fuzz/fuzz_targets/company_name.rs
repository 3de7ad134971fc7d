//! Any text to match keys: no panic, keys within their bounds, and the key of a key is the key itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use namesake::normalize::company_name;

/// Most words of a key, and most characters of it joined: the documented bounds of a name.
const TOKENS_MAX: usize = 32;
const CHARS_MAX: usize = 256;

fuzz_target!(|raw: &str| {
    let Some(name) = company_name(raw) else { return };
    assert!((1..=4).contains(&name.readings.len()), "{} readings", name.readings.len());
    for reading in &name.readings {
        assert!((1..=TOKENS_MAX).contains(&reading.tokens.len()), "{} tokens", reading.tokens.len());
        assert!(reading.tokens.iter().all(|token| !token.text.is_empty() && !token.text.contains(' ')));
        let joined = reading.joined();
        assert!(joined.chars().count() <= CHARS_MAX, "{} characters", joined.chars().count());
        let again = company_name(&joined).map(|name| name.readings[0].joined());
        assert_eq!(again.as_deref(), Some(joined.as_str()), "the key of {joined:?}, from {raw:?}");
    }
});
