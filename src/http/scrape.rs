//! What is looked up at a scrape: the index in force, the replica, the tally.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use prometheus::{Gauge, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Registry};

use crate::metrics::{counter, counters, gauge, gauges, seconds};
use crate::registry::replica::status::{Board, State, Status};
use crate::serving::{InForce, Serving, Source};
use crate::tally::COMPANIES_MAX;

/// Everything that a scrape needs.
#[derive(Debug)]
pub(super) struct Scrape {
    serving: Arc<Serving>,
    board: Option<Arc<Board>>,
    /// Of what is looked up. Its own, for a second door may stand before the same `serving`.
    registry: Registry,
    /// Scrapes take turns, so that none tells half of another's figures.
    gauges: Mutex<Gauges>,
}

#[derive(Debug)]
struct Gauges {
    ready: IntGauge,
    index: IndexGauges,
    unmatched_companies: IntGauge,
    unmatched_seats: IntGauge,
    unmatched_leads: IntCounter,
    replica: Option<ReplicaGauges>,
}

#[derive(Debug)]
struct IndexGauges {
    revision: IntGauge,
    age: Gauge,
    stale: IntGauge,
    source: IntGaugeVec,
    accounts: IntGauge,
    reps: IntGauge,
}

#[derive(Debug)]
struct ReplicaGauges {
    state: IntGaugeVec,
    connected: IntGauge,
    connections: IntCounter,
    revision: IntGauge,
    home_revision: IntGauge,
    publications: IntCounter,
    resyncs: IntCounterVec,
    refusals: IntCounterVec,
    refusing: IntGauge,
    malformed: IntGauge,
    snapshot_age: Gauge,
}

impl Scrape {
    /// `max_staleness` is the age of the index past which readiness fails.
    pub(super) fn new(
        serving: Arc<Serving>,
        board: Option<Arc<Board>>,
        max_staleness: Option<Duration>,
    ) -> Scrape {
        let registry = Registry::new();
        let gauges = Mutex::new(Gauges::new(&registry, board.is_some()));
        let age_max = seconds(
            &registry,
            "namesake_index_age_max_seconds",
            "Age of the index past which readiness fails; 0 for none.",
        );
        age_max.set(max_staleness.unwrap_or_default().as_secs_f64());
        Scrape { serving, board, registry, gauges }
    }

    /// Everything as it stands.
    pub(super) fn text(&self, ready: bool) -> String {
        let gauges = self.gauges.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Timestamp::now();
        gauges.ready.set(ready.into());
        if let Some(in_force) = self.serving.load() {
            gauges.index.look(&in_force, now);
        }
        let tally = self.serving.tally().figures();
        gauges.unmatched_companies.set(whole(tally.company_count));
        gauges.unmatched_seats.set(whole(tally.seat_count));
        raise(&gauges.unmatched_leads, tally.lead_count);
        if let (Some(replica), Some(board)) = (&gauges.replica, &self.board) {
            replica.look(&board.read(), now);
        }
        self.serving.metrics().findings.look();
        self.serving.metrics().text_with(&self.registry)
    }
}

impl Gauges {
    fn new(registry: &Registry, replicated: bool) -> Gauges {
        let build = gauges(registry, "namesake_build_info", "The version that runs; always 1.", &["version"]);
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let seats_max = gauge(
            registry,
            "namesake_unmatched_seats_max",
            "Companies that the tally of unmatched companies has room for.",
        );
        seats_max.set(whole(COMPANIES_MAX));
        Gauges {
            ready: gauge(
                registry,
                "namesake_ready",
                "1 while leads should be sent here, as /readyz and gRPC health say.",
            ),
            index: IndexGauges::new(registry),
            unmatched_companies: gauge(
                registry,
                "namesake_unmatched_companies",
                "Companies that leads named and the registry lacks, as many as are kept.",
            ),
            unmatched_seats: gauge(
                registry,
                "namesake_unmatched_seats",
                "Seats of the tally in use; where all are, the company seen least makes room.",
            ),
            unmatched_leads: counter(
                registry,
                "namesake_unmatched_leads_total",
                "Leads of companies that the registry lacks.",
            ),
            replica: replicated.then(|| ReplicaGauges::new(registry)),
        }
    }
}

