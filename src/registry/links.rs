//! What only the whole registry can tell: do the ids that records name exist, and do parents end somewhere?
//!
//! Every check is linear in the number of records and gives the same result in whatever order they come.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use super::problem::{Fault, Place, Problem, quoted};
use crate::account::{Account, AccountId, Rep, RepId};

/// Records and the places they come from, index by index.
pub(super) struct Placed<'a, T> {
    pub(super) records: &'a mut Vec<T>,
    pub(super) places: &'a [Place],
}

/// Keeps the first record of each id and names every later one.
pub(super) fn unique_ids<T, K: std::hash::Hash + Eq + Clone + std::fmt::Display>(
    placed: &Placed<'_, T>,
    id: impl Fn(&T) -> &K,
    problems: &mut Vec<Problem>,
) {
    let mut first: HashMap<&K, &Place> = HashMap::with_capacity(placed.records.len());
    for (record, place) in placed.records.iter().zip(placed.places) {
        if let Some(before) = first.insert(id(record), place) {
            let fault = Fault::DuplicateId { id: quoted(&id(record).to_string()), first: before.clone() };
            problems.push(Problem::new(place.clone(), "id", fault));
            first.insert(id(record), before);
        }
    }
}

/// Every owner must be a rep; members of an account team who are none are forgotten, with a warning.
pub(super) fn known_owners(
    accounts: &mut Placed<'_, Account>,
    known: &HashSet<RepId>,
    reps_file: &Arc<str>,
    problems: &mut Vec<Problem>,
) {
    for (account, place) in accounts.records.iter_mut().zip(accounts.places) {
        if let Some(owner) = account.owner_id.as_ref().filter(|&owner| !known.contains(owner)) {
            let fault = Fault::UnknownOwner { value: quoted(owner.as_str()), reps: Arc::clone(reps_file) };
            problems.push(Problem::new(place.clone(), "owner_id", fault));
        }
        account.team.retain(|member| {
            let is_known = known.contains(&member.rep_id);
            if !is_known {
                let fault = Fault::Dangling { value: quoted(member.rep_id.as_str()) };
                problems.push(Problem::new(place.clone(), "team", fault));
            }
            is_known
        });
    }
}

/// Delegates and managers who are no reps are forgotten, with a warning.
pub(super) fn known_stand_ins(
    reps: &mut Placed<'_, Rep>,
    known: &HashSet<RepId>,
    problems: &mut Vec<Problem>,
) {
    for (rep, place) in reps.records.iter_mut().zip(reps.places) {
        let mut forget = |column: &str, link: &mut Option<RepId>| {
            if let Some(id) = link.take_if(|id| !known.contains(id)) {
                let fault = Fault::Dangling { value: quoted(id.as_str()) };
                problems.push(Problem::new(place.clone(), column, fault));
            }
        };
        forget("delegate_id", &mut rep.delegate_id);
        forget("manager_id", &mut rep.manager_id);
        for leave in &mut rep.away {
            forget("away", &mut leave.delegate_id);
        }
    }
}

/// Parents that do not exist, and every link of a cycle, are forgotten with a warning each: no member of a
/// cycle is its top, so none keeps its link.
pub(super) fn parents(accounts: &mut Placed<'_, Account>, problems: &mut Vec<Problem>) {
    let number: HashMap<&AccountId, usize> =
        accounts.records.iter().enumerate().map(|(at, account)| (&account.id, at)).collect();
    let parent: Vec<Option<usize>> = accounts
        .records
        .iter()
        .map(|account| account.parent_id.as_ref().and_then(|id| number.get(id).copied()))
        .collect();
    drop(number);
    let cyclic = on_cycles(&parent);

    for at in 0..parent.len() {
        let fault = match (&accounts.records[at].parent_id, parent[at]) {
            (Some(id), None) => Fault::Dangling { value: quoted(id.as_str()) },
            (Some(_), Some(_)) if cyclic[at] => {
                Fault::ParentCycle { chain: chain(accounts.records, &parent, at) }
            }
            _ => continue,
        };
        problems.push(Problem::new(accounts.places[at].clone(), "parent_id", fault));
    }
    for (at, account) in accounts.records.iter_mut().enumerate() {
        if parent[at].is_none() || cyclic[at] {
            account.parent_id = None;
        }
    }
}

