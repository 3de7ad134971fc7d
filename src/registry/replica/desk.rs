//! Between the one who follows the home and the one who publishes: what waits to be built, what is being
//! built, what is published, and which of them is proven equal to the home.
//!
//! Whatever is said about freshness is said here, under one lock: a published index is confirmed by a proof of
//! its own position and by nothing else.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::ahead::ReadAhead;
use super::copy::Changes;
use super::home::{Key, Position, Record};
use super::status::{Board, Rejection, Stamp};
use crate::matching::Index;
use crate::registry::health::Loading;
use crate::serving::{Freshness, Serving, Source};

/// Changes that lead to a position which the home itself reported.
#[derive(Clone, Debug)]
pub struct Update {
    /// All records, in the order of their keys, where a whole copy was taken since the update before.
    pub whole: Option<Vec<(Key, Record)>>,
    /// What differs from that, or else from the update before.
    pub changes: Changes,
    /// What of them was read already.
    pub ahead: Option<Arc<ReadAhead>>,
    /// Where they lead.
    pub position: Position,
    /// When the home was last known to stand there.
    pub proven: Stamp,
}

/// A position and when the home was last known to stand there; `None` where that is only remembered from
/// before this process.
#[derive(Clone, Copy, Debug)]
struct Proven {
    position: Position,
    at: Option<Stamp>,
}

/// What became of an update.
#[derive(Debug)]
pub struct Outcome {
    /// The index; `None` where nothing means anything else than before.
    pub index: Option<Index>,
    /// What is wrong with the records in force; `None` where they are refused.
    pub loading: Option<Loading>,
    /// Why it is not to be published.
    pub refused: Option<Rejection>,
    /// Malformed records in force.
    pub degraded: usize,
}

#[derive(Debug, Default)]
struct Papers {
    connected: bool,
    pending: Option<Update>,
    building: Option<Proven>,
    published: Option<Proven>,
    refused: Option<Rejection>,
    degraded: usize,
}

/// Where updates are put down and taken up. Written by the follower and the publisher.
#[derive(Debug)]
pub struct Desk {
    papers: Mutex<Papers>,
    waiting: Notify,
    serving: Arc<Serving>,
    board: Arc<Board>,
    fresh_window: Duration,
}

impl Desk {
    /// An empty desk: nothing is published yet.
    pub fn new(serving: Arc<Serving>, board: Arc<Board>, fresh_window: Duration) -> Desk {
        Desk { papers: Mutex::default(), waiting: Notify::new(), serving, board, fresh_window }
    }

    /// A panic under this lock leaves papers that are each whole.
    fn lock(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an update down. What still waits is gathered into it.
    pub(super) fn offer(&self, update: Update) {
        let mut papers = self.lock();
        papers.connected = true;
        match &mut papers.pending {
            Some(pending) => {
                if update.whole.is_some() {
                    pending.whole = update.whole;
                    pending.changes.clear();
                }
                pending.changes.extend(update.changes);
                pending.ahead = update.ahead.or(pending.ahead.take());
                (pending.position, pending.proven) = (update.position, update.proven);
            }
            None => papers.pending = Some(update),
        }
        self.waiting.notify_one();
    }

    /// The home stood at `position` at `at`: confirms whatever stands there too.
    pub(super) fn prove(&self, position: Position, at: Stamp) {
        let mut papers = self.lock();
        papers.connected = true;
        if let Some(pending) = papers.pending.as_mut().filter(|pending| pending.position == position) {
            pending.proven = at;
        }
        if let Some(building) = papers.building.as_mut().filter(|building| building.position == position) {
            building.at = Some(at);
        }
        if let Some(published) = papers.published.as_mut().filter(|published| published.position == position)
        {
            published.at = Some(at);
            self.judge(&papers);
        }
    }

    /// The home is out of reach or holds nothing: nothing is fresh until the next proof.
    pub(super) fn lost(&self) {
        let mut papers = self.lock();
        papers.connected = false;
        self.judge(&papers);
    }

    /// Looks at the clock: a proof counts for the fresh window only.
    pub(super) fn look(&self) {
        self.judge(&self.lock());
    }

    /// Waits until an update is put down.
    pub(super) async fn update_waits(&self) {
        self.waiting.notified().await;
    }

    /// Whether an update waits.
    pub(super) fn waits(&self) -> bool {
        self.lock().pending.is_some()
    }

    /// Takes up what waits.
    pub(super) fn begin(&self) -> Option<Update> {
        let mut papers = self.lock();
        let update = papers.pending.take()?;
        papers.building = Some(Proven { position: update.position, at: Some(update.proven) });
        Some(update)
    }

    /// Publishes what was begun, or refuses it. Call it where blocking does no harm: the index before is freed
    /// here, unless a request still reads it.
    pub(super) fn finish(&self, outcome: Outcome) {
        // Kept until the lock is given back, since freeing a large index takes its time.
        let _before = self.serving.load();
        let mut papers = self.lock();
        let Some(built) = papers.building.take() else { return };
        papers.degraded = outcome.degraded;
        let before = std::mem::replace(&mut papers.refused, outcome.refused);
        if let Some(rejection) = outcome.refused.filter(|_| before != outcome.refused) {
            self.board.reject(rejection, 1);
        }
        if outcome.refused.is_none() {
            if let Some(index) = outcome.index {
                let published_time = Stamp::now().time;
                let confirmed_time = built.at.map_or(published_time, |at| at.time);
                let stale = self.fresh(&papers, built).is_none();
                let source = Source::Redis;
                let freshness = Freshness { published_time, confirmed_time, stale, source };
                self.serving.publish_examined(index, freshness, outcome.loading.unwrap_or_default());
                self.board.write(|status| status.publications += 1);
            } else if let Some(loading) = outcome.loading {
                self.serving.set_loading(loading);
            }
            papers.published = Some(built);
        }
        self.judge(&papers);
        let published = papers.published.map(|published| published.position);
        self.board.write(|status| {
            status.published = published;
            status.refused = outcome.refused;
            status.degraded = outcome.degraded;
        });
    }

    /// Publishes what the snapshot file holds: stale, whatever its age.
    pub fn begin_with(
        &self,
        (index, loading): (Index, Loading),
        position: Position,
        confirmed_time: Timestamp,
        degraded: usize,
    ) {
        let mut papers = self.lock();
        let published_time = Stamp::now().time;
        let source = Source::Snapshot;
        let freshness = Freshness { published_time, confirmed_time, stale: true, source };
        self.serving.publish_examined(index, freshness, loading);
        papers.published = Some(Proven { position, at: None });
        papers.degraded = degraded;
        self.board.write(|status| {
            status.published = Some(position);
            status.degraded = degraded;
            status.publications += 1;
        });
    }

    /// The proof that makes an index of this position fresh.
    fn fresh(&self, papers: &Papers, index: Proven) -> Option<Stamp> {
        let sound = papers.connected && papers.refused.is_none() && papers.degraded == 0;
        index.at.filter(|proven| sound && proven.at.elapsed() <= self.fresh_window)
    }

    fn judge(&self, papers: &Papers) {
        let Some(published) = papers.published else { return };
        match self.fresh(papers, published) {
            Some(proven) => {
                self.serving.confirm(proven.time);
                self.board.write(|status| status.proven = Some(proven.time));
            }
            None => self.serving.set_stale(),
        }
    }
}
