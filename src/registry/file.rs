//! The registry from files: read, checked and taken whole, or refused whole.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::conflicts::{self, Conflict};
use super::digest::Digest;
use super::problem::{Place, Problem};
use super::record::{AccountRecord, RepRecord};
use super::rows;
use super::whole::Whole;
use crate::matching::PreparedRegistry;

/// Which files make up the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Files of accounts: later ones add to earlier ones. At least one.
    pub accounts: Vec<PathBuf>,
    /// The file of reps; without one, every owner that an account names is an active rep.
    pub reps: Option<PathBuf>,
    /// Refuse a registry in which two owners claim the same domain or name.
    pub strict: bool,
}

impl Sources {
    /// Every file, accounts first.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.accounts.iter().chain(&self.reps).map(PathBuf::as_path)
    }
}

/// A registry that was taken.
#[derive(Debug)]
pub struct Loaded {
    /// The accounts and reps.
    pub registry: PreparedRegistry,
    /// What was ignored, in the order of files and lines.
    pub warnings: Vec<Problem>,
    /// Claims of several owners.
    pub conflicts: Vec<Conflict>,
    /// Of the files as read.
    pub digest: Digest,
}

/// Why a registry was refused.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Records are wrong.
    #[error("{}", Listing { problems, what: "error" })]
    Refused {
        /// Every error, in the order of files and lines.
        problems: Vec<Problem>,
    },
    /// Strict, and owners claim the same.
    #[error("{}: give it to one owner or list the other account in acknowledged_conflicts",
        Listing { problems: conflicts, what: "conflict" })]
    Conflicts {
        /// Every conflict.
        conflicts: Vec<Conflict>,
    },
}

/// Problems one below the other, the first 20 of them.
#[derive(Debug)]
pub struct Listing<'a, T> {
    /// The problems.
    pub problems: &'a [T],
    /// What one of them is called.
    pub what: &'static str,
}

/// How many problems are shown; the count says how many there are.
pub const LISTED_MAX: usize = 20;

impl<T: fmt::Display> fmt::Display for Listing<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        write!(f, "{count} {}{} in the registry", self.what, if count == 1 { "" } else { "s" })?;
        for problem in self.problems.iter().take(LISTED_MAX) {
            write!(f, "\n  {problem}")?;
        }
        if count > LISTED_MAX {
            write!(f, "\n  … and {} more", count - LISTED_MAX)?;
        }
        Ok(())
    }
}

/// One file of the registry as it was read: CSV or JSON Lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What problems call it: the path as the user gave it.
    pub file: Arc<str>,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// Reads, checks and joins the files.
///
/// # Errors
/// [`LoadError`] with everything that refuses the registry, not only the first of it.
pub fn load(sources: &Sources) -> Result<Loaded, LoadError> {
    let content =
        |path: &PathBuf| Ok(Content { file: Arc::from(path.display().to_string()), bytes: read(path)? });
    let accounts = sources.accounts.iter().map(content).collect::<Result<Vec<_>, _>>()?;
    let reps = sources.reps.as_ref().map(content).transpose()?;
    load_contents(&accounts, reps.as_ref(), sources.strict)
}

/// Checks and joins files that were read already: all of [`load`] but the disk.
///
/// # Errors
/// [`LoadError::Refused`] with everything that is wrong; [`LoadError::Conflicts`] only where `strict`.
pub fn load_contents(
    contents: &[Content],
    reps_content: Option<&Content>,
    strict: bool,
) -> Result<Loaded, LoadError> {
    let all = || contents.iter().chain(reps_content);
    let digest = all().fold(Digest::EMPTY, |digest, content| digest.and(&content.bytes));
    let mut problems = Vec::new();
    let mut whole = Whole::default();
    let mut rows: Vec<(Place, AccountRecord)> = Vec::new();
    for Content { file, bytes } in contents {
        rows::read(file, bytes, &mut problems, |place, record, _| rows.push((place, record)));
    }
    whole.add_accounts(&rows, &mut problems);
    drop(rows);
    if let Some(Content { file, bytes }) = reps_content {
        whole.expect_reps(file);
        rows::read(file, bytes, &mut problems, |place, record: RepRecord, problems| {
            whole.add_rep(place, &record, problems);
        });
    }
    let registry = whole.finish(&mut problems);

    let order: Vec<&Arc<str>> = all().map(|content| &content.file).collect();
    problems.sort_by_key(|problem| {
        (order.iter().position(|&file| *file == problem.place.file), problem.place.line)
    });
    let (errors, warnings): (Vec<_>, Vec<_>) =
        problems.into_iter().partition(|problem| problem.fault.refuses());
    if !errors.is_empty() {
        return Err(LoadError::Refused { problems: errors });
    }
    let conflicts = conflicts::find(&registry);
    if strict && !conflicts.is_empty() {
        return Err(LoadError::Conflicts { conflicts });
    }
    Ok(Loaded { registry, warnings, conflicts, digest })
}

/// The digest of what the files hold now, the same that [`load`] gives.
///
/// # Errors
/// [`LoadError::Unreadable`].
pub fn digest(sources: &Sources) -> Result<Digest, LoadError> {
    sources.paths().try_fold(Digest::EMPTY, |digest, path| Ok(digest.and(&read(path)?)))
}

fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    std::fs::read(path).map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })
}
