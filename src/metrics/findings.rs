//! What the last examination of the registry found: the figures of `CheckRegistry`.

use std::sync::Mutex;
use std::time::Instant;

use prometheus::{Gauge, IntGauge, IntGaugeVec, Registry};

use super::{gauge, gauges, seconds};
use crate::matching::Revision;
use crate::registry::health::{Kind, Report};

/// The findings as they are told.
#[derive(Debug)]
pub struct Findings {
    counts: IntGaugeVec,
    revision: IntGauge,
    age: Gauge,
    /// When the registry was last examined; `None` before the first time.
    examined: Mutex<Option<Instant>>,
}

impl Findings {
    pub(super) fn new(registry: &Registry) -> Findings {
        Findings {
            counts: gauges(
                registry,
                "namesake_registry_findings",
                "What is doubtful in the registry, by kind and severity, as CheckRegistry counts it.",
                &["kind", "severity"],
            ),
            revision: gauge(
                registry,
                "namesake_registry_findings_revision",
                "Index revision that the findings are about; 0 before the first examination.",
            ),
            age: seconds(
                registry,
                "namesake_registry_findings_age_seconds",
                "Time since the registry was examined; 0 before the first examination.",
            ),
            examined: Mutex::new(None),
        }
    }

    /// Tells a report, every kind of it.
    pub fn tell(&self, report: &Report, revision: Revision) {
        for kind in Kind::ALL {
            let found = report.findings.iter().find(|finding| finding.kind == *kind);
            let count = found.map_or(0, |finding| finding.count);
            let gauge = self.counts.with_label_values(&[kind.as_str(), kind.severity().as_str()]);
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        self.revision.set(i64::try_from(revision.0).unwrap_or(i64::MAX));
        *self.lock() = Some(Instant::now());
        self.look();
    }

    /// Brings the age up to date.
    pub fn look(&self) {
        if let Some(at) = *self.lock() {
            self.age.set(at.elapsed().as_secs_f64());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.examined.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
