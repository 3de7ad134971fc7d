//! What a replica asks of the registry's home, and what it is told.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::registry::redis::{self, Chain};

pub use crate::registry::redis::RecordKind as Kind;

/// Which record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What it is about.
    pub kind: Kind,
    /// Its id, as spelled.
    pub id: Arc<str>,
}

/// Where a registry stands. Two equal positions are one content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// Raised by every flip from one epoch to another.
    pub generation: u64,
    /// Which whole import this is; never given out twice.
    pub epoch: u64,
    /// Changes of this epoch so far.
    pub rev: u64,
    /// The hash over all of them.
    pub chain: Chain,
    /// Records, accounts and reps together.
    pub count: u64,
}

/// A record as the home holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The revision of its last change.
    pub version: u64,
    /// Its text: JSON, unless somebody wrote something else.
    pub text: Arc<str>,
}

/// What a change does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The record now has this text.
    Put(Arc<str>),
    /// The record is gone.
    Delete,
}

/// One change, as the home's log holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// In which epoch.
    pub epoch: u64,
    /// The revision that the change made.
    pub rev: u64,
    /// Of which record.
    pub key: Key,
    /// What it does.
    pub operation: Operation,
    /// The chain before it.
    pub previous: Chain,
    /// The chain after it.
    pub chain: Chain,
}

impl LogEntry {
    /// The chain that this change makes of `before`.
    pub fn chain_after(&self, before: Chain) -> Chain {
        let (operation, value) = match &self.operation {
            Operation::Put(text) => (redis::Operation::Put, &**text),
            Operation::Delete => (redis::Operation::Delete, ""),
        };
        before.next(self.rev, operation, self.key.kind, &self.key.id, value)
    }
}

/// A part of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page<T> {
    /// Where to go on; 0 where the scan is complete.
    pub next: u64,
    /// What was found; the same record may come in several pages.
    pub found: Vec<T>,
}

/// Why the home did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HomeError {
    /// No connection, or none any more.
    #[error("{0}")]
    Lost(String),
    /// The server is a replica itself, or was demoted.
    #[error("the server is not a master")]
    NotMaster,
    /// The registry is of a release that we do not know.
    #[error("the registry has schema {found}, known is 1: update this server")]
    Schema {
        /// What it says.
        found: String,
    },
    /// An answer that makes no sense.
    #[error("{0} cannot be read")]
    Unreadable(String),
}

/// A connection to the registry's home.
///
/// A scan gives every record that is there from its beginning to its end; one that comes or goes meanwhile may
/// be missing. A text is never older than the version beside it; where it is newer, the log has the change.
pub trait Home: Send {
    /// Where the registry stands, or stood a moment ago; `None` where there is none. Fails where the server has been
    /// demoted, so that between two positions on one connection no history was lost and found again.
    fn position(&mut self) -> impl Future<Output = Result<Option<Position>, HomeError>> + Send;

    /// A part of the records of `epoch` from `cursor` on; 0 begins.
    fn scan(
        &mut self,
        epoch: u64,
        cursor: u64,
    ) -> impl Future<Output = Result<Page<(Key, Record)>, HomeError>> + Send;

    /// The same, without the texts: version by key.
    fn versions(
        &mut self,
        epoch: u64,
        cursor: u64,
    ) -> impl Future<Output = Result<Page<(Key, u64)>, HomeError>> + Send;

    /// The oldest changes after revision `after`, at most `count`. A log that was trimmed begins later.
    fn log(
        &mut self,
        epoch: u64,
        after: u64,
        count: usize,
    ) -> impl Future<Output = Result<Vec<LogEntry>, HomeError>> + Send;

    /// The same, but waits up to `block` for the first of them.
    fn tail(
        &mut self,
        epoch: u64,
        after: u64,
        count: usize,
        block: Duration,
    ) -> impl Future<Output = Result<Vec<LogEntry>, HomeError>> + Send;
}

/// The way to the home.
pub trait Reach: Send {
    /// A connection.
    type Home: Home;

    /// Connects anew.
    fn reach(&mut self) -> impl Future<Output = Result<Self::Home, HomeError>> + Send;
}