impl IndexGauges {
    fn new(registry: &Registry) -> IndexGauges {
        IndexGauges {
            revision: gauge(registry, "namesake_index_revision", "Registries published so far."),
            age: seconds(
                registry,
                "namesake_index_age_seconds",
                "Time since the index was last known to equal the registry's home.",
            ),
            stale: gauge(
                registry,
                "namesake_index_stale",
                "1 while the registry's home is out of reach or its last state was refused.",
            ),
            source: gauges(
                registry,
                "namesake_index_source",
                "1 for where the index was read from: file, redis, or snapshot (the local copy of Redis).",
                &["source"],
            ),
            accounts: gauge(registry, "namesake_registry_accounts", "Accounts in the index."),
            reps: gauge(registry, "namesake_registry_reps", "Reps in the index."),
        }
    }

    fn look(&self, in_force: &InForce, now: Timestamp) {
        let freshness = &in_force.freshness;
        self.revision.set(i64::try_from(in_force.index.revision().0).unwrap_or(i64::MAX));
        self.age.set(freshness.age(now).as_secs_f64());
        self.stale.set(freshness.stale.into());
        for (source, word) in
            [(Source::File, "file"), (Source::Redis, "redis"), (Source::Snapshot, "snapshot")]
        {
            self.source.with_label_values(&[word]).set((source == freshness.source).into());
        }
        self.accounts.set(whole(in_force.index.account_count()));
        self.reps.set(whole(in_force.index.rep_count()));
    }
}

impl ReplicaGauges {
    fn new(registry: &Registry) -> ReplicaGauges {
        ReplicaGauges {
            state: gauges(
                registry,
                "namesake_replica_state",
                "1 for how the replica stands with Redis: starting, unreachable, missing, loading, following.",
                &["state"],
            ),
            connected: gauge(registry, "namesake_replica_connected", "1 while a connection to Redis stands."),
            connections: counter(
                registry,
                "namesake_replica_connections_total",
                "Connections to Redis that were made; all but the first are reconnects.",
            ),
            revision: gauge(
                registry,
                "namesake_replica_revision",
                "Revision of the registry in Redis that is published.",
            ),
            home_revision: gauge(
                registry,
                "namesake_replica_home_revision",
                "Revision at which Redis stood when it was last asked.",
            ),
            publications: counter(registry, "namesake_replica_publications_total", "Indexes published."),
            resyncs: counters(
                registry,
                "namesake_replica_snapshots_total",
                "Whole copies taken from Redis, by reason; the first one is `first`.",
                &["reason"],
            ),
            refusals: counters(
                registry,
                "namesake_replica_refusals_total",
                "What was refused, the last good state staying, by reason.",
                &["reason"],
            ),
            refusing: gauge(
                registry,
                "namesake_replica_refusing",
                "1 while what Redis holds is refused as empty, missing or shrunk.",
            ),
            malformed: gauge(
                registry,
                "namesake_replica_malformed_records",
                "Records in Redis that cannot be read; their last good versions stay.",
            ),
            snapshot_age: seconds(
                registry,
                "namesake_replica_snapshot_file_age_seconds",
                "Time since the snapshot file was written by this process; 0 before the first time.",
            ),
        }
    }

    fn look(&self, status: &Status, now: Timestamp) {
        for state in [State::Starting, State::Unreachable, State::Missing, State::Loading, State::Following] {
            self.state.with_label_values(&[word(&state)]).set((state == status.state).into());
        }
        self.connected.set(status.connected.into());
        raise(&self.connections, status.connections);
        self.revision.set(status.published.map_or(0, |at| i64::try_from(at.rev).unwrap_or(i64::MAX)));
        self.home_revision.set(status.home.map_or(0, |at| i64::try_from(at.rev).unwrap_or(i64::MAX)));
        raise(&self.publications, status.publications);
        raise_all(&self.resyncs, &status.resyncs);
        raise_all(&self.refusals, &status.rejected);
        self.refusing.set(status.refused.is_some().into());
        self.malformed.set(whole(status.degraded));
        if let Some(persisted) = status.persisted {
            self.snapshot_age.set(now.duration_since(persisted).as_secs_f64().max(0.0));
        }
    }
}

/// The word that `GetRegistryStatus` has for it too.
fn word(value: &impl Debug) -> String {
    format!("{value:?}").to_lowercase()
}

/// Brings a counter up to a total that is counted elsewhere.
fn raise(counter: &IntCounter, total: u64) {
    counter.inc_by(total.saturating_sub(counter.get()));
}

fn raise_all<R: Debug>(counters: &IntCounterVec, totals: &BTreeMap<R, u64>) {
    for (reason, total) in totals {
        raise(&counters.with_label_values(&[word(reason)]), *total);
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
