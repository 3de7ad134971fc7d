//! A host as typed to a registrable domain: A-labels, then the public suffix list.

use std::borrow::Cow;
use std::sync::Arc;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::{DomainProblem, RegistrableDomain, class};

/// Top-level names that RFC 2606 and RFC 6761 set aside. No list of public suffixes knows them, yet a lead from
/// one should be recognized as a test rather than lose its e-mail address to a warning.
const RESERVED_TLDS: [&str; 4] = ["test", "example", "invalid", "localhost"];

/// Longest label and longest host without its root dot, in bytes: RFC 1035, section 2.3.4.
const LABEL_BYTES_MAX: usize = 63;
const HOST_BYTES_MAX: usize = 253;

/// The registrable domain of a host, in any script and case; one trailing dot is dropped.
pub(super) fn registrable(host: &str) -> Result<RegistrableDomain, DomainProblem> {
    if host.is_empty() {
        return Err(DomainProblem::NoHost);
    }
    let ascii = if are_a_labels(host) { Cow::Borrowed(host) } else { a_labels(host)? };
    if ends_in_a_number(&ascii) {
        return Err(DomainProblem::IpLiteral);
    }
    let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
    if ascii.is_empty() {
        return Err(DomainProblem::InvalidHost);
    }
    if class::is_listed(ascii) {
        return Ok(RegistrableDomain(Arc::from(ascii)));
    }
    match public_suffix_len(ascii) {
        None => Err(DomainProblem::UnknownSuffix),
        Some(suffix_len) if suffix_len == ascii.len() => Ok(RegistrableDomain(Arc::from(ascii))),
        Some(suffix_len) => {
            let labels = &ascii[..ascii.len() - suffix_len - 1];
            let start = labels.len() - last_label(labels).len();
            Ok(RegistrableDomain(Arc::from(&ascii[start..])))
        }
    }
}

/// True for a host that is a known public suffix as a whole.
pub(super) fn is_public_suffix(ascii: &str) -> bool {
    public_suffix_len(ascii) == Some(ascii.len())
}

/// Control characters, and the marks that make text read in another order than it is stored: an address with
/// such a mark shows one domain and holds another.
pub(super) fn has_control(text: &str) -> bool {
    if text.is_ascii() {
        return text.bytes().any(|byte| byte.is_ascii_control());
    }
    text.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    })
}

/// True for a host that nothing has to be done to, as nearly every one is: lower-case labels in plain ASCII within the
/// bounds of DNS. False says nothing.
fn are_a_labels(host: &str) -> bool {
    let bytes = host.as_bytes();
    let mut label_from = 0;
    // Behind the last label stands a dot, or could.
    for at in 0..=bytes.len() {
        match bytes.get(at).unwrap_or(&b'.') {
            b'a'..=b'z' | b'0'..=b'9' => {}
            // Two hyphens in the third and fourth place announce an encoding.
            b'-' if at > label_from && (at != label_from + 3 || bytes[at - 1] != b'-') => {}
            b'.' if (1..=LABEL_BYTES_MAX).contains(&(at - label_from)) && bytes[at - 1] != b'-' => {
                label_from = at + 1;
            }
            _ => return false,
        }
    }
    bytes.len() <= HOST_BYTES_MAX
}

fn a_labels(host: &str) -> Result<Cow<'_, str>, DomainProblem> {
    if has_control(host) {
        return Err(DomainProblem::ControlCharacter);
    }
    if host.starts_with('[') {
        return Err(DomainProblem::IpLiteral);
    }
    Uts46::new()
        .to_ascii(host.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::VerifyAllowRootDot)
        .map_err(|_| DomainProblem::InvalidHost)
}

/// What stands behind the last dot, or all of it.
pub(super) fn last_label(ascii: &str) -> &str {
    let dot = ascii.bytes().rposition(|byte| byte == b'.');
    dot.map_or(ascii, |dot| &ascii[dot + 1..])
}

/// The rule by which the WHATWG URL standard tells an IPv4 address from a name: no top-level domain is a number,
/// so `0x7f.1` and `192.0.2.1` are both addresses.
fn ends_in_a_number(ascii: &str) -> bool {
    let name = ascii.strip_suffix('.').unwrap_or(ascii);
    let last = last_label(name);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !last.is_empty()
        && (digits(last)
            || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())))
}

