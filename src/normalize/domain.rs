//! E-mail addresses and websites reduced to registrable domains in A-label form, and their class.

use std::fmt;
use std::sync::Arc;

/// A public suffix plus one label in A-label (punycode) form, lower case: `acme.co.uk`, `xn--mller-kva.de`;
/// or a host equal to a suffix (`gov.cz`), which counts only where an account declares it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrableDomain(Arc<str>);

impl RegistrableDomain {
    /// The domain in A-label form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegistrableDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of host a domain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DomainClass {
    /// A company's own.
    Corporate,
    /// A mail provider for everybody: says nothing about the company.
    FreeMail,
    /// Thrown away after one message.
    Disposable,
    /// A host of many (relay, site builder, social network): says nothing about the company.
    SharedHost,
}

/// Why an e-mail address or a website gives no domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DomainProblem {
    /// No `@`, or nothing after it.
    #[error("has no domain after an @")]
    NoDomain,
}

/// An e-mail address, as far as routing needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    /// What stands before the last `@`, lower case: tells role mailboxes from people.
    pub local_part: String,
    /// Where the mail goes.
    pub domain: RegistrableDomain,
}

/// The address in `raw`, which may be wrapped as in `Jane <j@acme.com>`.
///
/// # Errors
/// Says why no registrable domain can be read from it.
pub fn email_address(raw: &str) -> Result<EmailAddress, DomainProblem> {
    let (local, host) = raw.trim().rsplit_once('@').ok_or(DomainProblem::NoDomain)?;
    Ok(EmailAddress { local_part: local.to_lowercase(), domain: website_domain(host)? })
}

/// The registrable domain of a website: a URL, a host, with or without scheme, port and path.
///
/// # Errors
/// Says why no registrable domain can be read from it.
pub fn website_domain(raw: &str) -> Result<RegistrableDomain, DomainProblem> {
    let host = raw.trim().trim_start_matches("https://").trim_start_matches("http://").to_lowercase();
    let host = host.split('/').next().unwrap_or_default();
    let domain = psl::domain_str(host).ok_or(DomainProblem::NoDomain)?;
    Ok(RegistrableDomain(Arc::from(domain)))
}
