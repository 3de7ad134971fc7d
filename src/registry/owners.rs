//! The ids of owners, each text once in memory: reps are few, and their accounts many.

use std::sync::LazyLock;

use dashmap::DashSet;

use crate::account::RepId;

/// The most ids that are kept: past it a registry has other troubles than its memory.
const KEPT_MAX: usize = 1 << 16;

/// Ids seen so far. Kept for good: whoever owned an account once is likely to own one again.
static KNOWN: LazyLock<DashSet<RepId, foldhash::fast::FixedState>> = LazyLock::new(DashSet::default);

/// The same id, with the text of an equal one that was seen before.
pub(super) fn shared(id: RepId) -> RepId {
    if let Some(known) = KNOWN.get(&id) {
        return known.clone();
    }
    if KNOWN.len() < KEPT_MAX {
        KNOWN.insert(id.clone());
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ids_have_one_text() {
        let text = |id: &str| shared(RepId::new(id).unwrap());
        let (one, other) = (text("owners ann"), text("owners ann"));
        assert_eq!((one.as_str().as_ptr(), &one), (other.as_str().as_ptr(), &other));
        assert_eq!(text("owners bob").as_str(), "owners bob");
    }
}
