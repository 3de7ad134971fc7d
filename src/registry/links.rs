//! What only the whole registry can tell: do the ids that records name exist, and do parents end somewhere?
//!
//! Every check is linear in the number of records and gives the same result in whatever order they come. A shared
//! account is copied before one of its links is forgotten: whoever else holds it keeps what was stored, for the day
//! when the other end of the link is there.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::hash_table::Entry;
use hashbrown::{HashMap, HashSet, HashTable};

use super::problem::{Fault, Place, Problem, quoted};
use crate::account::{AccountId, Rep, RepId};
use crate::matching::{Links, PreparedAccount};

/// Records and the places they come from, index by index.
pub(super) struct Placed<'a, T> {
    pub(super) records: &'a mut Vec<T>,
    pub(super) places: Places<'a>,
}

/// Where records come from.
#[derive(Clone, Copy)]
pub(super) enum Places<'a> {
    /// From lines of files, record by record.
    Lines(&'a [Place]),
    /// From a home without lines: a record is called by this word and its id.
    Ids(&'static str),
}

impl Places<'_> {
    /// The place of the record number `at`.
    fn of(&self, at: usize, id: &str) -> Place {
        match self {
            Places::Lines(places) => places[at].clone(),
            Places::Ids(kind) => Place::record(kind, id),
        }
    }
}

impl Accounts<'_> {
    fn place(&self, at: usize) -> Place {
        self.places.of(at, self.records[at].id.as_str())
    }
}

/// Accounts as they are shared.
pub(super) type Accounts<'a> = Placed<'a, Arc<PreparedAccount>>;

/// Where the account of an id stands.
pub(super) enum Ids {
    /// By the hash of the id.
    Hashed(HashTable<u32>),
    /// Where the accounts say it themselves: they stand in the order of their ids, each once.
    InOrder,
}

impl Ids {
    /// The ids of these accounts: each leads to the first that has it, and every later one is named.
    pub(super) fn of(accounts: &Accounts<'_>, problems: &mut Vec<Problem>) -> Ids {
        let id = |at: u32| &accounts.records[at as usize].id;
        let mut ids = HashTable::with_capacity(accounts.records.len());
        for (at, account) in (0..).zip(accounts.records.iter()) {
            let entry = ids.entry(
                hash(&account.id),
                |first: &u32| *id(*first) == account.id,
                |first: &u32| hash(id(*first)),
            );
            match entry {
                Entry::Vacant(free) => {
                    free.insert(at);
                }
                Entry::Occupied(first) => {
                    let first = accounts.place(*first.get() as usize);
                    let fault = Fault::DuplicateId { id: quoted(account.id.as_str()), first };
                    problems.push(Problem::new(accounts.place(at as usize), "id", fault));
                }
            }
        }
        Ids::Hashed(ids)
    }

    fn find(&self, id: &AccountId, accounts: &[Arc<PreparedAccount>]) -> Option<usize> {
        match self {
            Ids::Hashed(ids) => {
                ids.find(hash(id), |at| accounts[*at as usize].id == *id).map(|at| *at as usize)
            }
            Ids::InOrder => accounts.binary_search_by(|account| account.id.cmp(id)).ok(),
        }
    }
}

fn hash(id: &AccountId) -> u64 {
    FixedState::default().hash_one(id)
}

/// Names every rep whose id an earlier one has.
pub(super) fn unique_rep_ids(reps: &Placed<'_, Rep>, problems: &mut Vec<Problem>) {
    let mut first: HashMap<&RepId, usize> = HashMap::with_capacity(reps.records.len());
    for (at, rep) in reps.records.iter().enumerate() {
        let before = *first.entry(&rep.id).or_insert(at);
        if before != at {
            let id = rep.id.as_str();
            let fault = Fault::DuplicateId { id: quoted(id), first: reps.places.of(before, id) };
            problems.push(Problem::new(reps.places.of(at, id), "id", fault));
        }
    }
}

