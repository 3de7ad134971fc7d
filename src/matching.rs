//! Which accounts a lead may belong to, and how strong the evidence is.

mod index;

pub use index::{Index, IndexHandle, Revision};

/// The most accounts that are scored carefully for one lead.
pub const CANDIDATES_MAX: usize = 64;
/// The most runner-ups and claimants in one answer.
pub const RUNNER_UPS_MAX: usize = 8;
