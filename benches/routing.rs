//! What a decision costs: normalizing alone, then whole decisions over registries of growing size; and what it costs to
//! have an index: `build/100k` of accounts that are prepared, `prepare/100k` before that, `rebuild_one_changed/100k`.
//!
//! Ids are stage/size/kind: `normalize/name/long`, `route/100k/typo`. The corpus is made by `support/corpus.rs`. Figures of two
//! commits compare only on one quiet machine, in alternation; `cargo bench --bench routing -- route/1k` runs a part.

#[path = "support/corpus.rs"]
mod corpus;

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use namesake::lead::{Lead, LeadFields};
use namesake::matching::{Index, PreparedRegistry, Revision};
use namesake::normalize::{Country, company_name, email_address, website_domain};
use namesake::policy::Policy;
use namesake::routing::{route, route_and_found};
use namesake::tally::{COMPANIES_MAX, Tally};

use corpus::{leads, registry_of, resident_bytes};

// What the service allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Accounts in a registry, and what the size is called in ids.
const SIZES: [(usize, &str); 3] = [(1_000, "1k"), (10_000, "10k"), (100_000, "100k")];
fn normalize(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("normalize");
    let names = [
        ("short", "Acme Inc."),
        ("usual", "Müller & Söhne Maschinenbau GmbH & Co. KG"),
        (
            "long",
            "Compañía de Transporte de Energía Eléctrica en Alta Tensión Transener S.A. (formerly Transener)",
        ),
        ("cjk", "三菱ケミカル株式会社"),
    ];
    for (kind, name) in names {
        group.bench_with_input(BenchmarkId::new("name", kind), name, |bencher, name| {
            bencher.iter(|| company_name(black_box(name)));
        });
    }
    for (kind, email) in [("plain", "jo.sample@mail.acme.co.uk"), ("idn", "Jo <jo.sample@müller.de>")] {
        group.bench_with_input(BenchmarkId::new("email", kind), email, |bencher, email| {
            bencher.iter(|| email_address(black_box(email)));
        });
    }
    group.bench_function("website/url", |b| {
        b.iter(|| website_domain(black_box("https://www.acme.co.uk/a?b=c")))
    });
    group.bench_function("country/name", |b| b.iter(|| Country::parse(black_box("United Kingdom"))));
    group.finish();
}

fn decide(criterion: &mut Criterion) {
    let policy = Policy::default();
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a valid time");
    for (size, called) in SIZES {
        let registry = registry_of(size);
        let kinds = ["domain", "exact", "typo", "absent"].map(|kind| (kind, leads(&registry.accounts, kind)));
        let index = Index::build(registry, Revision(1));
        let mut group = criterion.benchmark_group(format!("route/{called}"));
        for (kind, leads) in &kinds {
            let mut next = leads.iter().cycle();
            group.bench_function(*kind, |bencher| {
                bencher.iter(|| route(black_box(next.next().expect("a cycle")), &index, &policy, now));
            });
        }
        group.finish();
    }
}

/// What a lead without a match costs to count: of a company that is there, and of one for which another makes room.
#[allow(clippy::print_stdout)] // shows that the bound is reached
fn count(criterion: &mut Criterion) {
    let policy = Policy::default();
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a valid time");
    let index = Index::build(registry_of(1_000), Revision(1));
    let mut group = criterion.benchmark_group("tally");
    for (kind, companies) in [("known", 1_000), ("new", 4 * COMPANIES_MAX)] {
        let leads: Vec<Lead> = (0..companies)
            .map(|at| {
                let company = corpus::coined_word(at);
                let email = format!("jane.roe@{company}.com");
                Lead::new(LeadFields { company, email, ..LeadFields::default() }).expect("a lead")
            })
            .collect();
        let routed: Vec<_> = leads.iter().map(|lead| route_and_found(lead, &index, &policy, now)).collect();
        let tally = Tally::default();
        let mut next = leads.iter().zip(&routed).cycle();
        for (lead, (decision, found)) in next.by_ref().take(companies) {
            tally.note(lead, found, decision, now);
        }
        group.bench_function(kind, |bencher| {
            bencher.iter(|| {
                let (lead, (decision, found)) = next.next().expect("a cycle");
                tally.note(black_box(lead), found, decision, now);
            });
        });
        println!("tally/{kind}: {} companies", tally.top(0).company_count);
    }
    group.finish();
}

/// What it costs to have an index, first and again, in time and in memory.
#[allow(clippy::print_stdout)] // a figure that criterion has no place for
fn build(criterion: &mut Criterion) {
    let (size, called) = SIZES[2];
    let registry = registry_of(size);
    let changed = registry.accounts[size / 2].clone();
    // First of all, while the process holds nothing that it could use again.
    let before = resident_bytes();
    let prepared = PreparedRegistry::from(registry.clone());
    let between = resident_bytes();
    let index = Index::build(prepared.clone(), Revision(1));
    if let (Some(before), Some(between), Some(after)) = (before, between, resident_bytes()) {
        let each = |more: u64, less: u64| more.saturating_sub(less) / size as u64;
        println!(
            "bytes an account: {} prepared, {} in the index",
            each(between, before),
            each(after, between)
        );
    }
    drop(index);
    // Seconds each: criterion's least number of samples is enough to see a change of a tenth.
    let mut group = criterion.benchmark_group("prepare");
    group.sample_size(10);
    group.bench_function(called, |bencher| {
        bencher.iter_batched(|| registry.clone(), PreparedRegistry::from, BatchSize::PerIteration);
    });
    group.finish();
    for (id, change) in [("build", false), ("rebuild_one_changed", true)] {
        let mut group = criterion.benchmark_group(id);
        group.sample_size(10);
        group.bench_function(called, |bencher| {
            bencher.iter_with_large_drop(|| {
                let mut registry = prepared.clone();
                if change {
                    registry.upsert(changed.clone());
                }
                Index::build(registry, Revision(2))
            });
        });
        group.finish();
    }
}

criterion_group!(benches, count, build, normalize, decide);
criterion_main!(benches);
