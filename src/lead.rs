//! A lead: one person's submission, checked once at the door.
//!
//! [`Lead::new`] refuses only what routing cannot use at all. Any other unusable field is dropped and named
//! in [`Lead::warnings`]: no lead is lost to a bad e-mail address. Past this file nobody checks again.

use std::fmt;

use crate::account::AccountId;
use crate::normalize::{
    Country, DomainProblem, EmailAddress, RegistrableDomain, email_address, website_domain,
};

/// Longest `lead_id`, in bytes.
pub const LEAD_ID_BYTES_MAX: usize = 128;
/// Longest company name that is read, in characters; the rest is cut with a warning.
pub const COMPANY_CHARS_MAX: usize = 256;
/// Longest e-mail address, in bytes. RFC 5321, section 4.5.3.1.3, less the angle brackets.
pub const EMAIL_BYTES_MAX: usize = 254;
/// Longest of the other fields that is read, in bytes: a URL may be long, its host is at most 253 bytes.
pub const FIELD_BYTES_MAX: usize = 2_048;

/// The fields of a lead as submitted. An empty string is a field that was not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadFields {
    /// The caller's own id, echoed.
    pub lead_id: String,
    /// Company name as typed.
    pub company: String,
    /// E-mail address as typed.
    pub email: String,
    /// Website as typed.
    pub website: String,
    /// Country: alpha-2, alpha-3 or English name.
    pub country: String,
    /// State or province.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// Phone number.
    pub phone: String,
    /// Where the lead came from: a form, a campaign.
    pub source: String,
    /// What the person does.
    pub job_title: String,
    /// The account the caller already knows the lead belongs to.
    pub known_account_id: String,
}

impl LeadFields {
    /// The field that the contract calls `name`; `None` where it has no such field.
    pub fn field_mut(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "lead_id" => &mut self.lead_id,
            "company" => &mut self.company,
            "email" => &mut self.email,
            "website" => &mut self.website,
            "country" => &mut self.country,
            "region" => &mut self.region,
            "postal_code" => &mut self.postal_code,
            "phone" => &mut self.phone,
            "source" => &mut self.source,
            "job_title" => &mut self.job_title,
            "known_account_id" => &mut self.known_account_id,
            _ => return None,
        })
    }
}

/// A field of a lead, by its name in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the variants are the field names of `LeadFields`
pub enum LeadField {
    LeadId,
    Company,
    Email,
    Website,
    Country,
    Region,
    PostalCode,
    Phone,
    Source,
    JobTitle,
    KnownAccountId,
}

impl LeadField {
    /// The field's name in the contract: `lead_id`, `company` …
    pub fn as_str(self) -> &'static str {
        match self {
            LeadField::LeadId => "lead_id",
            LeadField::Company => "company",
            LeadField::Email => "email",
            LeadField::Website => "website",
            LeadField::Country => "country",
            LeadField::Region => "region",
            LeadField::PostalCode => "postal_code",
            LeadField::Phone => "phone",
            LeadField::Source => "source",
            LeadField::JobTitle => "job_title",
            LeadField::KnownAccountId => "known_account_id",
        }
    }
}

impl fmt::Display for LeadField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a field of an accepted lead is not used, or not used whole. Holds no text of the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LeadProblem {
    /// Longer than is read; the rest was cut.
    #[error("is longer than {limit_chars} characters: the rest is not read")]
    Cut {
        /// How many characters are read.
        limit_chars: usize,
    },
    /// Longer than a value of this field can be.
    #[error("is longer than {limit_bytes} bytes: not used")]
    TooLong {
        /// The longest accepted value.
        limit_bytes: usize,
    },
    /// Without a letter or digit.
    #[error("has no letter or digit: not used")]
    NothingToCompare,
    /// No registrable domain can be read from it.
    #[error("{0}: not used")]
    Domain(DomainProblem),
    /// Not a country.
    #[error("is not an ISO 3166 code or an English country name: not used")]
    UnknownCountry,
    /// Too few digits.
    #[error("has fewer than seven digits: not used")]
    TooFewDigits,
    /// No account has this id.
    #[error("names no account of the registry: not used")]
    UnknownAccount,
}

