//! Two owners who claim the same domain, or the same name in the same country.
//!
//! A conflict is reported at import with every claimant; in strict mode it refuses the registry. At routing
//! the rules for several candidates apply, so that no lead is settled silently. A pair that either side
//! lists in `acknowledged_conflicts` is meant and not reported.

use std::fmt;

use hashbrown::{HashMap, HashSet};

use crate::account::{Account, AccountId, Registry, RepId};
use crate::normalize::{Country, company_name};
use crate::parallel;

/// What several owners claim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// A declared e-mail domain.
    Domain(String),
    /// A match key, in one country or where none is given.
    Name(String, Option<Country>),
}

/// A claim of several accounts with different owners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What is claimed.
    pub claim: Claim,
    /// By which accounts, and whose they are; by account id. At least two.
    pub claimants: Vec<(AccountId, RepId)>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.claim {
            Claim::Domain(domain) => write!(f, "domain {domain} is claimed by ")?,
            Claim::Name(key, Some(country)) => write!(f, "name \"{key}\" in {country} is claimed by ")?,
            Claim::Name(key, None) => write!(f, "name \"{key}\" is claimed by ")?,
        }
        // 6: enough to act on; a shared host can have thousands.
        const CLAIMANTS_MAX: usize = 6;
        for (at, (account, owner)) in self.claimants.iter().take(CLAIMANTS_MAX).enumerate() {
            write!(f, "{}{account} (owner {owner})", if at == 0 { "" } else { ", " })?;
        }
        match self.claimants.len().saturating_sub(CLAIMANTS_MAX) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Every conflict of a registry whose parent links hold no cycle, in the order of the claims.
pub fn find(registry: &Registry) -> Vec<Conflict> {
    let accounts = &registry.accounts;
    let owners = effective_owners(accounts);
    let keys = parallel::map_in_order(accounts, parallel::threads(), name_keys);

    let mut claims: HashMap<Claim, Vec<usize>> = HashMap::new();
    for (at, keys) in keys.into_iter().enumerate() {
        let account = &accounts[at];
        if !account.active || owners[at].is_none() {
            continue;
        }
        let domains = account.domains.iter().map(|domain| Claim::Domain(domain.as_str().to_owned()));
        let names = keys.into_iter().map(|key| Claim::Name(key, account.country));
        for claim in domains.chain(names) {
            let claimants = claims.entry(claim).or_default();
            if claimants.last() != Some(&at) {
                claimants.push(at);
            }
        }
    }
    let mut conflicts: Vec<Conflict> = claims
        .into_iter()
        .filter(|(_, claimants)| claimants.len() > 1)
        .filter_map(|(claim, claimants)| {
            let claimants = unacknowledged(accounts, &owners, &claimants);
            (claimants.len() > 1).then_some(Conflict { claim, claimants })
        })
        .collect();
    conflicts.sort_by(|one, other| one.claim.cmp(&other.claim));
    conflicts
}

fn name_keys(account: &Account) -> Vec<String> {
    let mut keys: Vec<String> = account
        .names()
        .filter_map(|(_, name)| company_name(name))
        .filter_map(|name| name.readings.first().map(|key| key.joined()))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The owner of each account, or of its nearest ancestor that has one.
fn effective_owners(accounts: &[Account]) -> Vec<Option<&RepId>> {
    let number: HashMap<&AccountId, usize> =
        accounts.iter().enumerate().map(|(at, account)| (&account.id, at)).collect();
    // Depth is bounded, so that a long chain costs no more than its length for any one account.
    const DEPTH_MAX: usize = 64;
    accounts
        .iter()
        .map(|account| {
            let mut account = account;
            for _ in 0..DEPTH_MAX {
                if let Some(owner) = &account.owner_id {
                    return Some(owner);
                }
                account = &accounts[*number.get(account.parent_id.as_ref()?)?];
            }
            None
        })
        .collect()
}

/// Those claimants with a rival of another owner that neither of the two acknowledges.
fn unacknowledged(
    accounts: &[Account],
    owners: &[Option<&RepId>],
    claimants: &[usize],
) -> Vec<(AccountId, RepId)> {
    let mut by_owner: HashMap<&RepId, usize> = HashMap::new();
    for owner in claimants.iter().filter_map(|&at| owners[at]) {
        *by_owner.entry(owner).or_default() += 1;
    }
    if by_owner.len() < 2 {
        return Vec::new();
    }
    let owner_of: HashMap<&AccountId, &RepId> =
        claimants.iter().filter_map(|&at| Some((&accounts[at].id, owners[at]?))).collect();
    // Both directions of every pair that one side acknowledges.
    let mut acknowledged: HashSet<(&AccountId, &AccountId)> = HashSet::new();
    for account in claimants.iter().map(|&at| &accounts[at]) {
        for other in &account.acknowledged_conflicts {
            if owner_of.get(other).is_some_and(|owner| owner_of.get(&account.id) != Some(owner)) {
                acknowledged.insert((&account.id, other));
                acknowledged.insert((other, &account.id));
            }
        }
    }
    let mut settled: HashMap<&AccountId, usize> = HashMap::new();
    for (account, _) in acknowledged {
        *settled.entry(account).or_default() += 1;
    }
    let mut open: Vec<(AccountId, RepId)> = owner_of
        .iter()
        .filter(|(account, owner)| {
            let rivals = claimants.len() - by_owner.get(*owner).copied().unwrap_or_default();
            rivals > settled.get(*account).copied().unwrap_or_default()
        })
        .map(|(&account, &owner)| (account.clone(), owner.clone()))
        .collect();
    open.sort();
    open
}
