//! The host in a website field: a URL or a host, as people type and paste them.

use super::{DomainProblem, RegistrableDomain, host};

/// The registrable domain of a website: a URL, a host, with or without scheme, user, port and path.
///
/// The host is the one that a browser would visit: `https://acme.com@evil.com/` is a page of `evil.com`.
///
/// ```
/// let domain = namesake::normalize::website_domain("https://www.acme.co.uk:8443/products?id=1").unwrap();
/// assert_eq!(domain.as_str(), "acme.co.uk");
/// ```
///
/// # Errors
/// Says why no registrable domain can be read from it.
pub fn website_domain(raw: &str) -> Result<RegistrableDomain, DomainProblem> {
    let raw = raw.trim();
    if host::has_control(raw) {
        return Err(DomainProblem::ControlCharacter);
    }
    let rest = without_scheme(raw);
    // Browsers read a backslash as a slash (WHATWG URL, authority state), so evil.com\@acme.com is evil.com.
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.rsplit('@').next().unwrap_or_default();
    host::registrable(without_port(host_and_port))
}

/// Drops schemes and the slashes after them. Repeated, since forms that offer `https://` get it twice.
fn without_scheme(raw: &str) -> &str {
    let mut rest = raw;
    while let Some((scheme, after)) = rest.split_once("://") {
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !scheme.contains('.');
        if !is_scheme {
            break;
        }
        rest = after;
    }
    rest.trim_start_matches(['/', '\\'])
}

fn without_port(host_and_port: &str) -> &str {
    match host_and_port.rsplit_once(':') {
        Some((host, port)) if !host.starts_with('[') && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => host_and_port,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(raw: &str, expected: Result<&str, DomainProblem>) {
        let found = website_domain(raw);
        assert_eq!(found.as_ref().map(RegistrableDomain::as_str).map_err(|e| *e), expected, "{raw:?}");
    }

    #[test]
    fn one_website_spelled_in_many_ways_is_one_domain() {
        for raw in [
            "acme.com",
            "www.acme.com",
            "http://acme.com",
            "HTTPS://WWW.ACME.COM/",
            "https://acme.com:8443/a/b?c=d#e",
            "//acme.com/a",
            "acme.com/about us",
            "https://https://acme.com",
            "https://user:secret@acme.com/",
            " acme.com. ",
            "jane@acme.com",
            "acme.com?utm=1",
        ] {
            check(raw, Ok("acme.com"));
        }
        check("www.cap.so", Ok("cap.so"));
    }

    #[test]
    fn a_longer_name_or_another_country_is_another_domain() {
        check("notacme.com", Ok("notacme.com"));
        check("acme.com.ar", Ok("acme.com.ar"));
        check("acme.com.evil.org", Ok("evil.org"));
    }

    #[test]
    fn the_host_is_the_one_a_browser_visits() {
        check("https://acme.com@evil.com/", Ok("evil.com"));
        check("https://evil.com\\@acme.com/", Ok("evil.com"));
        check("https://evil.com#@acme.com", Ok("evil.com"));
        check("https://evil.com/?u=https://acme.com", Ok("evil.com"));
    }

    #[test]
    fn what_is_no_website_is_refused() {
        check("", Err(DomainProblem::NoHost));
        check("https://", Err(DomainProblem::NoHost));
        check("n/a", Err(DomainProblem::UnknownSuffix));
        check("none", Err(DomainProblem::UnknownSuffix));
        check("-", Err(DomainProblem::InvalidHost));
        check("http://[2001:db8::1]:80/", Err(DomainProblem::IpLiteral));
        check("http://192.0.2.7/", Err(DomainProblem::IpLiteral));
        check("acme dot com", Err(DomainProblem::InvalidHost));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(raw in "\\PC{0,80}") {
            if let Ok(domain) = website_domain(&raw) {
                prop_assert_eq!(website_domain(domain.as_str()), Ok(domain));
            }
        }

        #[test]
        fn an_accepted_host_reads_as_itself(raw in "(https?://)?[a-z0-9äß。.-]{1,30}\\.(com|co\\.uk|рф|io|test)(:80)?/?") {
            if let Ok(domain) = website_domain(&raw) {
                prop_assert_eq!(website_domain(domain.as_str()), Ok(domain));
            }
        }
    }
}
