//! What loading found, sorted into kinds, for as long as the registry is in force.

use super::{Finding, Kind, Offender};
use crate::registry::problem::{Fault, Problem};

/// What loading a registry found beside its accounts and reps: links that lead nowhere, values that were ignored,
/// records that cannot be read. Nothing of it can be seen in the accounts and reps themselves.
///
/// Counted in full, and named only as far as a report names it, so that it may be kept with the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loading {
    ignored: Vec<Finding>,
    malformed: Option<Finding>,
}

impl Loading {
    /// What was ignored, in the order in which it is to be named.
    pub fn of(ignored: &[Problem]) -> Loading {
        let kinds = [Kind::DanglingParent, Kind::ParentCycle, Kind::UnknownStandIn, Kind::IgnoredValue];
        let of_kind = |kind| ignored.iter().filter(move |problem| kind_of(problem) == Some(kind)).collect();
        let findings = kinds.into_iter().filter_map(|kind| finding(kind, of_kind(kind)));
        Loading { ignored: findings.collect(), malformed: None }
    }

    /// The same with `count` more values that were ignored, which nobody will be told by name.
    #[must_use]
    pub fn with_more_values(mut self, count: usize) -> Loading {
        let values = self.ignored.iter_mut().find(|finding| finding.kind == Kind::IgnoredValue);
        if let Some(values) = values {
            values.count += count;
        }
        self
    }

    /// The same with `count` records that cannot be read, the first of them by name.
    #[must_use]
    pub fn with_malformed(mut self, count: usize, named: &[Problem]) -> Loading {
        let found = finding(Kind::MalformedRecord, named.iter().collect());
        self.malformed = found.map(|found| Finding { count, ..found });
        self
    }

    /// Records that cannot be read.
    pub fn malformed_count(&self) -> usize {
        self.malformed.as_ref().map_or(0, |found| found.count)
    }

    pub(super) fn findings(&self) -> impl Iterator<Item = Finding> {
        self.ignored.iter().chain(&self.malformed).cloned()
    }
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
