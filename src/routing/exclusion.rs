//! Leads that nobody should get: before matching whatever they match, or after it if nothing named does.

use super::decision::{Note, NurtureReason};
use crate::lead::Lead;
use crate::normalize::{
    DomainClass, Occupation, RegistrableDomain, is_role_mailbox, is_test_domain, occupation,
};
use crate::policy::Policy;

/// Why a lead is excluded whatever it matches, with the name of the rule.
pub(super) fn hard(lead: &Lead, policy: &Policy) -> Option<(NurtureReason, &'static str)> {
    excluding_list(&lead.email.as_ref()?.domain, policy)
}

/// What leads of an e-mail domain are excluded as whatever they match, and the list that says so: the first of own
/// company, competitor, test and blocklist.
pub fn excluding_list(
    email_domain: &RegistrableDomain,
    policy: &Policy,
) -> Option<(NurtureReason, &'static str)> {
    let listed = |domains: &[RegistrableDomain]| domains.contains(email_domain);
    if listed(&policy.own_domains) {
        Some((NurtureReason::OwnCompany, "own_domains"))
    } else if listed(&policy.competitor_domains) {
        Some((NurtureReason::Competitor, "competitor_domains"))
    } else if listed(&policy.test_domains) || is_test_domain(email_domain) {
        Some((NurtureReason::Test, "test_domains"))
    } else if listed(&policy.blocked_domains) {
        Some((NurtureReason::Blocklisted, "blocked_domains"))
    } else {
        None
    }
}

/// Every fact about a lead that would exclude it if no named account matched, with the name of the rule; otherwise notes.
/// `email_class` is the class of its e-mail domain, the policy's word over the built-in lists.
pub(super) fn facts(
    lead: &Lead,
    email_class: Option<DomainClass>,
    policy: &Policy,
) -> impl Iterator<Item = (NurtureReason, Note, &'static str)> {
    let partner = lead.email.as_ref().filter(|email| policy.partner_domains.contains(&email.domain));
    let partner = partner.map(|_| (NurtureReason::Partner, Note::Partner, "partner_domains"));
    let mailbox = lead.email.as_ref().filter(|email| {
        // At a mail provider for everybody "sales@" is part of somebody's name for themselves.
        email_class == Some(DomainClass::Corporate) && is_role_mailbox(&email.local_part)
    });
    let mailbox = mailbox.map(|_| (NurtureReason::RoleMailbox, Note::RoleMailbox, "role_mailbox"));
    let occupation = occupation(&lead.job_title).map(|occupation| match occupation {
        Occupation::Student => (NurtureReason::Student, Note::Student, "job_title"),
        Occupation::JobSeeker => (NurtureReason::JobSeeker, Note::JobSeeker, "job_title"),
    });
    partner.into_iter().chain(mailbox).chain(occupation)
}
