//! E-mail domains of accounts: missing, shared, or worth nothing.

use std::cmp::Reverse;

use hashbrown::{HashMap, HashSet};

use super::names::listed;
use super::view::{View, by_class, named};
use super::{Finding, Kind, Offender};
use crate::matching::PreparedAccount;
use crate::normalize::{DomainClass, RegistrableDomain, is_test_domain};
use crate::policy::Policy;
use crate::registry::conflicts::{Claim, Conflict};

pub(super) fn findings(view: &View<'_>, conflicts: &[Conflict]) -> Vec<Finding> {
    let mut worthless: HashMap<Kind, Vec<(&PreparedAccount, RegistrableDomain)>> = HashMap::new();
    let mut without: Vec<&PreparedAccount> = Vec::new();
    for (_, account) in view.active() {
        if !account.has_domains() && account.class.is_named() {
            without.push(account);
        }
        for domain in account.domains().map(RegistrableDomain::of_text) {
            if let Some(kind) = worthless_kind(&domain, view.policy) {
                worthless.entry(kind).or_default().push((account, domain));
            }
        }
    }
    let mut findings: Vec<Finding> = worthless
        .into_iter()
        .filter_map(|(kind, found)| {
            Finding::of(
                kind,
                found,
                |(account, domain)| (by_class(account), domain.clone()),
                |(account, domain)| {
                    Offender::new(
                        format!("{} declares {domain}", named(account)),
                        [&account.id],
                        &account.owner_id,
                    )
                },
            )
        })
        .collect();
    findings.extend(shared(view, conflicts));
    findings.extend(Finding::of(
        Kind::WithoutDomain,
        without,
        |account| by_class(account),
        |account| Offender::new(named(account), [&account.id], &account.owner_id),
    ));
    findings
}

/// Why no lead reaches an account by this domain; `None` where leads do.
pub(super) fn worthless_kind(domain: &RegistrableDomain, policy: &Policy) -> Option<Kind> {
    let lists =
        [&policy.own_domains, &policy.competitor_domains, &policy.blocked_domains, &policy.test_domains];
    if is_test_domain(domain) || lists.iter().any(|list| list.contains(domain)) {
        return Some(Kind::ExcludedDomain);
    }
    match policy.domain_classes.get(domain).copied().unwrap_or_else(|| domain.email_class()) {
        DomainClass::Corporate => None,
        DomainClass::FreeMail => Some(Kind::FreeMailDomain),
        DomainClass::Disposable => Some(Kind::DisposableDomain),
        DomainClass::SharedHost => Some(Kind::SharedHostDomain),
    }
}

/// Domains of several accounts, but for those that several owners claim: they are conflicts.
fn shared(view: &View<'_>, conflicts: &[Conflict]) -> Option<Finding> {
    let disputed: HashSet<&str> = conflicts
        .iter()
        .filter_map(|conflict| match &conflict.claim {
            Claim::Domain(domain) => Some(domain.as_str()),
            Claim::Name(..) => None,
        })
        .collect();
    let mut sharers: HashMap<&str, Vec<u32>> = HashMap::new();
    for (at, account) in view.active() {
        for domain in account.domain_texts().filter(|domain| !disputed.contains(domain)) {
            sharers.entry(domain).or_default().push(at);
        }
    }
    let shared: Vec<(&str, Vec<u32>)> =
        sharers.into_iter().filter(|(_, sharers)| sharers.len() > 1).collect();
    let rank = |(domain, sharers): &(&str, Vec<u32>)| (Reverse(sharers.len()), (*domain).to_owned());
    Finding::of(Kind::SharedDomain, shared, rank, |(domain, sharers)| {
        let accounts: Vec<&PreparedAccount> = sharers.iter().map(|at| view.at(*at)).collect();
        let text = format!("{domain} is that of {}", listed(&accounts));
        Offender::new(text, accounts.iter().map(|account| &account.id), [])
    })
}