/// How many bytes at the end of a host are its public suffix; `None` where the list knows none. The list's
/// private section counts: `github.io` is a suffix, `foo.github.io` a customer's.
fn public_suffix_len(ascii: &str) -> Option<usize> {
    let last = last_label(ascii);
    if RESERVED_TLDS.contains(&last) {
        return Some(last.len());
    }
    let suffix = psl::suffix(ascii.as_bytes())?;
    suffix.is_known().then(|| suffix.as_bytes().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(host: &str, expected: Result<&str, DomainProblem>) {
        assert_eq!(
            registrable(host).as_ref().map(RegistrableDomain::as_str).map_err(|e| *e),
            expected,
            "{host}"
        );
    }

    #[test]
    fn a_host_is_cut_to_one_label_above_its_suffix() {
        check("acme.com", Ok("acme.com"));
        check("mail.eu.acme.co.uk", Ok("acme.co.uk"));
        check("WWW.Acme.COM", Ok("acme.com"));
        check("a.b.kobe.jp", Ok("a.b.kobe.jp"));
        check("city.kobe.jp", Ok("city.kobe.jp"));
    }

    #[test]
    fn a_customer_of_a_host_of_many_is_a_domain_of_its_own() {
        check("foo.github.io", Ok("foo.github.io"));
        check("www.foo.github.io", Ok("foo.github.io"));
        check("acme.myshopify.com", Ok("acme.myshopify.com"));
    }

    #[test]
    fn a_host_equal_to_a_suffix_is_kept_whole_and_says_so() {
        for suffix in ["gov.cz", "bmw", "co.uk", "github.io"] {
            check(suffix, Ok(suffix));
            assert!(registrable(suffix).unwrap().is_public_suffix(), "{suffix}");
        }
        assert!(!registrable("mzv.gov.cz").unwrap().is_public_suffix());
    }

    #[test]
    fn a_well_known_page_host_is_not_the_company_it_belongs_to() {
        check("sites.google.com", Ok("sites.google.com"));
        check("www.google.com", Ok("google.com"));
    }

    #[test]
    fn other_scripts_become_a_labels_under_their_suffixes() {
        check("Müller.de", Ok("xn--mller-kva.de"));
        check("xn--mller-kva.de", Ok("xn--mller-kva.de"));
        check("straße.de", Ok("xn--strae-oqa.de"));
        check("mu\u{308}ller.de", Ok("xn--mller-kva.de"));
        check("www.пример.рф", Ok("xn--e1afmkfd.xn--p1ai"));
        check("例子.公司.cn", Ok("xn--fsqu00a.xn--55qx5d.cn"));
        check("ａｃｍｅ。com", Ok("acme.com"));
        check("acme.com\u{200B}", Ok("acme.com"));
    }

    #[test]
    fn one_trailing_dot_is_the_root_and_two_are_a_slip() {
        check("acme.com.", Ok("acme.com"));
        check("acme.com..", Err(DomainProblem::InvalidHost));
        check("acme..com", Err(DomainProblem::InvalidHost));
        check(".acme.com", Err(DomainProblem::InvalidHost));
        check(".", Err(DomainProblem::InvalidHost));
    }

    #[test]
    fn an_ip_address_in_any_spelling_is_refused() {
        for host in
            ["192.0.2.1", "[192.0.2.1]", "[IPv6:2001:db8::1]", "[::1]", "0x7f.1", "3232235777", "1.2.3.4."]
        {
            check(host, Err(DomainProblem::IpLiteral));
        }
    }

    #[test]
    fn an_ending_that_nobody_runs_is_refused() {
        for host in ["acme", "acme.con", "mail.acme.local", "intranet.lan", "acme.invalid-tld"] {
            check(host, Err(DomainProblem::UnknownSuffix));
        }
    }

    #[test]
    fn names_that_dns_or_uts_46_forbid_are_refused() {
        let long_label = format!("{}.com", "a".repeat(64));
        let long_name = format!("{}com", "abcdefgh.".repeat(30));
        for host in [
            "ac_me.com",
            "-acme.com",
            "acme-.com",
            "ac--me.com",
            "xn--a.com",
            "xn--.com",
            "acme!.com",
            "a b.com",
        ] {
            check(host, Err(DomainProblem::InvalidHost));
        }
        check(&long_label, Err(DomainProblem::InvalidHost));
        check(&long_name, Err(DomainProblem::InvalidHost));
    }

    #[test]
    fn marks_that_turn_the_text_around_are_refused() {
        check("moc.\u{202E}emca.com", Err(DomainProblem::ControlCharacter));
        check("acme\u{0}.com", Err(DomainProblem::ControlCharacter));
        check("acme.com\u{200E}", Err(DomainProblem::ControlCharacter));
    }

    #[test]
    fn reserved_names_are_read_so_that_tests_can_be_told() {
        check("mail.acme.test", Ok("acme.test"));
        check("localhost", Ok("localhost"));
        check("www.example.com", Ok("example.com"));
    }

    proptest! {
        #[test]
        fn what_counts_as_a_labels_is_left_as_it_is(
            host in "([a-z0-9A-Zxn.-]{1,12}|[a-z0-9]{1,8}(-[a-z]{1,3})?\\.)([a-z]{1,4}|xn--[a-z]{1,3}|[a-z-]{61,65})?\\.?",
            long in "([a-z]{58,63}\\.){4}",
        ) {
            for host in [host, long] {
                if are_a_labels(&host) {
                    prop_assert_eq!(a_labels(&host), Ok(Cow::Borrowed(host.as_str())));
                }
            }
        }
    }

    #[test]
    fn usual_hosts_count_as_a_labels() {
        for host in ["acme.com", "mail.acme-group.co.uk", "3m.com", "a-b--c.de"] {
            assert!(are_a_labels(host), "{host}");
        }
        for host in
            ["Acme.com", "xn--mller-kva.de", "-acme.com", "acme-.com", "acme..com", "", ".", "acme com"]
        {
            assert!(!are_a_labels(host), "{host}");
        }
    }
}
