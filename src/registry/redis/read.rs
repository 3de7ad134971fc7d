//! Reading the current registry: its position, and all of it at one revision.
//!
//! A scan is no snapshot: what changes meanwhile may be seen before or after. So the log from the revision
//! before the scan to the one after it is laid over what was scanned; every change in between is in it, and
//! contiguous revisions with their chain prove that none is missing.

use std::collections::BTreeMap;

use redis::streams::StreamRangeReply;

use super::chain::{Chain, Operation};
use super::connection::Connection;
use super::error::HomeError;
use super::keys::{Epoch, RecordKind};

/// How often a read begins again when the registry moves under it.
const ATTEMPTS_MAX: usize = 5;
/// Records asked for in one step of a scan.
const SCAN_COUNT: usize = 1_000;
/// Log entries asked for in one step.
const LOG_COUNT: usize = 1_000;

/// Where the registry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Raised by every flip.
    pub generation: u64,
    /// The current epoch.
    pub epoch: Epoch,
    /// The epoch that a rollback leads to.
    pub previous: Option<Epoch>,
    /// Raised by every change of the epoch.
    pub rev: u64,
    /// The chain at `rev`.
    pub chain: Chain,
    /// Accounts and reps together.
    pub count: u64,
    /// When the epoch was begun, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_ms: i64,
}

/// The whole registry at one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Where it stood.
    pub position: Position,
    /// Records as stored, by account id.
    pub accounts: BTreeMap<String, String>,
    /// Records as stored, by rep id.
    pub reps: BTreeMap<String, String>,
}

impl Contents {
    /// The records of one kind.
    pub fn of(&self, kind: RecordKind) -> &BTreeMap<String, String> {
        match kind {
            RecordKind::Account => &self.accounts,
            RecordKind::Rep => &self.reps,
        }
    }
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The revision that it leads to.
    pub rev: u64,
    /// What was done.
    pub operation: Operation,
    /// To which kind of record.
    pub kind: RecordKind,
    /// To which record.
    pub id: String,
    /// The record; empty for a deletion.
    pub value: String,
    /// The chain before.
    pub prev: Chain,
    /// The chain after.
    pub chain: Chain,
}

impl Connection {
    /// Where the registry stands; `None` where there is none.
    ///
    /// # Errors
    /// [`HomeError`]; [`HomeError::Damaged`] where `meta` is there and the head it names is not.
    pub async fn position(&mut self) -> Result<Option<Position>, HomeError> {
        let meta_key = self.keys().meta();
        let mut guess: Option<Epoch> = None;
        for _ in 0..ATTEMPTS_MAX {
            // Not in MULTI, which Redis refuses where its memory is full. The head is read after `meta` named its
            // epoch, and a flip ends all changes to it: so the pair is a state that there was.
            let mut both = redis::pipe();
            both.cmd("HMGET").arg(&meta_key).arg(&["generation", "epoch", "previous", "schema"]);
            let head = self.keys().head(guess.unwrap_or(Epoch(0)));
            both.cmd("HMGET").arg(head).arg(&["rev", "chain", "count", "created_at", "changed_at"]);
            let asked = both.query_async(&mut self.redis).await;
            let (meta, head): (Vec<Option<String>>, Vec<Option<String>>) =
                asked.map_err(|error| self.error(&error))?;
            if meta.iter().all(Option::is_none) {
                return Ok(None);
            }
            let schema = meta.get(3).cloned().flatten().unwrap_or_default();
            if schema != "1" {
                let why = format!("meta has schema `{schema}`, this version of Namesake reads 1");
                return Err(HomeError::Damaged { why });
            }
            let epoch = Epoch(number(&meta, 1, "meta epoch")?);
            if guess != Some(epoch) {
                guess = Some(epoch);
                continue;
            }
            let chain = head.get(1).and_then(Option::as_deref).unwrap_or_default().parse();
            let previous = meta.get(2).and_then(Option::as_deref).and_then(|text| text.parse().ok());
            return Ok(Some(Position {
                generation: number(&meta, 0, "meta generation")?,
                epoch,
                previous,
                rev: number(&head, 0, "head rev")?,
                chain: chain.map_err(|why| HomeError::Damaged { why: format!("head chain {why}") })?,
                count: number(&head, 2, "head count")?,
                created_ms: number(&head, 3, "head created_at").unwrap_or_default() as i64,
                changed_ms: number(&head, 4, "head changed_at").unwrap_or_default() as i64,
            }));
        }
        Err(HomeError::RegistryChanged)
    }

    /// Where a damaged registry stands, as far as a flip asks: what cannot be read counts as 0.
    ///
    /// # Errors
    /// [`HomeError::Damaged`] where even `meta` cannot be read.
    pub async fn ruin(&mut self) -> Result<Position, HomeError> {
        let mut ask = redis::cmd("HMGET");
        ask.arg(self.keys().meta()).arg(&["generation", "epoch", "previous"]);
        let asked = ask.query_async(&mut self.redis).await;
        let meta: Vec<Option<String>> = asked.map_err(|error| self.error(&error))?;
        let epoch = Epoch(number(&meta, 1, "meta epoch")?);
        let rev =
            redis::cmd("HGET").arg(self.keys().head(epoch)).arg("rev").query_async(&mut self.redis).await;
        let rev: Option<String> = rev.map_err(|error| self.error(&error))?;
        Ok(Position {
            generation: number(&meta, 0, "meta generation")?,
            epoch,
            previous: meta.get(2).and_then(Option::as_deref).and_then(|text| text.parse().ok()),
            rev: rev.and_then(|rev| rev.parse().ok()).unwrap_or_default(),
            chain: Chain::seed(epoch, ""),
            count: 0,
            created_ms: 0,
            changed_ms: 0,
        })
    }

