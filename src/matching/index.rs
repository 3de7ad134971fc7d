//! The in-memory form of the registry, made for matching: immutable once published.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::account::{Account, AccountId, Registry, Rep, RepId};

/// Counts published registries: 0 before the first, then rising.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// One revision of the registry, ready for matching.
#[derive(Debug)]
pub struct Index {
    revision: Revision,
    registry: Registry,
}

impl Index {
    /// The index of a registry.
    pub fn build(mut registry: Registry, revision: Revision) -> Index {
        registry.accounts.sort_by(|one, other| one.id.cmp(&other.id));
        registry.reps.sort_by(|one, other| one.id.cmp(&other.id));
        Index { revision, registry }
    }

    /// Which registry this is.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// How many accounts it holds.
    pub fn account_count(&self) -> usize {
        self.registry.accounts.len()
    }

    /// How many reps it holds.
    pub fn rep_count(&self) -> usize {
        self.registry.reps.len()
    }

    /// The account of an id.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        let at = self.registry.accounts.binary_search_by(|account| account.id.cmp(id)).ok()?;
        self.registry.accounts.get(at)
    }

    /// The rep of an id.
    pub fn rep(&self, id: &RepId) -> Option<&Rep> {
        let at = self.registry.reps.binary_search_by(|rep| rep.id.cmp(id)).ok()?;
        self.registry.reps.get(at)
    }
}

/// Where the published index is found: written by whoever keeps the registry fresh, read by every request,
/// once each.
#[derive(Debug, Default)]
pub struct IndexHandle(ArcSwapOption<Index>);

impl IndexHandle {
    /// A handle with nothing published yet.
    pub fn empty() -> IndexHandle {
        IndexHandle::default()
    }

    /// Makes `index` the one that later requests see, whole and at once.
    pub fn publish(&self, index: Index) {
        self.0.store(Some(Arc::new(index)));
    }

    /// The published index; `None` before the first load.
    pub fn load(&self) -> Option<Arc<Index>> {
        self.0.load_full()
    }
}
