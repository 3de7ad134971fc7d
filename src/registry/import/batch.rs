//! The rows of an import, and the registry that they make with what is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashSet;

use super::Existing;
use crate::matching::PreparedRegistry;
use crate::registry::file::Content;
use crate::registry::problem::{Place, Problem};
use crate::registry::record::{AccountRecord, RepRecord};
use crate::registry::rows;
use crate::registry::stored::Stored;
use crate::registry::whole::Whole;

/// Records of files, each with its place.
#[derive(Default)]
pub(super) struct Batch {
    accounts: Kind<AccountRecord>,
    reps: Kind<RepRecord>,
    /// The file of reps, if one is given.
    reps_file: Option<Arc<str>>,
}

/// The records of one kind.
#[derive(Default)]
struct Kind<T> {
    rows: Vec<(Place, T)>,
    /// Ids of rows that were left out: what is there under these ids stays, whatever the import means.
    left_out: HashSet<String>,
}

impl<T: Stored> Kind<T> {
    fn leave_out(&mut self, places: &HashSet<(Arc<str>, u64)>) {
        let left_out = &mut self.left_out;
        self.rows.retain(|(place, record)| {
            let stays = !places.contains(&(Arc::clone(&place.file), place.line));
            if !stays {
                left_out.insert(record.id().to_owned());
            }
            stays
        });
    }

    /// What is there and stays as it is.
    fn kept<'a>(
        &'a self,
        existing: &'a BTreeMap<String, String>,
        replace: bool,
    ) -> impl Iterator<Item = (&'a String, &'a String)> {
        let ids: HashSet<&str> = self.rows.iter().map(|(_, record)| record.id()).collect();
        existing.iter().filter(move |(id, _)| {
            !ids.contains(id.as_str()) && (!replace || self.left_out.contains(id.as_str()))
        })
    }

    /// The kept ones as records; one that cannot be read is a problem.
    fn kept_records(
        &self,
        what: &str,
        existing: &BTreeMap<String, String>,
        replace: bool,
        problems: &mut Vec<Problem>,
    ) -> Vec<(Place, T)> {
        let mut records = Vec::new();
        for (id, text) in self.kept(existing, replace) {
            let place = Place { file: Arc::from(format!("{what} {id} in Redis")), line: 0 };
            match T::of_text(text) {
                Ok(record) => records.push((place, record)),
                Err(error) => problems.push(Problem::new(place, &error.column, error.fault)),
            }
        }
        records
    }

    fn into_texts(self, existing: &BTreeMap<String, String>, replace: bool) -> BTreeMap<String, String> {
        let kept = self.kept(existing, replace).map(|(id, text)| (id.clone(), text.clone()));
        let mut texts: BTreeMap<String, String> = kept.collect();
        texts.extend(self.rows.iter().map(|(_, record)| (record.id().to_owned(), record.text())));
        texts
    }
}

impl Batch {
    /// Reads the files; gives what is wrong with rows or files by themselves.
    pub(super) fn read(&mut self, contents: &[Content], reps: Option<&Content>) -> Vec<Problem> {
        let mut problems = Vec::new();
        for Content { file, bytes } in contents {
            rows::read(file, bytes, &mut problems, |place, record, _| {
                self.accounts.rows.push((place, record))
            });
        }
        if let Some(Content { file, bytes }) = reps {
            self.reps_file = Some(Arc::clone(file));
            rows::read(file, bytes, &mut problems, |place, record, _| self.reps.rows.push((place, record)));
        }
        problems
    }

    /// Leaves out the rows in which there are problems.
    pub(super) fn leave_out(&mut self, problems: &[Problem]) {
        let place = |problem: &Problem| (Arc::clone(&problem.place.file), problem.place.line);
        let places = problems.iter().map(place).collect();
        self.reps.leave_out(&places);
        self.accounts.leave_out(&places);
    }

    /// The registry as it would be. What is wrong with it goes to `problems`.
    pub(super) fn check(
        &self,
        existing: Existing<'_>,
        replace: bool,
        problems: &mut Vec<Problem>,
    ) -> PreparedRegistry {
        let mut whole = Whole::default();
        let kept_reps = self.reps.kept_records("rep", existing.reps, replace, problems);
        match &self.reps_file {
            Some(file) => whole.expect_reps(file),
            None if !kept_reps.is_empty() => whole.expect_reps(&Arc::from("the registry's reps (--reps)")),
            None => {}
        }
        for (place, record) in kept_reps.iter().chain(&self.reps.rows) {
            whole.add_rep(place.clone(), record, problems);
        }
        let kept = self.accounts.kept_records("account", existing.accounts, replace, problems);
        whole.add_accounts(&kept, problems);
        whole.add_accounts(&self.accounts.rows, problems);
        whole.finish(problems)
    }

    /// Every record as it would be stored, by id: accounts, reps.
    pub(super) fn into_texts(
        self,
        existing: Existing<'_>,
        replace: bool,
    ) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        (self.accounts.into_texts(existing.accounts, replace), self.reps.into_texts(existing.reps, replace))
    }
}
