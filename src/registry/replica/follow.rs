//! Follows a home: connect, catch up or take a whole copy, prove equality, verify, and begin again.
//!
//! Each round waits for a change, asks the home where it stands, takes the changes up to exactly there and
//! compares the hashes. So whatever is handed on is a state that the home itself reported, with the proof. Any
//! gap, other history, older state or other import ends in a whole copy; the one before is kept until that is
//! complete.

use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashSet;
use tokio::time::Instant;

use super::Settings;
use super::ahead::{ReadAhead, Reader};
use super::backoff::Backoff;
use super::copy::{Broken, Changes, LocalCopy};
use super::desk::{Desk, Update};
use super::home::{Home, HomeError, Key, LogEntry, Position, Reach, Record};
use super::snapshot::{self, PAGE, Whole};
use super::status::{Board, Reason, Rejection, Stamp, State};

/// How often a home without a registry is asked again.
const MISSING_POLL: Duration = Duration::from_secs(1);
/// How long a connection must have stood before the next failure counts as the first.
const HEALTHY: Duration = Duration::from_secs(10);

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// The copy equals the home.
    Equal,
    /// The home holds no registry.
    Missing,
    /// A whole copy was begun and given up.
    Unsettled,
}

/// Keeps a copy equal to its home and hands every change on.
#[derive(Debug)]
pub struct Follower {
    settings: Arc<Settings>,
    desk: Arc<Desk>,
    board: Arc<Board>,
    backoff: Backoff,
    copy: Option<LocalCopy>,
    /// All records, where a whole copy was taken since the last update that was handed on.
    whole: Option<Vec<(Key, Record)>>,
    /// What differs from that, or else from the last update.
    changes: Changes,
    /// What of them was read already.
    ahead: Option<Arc<ReadAhead>>,
    offered: Option<Position>,
    /// Whether the connection has proven equality, so that waiting for changes is the next thing to do.
    settled: bool,
    verified: Instant,
}

impl Follower {
    /// Follows from `copy` on, which is what the desk has published.
    pub fn new(
        settings: Arc<Settings>,
        desk: Arc<Desk>,
        board: Arc<Board>,
        copy: Option<LocalCopy>,
    ) -> Follower {
        Follower {
            backoff: Backoff::new(settings.seed),
            settings,
            desk,
            board,
            offered: copy.as_ref().map(LocalCopy::position),
            copy,
            whole: None,
            changes: Changes::new(),
            ahead: None,
            settled: false,
            verified: Instant::now(),
        }
    }

    /// The copy.
    pub fn copy(&self) -> Option<&LocalCopy> {
        self.copy.as_ref()
    }

    /// Follows the home for as long as it is polled.
    pub async fn run(mut self, mut reach: impl Reach) {
        loop {
            let error = match reach.reach().await {
                Ok(mut home) => self.stay(&mut home).await,
                Err(error) => error,
            };
            self.lose(&error);
            tokio::time::sleep(self.backoff.next()).await;
        }
    }

    /// Rounds on one connection until it fails.
    async fn stay(&mut self, home: &mut impl Home) -> HomeError {
        let connected = Instant::now();
        loop {
            match self.round(home).await {
                Ok(Round::Equal) if connected.elapsed() >= HEALTHY => self.backoff.reset(),
                Ok(Round::Equal) => {}
                Ok(Round::Missing) => tokio::time::sleep(MISSING_POLL).await,
                Ok(Round::Unsettled) => tokio::time::sleep(self.backoff.next()).await,
                Err(error) => return error,
            }
        }
    }

    /// The connection is gone.
    pub(super) fn lose(&mut self, error: &HomeError) {
        self.settled = false;
        self.board.enter(State::Unreachable, error);
        self.desk.lost();
    }

    /// One round.
    ///
    /// # Errors
    /// [`HomeError`] where the home does not answer; the copy is at some state of one history even then.
    pub async fn round(&mut self, home: &mut impl Home) -> Result<Round, HomeError> {
        let entries = match &self.copy {
            Some(copy) if self.settled => {
                let Position { epoch, rev, .. } = copy.position();
                match home.tail(epoch, rev, PAGE, self.settings.block).await {
                    Err(HomeError::Unreadable(_)) => return self.take_whole(home, Reason::Unreadable).await,
                    entries => entries?,
                }
            }
            _ => Vec::new(),
        };
        let asked = Stamp::now();
        let Some(head) = home.position().await? else {
            if self.settled || self.board.read().state != State::Missing {
                self.board.reject(Rejection::Missing, 1);
            }
            self.settled = false;
            self.board.enter(State::Missing, &"import one, or name another namespace");
            self.desk.lost();
            return Ok(Round::Missing);
        };
        self.board.write(|status| status.home = Some(head));
        let waited_for = !entries.is_empty();
        let before = self.copy.as_ref().map(|copy| copy.position().rev);
        match self.catch_up(home, entries, head).await {
            Err(HomeError::Unreadable(_)) => self.take_whole(home, Reason::Unreadable).await,
            Err(error) => Err(error),
            Ok(Err(reason)) => self.take_whole(home, reason).await,
            Ok(Ok(())) => {
                let due = self.verified.elapsed() >= self.settings.verify_interval;
                if due && !self.verify(home).await? {
                    return self.take_whole(home, Reason::Diverged).await;
                }
                self.hand_on(head, asked);
                // Changes that the home itself does not know of: another hand wrote to its log, and the wait for
                // changes ends with these at once, again and again.
                if waited_for && before == Some(head.rev) {
                    tokio::time::sleep(self.settings.block).await;
                }
                Ok(Round::Equal)
            }
        }
    }