/// Every owner must be a rep; members of an account team who are none are forgotten, with a warning.
pub(super) fn known_owners(
    accounts: &mut Accounts<'_>,
    known: &HashSet<RepId>,
    reps_file: &Arc<str>,
    problems: &mut Vec<Problem>,
) {
    let places = accounts.places;
    for (at, account) in accounts.records.iter_mut().enumerate() {
        if let Some(owner) = account.owner_id.as_ref().filter(|&owner| !known.contains(owner)) {
            let fault = Fault::UnknownOwner { value: quoted(owner.as_str()), reps: Arc::clone(reps_file) };
            problems.push(Problem::new(places.of(at, account.id.as_str()), "owner_id", fault));
        }
        let before = problems.len();
        for member in account.team().filter(|member| !known.contains(&member.rep_id)) {
            let fault = Fault::Dangling { value: quoted(member.rep_id.as_str()) };
            problems.push(Problem::new(places.of(at, account.id.as_str()), "team", fault));
        }
        if problems.len() > before {
            let team = |links: &mut Links| links.team.retain(|member| known.contains(&member.rep_id));
            *account = Arc::new(account.with_links(team));
        }
    }
}

/// Delegates and managers who are no reps are forgotten, with a warning.
pub(super) fn known_stand_ins(
    reps: &mut Placed<'_, Rep>,
    known: &HashSet<RepId>,
    problems: &mut Vec<Problem>,
) {
    let places = reps.places;
    for (at, rep) in reps.records.iter_mut().enumerate() {
        let id_of_rep = rep.id.clone();
        let mut forget = |column: &str, link: &mut Option<RepId>| {
            if let Some(id) = link.take_if(|id| !known.contains(id)) {
                let fault = Fault::Dangling { value: quoted(id.as_str()) };
                problems.push(Problem::new(places.of(at, id_of_rep.as_str()), column, fault));
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
pub(super) fn parents(accounts: &mut Accounts<'_>, ids: &Ids, problems: &mut Vec<Problem>) {
    let parent: Vec<Option<usize>> = PreparedAccount::each(accounts.records)
        .map(|account| account.parent_id.as_ref().and_then(|id| ids.find(id, accounts.records)))
        .collect();
    let cyclic = on_cycles(&parent);
    let mut forgotten = Vec::new();
    for at in 0..parent.len() {
        let fault = match (&accounts.records[at].parent_id, parent[at]) {
            (Some(id), None) => Fault::Dangling { value: quoted(id.as_str()) },
            (Some(_), Some(_)) if cyclic[at] => {
                Fault::ParentCycle { chain: chain(accounts.records, &parent, at) }
            }
            _ => continue,
        };
        problems.push(Problem::new(accounts.place(at), "parent_id", fault));
        forgotten.push(at);
    }
    for at in forgotten {
        let account = &mut accounts.records[at];
        *account = Arc::new(account.with_links(|links| links.parent_id = None));
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
fn chain(accounts: &[Arc<PreparedAccount>], parent: &[Option<usize>], start: usize) -> String {
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
pub(super) fn merged_ids(accounts: &mut Accounts<'_>, ids: &Ids, problems: &mut Vec<Problem>) {
    let each = PreparedAccount::each(accounts.records).enumerate();
    let mut heirs: Vec<usize> =
        each.filter(|(_, account)| account.merged_ids().next().is_some()).map(|(at, _)| at).collect();
    // In the order of account ids, so that the order of lines decides nothing.
    heirs.sort_by(|&one, &other| accounts.records[one].id.cmp(&accounts.records[other].id));
    let mut heir: HashMap<AccountId, AccountId> = HashMap::new();
    for at in heirs {
        let account = &accounts.records[at];
        let merged: Vec<AccountId> = account.merged_ids().filter_map(AccountId::new).collect();
        let mut kept = Vec::with_capacity(merged.len());
        for id in &merged {
            let whose = if ids.find(id, accounts.records).is_some() {
                "the id of a living account".to_owned()
            } else if let Some(other) = heir.get(id).filter(|&other| *other != account.id) {
                format!("merged into `{}`", quoted(other.as_str()))
            } else {
                heir.insert(id.clone(), account.id.clone());
                kept.push(id.clone());
                continue;
            };
            let fault = Fault::MergedIdTaken { value: quoted(id.as_str()), whose };
            problems.push(Problem::new(accounts.place(at), "merged_ids", fault));
        }
        if kept.len() < merged.len() {
            let account = &mut accounts.records[at];
            *account = Arc::new(account.with_links(|links| links.merged_ids = kept));
        }
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