/// A field and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{field} {problem}")]
pub struct LeadWarning {
    /// Which field.
    pub field: LeadField,
    /// What is wrong.
    pub problem: LeadProblem,
}

/// Why a lead cannot be routed at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLead {
    /// The id is too long to echo.
    #[error("lead_id is {len} bytes long: send at most {LEAD_ID_BYTES_MAX}")]
    LeadIdTooLong {
        /// Bytes sent.
        len: usize,
    },
    /// Nothing to go by.
    #[error(
        "none of company, email, website and known_account_id is usable: send at least one{}",
        because(warnings)
    )]
    NothingUsable {
        /// What was wrong with those that were sent; empty if none was.
        warnings: Vec<LeadWarning>,
    },
}

/// What was wrong with the fields that were sent, in brackets; empty where none was.
fn because(warnings: &[LeadWarning]) -> String {
    if warnings.is_empty() {
        return String::new();
    }
    let each: Vec<String> = warnings.iter().map(LeadWarning::to_string).collect();
    format!(" ({})", each.join("; "))
}

/// One person's submission, checked. Fields that were not given or not usable are `None` or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// The caller's own id.
    pub lead_id: String,
    /// Company name, at most [`COMPANY_CHARS_MAX`] characters, with at least one letter or digit.
    pub company: Option<String>,
    /// E-mail address.
    pub email: Option<EmailAddress>,
    /// Domain of the typed website: a claim, not evidence of its own.
    pub website: Option<RegistrableDomain>,
    /// Country.
    pub country: Option<Country>,
    /// State or province as typed.
    pub region: String,
    /// Postal code as typed.
    pub postal_code: String,
    /// Phone number as typed.
    pub phone: String,
    /// Where the lead came from.
    pub source: String,
    /// What the person does.
    pub job_title: String,
    /// The account the caller already knows.
    pub known_account_id: Option<AccountId>,
    /// What is wrong with fields that were given.
    pub warnings: Vec<LeadWarning>,
}

impl Lead {
    /// Checks the fields of a lead.
    ///
    /// # Errors
    /// [`InvalidLead`] where the id is too long or nothing usable to go by was sent.
    pub fn new(fields: LeadFields) -> Result<Lead, InvalidLead> {
        if fields.lead_id.len() > LEAD_ID_BYTES_MAX {
            return Err(InvalidLead::LeadIdTooLong { len: fields.lead_id.len() });
        }
        let mut warnings = Vec::new();
        let mut warn = |field, problem| warnings.push(LeadWarning { field, problem });

        let company = read_company(fields.company, &mut warn);
        let email = read_domain(LeadField::Email, &fields.email, EMAIL_BYTES_MAX, email_address, &mut warn);
        let website =
            read_domain(LeadField::Website, &fields.website, FIELD_BYTES_MAX, website_domain, &mut warn);
        let known_account_text =
            bounded(LeadField::KnownAccountId, fields.known_account_id, LEAD_ID_BYTES_MAX, &mut warn);
        let known_account_id = AccountId::new(known_account_text.trim());
        let country_text = bounded(LeadField::Country, fields.country, FIELD_BYTES_MAX, &mut warn);
        let country = Country::parse(&country_text);
        if country.is_none() && !country_text.trim().is_empty() {
            warn(LeadField::Country, LeadProblem::UnknownCountry);
        }
        let phone = bounded(LeadField::Phone, fields.phone, FIELD_BYTES_MAX, &mut warn);
        if !phone.trim().is_empty() && crate::normalize::phone_digits(&phone).is_none() {
            warn(LeadField::Phone, LeadProblem::TooFewDigits);
        }
        let region = bounded(LeadField::Region, fields.region, FIELD_BYTES_MAX, &mut warn);
        let postal_code = bounded(LeadField::PostalCode, fields.postal_code, FIELD_BYTES_MAX, &mut warn);
        let source = bounded(LeadField::Source, fields.source, FIELD_BYTES_MAX, &mut warn);
        let job_title = bounded(LeadField::JobTitle, fields.job_title, FIELD_BYTES_MAX, &mut warn);

        if company.is_none() && email.is_none() && website.is_none() && known_account_id.is_none() {
            return Err(InvalidLead::NothingUsable { warnings });
        }
        Ok(Lead {
            lead_id: fields.lead_id,
            company,
            email,
            website,
            country,
            region,
            postal_code,
            phone,
            source,
            job_title,
            known_account_id,
            warnings,
        })
    }
}

