//! Who owns what: accounts without an owner, owners who are not there, claims of several owners.

use std::cmp::Reverse;

use hashbrown::HashSet;

use super::view::{View, accounts, by_class, named, rep_named};
use super::{Finding, Kind, Offender};
use crate::account::{AccountClass, AccountId, RepId, RollUp};
use crate::matching::PreparedAccount;
use crate::registry::conflicts::{Claim, Conflict};

pub(super) fn findings(view: &View<'_>) -> Vec<Finding> {
    let (mut strategic, mut without, mut standard, mut nowhere) = (vec![], vec![], vec![], vec![]);
    for (at, account) in view.active() {
        if account.owner_id.is_some() && view.known_owner(at).is_none() {
            continue; // told with the owner
        }
        let relies = matches!(account.roll_up, Some(RollUp::Parent | RollUp::Ultimate));
        if view.is_answered(at) {
            if relies && !view.owned_above(at) {
                nowhere.push(account);
            }
            continue;
        }
        let found = match account.class {
            AccountClass::Strategic => &mut strategic,
            AccountClass::Standard => &mut standard,
            _ if relies || view.parents[at as usize].is_some() => &mut nowhere,
            _ => &mut without,
        };
        found.push(account);
    }
    let mut findings: Vec<Finding> = [
        (Kind::StrategicWithoutOwner, strategic),
        (Kind::WithoutOwner, without),
        (Kind::StandardWithoutOwner, standard),
        (Kind::RollUpNowhere, nowhere),
    ]
    .into_iter()
    .filter_map(|(kind, found)| {
        Finding::of(
            kind,
            found,
            |account| by_class(account),
            |account: &&PreparedAccount| {
                let below =
                    account.parent_id.as_ref().map_or_else(String::new, |parent| format!(", below {parent}"));
                let text = format!("{}, {}{below}", named(account), account.class.as_str());
                Offender::new(text, [&account.id], &account.owner_id)
            },
        )
    })
    .collect();
    findings.extend(owners(view, Kind::UnknownOwner));
    findings.extend(owners(view, Kind::InactiveOwner));
    findings
}

/// Owners who are not there, those of most accounts first.
fn owners(view: &View<'_>, kind: Kind) -> Option<Finding> {
    let concerned = |owner: &RepId| match view.index.rep(owner) {
        None => kind == Kind::UnknownOwner,
        Some(rep) => kind == Kind::InactiveOwner && !rep.active,
    };
    let owners: Vec<&RepId> = view.owned.keys().copied().filter(|owner| concerned(owner)).collect();
    Finding::of(
        kind,
        owners,
        |owner| (Reverse(view.owned[*owner].len()), (*owner).clone()),
        |owner| {
            let name = view.index.rep(owner).map_or_else(|| owner.to_string(), rep_named);
            let owned = view.accounts_of(owner);
            let text = format!("{name} owns {}", accounts(owned.len()));
            Offender::new(text, owned.into_iter().map(|account| &account.id), [*owner])
        },
    )
}

/// Claims of several owners, those of the most claimants first.
pub(super) fn conflicts(_: &View<'_>, conflicts: &[Conflict]) -> Option<Finding> {
    let rank = |conflict: &&Conflict| (Reverse(conflict.claimants.len()), conflict.claim.clone());
    Finding::of(Kind::OwnerConflict, conflicts.iter().collect(), rank, |conflict| told(conflict))
}

/// A conflict as an offender.
pub(super) fn told(conflict: &Conflict) -> Offender {
    let mut owners: Vec<&RepId> = conflict.claimants.iter().map(|(_, owner)| owner).collect();
    owners.sort();
    owners.dedup();
    Offender::new(conflict.to_string(), conflict.claimants.iter().map(|(account, _)| account), owners)
}

/// Acknowledged conflicts that are none any more.
pub(super) fn stale_acknowledgments(view: &View<'_>) -> Option<Finding> {
    let mut stale = Vec::new();
    for (at, account) in (0..).zip(view.accounts) {
        for other in account.acknowledged_conflicts().filter_map(AccountId::new) {
            let why = match view.accounts.binary_search_by(|known| known.id.cmp(&other)) {
                Err(_) => Some("which is not in the registry"),
                Ok(_) if !account.active => Some("but is not active itself"),
                Ok(found) if !view.accounts[found].active => Some("which is not active"),
                Ok(found) if view.owners[found] == view.owners[at] => Some("which has the same owner"),
                Ok(found) => (!share_a_claim(account, &view.accounts[found]))
                    .then_some("with which it shares no domain, and no name in one country"),
            };
            stale.extend(why.map(|why| (&**account, other, why)));
        }
    }
    let rank = |(account, other, _): &(&PreparedAccount, _, _)| (by_class(account), Clone::clone(other));
    Finding::of(Kind::StaleAcknowledgment, stale, rank, |(account, other, why)| {
        Offender::new(format!("{} acknowledges {other}, {why}", named(account)), [&account.id, other], [])
    })
}

fn share_a_claim(one: &PreparedAccount, other: &PreparedAccount) -> bool {
    let claims = |account: &PreparedAccount| -> HashSet<Claim> {
        let domains = account.domain_texts().map(|domain| Claim::Domain(domain.to_owned()));
        domains.chain(account.name_keys().map(|key| Claim::Name(key.to_owned(), account.country))).collect()
    };
    !claims(one).is_disjoint(&claims(other))
}
