//! What an import would do to a registry: files against what is there, record by record.
//!
//! 1. Rows become records; those that cannot be taken refuse the import, or go to the rejects;
//! 2. the registry as it would be is checked whole, so that what is written is what a server can load;
//! 3. each record is compared with the one that is there: added, changed, deleted or unchanged.
//!
//! Pure: whoever calls reads the files, and writes the result.

mod batch;

use std::collections::{BTreeMap, BTreeSet};

use super::conflicts::{self, Conflict};
use super::file::{Content, LoadError};
use super::problem::{Fault, Problem};
use super::redis::RecordKind;
use super::redis::writer::Change;
use super::rows;
use batch::Batch;

/// How an import is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// The files are the whole registry: what they do not hold is deleted.
    pub replace: bool,
    /// Refuse a result in which two owners claim the same.
    pub strict: bool,
    /// Leave rows that cannot be taken out, instead of refusing the whole.
    pub rejects: bool,
}

/// What is there: records as stored, by id.
#[derive(Clone, Copy, Debug)]
pub struct Existing<'a> {
    /// The accounts.
    pub accounts: &'a BTreeMap<String, String>,
    /// The reps.
    pub reps: &'a BTreeMap<String, String>,
}

/// A row that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// What is wrong, and where.
    pub problem: Problem,
    /// The row as it was.
    pub row: String,
}

/// How many records of one kind an import touches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// New ones.
    pub added: usize,
    /// Other than before.
    pub changed: usize,
    /// Gone.
    pub deleted: usize,
    /// As before.
    pub unchanged: usize,
}

impl Counts {
    /// True where the import does nothing to this kind.
    pub fn are_quiet(&self) -> bool {
        self.added + self.changed + self.deleted == 0
    }
}

/// What an import does.
#[derive(Debug)]
pub struct Plan {
    /// The whole registry afterwards, by id, as it will be stored.
    pub accounts: BTreeMap<String, String>,
    /// The same for reps.
    pub reps: BTreeMap<String, String>,
    /// How many accounts are touched.
    pub account_counts: Counts,
    /// How many reps are touched.
    pub rep_counts: Counts,
    /// What is ignored, in the order of files and lines.
    pub warnings: Vec<Problem>,
    /// Claims of several owners that the result would have.
    pub conflicts: Vec<Conflict>,
    /// Rows that are left out, in the order of files and lines.
    pub rejects: Vec<Reject>,
}

/// Most of what was there would be gone: more likely a file cut off than a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the import would leave {after} of {before} {what}")]
pub struct Loss {
    /// `accounts` or `reps`.
    pub what: &'static str,
    /// How many there are.
    pub before: usize,
    /// How many there would be.
    pub after: usize,
}

impl Plan {
    /// That at least half of what was there stays.
    ///
    /// # Errors
    /// [`Loss`].
    pub fn keeps_enough(&self, existing: Existing<'_>) -> Result<(), Loss> {
        for (what, before, after) in [
            ("accounts", existing.accounts.len(), self.accounts.len()),
            ("reps", existing.reps.len(), self.reps.len()),
        ] {
            if after * 2 < before {
                return Err(Loss { what, before, after });
            }
        }
        Ok(())
    }

    /// The changes that lead from what is there to the result, reps first so that no account names an owner
    /// who is not there yet.
    pub fn changes(&self, existing: Existing<'_>) -> Vec<Change> {
        let kinds = [
            (RecordKind::Rep, &self.reps, existing.reps),
            (RecordKind::Account, &self.accounts, existing.accounts),
        ];
        let mut changes = Vec::new();
        for (kind, after, before) in kinds {
            let new = after.iter().filter(|(id, text)| before.get(*id) != Some(*text));
            changes.extend(new.map(|(id, text)| Change::put(kind, id, text)));
            let gone = before.keys().filter(|id| !after.contains_key(*id));
            changes.extend(gone.map(|id| Change::delete(kind, id)));
        }
        changes
    }

