//! Any text as an e-mail address and as a website: no panic, and a domain that is taken, read again, is itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use namesake::normalize::{
    RegistrableDomain, confusable_skeleton, email_address, label_key, unicode_form, website_domain,
};

/// Longest host name in text form (RFC 1035, section 2.3.4, less the length octets).
const DOMAIN_BYTES_MAX: usize = 253;

fuzz_target!(|raw: &str| {
    if let Ok(address) = email_address(raw) {
        check(&address.domain, raw);
        let again = email_address(&format!("local@{}", address.domain)).map(|address| address.domain);
        assert_eq!(again.as_ref(), Ok(&address.domain), "from {raw:?}");
    }
    if let Ok(domain) = website_domain(raw) {
        check(&domain, raw);
        assert_eq!(website_domain(domain.as_str()).as_ref(), Ok(&domain), "from {raw:?}");
    }
});

fn check(domain: &RegistrableDomain, raw: &str) {
    let text = domain.as_str();
    assert!((1..=DOMAIN_BYTES_MAX).contains(&text.len()), "{text:?} from {raw:?}");
    let is_label_byte = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    assert!(text.bytes().all(is_label_byte) && !text.ends_with('.'), "{text:?} from {raw:?}");
    // What a domain is worth and how it looks is asked of every domain: none of it may panic.
    let _ = (domain.class(), domain.email_class(), domain.is_public_suffix());
    let _ = (unicode_form(domain), confusable_skeleton(domain), label_key(domain));
}
