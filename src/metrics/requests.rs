//! Calls by method and gRPC code, and how full the server is.

use std::sync::OnceLock;

use prometheus::{IntCounter, IntCounterVec, IntGauge, Registry};
use tonic::Code;

use super::{counter, counters, gauge};

/// gRPC codes by number.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Methods that can be told apart; there are fewer.
const METHODS_MAX: usize = 32;

/// A method of ours: its place in the server's list, and its name.
pub type Method = (usize, &'static str);

/// Calls as they are counted.
#[derive(Debug)]
pub struct Requests {
    ended: IntCounterVec,
    /// By method and code, from the first use on.
    cells: Box<[OnceLock<IntCounter>]>,
    lead_failures: IntCounterVec,
    lead_cells: Box<[OnceLock<IntCounter>]>,
    /// Calls in work, streams not counted.
    pub in_flight: Gate,
    /// Streams open.
    pub streams: Gate,
    /// Connections open.
    pub connections: Gate,
    /// Streams ended since no lead came.
    pub streams_idle: IntCounter,
    /// Connections cut since nothing moved on them, though they were asked to go.
    pub connections_cut: IntCounter,
}

/// Something of which only so many are let in at once.
#[derive(Clone, Debug)]
pub struct Gate {
    open: IntGauge,
    max: IntGauge,
    refused: IntCounter,
}

/// One that was let in; it leaves when this is dropped.
#[derive(Debug)]
pub struct Inside(IntGauge);

impl Gate {
    /// Says how many are let in at once.
    pub fn limit(&self, max: usize) {
        self.max.set(i64::try_from(max).unwrap_or(i64::MAX));
    }

    /// One is let in.
    pub fn enter(&self) -> Inside {
        self.open.inc();
        Inside(self.open.clone())
    }

    /// One is turned away.
    pub fn refuse(&self) {
        self.refused.inc();
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Requests {
    pub(super) fn new(registry: &Registry) -> Requests {
        let gate = |what: &str, gauge_name: &str, help: &str, refused: IntCounter| Gate {
            open: gauge(registry, gauge_name, help),
            max: gauge(
                registry,
                &format!("namesake_{what}_max"),
                &format!("The most {what} that are let in at once."),
            ),
            refused,
        };
        let refused = counters(
            registry,
            "namesake_refused_total",
            "Calls turned away with RESOURCE_EXHAUSTED or 503, by the limit that was reached.",
            &["limit"],
        );
        // Connections over the limit wait in the listen queue: none is turned away.
        let never = IntCounter::new("never", "never").expect(super::VALID);
        Requests {
            ended: counters(
                registry,
                "namesake_requests_total",
                "Calls that ended, by method and gRPC code; a stream counts once, at its end.",
                &["method", "code"],
            ),
            cells: (0..METHODS_MAX * CODES.len()).map(|_| OnceLock::new()).collect(),
            lead_failures: counters(
                registry,
                "namesake_lead_failures_total",
                "Leads without a decision, alone or on a stream, by gRPC code.",
                &["code"],
            ),
            lead_cells: (0..CODES.len()).map(|_| OnceLock::new()).collect(),
            in_flight: gate(
                "requests",
                "namesake_requests_in_flight",
                "Calls in work.",
                refused.with_label_values(&["requests"]),
            ),
            streams: gate(
                "streams",
                "namesake_streams_open",
                "RouteLeads streams open.",
                refused.with_label_values(&["streams"]),
            ),
            connections: gate(
                "connections",
                "namesake_connections_open",
                "Connections of callers open.",
                never,
            ),
            streams_idle: counter(
                registry,
                "namesake_streams_idle_total",
                "RouteLeads streams ended since no lead came.",
            ),
            connections_cut: counter(
                registry,
                "namesake_connections_cut_total",
                "Connections cut since nothing moved on them, though they were asked to go.",
            ),
        }
    }

    /// Counts a call that ended.
    pub fn ended(&self, (at, method): Method, code: Code) {
        let code = code as usize;
        let cell = &self.cells[at.min(METHODS_MAX - 1) * CODES.len() + code];
        cell.get_or_init(|| self.ended.with_label_values(&[method, CODES[code]])).inc();
    }

    /// Counts a lead that got no decision.
    pub fn lead_failed(&self, code: Code) {
        let code = code as usize;
        let cell = &self.lead_cells[code];
        cell.get_or_init(|| self.lead_failures.with_label_values(&[CODES[code]])).inc();
    }
}