    /// The whole current registry at one revision; `None` where there is none. `progress` hears how many
    /// records were read.
    ///
    /// # Errors
    /// [`HomeError`]; [`HomeError::RegistryChanged`] where it moved too fast to be read.
    pub async fn contents(&mut self, mut progress: impl FnMut(usize)) -> Result<Option<Contents>, HomeError> {
        for _ in 0..ATTEMPTS_MAX {
            let Some(before) = self.position().await? else { return Ok(None) };
            let mut accounts = BTreeMap::new();
            let mut reps = BTreeMap::new();
            let (accounts_key, reps_key) =
                (self.keys().accounts(before.epoch), self.keys().reps(before.epoch));
            self.scan(&accounts_key, &mut accounts, &mut progress).await?;
            let account_count = accounts.len();
            self.scan(&reps_key, &mut reps, &mut |count| progress(account_count + count)).await?;
            let Some(after) = self.position().await? else { continue };
            if (after.generation, after.epoch) != (before.generation, before.epoch) {
                continue;
            }
            let Some(logged) = self.log_between(&before, &after).await? else { continue };
            for Logged { operation, kind, id, value, .. } in logged {
                let records = if kind == RecordKind::Account { &mut accounts } else { &mut reps };
                match operation {
                    Operation::Put => records.insert(id, value),
                    Operation::Delete => records.remove(&id),
                };
            }
            let count = (accounts.len() + reps.len()) as u64;
            if count != after.count {
                let why = format!("the head counts {} records, there are {count}", after.count);
                return Err(HomeError::Damaged { why });
            }
            return Ok(Some(Contents { position: after, accounts, reps }));
        }
        Err(HomeError::RegistryChanged)
    }

    /// Everything in a hash, as a scan finds it.
    pub(super) async fn scan(
        &mut self,
        key: &str,
        into: &mut BTreeMap<String, String>,
        progress: &mut impl FnMut(usize),
    ) -> Result<(), HomeError> {
        let mut cursor: u64 = 0;
        loop {
            let mut step = redis::cmd("HSCAN");
            step.arg(key).arg(cursor).arg("COUNT").arg(SCAN_COUNT);
            let answer = step.query_async(&mut self.redis).await;
            let (next, page): (u64, Vec<(String, String)>) = answer.map_err(|error| self.error(&error))?;
            into.extend(page);
            progress(into.len());
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }

    /// Every change after one position up to another of the same epoch, in order; `None` where the log no
    /// longer has them all.
    async fn log_between(
        &mut self,
        from: &Position,
        to: &Position,
    ) -> Result<Option<Vec<Logged>>, HomeError> {
        let (mut rev, mut chain) = (from.rev, from.chain);
        let mut all = Vec::new();
        while rev < to.rev {
            let page = self.log(to.epoch, rev, LOG_COUNT).await?;
            if page.is_empty() {
                return Ok(None);
            }
            for entry in page {
                if entry.rev > to.rev {
                    break;
                }
                let next = chain.next(entry.rev, entry.operation, entry.kind, &entry.id, &entry.value);
                if entry.rev != rev + 1 || entry.prev != chain || entry.chain != next {
                    return Ok(None);
                }
                (rev, chain) = (entry.rev, entry.chain);
                all.push(entry);
            }
        }
        Ok((rev == to.rev && chain == to.chain).then_some(all))
    }

    /// At most `count` entries of an epoch's log after revision `after`, in order.
    ///
    /// # Errors
    /// [`HomeError`]; [`HomeError::Damaged`] for an entry that cannot be read.
    pub async fn log(&mut self, epoch: Epoch, after: u64, count: usize) -> Result<Vec<Logged>, HomeError> {
        let mut range = redis::cmd("XRANGE");
        range.arg(self.keys().log(epoch)).arg(format!("{epoch}-{}", after + 1)).arg("+");
        range.arg("COUNT").arg(count);
        let answer = range.query_async(&mut self.redis).await;
        let reply: StreamRangeReply = answer.map_err(|error| self.error(&error))?;
        reply.ids.iter().map(|entry| logged(epoch, entry)).collect()
    }
}

fn logged(epoch: Epoch, entry: &redis::streams::StreamId) -> Result<Logged, HomeError> {
    let read = || {
        let (entry_epoch, rev) = entry.id.split_once('-')?;
        let text = |field: &str| entry.get::<String>(field);
        (entry_epoch == epoch.to_string()).then_some(())?;
        Some(Logged {
            rev: rev.parse().ok()?,
            operation: text("op")?.parse().ok()?,
            kind: text("kind")?.parse().ok()?,
            id: text("id")?,
            value: text("value")?,
            prev: text("prev")?.parse().ok()?,
            chain: text("chain")?.parse().ok()?,
        })
    };
    read().ok_or_else(|| HomeError::Damaged { why: format!("the log entry {} cannot be read", entry.id) })
}

fn number(values: &[Option<String>], at: usize, what: &str) -> Result<u64, HomeError> {
    let text = values.get(at).and_then(Option::as_deref).unwrap_or_default();
    text.parse().map_err(|_| HomeError::Damaged { why: format!("{what} is `{text}`, a number is expected") })
}
