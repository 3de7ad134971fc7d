//! The way to the registry in Redis for those who write over gRPC: one connection, made anew when it is lost.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;
use tonic::Status;

use super::failure;
use crate::registry::redis::read::Position;
use crate::registry::redis::writer::Mode;
use crate::registry::redis::{Connection, HomeError, RedisSettings};
use crate::registry::replica::status::Board;
use crate::serving::{InForce, Serving};

/// A connection that is there when it is needed. Callers take turns: a write takes about a millisecond.
pub(super) struct Door {
    settings: RedisSettings,
    connection: Mutex<Option<Connection>>,
    copy: CopyInForce,
}

/// The copy of the registry in which conflicts are looked for before a record is written.
pub(super) struct CopyInForce {
    pub(super) serving: Arc<Serving>,
    /// Where the copy stands; `None` where nobody follows Redis.
    pub(super) board: Option<Arc<Board>>,
}

/// How long a strict write waits for the copy, over all its attempts: changes are there within 100 ms, and callers wait for a
/// second.
const REACH_MAX: Duration = Duration::from_millis(600);
/// How often it looks.
const REACH_LOOK: Duration = Duration::from_millis(2);

impl CopyInForce {
    pub(super) fn in_force(&self) -> Option<InForce> {
        self.serving.load()
    }

    /// Until when a strict write that begins now waits for the copy.
    pub(super) fn patience() -> Instant {
        Instant::now() + REACH_MAX
    }

    /// Waits until the copy holds what Redis held at `position`. Gives how to write what was looked up in the copy from then
    /// on: only while Redis still stands where the copy does.
    pub(super) async fn reach(&self, position: &Position, until: Instant) -> Result<Mode, Status> {
        let Some(board) = &self.board else { return Ok(Mode::Live) };
        while Instant::now() < until {
            // The position is told after its index is published: whoever reads it first sees that index, or a later one.
            let published = board.read().published.filter(|at| at.epoch == position.epoch.0);
            if let Some(at) = published.filter(|at| at.rev > position.rev || at.chain == position.chain) {
                return Ok(Mode::LiveAt(at.chain));
            }
            tokio::time::sleep(REACH_LOOK).await;
        }
        Err(failure::copy_behind())
    }
}

/// The connection while one caller has it.
pub(super) struct Open<'a>(MutexGuard<'a, Option<Connection>>);

impl Door {
    pub(super) fn new(settings: RedisSettings, copy: CopyInForce) -> Door {
        Door { settings, connection: Mutex::new(None), copy }
    }

    pub(super) fn copy(&self) -> &CopyInForce {
        &self.copy
    }

    /// A connection that answers, and where the registry stands; `None` where there is none.
    pub(super) async fn open(&self) -> Result<(Open<'_>, Option<Position>), HomeError> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = slot.as_mut() {
            match connection.position().await {
                Ok(position) => return Ok((Open(slot), position)),
                // Lost since it was last used, or no master any more: asked for anew.
                Err(_) => *slot = None,
            }
        }
        let connection = slot.insert(Connection::open(&self.settings).await?);
        let position = connection.position().await?;
        Ok((Open(slot), position))
    }
}

impl Open<'_> {
    pub(super) fn connection(&mut self) -> &mut Connection {
        self.0.as_mut().expect("an open door has a connection")
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Door({})", self.settings)
    }
}
