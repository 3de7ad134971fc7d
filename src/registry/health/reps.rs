//! How much a rep has to look after, and how far up accounts hang.

use std::cmp::Reverse;

use super::view::{LEVELS_MAX, View, by_class, named, rep_named};
use super::{Finding, Kind, Offender};
use crate::account::Rep;
use crate::matching::PreparedAccount;

/// Named accounts from which a book is told as large. Writers on key accounts ask for "a few dozen" (four of the
/// five texts this product began with; one gives 30 as example); Gradient Works reports books of 50 to 150
/// (https://gradient.works/blog/how-dynamic-books-improves-sales-efficiency): where the first ends and the second
/// begins.
pub(super) const BOOK_MAX: usize = 50;

pub(super) fn findings(view: &View<'_>) -> Vec<Finding> {
    let books: Vec<(&Rep, usize)> =
        view.index.reps_after(None).map(|rep| (rep, view.book(&rep.id))).collect();
    let over = |(rep, book): &&(&Rep, usize)| rep.account_cap.is_some_and(|cap| *book > cap as usize);
    let zero = |(rep, _): &&(&Rep, usize)| rep.account_cap == Some(0);
    let over_cap = books.iter().filter(|book| !zero(book)).filter(over).collect();
    let zero_cap: Vec<_> = books.iter().filter(zero).collect();
    let large = books.iter().filter(|book| !over(book) && book.1 > BOOK_MAX).collect();

    let rank = |(rep, book): &&(&Rep, usize)| (Reverse(*book), rep.id.clone());
    let told = |kind, found: Vec<&(&Rep, usize)>| {
        Finding::of(kind, found, rank, |(rep, book)| {
            let cap = rep.account_cap.map_or_else(String::new, |cap| format!(", account_cap is {cap}"));
            let text = format!("{} owns {}{cap}", rep_named(rep), named_accounts(*book));
            Offender::new(text, [], [&rep.id])
        })
    };
    let told = [(Kind::OverCap, over_cap), (Kind::ZeroCap, zero_cap), (Kind::LargeBook, large)]
        .map(|(kind, found)| told(kind, found));
    told.into_iter().flatten().chain(overlong(view)).collect()
}

/// `1 named account`, `2 named accounts`.
pub(super) fn named_accounts(count: usize) -> String {
    format!("{count} named account{}", if count == 1 { "" } else { "s" })
}

/// Accounts so deep that routing does not reach their root.
fn overlong(view: &View<'_>) -> Option<Finding> {
    let beyond = |at: u32| {
        let top = view.ancestors(at).nth(LEVELS_MAX - 1)?;
        view.parents[top as usize]
    };
    let found: Vec<&PreparedAccount> =
        view.active().filter(|(at, _)| beyond(*at).is_some()).map(|(_, account)| account).collect();
    Finding::of(
        Kind::OverlongChain,
        found,
        |account| by_class(account),
        |account| {
            let text = format!("{} has more than {LEVELS_MAX} accounts above it", named(account));
            Offender::new(text, [&account.id], [])
        },
    )
}
