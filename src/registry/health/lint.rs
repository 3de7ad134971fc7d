//! What an account would collide with, before it is added or renamed.

use std::sync::Arc;

use hashbrown::HashSet;

use super::domains::worthless_kind;
use super::names::{common, is_common, listed, threshold};
use super::ownership::told;
use super::reps::named_accounts;
use super::view::{named, rep_named};
use super::{Finding, Kind, Loading, Offender, Report};
use crate::account::{Account, AccountId};
use crate::lead::{Lead, LeadFields};
use crate::matching::{AccountMatch, Index, PreparedAccount, PreparedRegistry, name_alone, search_all};
use crate::normalize::{RegistrableDomain, company_name};
use crate::policy::Policy;
use crate::registry::conflicts::{self, Conflict};
use crate::registry::problem::Problem;

/// Claimants that are looked at for one name or domain: a host of many has no end of them.
const CLAIMANTS_MAX: usize = 256;
/// Longer names with all the words of a name that make it one too short: a single one may be the same company.
const LONGER_MIN: usize = 2;

/// What an account would collide with in a registry: in place of the one of its id, if there is one.
///
/// `ignored` is what checking its record found.
pub fn lint(index: &Index, policy: &Policy, account: Account, ignored: &[Problem]) -> Report {
    let account = Arc::new(PreparedAccount::new(account));
    let near = near(&account, index, policy);
    let conflicts = conflicts_with(index, &account);
    let mut findings: Vec<Finding> = Loading::of(ignored).findings().collect();
    let disputed = |other: &PreparedAccount| {
        conflicts.iter().any(|conflict| conflict.claimants.iter().any(|(id, _)| *id == other.id))
    };
    findings.extend(Finding::of(
        Kind::OwnerConflict,
        conflicts.iter().collect(),
        |_| (),
        |found| told(found),
    ));
    findings.extend(owner(&account, index));
    findings.extend(same(&account, index, disputed));
    findings.extend(indistinct(&account, &near, index, policy));
    let fits = near.iter().filter(|found| found.name_fits && !found.name_equal && !disputed(found.account));
    findings.extend(Finding::of(
        Kind::NearName,
        fits.collect(),
        |_| (),
        |found: &&AccountMatch<'_>| {
            let text = format!(
                "{}{}, similar by {} of 10000",
                named(found.account),
                owned(found.account),
                found.name_similarity
            );
            Offender::new(text, [&found.account.id], &found.account.owner_id)
        },
    ));
    for domain in account.domains().map(RegistrableDomain::of_text) {
        findings.extend(worthless_kind(&domain, policy).and_then(|kind| {
            Finding::of(kind, vec![domain], |_| (), |domain| Offender::new(domain.to_string(), [], []))
        }));
    }
    Report::new(index, merged(findings))
}

/// Conflicts of owners that a record would make with a registry, or keep, but for acknowledged ones.
pub fn conflicts_of(index: &Index, account: Account) -> Vec<Conflict> {
    conflicts_with(index, &Arc::new(PreparedAccount::new(account)))
}

/// The rule of [`conflicts::find`], asked of the account, those that claim the same, and all above them.
fn conflicts_with(index: &Index, account: &Arc<PreparedAccount>) -> Vec<Conflict> {
    let domains =
        account.domain_texts().flat_map(|domain| index.accounts_with_domain(domain).take(CLAIMANTS_MAX));
    let mut claimants: Vec<Arc<PreparedAccount>> = domains.cloned().collect();
    for key in account.name_keys() {
        claimants.extend(index.accounts_with_key(key).into_iter().take(CLAIMANTS_MAX).cloned());
    }
    let mut parents: Vec<&AccountId> =
        claimants.iter().chain([account]).filter_map(|account| account.parent_id.as_deref()).collect();
    let mut above: Vec<Account> = Vec::new();
    while let Some(parent) = parents.pop() {
        if let Some(parent) =
            index.account(parent).filter(|parent| above.iter().all(|known| known.id != parent.id))
        {
            parents.extend(parent.parent_id.as_deref());
            // Asked for its owner only: its own claims are no concern of this record.
            above.push(Account {
                parent_id: parent.parent_id.as_deref().cloned(),
                owner_id: parent.owner_id.clone(),
                active: false,
                ..Account::new(parent.id.clone(), "")
            });
        }
    }
    claimants.retain(|claimant| claimant.id != account.id);
    claimants.push(Arc::clone(account));
    let present = |id: &AccountId| claimants.iter().any(|claimant| claimant.id == *id);
    let above: Vec<_> = above
        .into_iter()
        .filter(|account| !present(&account.id))
        .map(|account| Arc::new(account.into()))
        .collect();
    claimants.extend(above);
    claimants.sort_by(|one, other| one.id.cmp(&other.id));
    claimants.dedup_by(|one, other| one.id == other.id);
    let mut found = conflicts::find(&PreparedRegistry::new(claimants, Vec::new()));
    found.retain(|conflict| conflict.claimants.iter().any(|(id, _)| *id == account.id));
    found
}

