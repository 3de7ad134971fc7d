//! How much room the names of accounts take in an index, told before it is filled.

use super::{Part, PreparedAccount};
use crate::matching::accounts::Accounts;

/// How much room names take.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::matching) struct Sizes {
    /// Readings of names.
    pub(in crate::matching) names: usize,
    /// Words of all of them.
    pub(in crate::matching) words: usize,
    /// Legal forms of all of them.
    pub(in crate::matching) legal_forms: usize,
    /// Bytes of all of them as they are packed: no fewer than their trigrams.
    pub(in crate::matching) bytes: usize,
}

impl Sizes {
    /// Those of all accounts together.
    pub(in crate::matching) fn of(accounts: &Accounts) -> Sizes {
        accounts.iter().map(|account| account.sizes()).fold(Sizes::default(), |sum, more| Sizes {
            names: sum.names + more.names,
            words: sum.words + more.words,
            legal_forms: sum.legal_forms + more.legal_forms,
            bytes: sum.bytes + more.bytes,
        })
    }
}

impl PreparedAccount {
    /// What its names take in an index.
    fn sizes(&self) -> Sizes {
        let mut sizes = Sizes { bytes: self.text(Part::Readings).len(), ..Sizes::default() };
        for reading in self.readings() {
            sizes.names += 1;
            sizes.words += reading.words().len();
            sizes.legal_forms += reading.legal_forms().len();
        }
        sizes
    }
}