    /// Every record, reps first: what fills an empty epoch.
    pub fn everything(&self) -> Vec<Change> {
        let nothing = BTreeMap::new();
        self.changes(Existing { accounts: &nothing, reps: &nothing })
    }
}

/// What an import of these files would do to what is there.
///
/// # Errors
/// [`LoadError::Refused`] with everything that is wrong: rows, unless they may be left out; what concerns a
/// file as a whole; and records that are there already and do not fit. [`LoadError::Conflicts`] where strict.
pub fn plan(
    contents: &[Content],
    reps: Option<&Content>,
    existing: Existing<'_>,
    meaning: Meaning,
) -> Result<Plan, LoadError> {
    let files: Vec<&Content> = contents.iter().chain(reps).collect();
    let place = |problem: &Problem| {
        let file = files.iter().position(|content| content.file == problem.place.file);
        (file.unwrap_or(usize::MAX), problem.place.line)
    };
    let mut batch = Batch::default();
    let mut problems = batch.read(contents, reps);
    let mut warnings = take_warnings(&mut problems);
    let mut left_out: BTreeMap<(usize, u64), Problem> = BTreeMap::new();
    let registry = loop {
        let mut in_whole = Vec::new();
        let registry = batch.check(existing, meaning.replace, &mut in_whole);
        let doubtful = take_warnings(&mut in_whole);
        problems.extend(in_whole);
        if problems.is_empty() {
            warnings.extend(doubtful);
            break registry;
        }
        problems.sort_by_key(place);
        let is_row = |problem: &Problem| place(problem).0 < files.len() && concerns_a_row(problem);
        if !meaning.rejects || !problems.iter().all(is_row) {
            return Err(LoadError::Refused { problems });
        }
        batch.leave_out(&problems);
        for problem in problems.drain(..) {
            left_out.entry(place(&problem)).or_insert(problem);
        }
    };
    warnings.sort_by_key(place);
    let conflicts = conflicts::find(&registry);
    if meaning.strict && !conflicts.is_empty() {
        return Err(LoadError::Conflicts { conflicts });
    }
    let (accounts, reps) = batch.into_texts(existing, meaning.replace);
    Ok(Plan {
        account_counts: counts(existing.accounts, &accounts),
        rep_counts: counts(existing.reps, &reps),
        accounts,
        reps,
        warnings,
        conflicts,
        rejects: rejects(&files, left_out),
    })
}

/// Keeps the errors.
fn take_warnings(problems: &mut Vec<Problem>) -> Vec<Problem> {
    let (errors, warnings) = problems.drain(..).partition(|problem| problem.fault.refuses());
    *problems = errors;
    warnings
}

/// False where the fault is the whole file's: no row can be left out for it.
fn concerns_a_row(problem: &Problem) -> bool {
    let header = matches!(
        problem.fault,
        Fault::MissingColumn { .. } | Fault::RepeatedColumn | Fault::OpenQuote { .. }
    );
    problem.place.line > 0 && !header
}

fn counts(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Counts {
    let mut counts = Counts::default();
    for (id, text) in after {
        match before.get(id) {
            None => counts.added += 1,
            Some(old) if old == text => counts.unchanged += 1,
            Some(_) => counts.changed += 1,
        }
    }
    counts.deleted = before.keys().filter(|id| !after.contains_key(*id)).count();
    counts
}

fn rejects(files: &[&Content], left_out: BTreeMap<(usize, u64), Problem>) -> Vec<Reject> {
    let mut wanted: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
    for &(file, line) in left_out.keys() {
        wanted.entry(file).or_default().insert(line);
    }
    let rows: BTreeMap<usize, BTreeMap<u64, String>> =
        wanted.into_iter().map(|(file, lines)| (file, rows::raw(&files[file].bytes, &lines))).collect();
    let reject = |((file, line), problem)| {
        let row = rows[&file].get(&line).cloned().unwrap_or_default();
        Reject { problem, row }
    };
    left_out.into_iter().map(reject).collect()
}
