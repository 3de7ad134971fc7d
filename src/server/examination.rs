//! The registry's health for the metrics, away from the requests: after a publication, and now and then without one.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::matching::Revision;
use crate::registry::health;
use crate::serving::Serving;

/// How often the revision is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Least time between two examinations: one takes a core for a second at a million accounts.
const REST: Duration = Duration::from_secs(60);
/// After which time the same revision is looked at again, since leaves begin and end and the policy may change.
const AGAIN: Duration = Duration::from_secs(3_600);

/// Examines what is in force for as long as it is polled.
pub(super) async fn run(serving: Arc<Serving>) {
    let mut last: Option<(Revision, Instant)> = None;
    let mut loaded = serving.loaded();
    if loaded.wait_for(|loaded| *loaded).await.is_err() {
        return;
    }
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let Some(in_force) = serving.load() else { continue };
        let revision = in_force.index.revision();
        let due =
            last.is_none_or(|(examined, at)| at.elapsed() >= if examined == revision { AGAIN } else { REST });
        if !due {
            continue;
        }
        let told = Arc::clone(&serving);
        let examined = tokio::task::spawn_blocking(move || {
            let (index, policy) = (&in_force.index, &in_force.policy.policy);
            let report = health::check(index, health::Loading::default(), policy, Timestamp::now());
            told.metrics().findings.tell(&report, revision);
        });
        if examined.await.is_err() {
            tracing::error!("the registry could not be examined: its findings stay as they were");
        }
        last = Some((revision, Instant::now()));
    }
}
