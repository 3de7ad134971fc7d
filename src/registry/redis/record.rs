//! One record of the current epoch with its version.

use super::connection::Connection;
use super::error::HomeError;
use super::keys::{Epoch, RecordKind};

/// A record as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    /// Its text.
    pub text: String,
    /// The revision of its last change.
    pub version: u64,
}

impl Connection {
    /// The record of an id in an epoch; `None` where there is none.
    ///
    /// # Errors
    /// [`HomeError`]; [`HomeError::Damaged`] where a record has no version.
    pub async fn record(
        &mut self,
        epoch: Epoch,
        kind: RecordKind,
        id: &str,
    ) -> Result<Option<Versioned>, HomeError> {
        // The version first: where somebody writes in between, it is older than the text, and a change that
        // expects it is refused instead of overwriting what was not seen.
        let mut both = redis::pipe();
        both.cmd("HGET").arg(self.keys().versions(epoch)).arg(kind.version_field(id));
        both.cmd("HGET").arg(self.key_of(epoch, kind)).arg(id);
        let asked = both.query_async(&mut self.redis).await;
        let (version, text): (Option<String>, Option<String>) = asked.map_err(|error| self.error(&error))?;
        let Some(text) = text else { return Ok(None) };
        match version.and_then(|version| version.parse().ok()) {
            Some(version) => Ok(Some(Versioned { text, version })),
            None => Err(HomeError::Damaged { why: format!("{} {id} has no version", kind.as_str()) }),
        }
    }

    /// Whether an epoch has reps at all, and one of this id.
    ///
    /// # Errors
    /// [`HomeError`].
    pub async fn knows_rep(&mut self, epoch: Epoch, id: &str) -> Result<(bool, bool), HomeError> {
        let key = self.keys().reps(epoch);
        let mut both = redis::pipe();
        both.cmd("HLEN").arg(&key).cmd("HGET").arg(&key).arg(id);
        let asked = both.query_async(&mut self.redis).await;
        let (reps, known): (u64, Option<String>) = asked.map_err(|error| self.error(&error))?;
        Ok((reps > 0, known.is_some()))
    }

    fn key_of(&self, epoch: Epoch, kind: RecordKind) -> String {
        match kind {
            RecordKind::Account => self.keys().accounts(epoch),
            RecordKind::Rep => self.keys().reps(epoch),
        }
    }
}
