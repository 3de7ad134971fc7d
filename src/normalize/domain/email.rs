//! The address in an e-mail field: an addr-spec, bare or wrapped as people paste it.

use super::{DomainProblem, RegistrableDomain, host};

/// An e-mail address, as far as routing needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    /// What stands before the last `@`, lower case, quotes taken off: tells role mailboxes from people.
    pub local_part: String,
    /// Where the mail goes.
    pub domain: RegistrableDomain,
}

/// The address in `raw`: `j@acme.com`, `Jane <j@acme.com>`, `j@acme.com (Jane)`, `mailto:j@acme.com?subject=x`,
/// `"j@home"@acme.com`.
///
/// ```
/// let address = namesake::normalize::email_address("Jane <J@Mail.Acme.com>").unwrap();
/// assert_eq!((address.local_part.as_str(), address.domain.as_str()), ("j", "acme.com"));
/// ```
///
/// # Errors
/// Says why no registrable domain can be read from it.
pub fn email_address(raw: &str) -> Result<EmailAddress, DomainProblem> {
    let raw = raw.trim();
    match plain(raw) {
        Some((local, domain)) => {
            Ok(EmailAddress { local_part: local.to_ascii_lowercase(), domain: host::registrable(domain)? })
        }
        None => any_address(raw),
    }
}

/// Local part and domain of an address that nothing surrounds, of characters that mean themselves, as nearly every one
/// is; `None` says nothing.
fn plain(raw: &str) -> Option<(&str, &str)> {
    let mut at = None;
    for (place, byte) in raw.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'+' => {}
            b'@' if at.is_none() => at = Some(place),
            _ => return None,
        }
    }
    let (local, domain) = (&raw[..at?], &raw[at? + 1..]);
    (!local.is_empty() && !domain.is_empty()).then_some((local, domain))
}

/// The address in a text of any characters.
fn any_address(raw: &str) -> Result<EmailAddress, DomainProblem> {
    if host::has_control(raw) {
        return Err(DomainProblem::ControlCharacter);
    }
    let spec = addr_spec(raw)?;
    let at = last_at(spec)?;
    let (local, domain) = (&spec[..at], &spec[at + 1..]);
    if domain.is_empty() {
        return Err(DomainProblem::NoDomain);
    }
    let local_part = local_part(local)?;
    if domain.contains(char::is_whitespace) {
        return Err(DomainProblem::Malformed);
    }
    Ok(EmailAddress { local_part, domain: host::registrable(domain)? })
}

/// Takes off what surrounds an address: a display name with angle brackets, `mailto:` with its query, a comment
/// at the end (RFC 5322, section 3.4).
fn addr_spec(raw: &str) -> Result<&str, DomainProblem> {
    let mut spec = raw;
    if let Some(open) = outside_quotes(spec, '<') {
        let (_, wrapped) = spec.split_at(open + 1);
        let close = outside_quotes(wrapped, '>').ok_or(DomainProblem::Malformed)?;
        if wrapped[close + 1..].contains('@') {
            return Err(DomainProblem::SeveralAddresses);
        }
        spec = wrapped[..close].trim();
    }
    if let Some(rest) = strip_prefix_ignoring_case(spec, "mailto:") {
        spec = rest.split('?').next().unwrap_or_default();
    }
    if spec.ends_with(')')
        && let Some(open) = spec.rfind('(')
        && !spec[open..].contains('@')
    {
        spec = &spec[..open];
    }
    Ok(spec.trim())
}

/// Where the `@` between local part and domain stands. One outside quotes is allowed: of `a@b.com@c.com` nobody
/// can tell which domain was meant, and mail systems disagree.
fn last_at(spec: &str) -> Result<usize, DomainProblem> {
    let at = outside_quotes(spec, '@').ok_or(DomainProblem::NoDomain)?;
    if spec[at + 1..].contains(['@', '＠']) {
        return Err(DomainProblem::SeveralAddresses);
    }
    Ok(at)
}

