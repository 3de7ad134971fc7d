//! All accounts, prepared, and all reps: what an index is built from, kept by whoever keeps it up to date.

use std::sync::Arc;

use super::prepared::PreparedAccount;
use crate::account::{Account, AccountId, Registry, Rep};
use crate::order;

/// The accounts and reps of one registry, each prepared once and shared with every index built from it.
///
/// Both stand in the order of their ids, so that nothing depends on the order in which they were loaded.
/// Cloning it copies references, not accounts.
#[derive(Clone, Debug, Default)]
pub struct PreparedRegistry {
    accounts: Vec<Arc<PreparedAccount>>,
    reps: Vec<Rep>,
}

impl PreparedRegistry {
    /// The registry of these accounts and reps, in any order; ids are unique.
    pub fn new(mut accounts: Vec<Arc<PreparedAccount>>, mut reps: Vec<Rep>) -> PreparedRegistry {
        sort_by_id(&mut accounts);
        reps.sort_by(|one, other| one.id.cmp(&other.id));
        PreparedRegistry { accounts, reps }
    }

    /// The same of accounts and reps that stand in the order of their ids already, for whoever keeps them so: to look
    /// is to fetch every account from memory.
    pub fn in_order(accounts: Vec<Arc<PreparedAccount>>, reps: Vec<Rep>) -> PreparedRegistry {
        debug_assert!(accounts.is_sorted_by(|one, other| one.id < other.id), "accounts in the order of ids");
        debug_assert!(reps.is_sorted_by(|one, other| one.id < other.id), "reps in the order of ids");
        PreparedRegistry { accounts, reps }
    }

    /// The accounts in the order of their ids.
    pub fn accounts(&self) -> &[Arc<PreparedAccount>] {
        &self.accounts
    }

    /// The reps in the order of their ids.
    pub fn reps(&self) -> &[Rep] {
        &self.reps
    }

    /// Replaces all reps.
    pub fn set_reps(&mut self, mut reps: Vec<Rep>) {
        reps.sort_by(|one, other| one.id.cmp(&other.id));
        self.reps = reps;
    }

    /// The account of an id.
    pub fn account(&self, id: &AccountId) -> Option<&Arc<PreparedAccount>> {
        self.place(id).ok().map(|at| &self.accounts[at])
    }

    /// Where the account of an id stands among the accounts.
    pub fn position(&self, id: &AccountId) -> Option<u32> {
        self.place(id).ok().map(|at| at as u32)
    }

    /// Adds an account, or replaces the one of its id, which is given back.
    pub fn upsert(&mut self, account: Account) -> Option<Arc<PreparedAccount>> {
        let account = Arc::new(PreparedAccount::new(account));
        match self.place(&account.id) {
            Ok(at) => Some(std::mem::replace(&mut self.accounts[at], account)),
            Err(at) => {
                self.accounts.insert(at, account);
                None
            }
        }
    }

    /// Takes the account of an id out.
    pub fn remove(&mut self, id: &AccountId) -> Option<Arc<PreparedAccount>> {
        self.place(id).ok().map(|at| self.accounts.remove(at))
    }

    fn place(&self, id: &AccountId) -> Result<usize, usize> {
        self.accounts.binary_search_by(|account| account.id.cmp(id))
    }

    pub(super) fn into_parts(self) -> (Vec<Arc<PreparedAccount>>, Vec<Rep>) {
        (self.accounts, self.reps)
    }
}

impl From<Registry> for PreparedRegistry {
    fn from(registry: Registry) -> PreparedRegistry {
        let accounts = registry.accounts.into_iter().map(|account| Arc::new(account.into())).collect();
        PreparedRegistry::new(accounts, registry.reps)
    }
}

fn sort_by_id(accounts: &mut Vec<Arc<PreparedAccount>>) {
    if !accounts.is_sorted_by(|one, other| one.id <= other.id) {
        let order = order::by_text(accounts.len(), |at| accounts[at as usize].id.as_str());
        *accounts = order.into_iter().map(|at| Arc::clone(&accounts[at as usize])).collect();
    }
}
