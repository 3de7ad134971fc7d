//! From raw text to comparable values: company names to match keys, e-mails and websites to registrable
//! domains, countries to codes. Pure: the same text gives the same value, on every replica.

mod country;
mod domain;
mod name;
mod occupation;
mod text;

pub use country::Country;
pub use domain::{
    DomainClass, DomainProblem, EmailAddress, RegistrableDomain, confusable_skeleton, email_address,
    is_role_mailbox, is_test_domain, label_key, unicode_form, website_domain,
};
pub use name::{CompanyName, LegalForm, NameKey, Token, TokenKind, company_name};
pub use occupation::{Occupation, occupation};
pub use text::{phone_digits, postal_key, region_key};