/// The byte at which `wanted` first stands outside a quoted string, in which `\` escapes (RFC 5322, 3.2.4).
fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if c == wanted && !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn local_part(local: &str) -> Result<String, DomainProblem> {
    if let Some(quoted) = local.strip_prefix('"') {
        let inner = quoted.strip_suffix('"').ok_or(DomainProblem::Malformed)?;
        if inner.is_empty() {
            return Err(DomainProblem::NoLocalPart);
        }
        return Ok(inner.replace('\\', "").to_lowercase());
    }
    if local.is_empty() {
        return Err(DomainProblem::NoLocalPart);
    }
    if local.contains([',', ';']) {
        return Err(DomainProblem::SeveralAddresses);
    }
    // RFC 5322, section 3.2.3: the specials that no unquoted local part may hold.
    if local.contains(|c: char| c.is_whitespace() || "()<>[]:\\\"".contains(c)) {
        return Err(DomainProblem::Malformed);
    }
    Ok(local.to_lowercase())
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(raw: &str, expected: Result<(&str, &str), DomainProblem>) {
        let found = email_address(raw);
        let found = found.as_ref().map(|a| (a.local_part.as_str(), a.domain.as_str())).map_err(|e| *e);
        assert_eq!(found, expected, "{raw:?}");
    }

    #[test]
    fn a_bare_address_gives_its_registrable_domain() {
        check(" J.Doe+crm@Mail.Acme.Co.UK ", Ok(("j.doe+crm", "acme.co.uk")));
        check("j@acme.com.", Ok(("j", "acme.com")));
        check("j@пример.рф", Ok(("j", "xn--e1afmkfd.xn--p1ai")));
    }

    #[test]
    fn wrapped_addresses_are_unwrapped() {
        for raw in [
            "Jane <jane@acme.com>",
            "<jane@acme.com>",
            "\"Doe, Jane\" <jane@acme.com>",
            "\"Jane <home@gmail.com>\" <jane@acme.com>",
            "Jane < jane@acme.com >",
            "mailto:jane@acme.com",
            "MAILTO:jane@acme.com?subject=hi@you.org",
            "Jane <mailto:jane@acme.com>",
            "jane@acme.com (Jane Doe)",
        ] {
            check(raw, Ok(("jane", "acme.com")));
        }
    }

    #[test]
    fn a_quoted_local_part_may_hold_an_at() {
        check("\"jane@home.org\"@acme.com", Ok(("jane@home.org", "acme.com")));
        check("\"jane \\\"j\\\" doe\"@acme.com", Ok(("jane \"j\" doe", "acme.com")));
    }

    #[test]
    fn two_domains_are_not_guessed_between() {
        for raw in [
            "jane@gmail.com@acme.com",
            "jane@@acme.com",
            "jane@acme.com, joe@acme.com",
            "jane@acme.com;joe@beta.com",
            "Jane <jane@acme.com>, Joe <joe@beta.com>",
            "jane@acme.com joe@beta.com",
        ] {
            check(raw, Err(DomainProblem::SeveralAddresses));
        }
    }

    #[test]
    fn halves_of_addresses_say_which_half_is_missing() {
        check("", Err(DomainProblem::NoDomain));
        check("acme.com", Err(DomainProblem::NoDomain));
        check("jane@", Err(DomainProblem::NoDomain));
        check("@acme.com", Err(DomainProblem::NoLocalPart));
        check("\"\"@acme.com", Err(DomainProblem::NoLocalPart));
    }

    #[test]
    fn text_that_is_no_address_is_refused() {
        check("Jane <jane@acme.com", Err(DomainProblem::Malformed));
        check("write to jane@acme.com", Err(DomainProblem::Malformed));
        check("\"jane@acme.com", Err(DomainProblem::NoDomain));
        check("jane@acme .com", Err(DomainProblem::Malformed));
    }

    #[test]
    fn hosts_that_no_company_owns_are_refused() {
        check("jane@[192.0.2.1]", Err(DomainProblem::IpLiteral));
        check("jane@192.0.2.1", Err(DomainProblem::IpLiteral));
        check("jane@acme.con", Err(DomainProblem::UnknownSuffix));
        check("jane@acme,com", Err(DomainProblem::InvalidHost));
    }

    #[test]
    fn control_and_direction_marks_are_refused_wherever_they_stand() {
        check("jane\u{0}@acme.com", Err(DomainProblem::ControlCharacter));
        check("jane@acme.com\r\nBcc: joe@beta.com", Err(DomainProblem::ControlCharacter));
        check("jane\u{202E}@acme.com", Err(DomainProblem::ControlCharacter));
    }

    #[test]
    fn no_text_of_the_lead_reaches_the_problem() {
        let problem = email_address("secret.person@ac_me.com").unwrap_err();
        assert!(!problem.to_string().contains("secret"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(raw in "\\PC{0,80}") {
            let _ = email_address(&raw);
        }

        #[test]
        fn address_like_text_is_read_or_refused_without_panic(raw in "[\"<>()@,.:a-zßМ \\\\＠\\[\\]-]{0,40}") {
            let _ = email_address(&raw);
        }

        #[test]
        fn a_plain_address_is_read_like_any_other(raw in "[a-zA-Z0-9.+_-]{0,8}[@<\"(]?[@a-zA-Z0-9.-]{0,12}(\\.(com|De|io))?[ )>]?") {
            prop_assert_eq!(email_address(&raw), any_address(raw.trim()));
        }

        #[test]
        fn an_accepted_domain_reads_as_itself(host in "[a-z0-9äß例.-]{1,30}\\.(com|co\\.uk|рф|github\\.io|gov\\.cz)") {
            if let Ok(address) = email_address(&format!("jane@{host}")) {
                let again = email_address(&format!("jane@{}", address.domain)).unwrap();
                prop_assert_eq!(again, address);
            }
        }
    }
}
