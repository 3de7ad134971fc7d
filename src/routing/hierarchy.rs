//! Groups of companies: parents, roots, and whose owner answers for whom.

use crate::account::{AccountId, Rep, RollUp};
use crate::matching::{Index, PreparedAccount};

/// Longest chain of parents that is followed; longer ones are a fault of the registry, reported at import.
const LEVELS_MAX: usize = 32;

/// The account's parents, nearest first; ends at the root, at an unknown parent, or where the chain closes.
pub(super) fn ancestors<'a>(
    account: &'a PreparedAccount,
    index: &'a Index,
) -> impl Iterator<Item = &'a PreparedAccount> {
    let mut seen: Vec<&AccountId> = vec![&account.id];
    let mut at = account;
    std::iter::from_fn(move || {
        let parent = index.account(at.parent_id.as_ref()?)?;
        if seen.len() > LEVELS_MAX || seen.contains(&&parent.id) {
            return None;
        }
        seen.push(&parent.id);
        at = parent;
        Some(parent)
    })
}

/// How many levels the account lies under its root: 0 for a root.
pub(super) fn depth(account: &PreparedAccount, index: &Index) -> usize {
    ancestors(account, index).count()
}

/// The account whose owner answers for a lead of `account`, with that owner.
///
/// `None` where nobody owns any account that the roll-up allows.
pub(super) fn answering<'a>(
    account: &'a PreparedAccount,
    index: &'a Index,
) -> Option<(&'a PreparedAccount, &'a Rep)> {
    let own = || owned(account, index);
    let nearest_parent = || ancestors(account, index).find_map(|ancestor| owned(ancestor, index));
    match account.roll_up {
        Some(RollUp::Own) => own(),
        Some(RollUp::Parent) => nearest_parent().or_else(own),
        Some(RollUp::Ultimate) => ancestors(account, index)
            .last()
            .and_then(|root| owned(root, index))
            .or_else(nearest_parent)
            .or_else(own),
        None => own().or_else(nearest_parent),
    }
}

fn owned<'a>(account: &'a PreparedAccount, index: &'a Index) -> Option<(&'a PreparedAccount, &'a Rep)> {
    let rep = index.rep(account.owner_id.as_ref()?)?;
    Some((account, rep))
}

/// Among accounts of one hierarchy the one above all others; `None` where they have no such one among them.
pub(super) fn top_of<'a>(accounts: &[&'a PreparedAccount], index: &'a Index) -> Option<&'a PreparedAccount> {
    accounts.iter().copied().find(|top| {
        accounts.iter().all(|account| {
            account.id == top.id || ancestors(account, index).any(|ancestor| ancestor.id == top.id)
        })
    })
}
