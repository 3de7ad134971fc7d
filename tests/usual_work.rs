//! What the leads of a usual day cost, counted and not timed: a change that makes every lead look at more fails here, on
//! any machine.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

#[path = "../benches/support/corpus.rs"]
mod corpus;

use std::sync::LazyLock;

use namesake::account::Account;
use namesake::matching::{Index, Revision, Work, search};
use namesake::policy::Policy;

/// Enough that common words have long lists.
const ACCOUNTS: usize = 10_000;

static REGISTRY: LazyLock<(Vec<Account>, Index)> = LazyLock::new(|| {
    let registry = corpus::registry_of(ACCOUNTS);
    (registry.accounts.clone(), Index::build(registry, Revision(1)))
});

/// Holds what 256 leads of a kind look at, together, to a bound a quarter over what was counted on 2026-11-22.
#[track_caller]
fn check(kind: &str, bound: Work) {
    let (accounts, index) = &*REGISTRY;
    let mut work = Work::default();
    for lead in corpus::leads(accounts, kind) {
        work += search(&lead, index, &Policy::default()).work;
    }
    let within = work.words <= bound.words
        && work.postings <= bound.postings
        && work.comparisons <= bound.comparisons
        && work.accounts <= bound.accounts;
    assert!(within, "{kind}: {work:?}, at most {bound:?}");
}

#[test]
fn a_known_domain_with_its_name_looks_for_nothing_else() {
    check("domain", Work { words: 0, postings: 0, comparisons: 340, accounts: 320 });
}

#[test]
fn an_exact_name_looks_for_nothing_else() {
    check("exact", Work { words: 0, postings: 0, comparisons: 340, accounts: 320 });
}

#[test]
fn a_slip_looks_at_few_names() {
    check("typo", Work { words: 730, postings: 575_000, comparisons: 2_420, accounts: 1_850 });
}

#[test]
fn an_absent_name_looks_at_few_names() {
    check("absent", Work { words: 200, postings: 1_100_000, comparisons: 1_650, accounts: 1_240 });
}