/// Which nodes lie on a cycle of the parent links. Each node is walked over at most twice.
fn on_cycles(parent: &[Option<usize>]) -> Vec<bool> {
    const NEVER: usize = usize::MAX;
    let mut walk_of = vec![NEVER; parent.len()];
    let mut cyclic = vec![false; parent.len()];
    for start in 0..parent.len() {
        let mut next = Some(start);
        while let Some(at) = next.filter(|&at| walk_of[at] == NEVER) {
            walk_of[at] = start;
            next = parent[at];
        }
        // Stopped at a node of this very walk: everything from there on comes back to it.
        let Some(entry) = next.filter(|&at| walk_of[at] == start) else { continue };
        let mut on_cycle = Some(entry);
        while let Some(at) = on_cycle.filter(|&at| !cyclic[at]) {
            cyclic[at] = true;
            on_cycle = parent[at];
        }
    }
    cyclic
}

/// The way from an account back to itself, at most eight ids.
fn chain(accounts: &[Account], parent: &[Option<usize>], start: usize) -> String {
    const IDS_MAX: usize = 8;
    let mut text = quoted(accounts[start].id.as_str());
    let mut at = start;
    for _ in 0..IDS_MAX {
        let Some(next) = parent[at] else { break };
        text.push_str(" > ");
        text.push_str(&quoted(accounts[next].id.as_str()));
        at = next;
        if at == start {
            return text;
        }
    }
    text.push_str(" > …");
    text
}

/// Merged ids that are still somebody's are forgotten, with a warning: an id must lead to one account.
pub(super) fn merged_ids(accounts: &mut Placed<'_, Account>, problems: &mut Vec<Problem>) {
    if accounts.records.iter().all(|account| account.merged_ids.is_empty()) {
        return;
    }
    let living: HashSet<AccountId> = accounts.records.iter().map(|account| account.id.clone()).collect();
    // In the order of account ids, so that the order of lines decides nothing.
    let mut order: Vec<usize> = (0..accounts.records.len()).collect();
    order.sort_by(|&one, &other| accounts.records[one].id.cmp(&accounts.records[other].id));
    let mut heir: HashMap<AccountId, AccountId> = HashMap::new();
    for at in order {
        let account = &mut accounts.records[at];
        let own = account.id.clone();
        account.merged_ids.retain(|id| {
            let whose = if living.contains(id) {
                "the id of a living account".to_owned()
            } else if let Some(other) = heir.get(id).filter(|&other| *other != own) {
                format!("merged into `{}`", quoted(other.as_str()))
            } else {
                heir.insert(id.clone(), own.clone());
                return true;
            };
            let fault = Fault::MergedIdTaken { value: quoted(id.as_str()), whose };
            problems.push(Problem::new(accounts.places[at].clone(), "merged_ids", fault));
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parents: &[Option<usize>], cyclic: &[usize]) {
        let found = on_cycles(parents);
        let found: Vec<usize> = (0..parents.len()).filter(|&at| found[at]).collect();
        assert_eq!(found, cyclic);
    }

    #[test]
    fn a_cycle_is_only_its_members_not_what_hangs_below() {
        // 3 > 0 > 1 > 2 > 1
        check(&[Some(1), Some(2), Some(1), Some(0)], &[1, 2]);
    }

    #[test]
    fn an_account_that_is_its_own_parent_is_a_cycle_of_one() {
        check(&[Some(0), Some(0)], &[0]);
    }

    #[test]
    fn a_tree_has_no_cycle() {
        check(&[None, Some(0), Some(0), Some(1)], &[]);
    }

    #[test]
    fn a_chain_of_a_million_is_walked_in_linear_time() {
        let chain: Vec<Option<usize>> = (0..1_000_000).map(|at| Some((at + 1) % 1_000_000)).collect();
        assert!(on_cycles(&chain).into_iter().all(|on_cycle| on_cycle));
    }
}
