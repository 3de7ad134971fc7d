//! Changes to an epoch: at most 200 a call, each call all or nothing, several calls on the way at once.
//!
//! Calls follow each other in order on one connection. A call that fails leaves those before it done; running
//! the same changes again is harmless, since an identical record is no change.

use redis::{ErrorKind, RedisResult, ServerErrorKind, Value};

use super::chain::{Chain, Operation};
use super::connection::Connection;
use super::error::HomeError;
use super::keys::{Epoch, RecordKind};

/// Most changes of one call: Redis does nothing else meanwhile, a few milliseconds.
pub const CHANGES_MAX: usize = 200;
/// Calls on the way at once: enough to hide the way to Redis, little enough to stop soon after a failure.
const CALLS_AT_ONCE: usize = 4;

/// What is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The current epoch: replicas see every change.
    Live,
    /// The same, but only while the chain is this one, so that what was looked up at it still holds. For changes of one call.
    LiveAt(Chain),
    /// An epoch that is being filled: nobody sees it before the flip.
    Fill,
}

/// Which version a record must have for its change to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it has.
    Any,
    /// It must not exist.
    Absent,
    /// Exactly this one.
    Version(u64),
}

/// One change of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Put or delete.
    pub operation: Operation,
    /// Account or rep.
    pub kind: RecordKind,
    /// Its id.
    pub id: String,
    /// Under which condition.
    pub expected: Expected,
    /// The record; empty for a deletion.
    pub value: String,
}

impl Change {
    /// Writes a record, whatever is there.
    pub fn put(kind: RecordKind, id: impl Into<String>, value: impl Into<String>) -> Change {
        let (id, value) = (id.into(), value.into());
        Change { operation: Operation::Put, kind, id, expected: Expected::Any, value }
    }

    /// Deletes a record, whatever is there.
    pub fn delete(kind: RecordKind, id: impl Into<String>) -> Change {
        let (id, value) = (id.into(), String::new());
        Change { operation: Operation::Delete, kind, id, expected: Expected::Any, value }
    }
}

/// What became of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, as this revision.
    Written(u64),
    /// Nothing to do; the version that was there, 0 for none.
    Unchanged(u64),
}

/// An epoch after changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its revision.
    pub rev: u64,
    /// Its chain.
    pub chain: Chain,
    /// Accounts and reps together.
    pub count: u64,
    /// What became of each change, in order.
    pub outcomes: Vec<Outcome>,
}

impl Applied {
    /// How many changes were done.
    pub fn written_count(&self) -> usize {
        self.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Written(_))).count()
    }
}

/// Changes that came to an end before all were done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}{}", so_far(*done))]
pub struct Interrupted {
    /// How many of them were done, or found done; always the first ones.
    pub done: usize,
    /// Why it ended.
    #[source]
    pub error: HomeError,
}

fn so_far(done: usize) -> String {
    if done == 0 {
        String::new()
    } else {
        format!(" (the first {done} changes were done; run it again to finish)")
    }
}

impl Connection {
    /// Applies changes in order, [`CHANGES_MAX`] a call. `progress` hears how many are done. Each call is all
    /// or nothing; after a failure no later call of the same round counts as done, though it may be.
    ///
    /// # Errors
    /// [`Interrupted`] with what was done before.
    pub async fn apply(
        &mut self,
        epoch: Epoch,
        mode: Mode,
        changes: &[Change],
        mut progress: impl FnMut(usize),
    ) -> Result<Option<Applied>, Interrupted> {
        let mut applied: Option<Applied> = None;
        let mut done = 0;
        for round in changes.chunks(CHANGES_MAX * CALLS_AT_ONCE) {
            let answers =
                self.round(epoch, mode, round).await.map_err(|error| Interrupted { done, error })?;
            for (call, answer) in round.chunks(CHANGES_MAX).zip(answers) {
                let answer = answer.map_err(|error| self.failed(call, &error));
                let step = answer.and_then(|value| read_answer(&value, call.len()));
                let step = step.map_err(|error| Interrupted { done, error })?;
                done += call.len();
                let before = applied.take().map(|applied| applied.outcomes).unwrap_or_default();
                let outcomes = [before, step.outcomes].concat();
                applied = Some(Applied { outcomes, ..step });
            }
            progress(done);
        }
        Ok(applied)
    }

