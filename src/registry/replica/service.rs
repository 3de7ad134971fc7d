//! A replica as a whole: begins with the snapshot file, then follows and publishes for as long as it runs.

use std::sync::Arc;

use super::Settings;
use super::copy::{LocalCopy, Versions};
use super::desk::Desk;
use super::follow::Follower;
use super::home::Reach;
use super::publish::{self, Workshop};
use super::snapshot_file::{self, Restored};
use super::status::{Board, Rejection};
use crate::serving::Serving;

/// A replica before it runs.
#[derive(Debug)]
pub struct Replica {
    settings: Arc<Settings>,
    board: Arc<Board>,
    desk: Arc<Desk>,
    workshop: Workshop,
    copy: Option<LocalCopy>,
}

impl Replica {
    /// A replica that publishes to `serving`; at once, stale, where there is a snapshot file. Reads and builds on
    /// this thread.
    pub fn begin(settings: Settings, serving: Arc<Serving>) -> Replica {
        Replica::begin_on(Arc::default(), settings, serving)
    }

    /// The same, telling its status on a board that others read already.
    pub fn begin_on(board: Arc<Board>, settings: Settings, serving: Arc<Serving>) -> Replica {
        let desk = Arc::new(Desk::new(serving, Arc::clone(&board), settings.fresh_window));
        let mut workshop = Workshop::new(settings.accept_shrink);
        let restored = restore(&settings, &board);
        let copy = restored.map(|Restored { position, checked, confirmed }| {
            let degraded = checked.malformed_count();
            let (index, loading) = workshop.begin_with(checked, position, confirmed);
            tracing::info!(
                accounts = index.account_count(),
                reps = index.rep_count(),
                confirmed = %confirmed,
                "registry: published from the snapshot file, stale until its home confirms it"
            );
            desk.begin_with((index, loading), position, confirmed, degraded);
            // Only now: whoever routes needs none of it.
            LocalCopy::new(position, Versions::of(workshop.checked().versions()))
        });
        Replica { settings: Arc::new(settings), board, desk, workshop, copy }
    }

    /// Where its status is read.
    pub fn board(&self) -> Arc<Board> {
        Arc::clone(&self.board)
    }

    /// Follows the home and publishes, for as long as it is polled.
    pub async fn run(self, reach: impl Reach) {
        let Replica { settings, board, desk, workshop, copy } = self;
        let follower = Follower::new(Arc::clone(&settings), Arc::clone(&desk), Arc::clone(&board), copy);
        tokio::select! {
            () = follower.run(reach) => {}
            () = publish::run(desk, board, settings, workshop) => {}
        }
    }
}

fn restore(settings: &Settings, board: &Board) -> Option<Restored> {
    let path = settings.snapshot_file.as_ref()?;
    match snapshot_file::read(path, &settings.namespace) {
        Ok(restored) => restored,
        Err(refused) => {
            board.reject(Rejection::SnapshotFile, 1);
            tracing::error!("registry: the snapshot file {} {refused}: it is not used", path.display());
            None
        }
    }
}