    /// Takes the changes up to `head`, and proves that the copy is there.
    async fn catch_up(
        &mut self,
        home: &mut impl Home,
        mut entries: Vec<LogEntry>,
        head: Position,
    ) -> Result<Result<(), Reason>, HomeError> {
        let Some(copy) = &mut self.copy else { return Ok(Err(Reason::First)) };
        if head.epoch != copy.position().epoch {
            return Ok(Err(Reason::NewEpoch));
        }
        if head.rev < copy.position().rev {
            return Ok(Err(Reason::Rollback));
        }
        loop {
            let before = copy.position().rev;
            // One that was applied already, or that came after the home was asked, is not for this round.
            for entry in entries {
                if entry.rev <= copy.position().rev || entry.rev > head.rev {
                    continue;
                }
                if let Err(broken) = copy.apply(entry, &mut self.changes) {
                    let first = copy.position().rev == before;
                    return Ok(Err(match broken {
                        Broken::Epoch => Reason::NewEpoch,
                        Broken::Gap { .. } if first => Reason::Trimmed,
                        Broken::Gap { .. } => Reason::Gap,
                        Broken::Fork => Reason::Fork,
                        Broken::Corrupt => Reason::Corrupt,
                    }));
                }
            }
            let Position { epoch, rev, .. } = copy.position();
            if rev == head.rev {
                break;
            }
            entries = home.log(epoch, rev, PAGE).await?;
            // Also where all that is left was made after the home was asked.
            if !entries.iter().any(|entry| entry.rev > rev && entry.rev <= head.rev) {
                return Ok(Err(Reason::Trimmed));
            }
        }
        if copy.position().chain != head.chain {
            return Ok(Err(Reason::Fork));
        }
        if copy.position().count != head.count {
            return Ok(Err(Reason::Count));
        }
        copy.adopt(head);
        Ok(Ok(()))
    }

    /// Puts a whole copy in place of the one that is there.
    async fn take_whole(&mut self, home: &mut impl Home, reason: Reason) -> Result<Round, HomeError> {
        self.settled = false;
        self.board.resync(reason);
        self.board.enter(State::Loading, &format!("{reason:?}"));
        // Of a later copy most is known already.
        let count = self.board.read().home.map_or(0, |home| home.count);
        let mut reader = self.copy.is_none().then(|| Reader::new(count));
        match snapshot::take(home, &mut reader).await {
            Err(HomeError::Unreadable(what)) => self.give_up(&HomeError::Unreadable(what)),
            Err(error) => Err(error),
            Ok(Err(why)) => self.give_up(&why),
            Ok(Ok(Whole { copy, records, asked })) => {
                let position = copy.position();
                self.copy = Some(copy);
                self.whole = Some(records);
                self.changes.clear();
                self.verified = Instant::now();
                if let Some(reader) = reader {
                    self.ahead = Some(reader.done().await);
                }
                self.hand_on(position, asked);
                Ok(Round::Equal)
            }
        }
    }

    fn give_up(&mut self, why: &dyn std::fmt::Display) -> Result<Round, HomeError> {
        self.board.reject(Rejection::Unsettled, 1);
        tracing::warn!("registry: a whole copy was given up, it is tried again: {why}");
        Ok(Round::Unsettled)
    }

    /// The copy equalled the home at `asked`: says so, with what is new.
    fn hand_on(&mut self, position: Position, asked: Stamp) {
        self.settled = true;
        if self.offered == Some(position) && self.whole.is_none() && self.changes.is_empty() {
            self.desk.prove(position, asked);
        } else {
            let (whole, changes) = (self.whole.take(), std::mem::take(&mut self.changes));
            self.offered = Some(position);
            self.desk.offer(Update { whole, changes, ahead: self.ahead.take(), position, proven: asked });
        }
        self.board.write(|status| status.home = Some(position));
        self.board.enter(State::Following, &"");
    }

    /// Compares the whole version table with the copy, which was proven equal just now. Records changed since
    /// are left out: their turn comes next time.
    async fn verify(&mut self, home: &mut impl Home) -> Result<bool, HomeError> {
        self.verified = Instant::now();
        let Some(copy) = &self.copy else { return Ok(true) };
        let at = copy.position();
        let versions = copy.versions();
        let mut seen: HashSet<u64> = HashSet::with_capacity(versions.len());
        let mut later = false;
        let mut cursor = 0;
        loop {
            let page = home.versions(at.epoch, cursor).await?;
            for (key, version) in page.found {
                let hash = versions.hash(&key);
                if versions.has(hash, version) {
                    seen.insert(hash);
                } else if version <= at.rev {
                    return Ok(false);
                } else {
                    later = true;
                }
            }
            cursor = page.next;
            if cursor == 0 {
                break;
            }
        }
        // Those missing may have been deleted since, later ones written since: only an unmoved home tells.
        let unmoved = home.position().await? == Some(at);
        Ok(!unmoved || (!later && seen.len() == versions.len()))
    }
}