    async fn round(
        &mut self,
        epoch: Epoch,
        mode: Mode,
        changes: &[Change],
    ) -> Result<Vec<RedisResult<Value>>, HomeError> {
        let mut keys = vec![self.keys().meta()];
        keys.extend(self.keys().all_of(epoch));
        let mut calls = redis::pipe();
        calls.ignore_errors();
        for chunk in changes.chunks(CHANGES_MAX) {
            let mut call = self.scripts.apply.call(&keys);
            call.arg(epoch.0);
            match mode {
                Mode::Live => call.arg("live"),
                Mode::LiveAt(chain) => call.arg(format!("live:{chain}")),
                Mode::Fill => call.arg("fill"),
            };
            for Change { operation, kind, id, expected, value } in chunk {
                call.arg(operation.as_str()).arg(kind.as_str()).arg(id);
                match expected {
                    Expected::Any => call.arg(""),
                    Expected::Absent => call.arg("0"),
                    Expected::Version(version) => call.arg(*version),
                };
                call.arg(value);
            }
            calls.add_command(call);
        }
        let unknown = |answer: &RedisResult<Value>| matches!(answer, Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript));
        let asked = calls.query_async(&mut self.redis).await;
        let answers: Vec<RedisResult<Value>> = asked.map_err(|error| self.error(&error))?;
        if !answers.iter().any(unknown) {
            return Ok(answers);
        }
        // Redis was restarted, or this is the first call: nothing of the round is lost by sending it again.
        self.scripts
            .apply
            .load(&mut self.redis)
            .await
            .map_err(|error| HomeError::of(self.server(), &error))?;
        let asked = calls.query_async(&mut self.redis).await;
        asked.map_err(|error| self.error(&error))
    }

    fn failed(&self, call: &[Change], error: &redis::RedisError) -> HomeError {
        let (code, detail) = (error.code().unwrap_or_default(), error.detail().unwrap_or_default());
        match code {
            "NO_REGISTRY" => self.no_registry(),
            "VERSION_CONFLICT" => {
                let mut numbers = detail.split_whitespace().map(str::parse::<u64>);
                let mut number = || numbers.next().and_then(Result::ok).unwrap_or_default();
                let change = call.get(usize::try_from(number()).unwrap_or(usize::MAX));
                let what = change
                    .map_or_else(String::new, |change| format!("{} {}", change.kind.as_str(), change.id));
                HomeError::VersionConflict { what, version: number() }
            }
            _ => self.error(error),
        }
    }

    /// Waits until `replicas` Redis replicas have what was written on this connection, `timeout_ms` at most.
    /// Gives how many have. Redis can still lose acknowledged writes: it is a better chance, no promise.
    ///
    /// # Errors
    /// [`HomeError`].
    pub async fn wait_for_replicas(&mut self, replicas: u32, timeout_ms: u64) -> Result<u32, HomeError> {
        let mut wait = redis::cmd("WAIT");
        wait.arg(replicas).arg(timeout_ms);
        wait.query_async(&mut self.redis).await.map_err(|error| self.error(&error))
    }
}

fn read_answer(answer: &Value, change_count: usize) -> Result<Applied, HomeError> {
    let read = || {
        let texts: Vec<String> = redis::from_redis_value_ref(answer).ok()?;
        let [rev, chain, count, outcomes @ ..] = texts.as_slice() else { return None };
        let outcome = |pair: &[String]| match (pair[0].as_str(), pair[1].parse().ok()?) {
            ("written", rev) => Some(Outcome::Written(rev)),
            ("unchanged", version) => Some(Outcome::Unchanged(version)),
            _ => None,
        };
        let outcomes: Vec<Outcome> = outcomes.chunks_exact(2).map(outcome).collect::<Option<_>>()?;
        let (rev, count) = (rev.parse().ok()?, count.parse().ok()?);
        (outcomes.len() == change_count).then_some(())?;
        Some(Applied { rev, chain: chain.parse().ok()?, count, outcomes })
    };
    read().ok_or_else(|| HomeError::Damaged { why: "a script's answer cannot be read".into() })
}
