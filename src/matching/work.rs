//! What a search cost, counted while it is done: a figure that does not depend on the machine, so that tests can
//! hold it to a bound.

use std::ops::AddAssign;

/// How much one search looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Words of the registry compared with a word of the lead.
    pub words: usize,
    /// Entries of lists of names that were walked.
    pub postings: usize,
    /// Names laid beside a reading of the lead's.
    pub comparisons: usize,
    /// Accounts whose evidence was weighed.
    pub accounts: usize,
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Work) {
        self.words += other.words;
        self.postings += other.postings;
        self.comparisons += other.comparisons;
        self.accounts += other.accounts;
    }
}
