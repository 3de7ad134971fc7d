//! What is counted while requests are answered, for operators.
//!
//! One [`Metrics`] belongs to each [`Serving`](crate::serving::Serving), so that two servers in a process count apart.
//! Requests and reloads count here as they happen; what can be looked up at any time (the index, the replica, the
//! tally) is looked up at a scrape, by [`http`](crate::http). `docs/metrics.md` explains every metric.
//!
//! A label's values are words of ours from a fixed list. Nothing of a lead, an account or a rep is ever one. Counting
//! takes no lock and allocates nothing, but for the first time that a combination of labels occurs.

mod decisions;
mod findings;
mod requests;

use prometheus::core::Collector;
use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

pub use decisions::Decisions;
pub use findings::Findings;
pub use requests::{Gate, Inside, Method, Requests};

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// What was decided, and how long it took.
    pub decisions: Decisions,
    /// Calls, and what was let in.
    pub requests: Requests,
    /// Edits of the configuration file.
    pub policy_reloads: Reloads,
    /// Edits of the registry's files.
    pub registry_reloads: Reloads,
    /// What the last examination of the registry found.
    pub findings: Findings,
}

/// Edits that were taken, and edits that were refused.
#[derive(Debug)]
pub struct Reloads {
    taken: IntCounter,
    refused: IntCounter,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let registry = Registry::new();
        Metrics {
            decisions: Decisions::new(&registry),
            requests: Requests::new(&registry),
            policy_reloads: Reloads::new(
                &registry,
                "namesake_policy_reloads_total",
                "Edits of the configuration file, by result.",
            ),
            registry_reloads: Reloads::new(
                &registry,
                "namesake_registry_file_reloads_total",
                "Edits of the registry's files, by result.",
            ),
            findings: Findings::new(&registry),
            registry,
        }
    }
}

impl Metrics {
    /// Everything as it stands, in Prometheus' text format 0.0.4.
    pub fn text(&self) -> String {
        self.text_with(&Registry::new())
    }

    /// The same, with what was looked up elsewhere.
    pub fn text_with(&self, others: &Registry) -> String {
        let mut families = self.registry.gather();
        families.extend(others.gather());
        families.sort_by(|one, other| one.name().cmp(other.name()));
        let mut text = String::new();
        TextEncoder::new()
            .encode_utf8(&families, &mut text)
            .expect("every family is registered with a valid name and has a metric");
        text
    }
}

impl Reloads {
    fn new(registry: &Registry, name: &str, help: &str) -> Reloads {
        let counts = counters(registry, name, help, &["result"]);
        let of = |result| counts.with_label_values(&[result]);
        Reloads { taken: of("ok"), refused: of("refused") }
    }

    /// An edit was taken.
    pub fn taken(&self) {
        self.taken.inc();
    }

    /// An edit was refused; what was there before stays.
    pub fn refused(&self) {
        self.refused.inc();
    }
}

const VALID: &str = "names are valid and used once: every server makes them all";

fn registered<C: Collector + Clone + 'static>(registry: &Registry, metric: prometheus::Result<C>) -> C {
    let metric = metric.expect(VALID);
    registry.register(Box::new(metric.clone())).expect(VALID);
    metric
}

/// Counters of one name.
pub(crate) fn counters(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    registered(registry, IntCounterVec::new(Opts::new(name, help), labels))
}

/// A counter without labels.
pub(crate) fn counter(registry: &Registry, name: &str, help: &str) -> IntCounter {
    registered(registry, IntCounter::new(name, help))
}

/// Gauges of one name.
pub(crate) fn gauges(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
    registered(registry, IntGaugeVec::new(Opts::new(name, help), labels))
}

/// A gauge without labels.
pub(crate) fn gauge(registry: &Registry, name: &str, help: &str) -> IntGauge {
    registered(registry, IntGauge::new(name, help))
}

/// A gauge that is no whole number: seconds.
pub(crate) fn seconds(registry: &Registry, name: &str, help: &str) -> prometheus::Gauge {
    registered(registry, prometheus::Gauge::new(name, help))
}

fn histogram(registry: &Registry, name: &str, help: &str, buckets: &[f64]) -> Histogram {
    let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
    registered(registry, Histogram::with_opts(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_counted_by_its_result() {
        let metrics = Metrics::default();
        metrics.policy_reloads.taken();
        metrics.registry_reloads.refused();
        metrics.registry_reloads.refused();
        let text = metrics.text();
        for line in [
            "namesake_policy_reloads_total{result=\"ok\"} 1",
            "namesake_policy_reloads_total{result=\"refused\"} 0",
            "namesake_registry_file_reloads_total{result=\"refused\"} 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
        }
    }
}
