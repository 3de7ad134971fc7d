//! What a replica published and claimed, as somebody sees it who asks all the time.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use namesake::matching::Index;
use namesake::registry::redis::Chain;
use namesake::registry::replica::status::Board;
use namesake::serving::{Freshness, Serving};
use tokio::task::JoinHandle;

use super::oracle::Digest;
use crate::registry::Names;
use crate::subject::name_in;

/// Time between two looks.
const PACE: Duration = Duration::from_millis(2);
/// What stood so long belongs together: a publication and what the status says of it are not written in one step.
const STEADY: Duration = Duration::from_millis(100);

/// Another index, or other words about one.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) at: Timestamp,
    /// Raised by each publication of the replica.
    pub(super) revision: u64,
    pub(super) digest: Digest,
    pub(super) account_count: usize,
    pub(super) stale: bool,
    pub(super) confirmed: Timestamp,
    /// Whole copies taken and states refused so far.
    pub(super) resyncs: u64,
    pub(super) refusals: u64,
    /// Generation, epoch, rev and chain that the replica says it published, once that has stood for a while.
    pub(super) claimed: Option<(u64, u64, u64, Chain)>,
}

/// A running record.
pub(super) struct Recorder {
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Recorder {
    /// Records what a replica says about the accounts of these ids.
    pub(super) fn start(serving: Arc<Serving>, board: Arc<Board>, ids: Vec<String>) -> Recorder {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut last: Option<(Arc<Index>, Freshness)> = None;
            let mut since = Instant::now();
            let mut told = false;
            loop {
                tokio::time::sleep(PACE).await;
                let Some(now) = serving.load() else { continue };
                let known = last.as_ref().filter(|(index, _)| Arc::ptr_eq(index, &now.index));
                let status = board.read();
                if known.is_some_and(|(_, freshness)| *freshness == now.freshness) {
                    // The index changes first, so that one that is still there belongs to that status.
                    let still = serving.load().is_some_and(|again| Arc::ptr_eq(&again.index, &now.index));
                    let steady = still && !told && since.elapsed() >= STEADY;
                    let published = status.published.filter(|_| steady);
                    if let (Some(at), Some(seen)) = (published, lock(&record).last_mut()) {
                        seen.claimed = Some((at.generation, at.epoch, at.rev, at.chain));
                        told = true;
                    }
                    continue;
                }
                let same_index = known.is_some();
                let digest = match lock(&record).last() {
                    Some(seen) if same_index => seen.digest,
                    _ => Digest::of(&names(&now, &ids)),
                };
                lock(&record).push(Seen {
                    at: Timestamp::now(),
                    revision: now.index.revision().0,
                    digest,
                    account_count: now.index.account_count(),
                    stale: now.freshness.stale,
                    confirmed: now.freshness.confirmed_time,
                    resyncs: status.resyncs.values().sum(),
                    refusals: status.rejected.values().sum(),
                    claimed: None,
                });
                if !same_index {
                    (since, told) = (Instant::now(), false);
                }
                last = Some((now.index, now.freshness));
            }
        });
        Recorder { seen, task }
    }

    /// What was seen since the last call; the last sight begins the next part too.
    pub(super) fn take(&self) -> Vec<Seen> {
        let mut seen = lock(&self.seen);
        let last = seen.last().cloned();
        std::mem::replace(&mut *seen, last.into_iter().collect())
    }
}

fn lock(seen: &Mutex<Vec<Seen>>) -> std::sync::MutexGuard<'_, Vec<Seen>> {
    seen.lock().unwrap()
}

fn names(now: &namesake::serving::InForce, ids: &[String]) -> Names {
    ids.iter().filter_map(|id| Some((id.clone(), name_in(now, id)?.into()))).collect()
}
