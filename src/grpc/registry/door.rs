//! The way to the registry in Redis for those who write over gRPC: one connection, made anew when it is lost.

use std::fmt;

use tokio::sync::{Mutex, MutexGuard};

use crate::registry::redis::read::Position;
use crate::registry::redis::{Connection, HomeError, RedisSettings};

/// A connection that is there when it is needed. Callers take turns: a write takes about a millisecond.
pub(super) struct Door {
    settings: RedisSettings,
    connection: Mutex<Option<Connection>>,
}

/// The connection while one caller has it.
pub(super) struct Open<'a>(MutexGuard<'a, Option<Connection>>);

impl Door {
    pub(super) fn new(settings: RedisSettings) -> Door {
        Door { settings, connection: Mutex::new(None) }
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
