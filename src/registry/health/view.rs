//! The registry as the checks look at it: who answers for whom, looked up once.

use std::sync::Arc;

use hashbrown::HashMap;
use jiff::Timestamp;

use crate::account::{AccountClass, Rep, RepId, RollUp};
use crate::matching::{Index, PreparedAccount, PreparedRegistry};
use crate::policy::Policy;
use crate::registry::conflicts::effective_owners;

/// As many parents as routing follows: what lies above is out of its reach.
pub(super) const LEVELS_MAX: usize = 32;

/// What every check reads.
pub(super) struct View<'a> {
    pub(super) index: &'a Index,
    pub(super) accounts: &'a [Arc<PreparedAccount>],
    /// The owner of each account, or of its nearest ancestor with one: as conflicts see them.
    pub(super) owners: Vec<Option<&'a RepId>>,
    pub(super) parents: Vec<Option<u32>>,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    /// Positions of the active accounts that name a rep as owner.
    pub(super) owned: HashMap<&'a RepId, Vec<u32>>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        index: &'a Index,
        registry: &'a PreparedRegistry,
        policy: &'a Policy,
        now: Timestamp,
    ) -> View<'a> {
        let accounts = registry.accounts();
        let parents = accounts
            .iter()
            .map(|account| account.parent_id.as_ref().and_then(|parent| registry.position(parent)))
            .collect();
        let mut owned: HashMap<&RepId, Vec<u32>> = HashMap::new();
        for (at, account) in (0..).zip(accounts).filter(|(_, account)| account.active) {
            if let Some(owner) = &account.owner_id {
                owned.entry(owner).or_default().push(at);
            }
        }
        View { index, accounts, owners: effective_owners(registry), parents, policy, now, owned }
    }

    pub(super) fn at(&self, position: u32) -> &'a PreparedAccount {
        &self.accounts[position as usize]
    }

    /// Active accounts with their positions.
    pub(super) fn active(&self) -> impl Iterator<Item = (u32, &'a PreparedAccount)> {
        (0..).zip(self.accounts.iter().map(|account| &**account)).filter(|(_, account)| account.active)
    }

    /// The owner of an account where that is a known rep.
    pub(super) fn known_owner(&self, position: u32) -> Option<&'a Rep> {
        self.index.rep(self.at(position).owner_id.as_ref()?)
    }

    /// Positions of the accounts above one, nearest first.
    pub(super) fn ancestors(&self, position: u32) -> impl Iterator<Item = u32> + use<'_, 'a> {
        std::iter::successors(self.parents[position as usize], |at| self.parents[*at as usize])
            .take(LEVELS_MAX)
    }

    /// True where an account above has an owner who is a known rep.
    pub(super) fn owned_above(&self, position: u32) -> bool {
        self.ancestors(position).any(|at| self.known_owner(at).is_some())
    }

    /// True where somebody answers for leads of the account, by the roll-up rule of routing.
    pub(super) fn is_answered(&self, position: u32) -> bool {
        let above = self.at(position).roll_up != Some(RollUp::Own) && self.owned_above(position);
        above || self.known_owner(position).is_some()
    }

    /// How many named accounts a rep owns.
    pub(super) fn book(&self, rep: &RepId) -> usize {
        let owned = self.owned.get(rep).map_or(&[][..], Vec::as_slice);
        owned.iter().filter(|at| self.at(**at).class.is_named()).count()
    }

    /// The accounts that a rep owns.
    pub(super) fn accounts_of(&self, rep: &RepId) -> Vec<&'a PreparedAccount> {
        self.owned.get(rep).map_or(&[][..], Vec::as_slice).iter().map(|at| self.at(*at)).collect()
    }
}

/// `Acme Inc. (a1)`.
pub(super) fn named(account: &PreparedAccount) -> String {
    format!("{} ({})", account.name(), account.id)
}

/// `Ada Birch (r-ada)`, or the id where the registry gives no name.
pub(super) fn rep_named(rep: &Rep) -> String {
    if rep.name == rep.id.as_str() { rep.id.to_string() } else { format!("{} ({})", rep.name, rep.id) }
}

/// `1 account`, `2 accounts`.
pub(super) fn accounts(count: usize) -> String {
    format!("{count} account{}", if count == 1 { "" } else { "s" })
}

/// Accounts that matter more come first.
pub(super) fn by_class(account: &PreparedAccount) -> (AccountClass, String) {
    (account.class, account.id.to_string())
}
