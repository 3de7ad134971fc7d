//! What the text of one record means, and why it means nothing.

use std::sync::{Arc, LazyLock};

use crate::account::{Account, AccountId, Rep};
use crate::matching::PreparedAccount;
use crate::registry::problem::{Fault, Place, Problem, quoted};
use crate::registry::record::{AccountRecord, RepRecord};
use crate::registry::stored::{Stored, Unreadable};
use crate::registry::{check, owners};

/// The first reason why a text makes no sense.
pub(super) fn refusal(read: impl FnOnce(&mut Vec<Problem>)) -> Option<Problem> {
    let mut problems = Vec::new();
    read(&mut problems);
    problems.into_iter().find(|problem| problem.fault.refuses())
}

/// The account of a text; `None` where it makes no sense, with the reasons.
pub(super) fn account(id: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Arc<PreparedAccount>> {
    Some(Arc::new(PreparedAccount::new(checked_account(id, text, problems)?)))
}

/// The account of an id and what was read out of its text before; `None` for what cannot be that.
pub(super) fn account_read(id: &str, read: &str) -> Option<Arc<PreparedAccount>> {
    let mut account = PreparedAccount::of_stored(AccountId::new(id)?, read)?;
    account.owner_id = account.owner_id.map(owners::shared);
    Some(Arc::new(account))
}

pub(super) fn checked_account(id: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Account> {
    placed("account", id, problems, |place, problems| {
        let record: AccountRecord = stored(place, id, text, problems)?;
        check::account(place, &record, problems)
    })
}

/// The rep of a text; `None` where it makes no sense, with the reasons.
pub(super) fn rep(id: &str, text: &str, problems: &mut Vec<Problem>) -> Option<Rep> {
    placed("rep", id, problems, |place, problems| {
        let record: RepRecord = stored(place, id, text, problems)?;
        check::rep(place, &record, problems)
    })
}

/// What is read at a place. Most records have no problem, so the place is named only once there is one.
fn placed<T>(
    kind: &str,
    id: &str,
    problems: &mut Vec<Problem>,
    read: impl Fn(&Place, &mut Vec<Problem>) -> Option<T>,
) -> Option<T> {
    static UNNAMED: LazyLock<Place> = LazyLock::new(|| Place { file: Arc::from(""), line: 0 });
    let before = problems.len();
    let result = read(&UNNAMED, problems);
    if problems.len() == before {
        return result;
    }
    problems.truncate(before);
    read(&Place::record(kind, id), problems)
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
