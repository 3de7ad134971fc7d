//! Whether leads should be sent here: one value, told by gRPC health and `/readyz` alike.
//!
//! Readiness is advice to load balancers. Whoever calls all the same is answered.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health as HealthService, HealthServer};
use tonic_health::server::HealthReporter;

use crate::http::Readiness;
use crate::proto::v1::{registry_service_server, routing_service_server};
use crate::serving::{Freshness, Serving};

/// Whose health is told: the server as a whole, and its services.
const HEALTH_NAMES: [&str; 3] =
    ["", routing_service_server::SERVICE_NAME, registry_service_server::SERVICE_NAME];
/// How often the registry's age is looked at, where it has a bound: an eighth of the least bound that can be set.
const LOOK: Duration = Duration::from_millis(250);

/// Where readiness is told.
pub(super) struct Health {
    reporter: HealthReporter,
    readiness: watch::Sender<Readiness>,
}

impl Health {
    /// Not ready yet; also gives the service that tells so.
    pub(super) async fn begin() -> (Health, HealthServer<impl HealthService>) {
        let (reporter, service) = tonic_health::server::health_reporter();
        let health = Health { reporter, readiness: watch::Sender::new(Readiness::Loading) };
        health.tell(Readiness::Loading).await;
        (health, service)
    }

    /// What `/readyz` reads.
    pub(super) fn readiness(&self) -> watch::Receiver<Readiness> {
        self.readiness.subscribe()
    }

    pub(super) async fn tell(&self, readiness: Readiness) {
        self.readiness.send_replace(readiness);
        let status = match readiness {
            Readiness::Ready => ServingStatus::Serving,
            Readiness::Loading | Readiness::Outdated | Readiness::Stopping => ServingStatus::NotServing,
        };
        for name in HEALTH_NAMES {
            self.reporter.set_service_status(name, status).await;
        }
    }

    /// Says SERVING from the first publication on; NOT_SERVING while the registry is older than `max_staleness`.
    /// Never returns.
    pub(super) async fn follow(&self, serving: &Serving, max_staleness: Option<Duration>) {
        if serving.loaded().wait_for(|loaded| *loaded).await.is_ok() {
            match max_staleness {
                None => self.tell(Readiness::Ready).await,
                Some(max) => self.watch_age(serving, max).await,
            }
        }
        std::future::pending().await
    }

    /// Being too old is a state that is entered and left once, with a line in the log each time.
    async fn watch_age(&self, serving: &Serving, max: Duration) {
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            let Some(freshness) = serving.freshness() else { continue };
            let age = freshness.age(Timestamp::now());
            let before = *self.readiness.borrow();
            let now = if age > max { Readiness::Outdated } else { Readiness::Ready };
            if now == before {
                continue;
            }
            self.tell(now).await;
            let Freshness { confirmed_time, .. } = freshness;
            let (age_millis, max_millis) = (age.as_millis(), max.as_millis());
            match now {
                Readiness::Outdated => tracing::error!(
                    %confirmed_time,
                    age_millis,
                    max_millis,
                    "not ready: the registry here is older than registry.max_staleness_ms allows; calls are \
                     still answered from it"
                ),
                _ if before == Readiness::Outdated => {
                    tracing::info!(%confirmed_time, "ready again: the registry here is known to be current");
                }
                _ => {}
            }
        }
    }

    /// Ends the streams of those who watch our health, once they have heard the last of it; else they would keep
    /// their connections open for the whole grace.
    pub(super) async fn forget(mut self) {
        for name in HEALTH_NAMES {
            self.reporter.clear_service_status(name).await;
        }
    }
}
