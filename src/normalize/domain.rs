//! E-mail addresses and websites reduced to registrable domains in A-label form, and their class.
//!
//! The way of a text: [`email`] or [`website`] finds the host in it; [`host`] refuses what no mail can reach,
//! turns the rest into A-labels and cuts it to the registrable domain. What the domain is worth as evidence is
//! told by [`class`], what it looks like to a person by [`look`], and who reads its mail by [`mailbox`].
//!
//! Two domains are the same only if their A-labels are equal: `notacme.com` and `acme.com.ar` are not
//! `acme.com`.

use std::fmt;
use std::sync::Arc;

mod class;
mod email;
mod host;
mod look;
mod mailbox;
mod website;

pub use class::{DomainClass, is_test_domain};
pub use email::{EmailAddress, email_address};
pub use look::{confusable_skeleton, label_key, unicode_form};
pub use mailbox::is_role_mailbox;
pub use website::website_domain;

/// A public suffix plus one label in A-label (punycode) form, lower case: `acme.co.uk`, `xn--mller-kva.de`;
/// or a host equal to a suffix (`gov.cz`), which counts only where an account declares it; or a well-known
/// host of many inside a company's domain (`sites.google.com`), which is not that company.
///
/// 1 to 253 bytes of ASCII letters, digits, hyphens and dots; never ends with a dot. Reading its text again
/// gives the same value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrableDomain(Arc<str>);

impl RegistrableDomain {
    /// The domain of a text that [`RegistrableDomain::as_str`] gave.
    pub(crate) fn of_text(text: &str) -> RegistrableDomain {
        RegistrableDomain(Arc::from(text))
    }

    /// The domain in A-label form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for a host that is itself a public suffix (`gov.cz`, `bmw`): many organizations may live under
    /// it, so it matches only an account that declares it.
    pub fn is_public_suffix(&self) -> bool {
        host::is_public_suffix(&self.0)
    }

    /// What the domain is worth as evidence, in whichever field it was given.
    pub fn class(&self) -> DomainClass {
        class::class_of(&self.0)
    }

    /// What the domain is worth as the domain of an e-mail address.
    ///
    /// Differs from [`RegistrableDomain::class`] for sites with pages of many companies but mailboxes of their
    /// own staff only: an address at `linkedin.com` is LinkedIn's, a page there is anybody's.
    pub fn email_class(&self) -> DomainClass {
        class::email_class_of(&self.0)
    }
}

impl fmt::Display for RegistrableDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an e-mail address or a website gives no domain. The texts complete a sentence that begins with the
/// field's name, say what to send instead, and never quote the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DomainProblem {
    /// No `@`, or nothing after it.
    #[error("has no domain after an @; send local@domain")]
    NoDomain,
    /// Nothing in front of the `@`.
    #[error("has nothing before the @; send local@domain")]
    NoLocalPart,
    /// More than one `@` outside quotes, or several addresses.
    #[error("has more than one @ outside quotes; send a single address")]
    SeveralAddresses,
    /// A `"` or `<` that is never closed, or white space inside the address.
    #[error("is no e-mail address by RFC 5322; send local@domain, or Name <local@domain>")]
    Malformed,
    /// A control character or an invisible mark that changes the direction of the text.
    #[error("has a control or text-direction character; type it again instead of pasting it")]
    ControlCharacter,
    /// No host between the scheme and the path.
    #[error("has no host; send a host such as www.company.com")]
    NoHost,
    /// An IP address: says where a machine is, not whose it is.
    #[error("names an IP address; send a domain name")]
    IpLiteral,
    /// Not a host name by UTS #46 with STD3 rules: a forbidden character, an empty or over-long label, a
    /// hyphen out of place, broken punycode.
    #[error("has a domain that is no valid host name; check the letters, dots and hyphens")]
    InvalidHost,
    /// Ends in nothing that the public suffix list knows: `localhost.localdomain`, `acme`, `acme.con`.
    #[error("has a domain whose ending is on no public suffix list; check the part after the last dot")]
    UnknownSuffix,
}
