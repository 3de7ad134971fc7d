//! What a domain looks like to a person: for names it spells and for domains it could be mistaken for.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::RegistrableDomain;

/// The domain as a browser's user could read it: U-labels where the A-labels decode, lower case.
pub fn unicode_form(domain: &RegistrableDomain) -> Cow<'_, str> {
    if !domain.as_str().contains("xn--") {
        return Cow::Borrowed(domain.as_str());
    }
    Cow::Owned(idna::domain_to_unicode(domain.as_str()).0)
}

/// The shape of a domain to the eye: equal for domains that can be taken for each other.
///
/// UTS #39, section 4, over the U-label form. `аcme.com` with a Cyrillic а has the skeleton of `acme.com`; so do,
/// in plain ASCII, `modern.com` and `modem.com`. Only good for comparing with another skeleton: the text itself
/// means nothing. Whether a look-alike is plain ASCII is told by [`unicode_form`] with `is_ascii`.
pub fn confusable_skeleton(domain: &RegistrableDomain) -> String {
    let readable = unicode_form(domain);
    // Nearly every domain of a registry, and a start reads a million of them.
    let plain = readable.bytes().map(|byte| PLAIN.get(usize::from(byte)).and_then(Option::as_deref));
    let plain: Option<String> = plain.collect();
    plain.unwrap_or_else(|| unicode_security::skeleton(&readable).collect())
}

/// What each ASCII character looks like, where that is ASCII: it then has no part in composing others, so a text of such
/// characters looks like what they look like one by one.
static PLAIN: LazyLock<[Option<String>; 128]> = LazyLock::new(|| {
    std::array::from_fn(|code| {
        let text = char::from(code as u8).to_string();
        Some(unicode_security::skeleton(&text).collect()).filter(|looks: &String| looks.is_ascii())
    })
});

/// The first label as letters and digits alone, transliterated and lower case: `acme` of `acme.co.uk`,
/// `aabbank` of `aab-bank.dk`, `muller` of `müller.de`. For comparing with a name written as one word.
///
/// Empty where the label has no letter or digit that can be written in ASCII.
pub fn label_key(domain: &RegistrableDomain) -> String {
    let readable = unicode_form(domain);
    let label = readable.split('.').next().unwrap_or_default();
    any_ascii::any_ascii(label)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::website_domain;
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, look_alike: bool) {
        let skeleton = |host| confusable_skeleton(&website_domain(host).unwrap());
        assert_eq!(skeleton(one) == skeleton(other), look_alike, "{one} {other}");
    }

    #[test]
    fn letters_of_another_script_look_alike() {
        check("аcme.com", "acme.com", true);
        check("раураl.com", "paypal.com", true);
        check("gοοgle.com", "google.com", true);
    }

    #[test]
    fn plain_letters_can_look_alike_too() {
        check("modern.com", "modem.com", true);
        check("acme1.com", "acmel.com", true);
    }

    #[test]
    fn ascii_looks_like_what_its_characters_look_like() {
        for (one, other) in (0..128u8).flat_map(|one| (0..128u8).map(move |other| (one, other))) {
            let looks = [one, other].map(|byte| PLAIN[usize::from(byte)].as_deref());
            let [Some(first), Some(second)] = looks else { continue };
            let text: String = [one, other].map(char::from).iter().collect();
            let whole: String = unicode_security::skeleton(&text).collect();
            assert_eq!(format!("{first}{second}"), whole, "{text:?}");
        }
        assert!(PLAIN[usize::from(b'm')].as_deref() == Some("rn"));
    }

    #[test]
    fn other_words_and_other_suffixes_look_different() {
        check("acme.com", "acne.com", false);
        check("acme.com", "acme.co", false);
        check("müller.de", "muller.de", false);
    }

    #[test]
    fn plain_ascii_is_told_from_another_script() {
        assert!(unicode_form(&website_domain("modern.com").unwrap()).is_ascii());
        assert!(!unicode_form(&website_domain("аcme.com").unwrap()).is_ascii());
    }

    #[test]
    fn the_first_label_spells_a_name() {
        let key = |host| label_key(&website_domain(host).unwrap());
        assert_eq!(key("mail.acme.co.uk"), "acme");
        assert_eq!(key("AAB-Bank.dk"), "aabbank");
        assert_eq!(key("müller.de"), "muller");
        assert_eq!(key("7-eleven.com"), "7eleven");
        assert_eq!(key("gov.cz"), "gov");
    }
}
