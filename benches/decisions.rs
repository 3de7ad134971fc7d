//! What a decision costs in process, lead by lead, and what it had to look at: `cargo bench --bench decisions`.
//!
//! Where `routing` gives means, this gives the median and the dearest of a hundred leads of each kind, the mix of a usual
//! day among them, and the dearest names that we can think of. Each lead is decided in several passes and its fastest
//! time counts, so that the neighbors of a shared machine are left out; what memory makes it wait for is not. Options stand
//! after `--`: `--accounts 1000000`, `--passes 9`, `--only absent`, `--evict-kib 1024`. `NAMESAKE_BENCH_ACCOUNTS` names a file of accounts to
//! take instead of made-up ones. The last line is for programs.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // a program that prints figures, and stops where one is missing

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/kinds.rs"]
mod kinds;
#[allow(dead_code)] // what an answer must be is the load bench's
#[path = "support/mix.rs"]
mod mix;

use std::hint::black_box;
use std::time::{Duration, Instant};

use clap::Parser;
use jiff::Timestamp;
use namesake::account::Account;
use namesake::lead::Lead;
use namesake::matching::{Index, PreparedRegistry, Revision, Work};
use namesake::policy::Policy;
use namesake::registry::{self, Sources};
use namesake::routing::route_and_found;

use kinds::KINDS;

// What the service allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The file of accounts to take instead of made-up ones.
const ACCOUNTS_VARIABLE: &str = "NAMESAKE_BENCH_ACCOUNTS";
/// Leads of a kind, so that no single one stays in the processor's cache.
const LEADS: usize = 8_192;

/// What a processor takes from memory at once, nearly everywhere.
const CACHE_LINE_BYTES: usize = 64;

#[derive(Parser)]
struct Options {
    /// Accounts in the registry.
    #[arg(long, default_value_t = 100_000)]
    accounts: usize,
    /// How often each lead is decided; its fastest time counts.
    #[arg(long, default_value_t = 5)]
    passes: usize,
    /// Memory that somebody else uses between two leads, as the rest of a server and its neighbors do: a lead finds so
    /// much less of its own in the processor's caches.
    #[arg(long, default_value_t = 0)]
    evict_kib: usize,
    /// Only the kinds whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// What cargo passes to a bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    let (accounts, registry) = registry(options.accounts);
    let begun = Instant::now();
    let index = Index::build(registry, Revision(1));
    let built = begun.elapsed();
    println!("{} accounts, index built in {:.2} s", index.account_count(), built.as_secs_f64());
    println!(
        "\n{:<10} {:>7} {:>9} {:>9} {:>9} {:>9}   {:>7} {:>9} {:>11}",
        "leads", "count", "mean us", "p50 us", "p99 us", "most us", "words", "entries", "comparisons"
    );
    let mut last = None;
    for (called, kind) in KINDS.into_iter().filter(|(called, _)| called.contains(&options.only)) {
        let figures = decide(called, kind.leads(&accounts, LEADS), &index, &options);
        if called != "worst" {
            last = Some((called, figures));
        }
    }
    if let Some((called, (mean, p99))) = last {
        println!("\n{called} mean_us={mean:.1} p99_us={p99:.1}");
    }
}

/// The accounts alone, and as the index takes them.
fn registry(size: usize) -> (Vec<Account>, PreparedRegistry) {
    let Some(file) = std::env::var_os(ACCOUNTS_VARIABLE) else {
        let registry = corpus::registry_of(size);
        return (registry.accounts.clone(), PreparedRegistry::from(registry));
    };
    let sources = Sources { accounts: vec![file.into()], ..Sources::default() };
    let registry = registry::load(&sources).expect("a sound file of accounts").registry;
    (registry.accounts().iter().map(|account| account.to_account()).collect(), registry)
}

/// Prints what these leads cost; mean and 99 in a hundred, in microseconds.
fn decide(called: &str, leads: Vec<Lead>, index: &Index, options: &Options) -> (f64, f64) {
    let policy = Policy::default();
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a valid time");
    let mut fastest = vec![Duration::MAX; leads.len()];
    let mut work = Work::default();
    let mut others = vec![0u8; options.evict_kib << 10];
    for pass in 0..options.passes.max(1) {
        for (lead, fastest) in leads.iter().zip(&mut fastest) {
            others.iter_mut().step_by(CACHE_LINE_BYTES).for_each(|byte| *byte = byte.wrapping_add(1));
            black_box(&others);
            let begun = Instant::now();
            let (decision, found) = route_and_found(black_box(lead), index, &policy, now);
            *fastest = begun.elapsed().min(*fastest);
            black_box(decision);
            if pass == 0 {
                work += found.work;
            }
        }
    }
    fastest.sort_unstable();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let at = |share: f64| micros(fastest[((fastest.len() - 1) as f64 * share) as usize]);
    let mean = micros(fastest.iter().sum()) / fastest.len() as f64;
    let each = |count: usize| count as f64 / leads.len() as f64;
    println!(
        "{called:<10} {:>7} {mean:>9.1} {:>9.1} {:>9.1} {:>9.1}   {:>7.1} {:>9.0} {:>11.1}",
        leads.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        each(work.words),
        each(work.postings),
        each(work.comparisons)
    );
    (mean, at(0.99))
}
