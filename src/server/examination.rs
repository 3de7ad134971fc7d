//! The registry's health for the metrics, away from the requests: after a publication, and now and then without one.

use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, MissedTickBehavior};

use crate::matching::Index;
use crate::registry::health::{self, Loading};
use crate::serving::{InForce, PolicyInForce, Serving};

/// How often it is looked whether there is something new.
const LOOK: Duration = Duration::from_secs(1);
/// Least time between two examinations.
const REST: Duration = Duration::from_secs(60);
/// Times that an examination rests as long as it took: it takes a core for seconds at a million accounts, and shall
/// not take more than a twentieth of one from the leads, however often the registry changes.
const REST_SHARE: u32 = 19;
/// After which time the same is examined again, since leaves begin and end.
const AGAIN: Duration = Duration::from_secs(3_600);

/// What an examination was about, without keeping it in memory.
struct Examined {
    index: Weak<Index>,
    loading: Weak<Loading>,
    policy: Weak<PolicyInForce>,
    at: Instant,
    took: Duration,
}

impl Examined {
    fn of((in_force, loading): &(InForce, Arc<Loading>)) -> Examined {
        let index = Arc::downgrade(&in_force.index);
        let policy = Arc::downgrade(&in_force.policy);
        Examined { index, policy, loading: Arc::downgrade(loading), at: Instant::now(), took: Duration::ZERO }
    }

    fn is_of(&self, (in_force, loading): &(InForce, Arc<Loading>)) -> bool {
        self.index.as_ptr() == Arc::as_ptr(&in_force.index)
            && self.policy.as_ptr() == Arc::as_ptr(&in_force.policy)
            && self.loading.as_ptr() == Arc::as_ptr(loading)
    }

    /// How long after its beginning this examination is good for what is in force now.
    fn rest(&self, now: &(InForce, Arc<Loading>)) -> Duration {
        let rest = REST.max(self.took * (1 + REST_SHARE));
        if self.is_of(now) { rest.max(AGAIN) } else { rest }
    }
}

/// Examines what is in force for as long as it is polled.
pub(super) async fn run(serving: Arc<Serving>) {
    let mut last: Option<Examined> = None;
    let mut loaded = serving.loaded();
    if loaded.wait_for(|loaded| *loaded).await.is_err() {
        return;
    }
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let Some(now) = serving.load_examined() else { continue };
        if last.as_ref().is_some_and(|last| last.at.elapsed() < last.rest(&now)) {
            continue;
        }
        let mut examined = Examined::of(&now);
        let told = Arc::clone(&serving);
        let done = tokio::task::spawn_blocking(move || {
            let (InForce { index, policy, .. }, loading) = now;
            let report = health::check(&index, &loading, &policy.policy, Timestamp::now());
            told.metrics().findings.tell(&report, index.revision());
        });
        if done.await.is_err() {
            tracing::error!("the registry could not be examined: its findings stay as they were");
        }
        examined.took = examined.at.elapsed();
        last = Some(examined);
    }
}
