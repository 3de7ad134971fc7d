//! The health of a registry: what is doubtful in it, ranked, each with its remedy.
//!
//! [`check()`] looks at a whole checked registry; [`lint()`] says what one account would collide with before it is
//! added or renamed; [`conflicts_of`] is the single-owner rule for one record that is about to be written. All are
//! pure: the registry, what loading found, the policy and the time come in, a [`Report`] goes out.
//!
//! Loading forgets a link that leads nowhere, so parents and stand-ins that are not there are known only from what
//! it found ([`Loading`]): without it a report cannot tell.

mod domains;
mod kind;
mod leaves;
mod lint;
mod loading;
mod names;
mod ownership;
mod reps;
mod view;

use jiff::Timestamp;
use serde::Serialize;

use super::conflicts;
use crate::account::{AccountId, RepId};
use crate::matching::Index;
use crate::policy::Policy;
pub use kind::{Kind, Severity};
pub use lint::{conflicts_of, lint};
pub use loading::Loading;
use view::View;

/// The most offenders that a finding names: a morning's work; the count says how many there are.
pub const WORST_MAX: usize = 20;

/// What was found in a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Accounts looked at, those that are not active included.
    pub account_count: usize,
    /// Reps looked at.
    pub rep_count: usize,
    /// Errors: the sum of their counts.
    pub error_count: usize,
    /// Warnings.
    pub warning_count: usize,
    /// Notices.
    pub notice_count: usize,
    /// By severity, then kind; each kind at most once.
    pub findings: Vec<Finding>,
}

/// All that was found of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// What one of it is, in the plural.
    pub title: &'static str,
    /// How many there are; at least 1.
    pub count: usize,
    /// What to do, in one sentence.
    pub remedy: &'static str,
    /// The worst of them, worst first; at most [`WORST_MAX`].
    pub worst: Vec<Offender>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Offender {
    /// What, in words.
    pub text: String,
    /// The accounts concerned, the first of them; may be empty.
    pub account_ids: Vec<String>,
    /// The reps concerned; may be empty.
    pub rep_ids: Vec<String>,
}

/// Looks at a whole registry at `now`.
///
/// Linear in the number of accounts but for the names of accounts that share a domain, which are bounded.
pub fn check(index: &Index, loading: &Loading, policy: &Policy, now: Timestamp) -> Report {
    let registry = index.registry();
    let conflicts = conflicts::find(&registry);
    let view = View::new(index, &registry, policy, now);
    let mut findings: Vec<Finding> = loading.findings().collect();
    findings.extend(ownership::findings(&view));
    findings.extend(ownership::conflicts(&view, &conflicts));
    findings.extend(ownership::stale_acknowledgments(&view));
    findings.extend(names::findings(&view));
    findings.extend(domains::findings(&view, &conflicts));
    findings.extend(reps::findings(&view));
    findings.extend(leaves::findings(&view));
    Report::new(index, findings)
}

impl Report {
    fn new(index: &Index, mut findings: Vec<Finding>) -> Report {
        findings.sort_by_key(|finding| (finding.severity, finding.kind));
        let count = |severity| {
            findings.iter().filter(|finding| finding.severity == severity).map(|finding| finding.count).sum()
        };
        Report {
            account_count: index.account_count(),
            rep_count: index.rep_count(),
            error_count: count(Severity::Error),
            warning_count: count(Severity::Warning),
            notice_count: count(Severity::Notice),
            findings,
        }
    }

    /// True where something is at least this severe.
    pub fn reaches(&self, severity: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity <= severity)
    }
}

impl Finding {
    /// The finding of a kind in `items`, ranked by the least `rank` first; `None` where there are none.
    fn of<T, R: Ord>(
        kind: Kind,
        mut items: Vec<T>,
        rank: impl Fn(&T) -> R,
        tell: impl Fn(&T) -> Offender,
    ) -> Option<Finding> {
        if items.is_empty() {
            return None;
        }
        let count = items.len();
        items.sort_by_cached_key(rank);
        items.truncate(WORST_MAX);
        Some(Finding {
            kind,
            severity: kind.severity(),
            title: kind.title(),
            count,
            remedy: kind.remedy(),
            worst: items.iter().map(tell).collect(),
        })
    }
}

impl Offender {
    fn new<'i>(
        text: impl Into<String>,
        accounts: impl IntoIterator<Item = &'i AccountId>,
        reps: impl IntoIterator<Item = &'i RepId>,
    ) -> Offender {
        Offender {
            text: text.into(),
            account_ids: accounts.into_iter().take(WORST_MAX).map(AccountId::to_string).collect(),
            rep_ids: reps.into_iter().take(WORST_MAX).map(RepId::to_string).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own_and_a_remedy_that_is_one_sentence() {
        let mut words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert!(kind.remedy().ends_with('.') && !kind.remedy().contains(". "), "{kind:?}");
        }
    }

    #[test]
    fn the_worst_are_named_first_and_the_count_tells_of_all() {
        let items: Vec<usize> = (0..50).collect();
        let found = Finding::of(
            Kind::SharedDomain,
            items,
            |at| std::cmp::Reverse(*at),
            |at| Offender::new(at.to_string(), [], []),
        );
        let found = found.unwrap();
        assert_eq!((found.count, found.worst.len(), found.worst[0].text.as_str()), (50, WORST_MAX, "49"));
        assert_eq!(
            Finding::of(Kind::SharedDomain, Vec::new(), |at: &usize| *at, |_| Offender::default()),
            None
        );
    }
}
