//! Records to the whole registry: each is checked as it comes, then what only the whole can tell.

use std::sync::Arc;

use hashbrown::HashSet;

use super::check;
use super::links::{self, Placed, Places};
use super::problem::{Place, Problem};
use super::record::{AccountRecord, RepRecord};
use crate::account::{Rep, RepId};
use crate::matching::{PreparedAccount, PreparedRegistry};
use crate::parallel;

/// A registry that is being put together, from files or from Redis.
#[derive(Default)]
pub(super) struct Whole {
    accounts: Vec<Arc<PreparedAccount>>,
    account_places: Vec<Place>,
    reps: Vec<Rep>,
    rep_places: Vec<Place>,
    /// Every rep's id, also of those who are refused: that is an error of its own, not one more for each of
    /// the rep's accounts.
    known_reps: HashSet<RepId>,
    /// What the reps' home is called; `None` where every owner that an account names is an active rep.
    reps_home: Option<Arc<str>>,
}

impl Whole {
    /// There are reps, though perhaps none: owners must be among them. `home` is what problems call their
    /// file.
    pub(super) fn expect_reps(&mut self, home: &Arc<str>) {
        self.reps_home = Some(Arc::clone(home));
    }

    /// Checks, prepares and keeps accounts, on all cores.
    pub(super) fn add_accounts(&mut self, rows: &[(Place, AccountRecord)], problems: &mut Vec<Problem>) {
        let checked = parallel::map_in_order(rows, parallel::threads(), |(place, record)| {
            let mut problems = Vec::new();
            let account = check::account(place, record, &mut problems);
            (account.map(|account| Arc::new(PreparedAccount::new(account))), problems)
        });
        for ((place, _), (account, found)) in rows.iter().zip(checked) {
            problems.extend(found);
            if let Some(account) = account {
                self.accounts.push(account);
                self.account_places.push(place.clone());
            }
        }
    }

    /// Checks and keeps a rep.
    pub(super) fn add_rep(&mut self, place: Place, record: &RepRecord, problems: &mut Vec<Problem>) {
        self.known_reps.extend(RepId::new(&record.id));
        if let Some(rep) = check::rep(&place, record, problems) {
            self.reps.push(rep);
            self.rep_places.push(place);
        }
    }

    /// Checks ids and links over all records. What is wrong goes to `problems`, in no order.
    pub(super) fn finish(mut self, problems: &mut Vec<Problem>) -> PreparedRegistry {
        let mut accounts =
            Placed { records: &mut self.accounts, places: Places::Lines(&self.account_places) };
        let ids = links::Ids::of(&accounts, problems);
        let reps = match &self.reps_home {
            None => owners_as_reps(accounts.records),
            Some(home) => {
                let mut reps = Placed { records: &mut self.reps, places: Places::Lines(&self.rep_places) };
                links::unique_rep_ids(&reps, problems);
                links::known_stand_ins(&mut reps, &self.known_reps, problems);
                links::known_owners(&mut accounts, &self.known_reps, home, problems);
                std::mem::take(reps.records)
            }
        };
        links::parents(&mut accounts, &ids, problems);
        links::merged_ids(&mut accounts, &ids, problems);
        PreparedRegistry::new(std::mem::take(accounts.records), reps)
    }
}

fn owners_as_reps(accounts: &[Arc<PreparedAccount>]) -> Vec<Rep> {
    let owners: HashSet<&RepId> = accounts.iter().filter_map(|account| account.owner_id.as_ref()).collect();
    let mut owners: Vec<&RepId> = owners.into_iter().collect();
    owners.sort();
    owners.into_iter().cloned().map(Rep::new).collect()
}