/// What is doubtful about the owner it would have.
fn owner(account: &PreparedAccount, index: &Index) -> Option<Finding> {
    let owner = account.owner_id.as_ref()?;
    let told =
        |kind, text: String| Finding::of(kind, vec![text], |_| (), |text| Offender::new(text, [], [owner]));
    let Some(rep) = index.rep(owner) else { return told(Kind::UnknownOwner, owner.to_string()) };
    if !rep.active {
        return told(Kind::InactiveOwner, rep_named(rep));
    }
    let cap = rep.account_cap?;
    let named = |account: &&PreparedAccount| {
        account.class.is_named() && account.active && account.owner_id.as_ref() == Some(owner)
    };
    let book = 1 + index.accounts_after(None).filter(named).filter(|other| other.id != account.id).count();
    (account.class.is_named() && book > cap as usize)
        .then(|| {
            told(
                Kind::OverCap,
                format!("{} would own {}, account_cap is {cap}", rep_named(rep), named_accounts(book)),
            )
        })
        .flatten()
}

/// Accounts with the same name in the same country, or with the same domain, whoever owns them.
fn same(
    account: &PreparedAccount,
    index: &Index,
    disputed: impl Fn(&PreparedAccount) -> bool,
) -> Vec<Finding> {
    let another = |other: &&PreparedAccount| other.id != account.id && !disputed(other);
    let mut by_name: Vec<&PreparedAccount> = account
        .name_keys()
        .flat_map(|key| index.accounts_with_key(key))
        .map(|other| &**other)
        .filter(another)
        .filter(|other| {
            other.country == account.country || other.country.is_none() || account.country.is_none()
        })
        .collect();
    by_name.sort_by(|one, other| one.id.cmp(&other.id));
    by_name.dedup_by(|one, other| one.id == other.id);
    let name = Finding::of(
        Kind::SameName,
        by_name,
        |_| (),
        |other| {
            Offender::new(
                format!("{}{} has the same name", named(other), owned(other)),
                [&other.id],
                &other.owner_id,
            )
        },
    );
    let by_domain: Vec<(&PreparedAccount, &str)> = account
        .domain_texts()
        .flat_map(|domain| index.accounts_with_domain(domain).map(move |other| (&**other, domain)))
        .filter(|(other, _)| another(other))
        .collect();
    let domain = Finding::of(
        Kind::SharedDomain,
        by_domain,
        |_| (),
        |(other, domain)| {
            let text = format!("{domain} is that of {}{}", named(other), owned(other));
            Offender::new(text, [&other.id], &other.owner_id)
        },
    );
    name.into_iter().chain(domain).collect()
}

/// Whether the name alone would be routed, and what it would be mixed up with.
fn indistinct(
    account: &PreparedAccount,
    near: &[AccountMatch<'_>],
    index: &Index,
    policy: &Policy,
) -> Option<Finding> {
    let (worth, threshold) = (name_alone(account.name(), index)?, threshold(policy)?);
    let words = |key: &str| key.split(' ').map(str::to_owned).collect::<HashSet<String>>();
    let own = words(account.name_keys().next()?);
    // Everybody who types the short name of one of them means it.
    let longer: Vec<&PreparedAccount> = near
        .iter()
        .map(|found| found.account)
        .filter(|other| {
            company_name(other.name()).is_some_and(|name| {
                let other = words(&name.readings[0].joined());
                own.is_subset(&other) && own.len() < other.len()
            })
        })
        .collect();
    let too_common = is_common(worth, threshold);
    if !too_common && longer.len() < LONGER_MIN {
        return None;
    }
    let why = if too_common { common(worth, threshold) } else { "longer names have all its words".into() };
    let with = if longer.is_empty() { near.iter().map(|found| found.account).collect() } else { longer };
    let collide =
        if with.is_empty() { String::new() } else { format!("; it collides with {}", listed(&with)) };
    let text = format!("\"{}\" is not distinctive: {why}{collide}", account.name());
    Finding::of(
        Kind::IndistinctName,
        vec![text],
        |_| (),
        |text| Offender::new(text, with.iter().map(|account| &account.id), []),
    )
}

/// Accounts that a lead with this name would find, best first.
fn near<'a>(account: &PreparedAccount, index: &'a Index, policy: &Policy) -> Vec<AccountMatch<'a>> {
    let fields = LeadFields { company: account.name().to_owned(), ..LeadFields::default() };
    let Ok(lead) = Lead::new(fields) else { return Vec::new() };
    let mut found = search_all(&lead, index, policy).matches;
    found.retain(|found| found.account.id != account.id);
    found
}

fn owned(account: &PreparedAccount) -> String {
    account.owner_id.as_ref().map_or_else(|| ", of nobody".into(), |owner| format!(", owner {owner}"))
}

/// One finding a kind: several domains may be worthless in the same way.
fn merged(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        match merged.iter_mut().find(|known| known.kind == finding.kind) {
            Some(known) => {
                known.count += finding.count;
                known.worst.extend(finding.worst);
                known.worst.truncate(super::WORST_MAX);
            }
            None => merged.push(finding),
        }
    }
    merged
}
