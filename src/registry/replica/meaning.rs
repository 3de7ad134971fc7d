//! What the text of one record means, and why it means nothing.

use std::sync::Arc;

use crate::account::{Account, Rep};
use crate::matching::PreparedAccount;
use crate::registry::check;
use crate::registry::problem::{Fault, Place, Problem, quoted};
use crate::registry::record::{AccountRecord, RepRecord};
use crate::registry::stored::{Stored, Unreadable};

/// The first reason why a text makes no sense.
pub(super) fn refusal(read: impl FnOnce(&mut Vec<Problem>)) -> Option<Problem> {
    let mut problems = Vec::new();
    read(&mut problems);
    problems.into_iter().find(|problem| problem.fault.refuses())
}

/// The account of a text; `None` where it makes no sense, with the reasons.
pub(super) fn account(id: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Arc<PreparedAccount>> {
    checked_account(id, text, problems).map(|account| Arc::new(PreparedAccount::new(account)))
}

pub(super) fn checked_account(id: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Account> {
    let place = Place::record("account", id);
    let record: AccountRecord = stored(&place, id, text, problems)?;
    check::account(&place, &record, problems)
}

/// The rep of a text; `None` where it makes no sense, with the reasons.
pub(super) fn rep(id: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Rep> {
    let place = Place::record("rep", id);
    let record: RepRecord = stored(&place, id, text, problems)?;
    check::rep(&place, &record, problems)
}

/// The record of a text. Under the id of another it would be found under neither.
fn stored<R: Stored>(place: &Place, id: &str, text: &str, problems: &mut Vec<Problem>) -> Option<R> {
    let refusal = match R::of_text(text) {
        Ok(record) if record.id() == id => return Some(record),
        Ok(record) => {
            let why = format!("its id is `{}`, not the one it is stored under", quoted(record.id()));
            Problem::new(place.clone(), "id", Fault::BadJson { why })
        }
        Err(Unreadable { column, fault }) => Problem::new(place.clone(), &column, fault),
    };
    problems.push(refusal);
    None
}
