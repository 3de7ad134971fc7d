//! Decisions by route, tier and reason, and how long they took.

use std::sync::OnceLock;
use std::time::Duration;

use prometheus::{Histogram, IntCounter, IntCounterVec, Registry};

use super::{counters, histogram};
use crate::routing::{Decision, NurtureReason, ReviewReason, Route, Tier};

/// Upper bounds in seconds: from a known domain (some microseconds) past the dearest lead (under 5 ms) to a machine
/// that is out of breath.
const BUCKETS: [f64; 15] = [
    0.000_001, 0.000_002, 0.000_005, 0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002,
    0.005, 0.01, 0.02, 0.05,
];

/// The value of a label that does not apply.
const NONE: &str = "none";

const ROUTES: usize = 3;
/// No tier comes first.
const TIERS: usize = 1 + Tier::ALL.len();
const REVIEWS: usize = 6;
/// No reason comes first, then those of reviews, then those of nurture.
const REASONS: usize = 1 + REVIEWS + NurtureReason::ALL.len();

/// Decisions as they are counted.
#[derive(Debug)]
pub struct Decisions {
    counters: IntCounterVec,
    /// A counter for each combination of labels, from its first use on: most never occur.
    cells: Box<[OnceLock<IntCounter>]>,
    durations: Histogram,
}

impl Decisions {
    pub(super) fn new(registry: &Registry) -> Decisions {
        let decisions = Decisions {
            counters: counters(
                registry,
                "namesake_decisions_total",
                "Leads decided on, by route, tier of the best match, and reason.",
                &["route", "tier", "reason"],
            ),
            cells: (0..ROUTES * TIERS * REASONS).map(|_| OnceLock::new()).collect(),
            durations: histogram(
                registry,
                "namesake_decision_duration_seconds",
                "Time from a lead's fields to its decision: reading, matching and routing, without the network.",
                &BUCKETS,
            ),
        };
        // Those that every server gives sooner or later are there from the start, at 0.
        let none = (0, NONE);
        for tier in Tier::ALL.into_iter().filter(|tier| *tier != Tier::Related) {
            decisions.cell((0, "owner"), tier_of(Some(tier)), none);
        }
        for reason in NurtureReason::ALL {
            decisions.cell((2, "nurture"), tier_of(None), nurture(reason));
        }
        decisions
    }

    /// Counts a decision that took `elapsed`.
    pub fn count(&self, decision: &Decision, elapsed: Duration) {
        let mapped = decision.mapped_from_review.map_or((0, NONE), review);
        let (route, reason) = match &decision.route {
            Route::Owner(_) => ((0, "owner"), mapped),
            Route::Review(route) => ((1, "review"), review(route.reason)),
            Route::Nurture(_) if decision.mapped_from_review.is_some() => ((2, "nurture"), mapped),
            Route::Nurture(route) => ((2, "nurture"), nurture(route.reason)),
        };
        self.cell(route, tier_of(decision.tier), reason).inc();
        self.durations.observe(elapsed.as_secs_f64());
    }

    fn cell(&self, route: Word, tier: Word, reason: Word) -> &IntCounter {
        let at = (route.0 * TIERS + tier.0) * REASONS + reason.0;
        self.cells[at].get_or_init(|| self.counters.with_label_values(&[route.1, tier.1, reason.1]))
    }
}

/// A label's value and its place in the list of values.
type Word = (usize, &'static str);

fn tier_of(tier: Option<Tier>) -> Word {
    tier.map_or((0, NONE), |tier| (1 + tier as usize, tier.as_str()))
}

fn review(reason: ReviewReason) -> Word {
    (1 + reason as usize, reason.as_str())
}

fn nurture(reason: NurtureReason) -> Word {
    (1 + REVIEWS + reason as usize, reason.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;

    #[track_caller]
    fn check(decision: &Decision, labels: &str) {
        let metrics = Metrics::default();
        metrics.decisions.count(decision, Duration::from_micros(3));
        let line = format!("namesake_decisions_total{{{labels}}} 1");
        let text = metrics.text();
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
        let counted = text.lines().filter(|line| line.starts_with("namesake_decisions_total{"));
        assert_eq!(counted.filter(|line| line.ends_with(" 1")).count(), 1);
    }

    fn decision(reason: NurtureReason) -> Decision {
        Decision::nurture(reason, "general".into(), "default")
    }

    #[test]
    fn every_reason_has_a_counter_of_its_own() {
        for reason in NurtureReason::ALL {
            let labels = format!(r#"reason="{}",route="nurture",tier="none""#, reason.as_str());
            check(&decision(reason), &labels);
        }
    }

    #[test]
    fn the_last_tier_and_the_last_reason_have_room() {
        let last = Decision { tier: Some(Tier::Related), ..decision(NurtureReason::JobSeeker) };
        check(&last, r#"reason="JOB_SEEKER",route="nurture",tier="RELATED""#);
    }

    #[test]
    fn a_mapped_review_is_counted_by_the_reason_of_the_review() {
        let mapped = Decision {
            mapped_from_review: Some(ReviewReason::DisposableMail),
            tier: Some(Tier::Domain),
            ..decision(NurtureReason::NoMatch)
        };
        check(&mapped, r#"reason="DISPOSABLE_MAIL",route="nurture",tier="DOMAIN""#);
    }

    #[test]
    fn a_duration_falls_into_the_bucket_of_its_microseconds() {
        let metrics = Metrics::default();
        metrics.decisions.count(&decision(NurtureReason::NoMatch), Duration::from_micros(3));
        let text = metrics.text();
        assert!(text.contains("namesake_decision_duration_seconds_bucket{le=\"0.000002\"} 0"), "{text}");
        assert!(text.contains("namesake_decision_duration_seconds_bucket{le=\"0.000005\"} 1"), "{text}");
    }
}
