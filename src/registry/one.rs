//! One record by itself, checked as an import checks it: what needs the whole registry is not looked at.

use std::sync::Arc;

use super::check;
use super::problem::{Place, Problem};
use super::record::{AccountRecord, RepRecord};
use crate::account::Account;

/// A record that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} of the record cannot be stored", count(problems.len()))]
pub struct Unfit {
    /// Everything that is wrong with it.
    pub problems: Vec<Problem>,
}

fn count(values: usize) -> String {
    if values == 1 { "1 value".into() } else { format!("{values} values") }
}

/// A kind of record that can be checked by itself.
pub trait Checked {
    /// What would be ignored in it.
    ///
    /// # Errors
    /// [`Unfit`] where it cannot be stored.
    fn checked(&self) -> Result<Vec<Problem>, Unfit>;
}

impl Checked for AccountRecord {
    fn checked(&self) -> Result<Vec<Problem>, Unfit> {
        verdict(|place, problems| check::account(place, self, problems).is_some())
    }
}

impl Checked for RepRecord {
    fn checked(&self) -> Result<Vec<Problem>, Unfit> {
        verdict(|place, problems| check::rep(place, self, problems).is_some())
    }
}

/// The account of a record, and what was ignored in it.
///
/// # Errors
/// [`Unfit`] where it cannot be stored.
pub fn account(record: &AccountRecord) -> Result<(Account, Vec<Problem>), Unfit> {
    let mut account = None;
    let ignored = verdict(|place, problems| {
        account = check::account(place, record, problems);
        account.is_some()
    })?;
    Ok((account.expect("a record without an error gives an account"), ignored))
}

fn verdict(check: impl FnOnce(&Place, &mut Vec<Problem>) -> bool) -> Result<Vec<Problem>, Unfit> {
    let place = Place { file: Arc::from("record"), line: 0 };
    let mut problems = Vec::new();
    if check(&place, &mut problems) {
        return Ok(problems);
    }
    problems.retain(|problem| problem.fault.refuses());
    Err(Unfit { problems })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_can_be_stored_says_what_is_ignored() {
        let record = AccountRecord {
            id: "a".into(),
            name: "Acme".into(),
            country: "Atlantis".into(),
            ..AccountRecord::default()
        };
        let warnings = record.checked().unwrap();
        assert_eq!(warnings.iter().map(|problem| &*problem.column).collect::<Vec<_>>(), ["country"]);
    }

    #[test]
    fn a_record_that_cannot_names_every_reason() {
        let record =
            AccountRecord { class: "vip".into(), country: "Atlantis".into(), ..AccountRecord::default() };
        let unfit = record.checked().unwrap_err();
        let columns: Vec<&str> = unfit.problems.iter().map(|problem| &*problem.column).collect();
        assert_eq!(columns, ["id", "name", "class"]);
        assert!(RepRecord::default().checked().is_err());
    }
}
