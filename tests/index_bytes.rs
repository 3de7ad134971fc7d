//! What an account takes in memory, counted by the allocator and not sampled: a change that makes the index larger fails
//! here, on any machine. A binary of its own, so that no other test allocates meanwhile.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../benches/support/corpus.rs"]
mod corpus;

use std::alloc::System;
use std::path::Path;
use std::sync::Arc;

use namesake::account::{Account, Registry};
use namesake::matching::{Index, PreparedAccount, PreparedRegistry, Revision};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Enough that what an index has once, whatever its size, is a few bytes of each account's.
const ACCOUNTS: usize = 20_000;
/// Bytes over the figure that pass, in parts of a hundred.
const HEAD_ROOM: usize = 5;

/// Bytes that are allocated and not yet freed.
fn live() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Bytes of all texts of an account, as a record has them.
fn text_bytes(account: &Account) -> usize {
    let ids = [&account.parent_id].into_iter().flatten().chain(&account.merged_ids);
    let ids = ids.chain(&account.acknowledged_conflicts).chain([&account.id]).map(|id| id.as_str().len());
    let reps = account.owner_id.iter().chain(account.team.iter().map(|member| &member.rep_id));
    let names = account.names().map(|(_, name)| name.len());
    let domains = account.domains.iter().chain(&account.website).map(|domain| domain.as_str().len());
    let plain = [&account.region, &account.postal_code, &account.phone, &account.crm_url];
    let plain = plain.into_iter().chain(account.team.iter().map(|member| &member.role)).map(String::len);
    let context = account.context.iter().map(|(key, value)| key.len() + value.len());
    ids.chain(reps.map(|id| id.as_str().len())).chain(names).chain(domains).chain(plain).chain(context).sum()
}

/// The figure on file: `scripts/guards.sh --write` measures anew.
fn figure(name: &str) -> usize {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/guards.tsv");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'));
    line.and_then(|value| value.parse().ok()).unwrap_or_default()
}

#[track_caller]
fn check(name: &str, bytes: usize) {
    let figure = figure(name);
    let most = figure * (100 + HEAD_ROOM) / 100;
    assert!(
        bytes <= most,
        "{name}: {bytes} bytes an account, at most {most} ({figure} and {HEAD_ROOM} in a hundred); where that is \
         meant, scripts/guards.sh --write replaces the figure"
    );
}

/// The index after some accounts were renamed, again and again.
fn after_renames(mut index: Index) -> Index {
    for round in 0..8 {
        let some = index.accounts_after(None).skip(round).step_by(500);
        let renamed = some.map(|account| {
            let account = account.to_account();
            let name = format!("{} Q{round}x", account.name.split(' ').next().unwrap_or_default());
            Arc::new(PreparedAccount::new(Account { name, ..account }))
        });
        let renamed = renamed.collect();
        index = Index::build_replacing(&index, renamed, Revision(2)).unwrap();
    }
    index
}

#[test]
fn an_account_takes_no_more_memory_than_it_did() {
    // Tables that are built once are no account's.
    drop(Index::build(corpus::registry_of(400), Revision(1)));
    let registry = corpus::registry_of(ACCOUNTS);
    let text: usize = registry.accounts.iter().map(text_bytes).sum();

    let before = live();
    // Copied, so that nothing has room that it does not need.
    let copy = Registry { accounts: registry.accounts.clone(), reps: Vec::new() };
    let prepared = PreparedRegistry::from(copy);
    let read = live();
    let index = Index::build(prepared.clone(), Revision(2));
    let built = live();
    drop(prepared);
    let all = live() - before;
    assert_eq!(index.account_count(), ACCOUNTS);

    let each = |bytes: usize| bytes.div_ceil(ACCOUNTS);
    let figures = (each(built - read), each(all - text));
    let index = after_renames(index);
    let taken_over = live();
    let whole = Index::build(index.registry(), Revision(2));
    drop(index);
    let filled = live();
    drop(whole);
    let (more, most) = (taken_over.saturating_sub(filled), ACCOUNTS);
    assert!(
        more <= most,
        "an index that took names over takes {more} bytes more than one that is built whole"
    );

    let (index, beside_text) = figures;
    println!("bytes/index\t{index}");
    println!("bytes/beside_text\t{beside_text}");
    println!("# an account: {} bytes of text, {} read", each(text), each(read - before));
    check("bytes/index", index);
    check("bytes/beside_text", beside_text);
}
