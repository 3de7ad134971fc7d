//! Bounds the text, drops what nobody reads, and composes it (NFKC).

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Longest name that is read, in characters: every registered name in the GLEIF sample is shorter but 0.001 %.
pub(super) const CHARS_MAX: usize = 256;

/// The readable text of `raw`, at most [`CHARS_MAX`] characters, and whether it was cut.
pub(super) fn clean(raw: &str) -> (Cow<'_, str>, bool) {
    let raw = raw.trim();
    // All bytes of it, without a branch at each.
    let is_plain = || raw.bytes().fold(true, |plain, byte| plain & (0x20..0x7f).contains(&byte));
    if raw.len() <= CHARS_MAX && is_plain() {
        return (Cow::Borrowed(raw), false);
    }
    if raw.len() <= CHARS_MAX
        && !raw.chars().any(is_unread)
        && is_nfkc_quick(raw.chars()) == IsNormalized::Yes
    {
        return (Cow::Borrowed(raw), false);
    }
    // One character can become eighteen (U+FDFA), and some become unread ones: so bound and filter come twice.
    let mut left = raw.chars();
    let composed: String = left
        .by_ref()
        .take(CHARS_MAX)
        .filter(|&c| !is_unread(c))
        .nfkc()
        .filter(|&c| !is_unread(c))
        .nfc()
        .collect();
    let mut cut = left.next().is_some();
    let mut composed = composed;
    if let Some((end, _)) = composed.char_indices().nth(CHARS_MAX) {
        composed.truncate(end);
        cut = true;
    }
    (Cow::Owned(composed), cut)
}

/// Signs of ownership, controls, and characters without width or with a say on direction only.
fn is_unread(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        '™' | '℠' | '®' | '©' => true,
        // Soft hyphen, Arabic letter mark, tatweel, Mongolian separators, zero-width and bidi controls,
        // variation selectors, byte order mark, tags.
        '\u{ad}' | '\u{61c}' | '\u{640}' | '\u{34f}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' => {
            true
        }
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' => true,
        '\u{e0000}'..='\u{e0fff}' => true,
        _ => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: &str) {
        assert_eq!(clean(raw).0, expected);
    }

    #[test]
    fn signs_and_invisible_characters_go() {
        check("Acme™ Corp®", "Acme Corp");
        check("Ac\u{200b}me\u{202e}", "Acme");
    }

    #[test]
    fn compatibility_forms_are_composed() {
        check("㈱ＡＢＣ", "(株)ABC");
        check("Cafe\u{301}", "Café");
    }

    #[test]
    fn long_text_is_cut_on_a_character() {
        let long = "é".repeat(300);
        let (text, cut) = clean(&long);
        assert_eq!(text.chars().count(), CHARS_MAX);
        assert!(cut);
        let long = "\u{fdfa}".repeat(200);
        let (text, cut) = clean(&long);
        assert!(text.chars().count() <= CHARS_MAX && cut);
        assert!(!clean(&"e".repeat(256)).1);
    }
}
