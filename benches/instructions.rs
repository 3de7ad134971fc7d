//! Decides fixed leads of each kind, for valgrind to count the instructions: `scripts/guards.sh` runs it and holds the
//! counts to bounds. Run alone it only says how many leads there are.
//!
//! Counts and not times, so that a change which makes a decision dearer is seen on any machine, however busy. Everything
//! is seeded. All leads are decided once before they are counted: tables are built and memory is fetched by then.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // a program that tells the script what it did

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/kinds.rs"]
mod kinds;
#[allow(dead_code)] // what an answer must be is the load bench's
#[path = "support/mix.rs"]
mod mix;

use std::hint::black_box;

use jiff::Timestamp;
use namesake::lead::Lead;
use namesake::matching::{Index, Revision};
use namesake::policy::Policy;
use namesake::routing::route;

use kinds::KINDS;

// What the service allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Enough that common words have long lists.
const ACCOUNTS: usize = 10_000;
/// Leads of a kind: enough that none of them is half of a figure.
const LEADS: usize = 128;

fn main() {
    let registry = corpus::registry_of(ACCOUNTS);
    let accounts = registry.accounts.clone();
    let index = Index::build(registry, Revision(1));
    let policy = Policy::default();
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    for (called, kind) in KINDS {
        let leads = kind.leads(&accounts, LEADS);
        for lead in &leads {
            black_box(route(lead, &index, &policy, now));
        }
        counted_leads(&leads, &index, &policy, now);
        println!("{called} {}", leads.len());
    }
}

/// What is counted: valgrind knows it by its name, and writes what it counted down when it ends. Nothing else may be
/// called so, hence no closure in it.
#[inline(never)]
fn counted_leads(leads: &[Lead], index: &Index, policy: &Policy, now: Timestamp) {
    for lead in leads {
        black_box(route(black_box(lead), index, policy, now));
    }
}
