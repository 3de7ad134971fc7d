//! What loading found, sorted into kinds.

use super::{Finding, Kind, Loading, Offender};
use crate::registry::problem::{Fault, Problem};

pub(super) fn findings(loading: Loading<'_>) -> Vec<Finding> {
    let kinds = [Kind::DanglingParent, Kind::ParentCycle, Kind::UnknownStandIn, Kind::IgnoredValue];
    let of_kind =
        |kind| loading.ignored.iter().filter(move |problem| kind_of(problem) == Some(kind)).collect();
    let ignored = kinds.into_iter().map(|kind| (kind, of_kind(kind)));
    let malformed = (Kind::MalformedRecord, loading.malformed.iter().collect());
    ignored.chain([malformed]).filter_map(|(kind, problems)| finding(kind, problems)).collect()
}

/// In the order in which they were found: that of the lines.
fn finding(kind: Kind, problems: Vec<&Problem>) -> Option<Finding> {
    Finding::of(kind, problems, |_| (), |problem| Offender::new(problem.to_string(), [], []))
}

/// `None` for what is seen in the registry itself.
fn kind_of(problem: &Problem) -> Option<Kind> {
    Some(match (&problem.fault, problem.column.as_str()) {
        (Fault::UnknownOwner { .. }, _) => return None,
        (Fault::ParentCycle { .. }, _) => Kind::ParentCycle,
        (Fault::Dangling { .. }, "parent_id") => Kind::DanglingParent,
        (Fault::Dangling { .. }, "delegate_id" | "manager_id" | "away") => Kind::UnknownStandIn,
        _ => Kind::IgnoredValue,
    })
}
