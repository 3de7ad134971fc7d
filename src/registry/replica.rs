//! A server's copy of a registry whose home is elsewhere: followed change by change, proven equal again and
//! again, and kept when the home is lost.
//!
//! 1. [`home`]: what is asked of the home, and what it answers;
//! 2. [`copy`]: the copy, which takes a change only if it continues the copy's own history;
//! 3. [`snapshot`]: a whole copy of a home that goes on changing meanwhile, the first read as it comes ([`ahead`]);
//! 4. [`follow`]: the state machine: connect, catch up or take a snapshot, prove equality, verify, begin again;
//! 5. [`checked`]: the copy's texts as accounts and reps (`meaning`), a malformed one replaced by its last good version;
//! 6. [`desk`] and [`publish`]: what is built, published and confirmed, and what is refused;
//! 7. [`snapshot_file`]: the copy on the local disk, for a start without the home (`restore` reads its records);
//! 8. [`status`]: what all of this is doing, to be read from outside;
//! 9. [`redis_home`] is the home in Redis, [`service`] all of these together.
//!
//! Invariants, held under faults by `properties`:
//! - *ordered, unique, reliable*: a change is applied at its own revision, once, and none is skipped but
//!   through a snapshot;
//! - *atomic*: a published index equals the home at one revision that the home itself reported;
//! - *resumable*: a reader whose revision is still in the log goes on from there;
//! - *fork-safe*: two histories never mix, since each change names the hash of all that came before it;
//! - *last known good*: nothing empty, missing, shrunk by more than half or malformed replaces what is there;
//! - *convergent*: equal within 5 s of the home being reachable and quiet;
//! - *honest age*: fresh means proven equal within the fresh window.

pub mod ahead;
mod backoff;
#[cfg(test)]
mod bench;
pub mod checked;
pub mod copy;
pub mod desk;
#[cfg(test)]
mod fake;
pub mod follow;
pub mod held;
pub mod home;
mod meaning;
#[cfg(test)]
mod properties;
pub mod publish;
pub mod records;
pub mod redis_home;
mod restore;
#[cfg(test)]
mod scenarios;
pub mod service;
mod shrink;
pub mod snapshot;
pub mod snapshot_file;
pub mod status;

pub use redis_home::RedisReach;
pub use service::Replica;

use std::path::PathBuf;
use std::time::Duration;

/// How a replica behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The part of the home that this registry lives in; named in the snapshot file, so that one namespace's
    /// file never answers for another.
    pub namespace: String,
    /// How long a proof of equality counts: past it the index is stale.
    pub fresh_window: Duration,
    /// Believe a registry that is empty or has lost more than half its accounts.
    pub accept_shrink: bool,
    /// Where the copy is kept for a start without the home; `None` keeps none.
    pub snapshot_file: Option<PathBuf>,
    /// Least time between two writes of that file.
    pub persist_interval: Duration,
    /// How long the home holds back its answer while nothing changes.
    pub block: Duration,
    /// Time between two comparisons of the whole version table.
    pub verify_interval: Duration,
    /// Seed of the jitter between attempts to connect.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            namespace: "default".into(),
            fresh_window: Duration::from_secs(5),
            accept_shrink: false,
            snapshot_file: None,
            persist_interval: Duration::from_secs(30),
            block: Duration::from_secs(1),
            verify_interval: Duration::from_secs(600),
            seed: 0,
        }
    }
}
