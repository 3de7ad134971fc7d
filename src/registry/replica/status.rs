//! What a replica is doing, to be read from outside; every change of state is logged once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::time::Instant;

use super::home::Position;

/// A moment, for measuring and for telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// On the clock that never jumps: for ages.
    pub at: Instant,
    /// On the calendar: for answers and logs.
    pub time: Timestamp,
}

impl Stamp {
    /// This moment.
    pub fn now() -> Stamp {
        Stamp { at: Instant::now(), time: Timestamp::now() }
    }
}

/// How the replica stands with its home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Not connected yet.
    Starting,
    /// The home is out of reach.
    Unreachable,
    /// The home holds no registry.
    Missing,
    /// A whole copy is being taken.
    Loading,
    /// Changes are taken as they come.
    Following,
}

/// Why a whole copy is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// There was none.
    First,
    /// Another import took the registry's place.
    NewEpoch,
    /// The log was trimmed past the copy.
    Trimmed,
    /// A revision is missing.
    Gap,
    /// The home holds another history: acknowledged writes were lost, and others made.
    Fork,
    /// The home holds an older state.
    Rollback,
    /// A change does not fit its own hash.
    Corrupt,
    /// A change cannot be read.
    Unreadable,
    /// Equal histories hold a different number of records.
    Count,
    /// Equal histories hold different versions.
    Diverged,
}

/// What was refused, the last good state staying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rejection {
    /// A home without a registry.
    Missing,
    /// A registry without accounts.
    Empty,
    /// A registry that has lost more than half its accounts.
    Shrunk,
    /// A record that makes no sense.
    Malformed,
    /// A snapshot that could not be completed.
    Unsettled,
    /// A snapshot file that is damaged or not ours.
    SnapshotFile,
    /// A snapshot file that could not be written.
    SnapshotWrite,
}

/// Everything that is known about a replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// How it stands with its home.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// Whether a connection stands.
    pub connected: bool,
    /// Connections made so far.
    pub connections: u64,
    /// Where the home stood when it was last asked.
    pub home: Option<Position>,
    /// Where the published index stands.
    pub published: Option<Position>,
    /// When the published index was last proven equal to the home.
    pub proven: Option<Timestamp>,
    /// What the home holds now is refused, for this reason.
    pub refused: Option<Rejection>,
    /// Malformed records, each replaced by its last good version if it has one.
    pub degraded: usize,
    /// Publications so far.
    pub publications: u64,
    /// Whole copies taken, by reason.
    pub resyncs: BTreeMap<Reason, u64>,
    /// Refusals, by reason.
    pub rejected: BTreeMap<Rejection, u64>,
    /// When the snapshot file was last written.
    pub persisted: Option<Timestamp>,
}

/// Where the status is written and read.
#[derive(Debug)]
pub struct Board(Mutex<Status>);

impl Default for Board {
    fn default() -> Board {
        Board(Mutex::new(Status {
            state: State::Starting,
            since: Timestamp::now(),
            connected: false,
            connections: 0,
            home: None,
            published: None,
            proven: None,
            refused: None,
            degraded: 0,
            publications: 0,
            resyncs: BTreeMap::new(),
            rejected: BTreeMap::new(),
            persisted: None,
        }))
    }
}

impl Board {
    /// The status of this moment.
    pub fn read(&self) -> Status {
        self.lock().clone()
    }

    /// Writes a part of the status. A status is only ever counted up or overwritten, so that a panic while it
    /// was written leaves nothing half done.
    pub(super) fn write(&self, write: impl FnOnce(&mut Status)) {
        write(&mut self.lock());
    }

    fn lock(&self) -> MutexGuard<'_, Status> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a state; the first time, says so with what led to it.
    pub(super) fn enter(&self, state: State, why: &dyn std::fmt::Display) {
        let mut status = self.lock();
        let connected = !matches!(state, State::Starting | State::Unreachable);
        status.connections += u64::from(connected && !status.connected);
        status.connected = connected;
        if status.state == state {
            return;
        }
        let before = std::mem::replace(&mut status.state, state);
        status.since = Timestamp::now();
        let home = status.home;
        drop(status);
        let (epoch, rev) = home.map_or((0, 0), |home| (home.epoch, home.rev));
        match state {
            State::Starting | State::Loading => tracing::info!("registry: {why}: taking a whole copy"),
            State::Following => tracing::info!(epoch, rev, "registry: following its home"),
            State::Unreachable => {
                tracing::warn!(?before, "registry: its home is out of reach, the last copy stays: {why}");
            }
            State::Missing => {
                tracing::error!("registry: its home holds none, the last copy stays: {why}");
            }
        }
    }

    /// Counts a whole copy.
    pub(super) fn resync(&self, reason: Reason) {
        self.write(|status| *status.resyncs.entry(reason).or_default() += 1);
    }

    /// Counts `count` refusals.
    pub(super) fn reject(&self, rejection: Rejection, count: usize) {
        self.write(|status| *status.rejected.entry(rejection).or_default() += count as u64);
    }
}
