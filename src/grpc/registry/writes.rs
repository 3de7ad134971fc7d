//! One record read, written or deleted in Redis.

use tonic::Status;

use super::door::{CopyInForce, Door};
use super::{failure, health};
use crate::registry::one::Checked;
use crate::registry::record::{AccountRecord, RepRecord};
use crate::registry::redis::read::Position;
use crate::registry::redis::writer::{Applied, Change, Expected, Mode, Outcome};
use crate::registry::redis::{Epoch, HomeError, RecordKind};
use crate::registry::stored::Stored;
use crate::serving::InForce;

/// A record of one of the two kinds.
pub(super) trait Kind: Stored + Checked + Send {
    const KIND: RecordKind;
    /// The rep who must be there for this record to be stored.
    fn needs_rep(&self) -> Option<&str> {
        None
    }
    /// The conflicts of owners that it makes with what is in force, as sentences.
    fn conflicts(&self, _: Option<&InForce>, _strict: bool) -> Result<Vec<String>, Status> {
        Ok(Vec::new())
    }
}

impl Kind for AccountRecord {
    const KIND: RecordKind = RecordKind::Account;

    fn needs_rep(&self) -> Option<&str> {
        Some(self.owner_id.as_str()).filter(|id| !id.is_empty())
    }

    fn conflicts(&self, in_force: Option<&InForce>, strict: bool) -> Result<Vec<String>, Status> {
        health::conflicts(in_force, self, strict)
    }
}

impl Kind for RepRecord {
    const KIND: RecordKind = RecordKind::Rep;
}

/// A record after it was written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) version: String,
    pub(super) changed: bool,
    pub(super) revision: i64,
    pub(super) warnings: Vec<String>,
}

pub(super) async fn get<R: Kind>(door: &Door, id: &str) -> Result<(R, String), Status> {
    let (mut open, position) = door.open().await.map_err(|error| failure::home(&error))?;
    let epoch = position.ok_or_else(|| failure::not_found(R::KIND.as_str()))?.epoch;
    let found = open.connection().record(epoch, R::KIND, id).await.map_err(|error| failure::home(&error))?;
    let found = found.ok_or_else(|| failure::not_found(R::KIND.as_str()))?;
    let record = R::of_text(&found.text).map_err(|error| {
        let why = format!("{} {id} {error}", R::KIND.as_str());
        failure::home(&HomeError::Damaged { why })
    })?;
    Ok((record, version(epoch, found.version)))
}

/// Writes a record. With `strict` nothing is written that makes a conflict of owners: it is written only while Redis stands
/// where the copy stood in which was looked, and looked again where somebody changed something meanwhile.
pub(super) async fn upsert<R: Kind>(
    door: &Door,
    field: &'static str,
    record: Option<R>,
    expected: &str,
    strict: bool,
) -> Result<Written, Status> {
    let record = record.ok_or_else(|| failure::invalid(field, "is not given"))?;
    let ignored = record.checked().map_err(|error| failure::unfit(field, &error))?;
    let until = CopyInForce::patience();
    let (mut open, mut position) = door.open().await.map_err(|error| failure::home(&error))?;
    let (applied, at, conflicts) = loop {
        let at = position.ok_or_else(no_registry)?;
        if let Some(rep) = record.needs_rep() {
            let known = open.connection().knows_rep(at.epoch, rep).await;
            // Without reps every owner is an active rep.
            if let (true, false) = known.map_err(|error| failure::home(&error))? {
                let field = format!("{field}.owner_id");
                return Err(failure::invalid(&field, "is not the id of a rep: write the rep first"));
            }
        }
        let mode = if strict { door.copy().reach(&at, until).await? } else { Mode::Live };
        let conflicts = record.conflicts(door.copy().in_force().as_ref(), strict)?;
        let change = Change {
            expected: expectation(expected, &at)?,
            ..Change::put(R::KIND, record.id(), record.text())
        };
        match apply(&mut open, at.epoch, mode, change).await {
            Ok(applied) => break (applied, at, conflicts),
            Err(HomeError::RegistryChanged) if strict => {
                position = open.connection().position().await.map_err(|error| failure::home(&error))?;
            }
            Err(error) => return Err(refused(error, at.epoch)),
        }
    };
    let (changed, rev) = outcome(&applied);
    Ok(Written {
        version: version(at.epoch, rev),
        changed,
        revision: applied.rev as i64,
        warnings: ignored
            .iter()
            .map(|problem| format!("{} {}", problem.column, problem.fault))
            .chain(conflicts)
            .collect(),
    })
}

pub(super) async fn delete<R: Kind>(door: &Door, id: &str, expected: &str) -> Result<(bool, i64), Status> {
    if id.is_empty() {
        return Err(failure::invalid(&format!("{}_id", R::KIND.as_str()), "is not given"));
    }
    let (mut open, position) = door.open().await.map_err(|error| failure::home(&error))?;
    let position = position.ok_or_else(no_registry)?;
    let change = Change { expected: expectation(expected, &position)?, ..Change::delete(R::KIND, id) };
    let applied = apply(&mut open, position.epoch, Mode::Live, change).await;
    let applied = applied.map_err(|error| refused(error, position.epoch))?;
    Ok((outcome(&applied).0, applied.rev as i64))
}

async fn apply(
    open: &mut super::door::Open<'_>,
    epoch: Epoch,
    mode: Mode,
    change: Change,
) -> Result<Applied, HomeError> {
    match open.connection().apply(epoch, mode, &[change], |_| {}).await {
        Ok(Some(applied)) => Ok(applied),
        Ok(None) => Err(HomeError::Damaged { why: "a write had no answer".into() }),
        Err(interrupted) => Err(interrupted.error),
    }
}

/// Why nothing was written to `epoch`.
fn refused(error: HomeError, epoch: Epoch) -> Status {
    match error {
        HomeError::VersionConflict { version: 0, .. } => failure::version_conflict("0"),
        HomeError::VersionConflict { version: found, .. } => {
            failure::version_conflict(&version(epoch, found))
        }
        error => failure::home(&error),
    }
}

fn outcome(applied: &Applied) -> (bool, u64) {
    match applied.outcomes.first() {
        Some(Outcome::Written(rev)) => (true, *rev),
        Some(Outcome::Unchanged(version)) => (false, *version),
        None => (false, 0),
    }
}

fn no_registry() -> Status {
    failure::home(&HomeError::Damaged { why: "there is none: run `namesake import` first".into() })
}

/// A version as callers see it: a revision means nothing without its epoch.
fn version(epoch: Epoch, rev: u64) -> String {
    format!("{epoch}-{rev}")
}

fn expectation(text: &str, position: &Position) -> Result<Expected, Status> {
    match text {
        "" => return Ok(Expected::Any),
        "0" => return Ok(Expected::Absent),
        _ => {}
    }
    let parsed = text
        .split_once('-')
        .and_then(|(epoch, rev)| Some((epoch.parse::<u64>().ok()?, rev.parse::<u64>().ok()?)));
    match parsed {
        Some((epoch, rev)) if epoch == position.epoch.0 && rev > 0 => Ok(Expected::Version(rev)),
        // A version of another epoch: the registry was imported anew since.
        Some(_) => Err(failure::home(&HomeError::RegistryChanged)),
        None => Err(failure::invalid("expected_version", "is not a version that was given out")),
    }
}
