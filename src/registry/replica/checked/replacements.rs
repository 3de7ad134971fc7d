//! The short way from one registry to the next: accounts in the place of others, and nothing else.

use std::sync::Arc;

use hashbrown::HashMap;

use super::{Checked, Taken};
use crate::account::RepId;
use crate::matching::{Index, PreparedAccount};

/// Owners, and how many accounts each has.
pub(super) type Owners = HashMap<RepId, usize>;

/// Every owner that an account names, and how many accounts name it.
pub(super) fn owners_of(accounts: &[Arc<PreparedAccount>]) -> Owners {
    let mut owners = Owners::new();
    for owner in PreparedAccount::each(accounts).filter_map(|account| account.owner_id.as_ref()) {
        match owners.get_mut(owner) {
            Some(count) => *count += 1,
            None => drop(owners.insert(owner.clone(), 1)),
        }
    }
    owners
}

impl Checked {
    /// The accounts that a registry has in other versions since [`Checked::registry`] gave it as `before`, where nothing else
    /// is another than it was: reps, links between accounts, what is ignored. `None` where more may have changed.
    ///
    /// What it looks at grows with the changes, not with the registry.
    pub fn replacements(&mut self, before: &Index, taken: &Taken) -> Option<Vec<Arc<PreparedAccount>>> {
        let (reps, owners) = (&self.reps, &mut self.owners);
        let is_rep = |id: &RepId| reps.get(id.as_str()).is_some_and(|held| held.meaning().is_some());
        let stays = |(old, new): &(Arc<PreparedAccount>, Arc<PreparedAccount>)| {
            let unlinked =
                before.account(&old.id).is_none_or(|linked| !std::ptr::eq(linked, Arc::as_ptr(old)));
            let team_is_known = owners.is_some() || new.team().all(|member| is_rep(&member.rep_id));
            !unlinked
                && team_is_known
                && old.parent_id == new.parent_id
                && old.merged_ids().eq(new.merged_ids())
        };
        if taken.more || !taken.replaced.iter().all(stays) {
            return None;
        }
        if let Some(owners) = owners {
            for new in taken.replaced.iter().filter_map(|(_, new)| new.owner_id.as_ref()) {
                *owners.get_mut(new)? += 1;
            }
            for old in taken.replaced.iter().filter_map(|(old, _)| old.owner_id.as_ref()) {
                let count = owners.get_mut(old).filter(|count| **count > 1)?;
                *count -= 1;
            }
        }
        Some(taken.replaced.iter().map(|(_, new)| Arc::clone(new)).collect())
    }
}