fn read_company(raw: String, warn: &mut impl FnMut(LeadField, LeadProblem)) -> Option<String> {
    let trimmed = raw.trim();
    let mut company = trimmed;
    // No text has more characters than bytes.
    if trimmed.len() > COMPANY_CHARS_MAX
        && let Some((end, _)) = trimmed.char_indices().nth(COMPANY_CHARS_MAX)
    {
        warn(LeadField::Company, LeadProblem::Cut { limit_chars: COMPANY_CHARS_MAX });
        company = trimmed[..end].trim_end();
    }
    if company.chars().any(char::is_alphanumeric) {
        return Some(if company.len() == raw.len() { raw } else { company.to_owned() });
    }
    if !trimmed.is_empty() {
        warn(LeadField::Company, LeadProblem::NothingToCompare);
    }
    None
}

fn read_domain<T>(
    field: LeadField,
    raw: &str,
    limit_bytes: usize,
    parse: impl Fn(&str) -> Result<T, DomainProblem>,
    warn: &mut impl FnMut(LeadField, LeadProblem),
) -> Option<T> {
    if raw.trim().is_empty() {
        return None;
    }
    if raw.len() > limit_bytes {
        warn(field, LeadProblem::TooLong { limit_bytes });
        return None;
    }
    parse(raw).map_err(|problem| warn(field, LeadProblem::Domain(problem))).ok()
}

fn bounded(
    field: LeadField,
    value: String,
    limit_bytes: usize,
    warn: &mut impl FnMut(LeadField, LeadProblem),
) -> String {
    if value.len() <= limit_bytes {
        return value;
    }
    warn(field, LeadProblem::TooLong { limit_bytes });
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn company(text: &str) -> LeadFields {
        LeadFields { company: text.into(), ..LeadFields::default() }
    }

    #[test]
    fn a_bad_email_is_a_warning_when_the_company_is_usable() {
        let lead = Lead::new(LeadFields { email: "no-at-sign".into(), ..company("Acme") }).unwrap();
        assert_eq!(lead.email, None);
        assert_eq!(lead.warnings[0].field, LeadField::Email);
    }

    #[test]
    fn nothing_usable_is_refused_and_says_what_was_wrong() {
        let refused = Lead::new(LeadFields { email: "no-at-sign".into(), ..company("!!!") }).unwrap_err();
        let InvalidLead::NothingUsable { warnings } = refused else { panic!("{refused}") };
        let fields: Vec<_> = warnings.iter().map(|warning| warning.field).collect();
        assert_eq!(fields, [LeadField::Company, LeadField::Email]);
    }

    #[test]
    fn a_megabyte_of_company_is_cut_with_a_warning() {
        let lead = Lead::new(company(&"a".repeat(1 << 20))).unwrap();
        assert_eq!(lead.company.unwrap().chars().count(), COMPANY_CHARS_MAX);
        assert_eq!(lead.warnings[0].problem, LeadProblem::Cut { limit_chars: COMPANY_CHARS_MAX });
    }

    #[test]
    fn a_known_account_alone_is_enough() {
        let fields = LeadFields { known_account_id: " A17 ".into(), ..LeadFields::default() };
        assert_eq!(Lead::new(fields).unwrap().known_account_id.unwrap().as_str(), "A17");
    }

    #[test]
    fn a_lead_id_too_long_to_echo_is_refused() {
        let fields = LeadFields { lead_id: "x".repeat(129), ..company("Acme") };
        assert_eq!(Lead::new(fields), Err(InvalidLead::LeadIdTooLong { len: 129 }));
    }
}
