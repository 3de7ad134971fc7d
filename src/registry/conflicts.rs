//! Two owners who claim the same domain, or the same name in the same country.
//!
//! A conflict is reported at import with every claimant; in strict mode it refuses the registry. At routing
//! the rules for several candidates apply, so that no lead is settled silently. A pair that either side
//! lists in `acknowledged_conflicts` is meant and not reported.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::hash_table::Entry;
use hashbrown::{HashMap, HashSet, HashTable};

use crate::account::{AccountId, RepId};
use crate::matching::{PreparedAccount, PreparedRegistry};
use crate::normalize::Country;

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
pub fn find(registry: &PreparedRegistry) -> Vec<Conflict> {
    let accounts = registry.accounts();
    let owners = effective_owners(registry);
    let mut claims = Claims { numbers: HashTable::with_capacity(accounts.len()), groups: Vec::new() };
    let mut members: Vec<(u32, usize)> = Vec::with_capacity(2 * accounts.len());
    for (at, account) in accounts.iter().enumerate().filter(|(_, account)| account.active) {
        let Some(owner) = owners[at] else { continue };
        let domains = account.domain_texts().map(|domain| (Kind::Domain, domain));
        let names = account.name_keys().map(|key| (Kind::Name(account.country), key));
        for (kind, text) in domains.chain(names) {
            let number = claims.number(kind, text, at, owner);
            let group = &mut claims.groups[number as usize];
            if group.count == 0 || group.last != at {
                group.count += 1;
                group.last = at;
                group.disputed |= group.owner != owner;
                members.push((number, at));
            }
        }
    }
    let mut claimants: HashMap<u32, Vec<usize>> = HashMap::new();
    for (number, at) in members.into_iter().filter(|(number, _)| claims.groups[*number as usize].disputed) {
        claimants.entry(number).or_default().push(at);
    }
    let mut conflicts: Vec<Conflict> = claimants
        .into_iter()
        .filter_map(|(number, claimants)| {
            let claimants = unacknowledged(accounts, &owners, &claimants);
            let group = &claims.groups[number as usize];
            (claimants.len() > 1).then(|| Conflict { claim: group.claim(), claimants })
        })
        .collect();
    conflicts.sort_by(|one, other| one.claim.cmp(&other.claim));
    conflicts
}

/// What sort of text is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Domain,
    Name(Option<Country>),
}

/// Texts that are claimed, each once, left where they are: nearly all have one claimant.
struct Claims<'a> {
    numbers: HashTable<u32>,
    groups: Vec<Group<'a>>,
}

/// Everybody who claims one text.
struct Group<'a> {
    hash: u64,
    kind: Kind,
    text: &'a str,
    /// The owner of the first claimant.
    owner: &'a RepId,
    count: u32,
    last: usize,
    /// A later claimant has another owner than the first.
    disputed: bool,
}

impl<'a> Claims<'a> {
    fn number(&mut self, kind: Kind, text: &'a str, at: usize, owner: &'a RepId) -> u32 {
        let Claims { numbers, groups } = self;
        let hash = FixedState::default().hash_one((kind, text));
        let entry = numbers.entry(
            hash,
            |number| {
                let group = &groups[*number as usize];
                group.hash == hash && group.kind == kind && group.text == text
            },
            |number| groups[*number as usize].hash,
        );
        match entry {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let number = groups.len() as u32;
                free.insert(number);
                groups.push(Group { hash, kind, text, owner, count: 0, last: at, disputed: false });
                number
            }
        }
    }
}

impl Group<'_> {
    fn claim(&self) -> Claim {
        match self.kind {
            Kind::Domain => Claim::Domain(self.text.to_owned()),
            Kind::Name(country) => Claim::Name(self.text.to_owned(), country),
        }
    }
}

/// The owner of each account, or of its nearest ancestor that has one.
pub(super) fn effective_owners(registry: &PreparedRegistry) -> Vec<Option<&RepId>> {
    let accounts = registry.accounts();
    // Only the way up from an account without an owner is of interest.
    let parents: Vec<Option<u32>> = accounts
        .iter()
        .map(|account| match (&account.owner_id, &account.parent_id) {
            (None, Some(parent)) => registry.position(parent),
            _ => None,
        })
        .collect();
    // Depth is bounded, so that a long chain costs no more than its length for any one account.
    const DEPTH_MAX: usize = 64;
    (0..accounts.len())
        .map(|mut at| {
            for _ in 0..DEPTH_MAX {
                if let Some(owner) = &accounts[at].owner_id {
                    return Some(owner);
                }
                at = parents[at]? as usize;
            }
            None
        })
        .collect()
}

/// Those claimants with a rival of another owner that neither of the two acknowledges.
fn unacknowledged(
    accounts: &[Arc<PreparedAccount>],
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
        for other in account.acknowledged_conflicts().filter_map(AccountId::new) {
            let Some((&other, owner)) = owner_of.get_key_value(&other) else { continue };
            if owner_of.get(&account.id) != Some(owner) {
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
