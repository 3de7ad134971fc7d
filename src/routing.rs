//! From evidence to a decision: layers, ownership, hierarchy, tie-break.

mod decision;

pub use decision::{
    ActingRep, ActingRole, CandidateSummary, Claimant, Decision, Grade, Grades, Layer, Note, NurtureReason,
    NurtureRoute, OwnerRoute, OwnerSummary, ReviewReason, ReviewRoute, Route, Tier,
};

use jiff::Timestamp;

use crate::lead::Lead;
use crate::matching::Index;
use crate::policy::Policy;

/// Whose lead it is. Pure: the same four arguments give the same decision on every replica; `now` matters
/// only for leave.
pub fn route(lead: &Lead, index: &Index, policy: &Policy, now: Timestamp) -> Decision {
    let _ = (lead, index, now);
    Decision::nurture(NurtureReason::NoMatch, policy.nurture_track.clone(), "default")
}

/// The decision together with every candidate that lost and what would have changed the answer, from the
/// same code path as [`route`].
pub fn explain(lead: &Lead, index: &Index, policy: &Policy, now: Timestamp) -> Explanation {
    Explanation {
        decision: route(lead, index, policy, now),
        candidates: Vec::new(),
        would_change: Vec::new(),
    }
}

/// A decision and what stood behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The answer, equal to what [`route`] gives.
    pub decision: Decision,
    /// Every candidate that was scored, best first; at most [`crate::matching::CANDIDATES_MAX`].
    pub candidates: Vec<CandidateSummary>,
    /// Sentences that say what would have changed the answer: a threshold, a missing domain, a leave.
    pub would_change: Vec<String>,
}
