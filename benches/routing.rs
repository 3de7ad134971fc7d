//! What each stage of a decision costs, what whole decisions do, and what it costs to have an index and to publish a change:
//! `cargo bench --bench routing`.
//!
//! Ids are stage/size/kind: `route/100k/typo`. Of a text: `normalize`. Of a lead: `read` (its name in every reading), `exact`,
//! `words`, `trigrams` (the generators of candidates), `compare` (candidate names laid beside it), `model` (what they are
//! worth), `search` (all of these, as far as they are needed, and the evidence), `decision` (on what was found), `route` (the
//! whole). Of a registry: `prepare`, `build`, `publish` (100 changes at once or more: of owners, of names;
//! an account that is new). `tally` counts a lead
//! without a match.
//!
//! Registries are the demo's names grown to 10,000, 100,000 and a million accounts, under a fixed seed. Each is built when the
//! first of its figures is asked for, which prints what an account takes in memory. A part runs alone and builds nothing
//! else: `-- route/1M`, `-- /10k`, `-- trigrams`. Figures of two commits compare only on one quiet machine, in alternation.

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/kinds.rs"]
mod kinds;
#[allow(dead_code)] // what an answer must be is the load bench's
#[path = "support/mix.rs"]
mod mix;

use std::cell::LazyCell;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use jiff::Timestamp;
use namesake::account::{Account, AccountId, Registry, RepId};
use namesake::lead::{Lead, LeadFields};
use namesake::matching::stages::{Readings, Stages, scores};
use namesake::matching::{Index, PreparedRegistry, Revision, search};
use namesake::normalize::{Country, company_name, email_address, website_domain};
use namesake::policy::Policy;
use namesake::routing::{decide, route, route_and_found};
use namesake::tally::{COMPANIES_MAX, Tally};

use corpus::{registry_of, resident_bytes};
use kinds::KINDS;

// What the service allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Accounts in a registry, and what the size is called in ids.
const SIZES: [(usize, &str); 3] = [(10_000, "10k"), (100_000, "100k"), (1_000_000, "1M")];
/// Leads of a kind, taken in turn, so that no single one stays in the processor's cache.
const LEADS: usize = 512;
/// Changes that are published at once, and what so many are called in ids.
const CHANGES: [(usize, &str); 3] = [(100, ""), (1_000, "-1k"), (10_000, "-10k")];

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().expect("a valid time")
}

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

/// A registry of one size and leads to it.
struct World {
    leads: Vec<(&'static str, Vec<Asked>)>,
    prepared: PreparedRegistry,
    index: Index,
}

/// A lead, and its name in every reading.
struct Asked {
    lead: Lead,
    readings: Readings,
}

impl Asked {
    fn of(lead: Lead) -> Asked {
        Asked { readings: Readings::of(name(&lead)), lead }
    }
}

fn name(lead: &Lead) -> &str {
    lead.company.as_deref().expect("every kind of lead has a name")
}

impl World {
    #[allow(clippy::print_stdout)] // a figure that criterion has no place for
    fn of(size: usize, called: &str) -> World {
        let registry = registry_of(size);
        let leads = KINDS.map(|(kind, leads)| {
            (kind, leads.leads(&registry.accounts, LEADS).into_iter().map(Asked::of).collect())
        });
        let before = resident_bytes();
        // A copy, so that what it takes is seen beside what the corpus took.
        let prepared = PreparedRegistry::from(registry.clone());
        let index = Index::build(prepared.clone(), Revision(1));
        // In all, for what preparing frees the index takes; `tests/index_bytes.rs` tells them apart.
        if let (Some(before), Some(after)) = (before, resident_bytes()) {
            let each = after.saturating_sub(before) / size as u64;
            println!("memory/{called}: {each} bytes an account, what is kept of it and the index");
        }
        World { leads: leads.into(), prepared, index }
    }

    fn leads(&self, kind: &str) -> &[Asked] {
        self.leads
            .iter()
            .find(|(known, _)| *known == kind)
            .map(|(_, leads)| &leads[..])
            .expect("a known kind")
    }

    /// Some accounts with something changed, evenly spread.
    fn changed(&self, count: usize, change: fn(&mut Account)) -> Vec<Account> {
        let accounts = self.prepared.accounts();
        let spread = accounts.iter().step_by(accounts.len() / count).take(count);
        let changed = spread.map(|account| {
            let mut changed = account.to_account();
            change(&mut changed);
            changed
        });
        changed.collect()
    }
}

/// A registry that is built when it is first asked for.
type Lazy<F> = LazyCell<World, F>;

/// Every stage over every registry, one registry at a time.
fn stages(criterion: &mut Criterion) {
    for (size, called) in SIZES {
        let world = LazyCell::new(move || World::of(size, called));
        of_leads(criterion, called, &world);
        of_registries(criterion, called, &world);
    }
}

/// Times one stage for each kind of lead: `ready` makes what the stage begins with.
fn each_kind<'w, F: FnOnce() -> World, T, R>(
    criterion: &mut Criterion,
    (stage, called): (&str, &str),
    world: &'w Lazy<F>,
    ready: impl Fn(&'w Asked) -> T,
    timed: impl Fn(&T) -> R,
) {
    let mut group = criterion.benchmark_group(format!("{stage}/{called}"));
    // Enough for microseconds; there are many of them.
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    for (kind, _) in KINDS {
        group.bench_function(kind, |bencher| {
            let begun: Vec<T> = world.leads(kind).iter().map(&ready).collect();
            let mut next = begun.iter().cycle();
            bencher.iter(|| timed(black_box(next.next().expect("a cycle"))));
        });
    }
    group.finish();
}

/// What is done with each lead.
fn of_leads<'w, F: FnOnce() -> World>(criterion: &mut Criterion, called: &str, world: &'w Lazy<F>) {
    let policy = Policy::default();
    let now = now();
    let index = || &world.index;
    let weighed = |asked: &'w Asked| Stages::of(&asked.readings, index());
    each_kind(criterion, ("read", called), world, |asked| name(&asked.lead), |name| Readings::of(name));
    each_kind(criterion, ("exact", called), world, weighed, |stages| stages.exact());
    each_kind(criterion, ("words", called), world, weighed, |stages| stages.words());
    each_kind(criterion, ("trigrams", called), world, weighed, |stages| stages.trigrams());
    let gathered = |asked: &'w Asked| {
        let stages = weighed(asked);
        let candidates = stages.candidates();
        (stages, candidates)
    };
    each_kind(criterion, ("compare", called), world, gathered, |(stages, names)| stages.compare(names));
    let compared = |asked: &'w Asked| {
        let (stages, names) = gathered(asked);
        stages.compare(&names)
    };
    each_kind(criterion, ("model", called), world, compared, |compared| scores(compared));
    let lead = |asked: &'w Asked| &asked.lead;
    each_kind(criterion, ("search", called), world, lead, |lead| search(lead, index(), &policy));
    let found = |asked: &'w Asked| (&asked.lead, search(&asked.lead, index(), &policy));
    each_kind(criterion, ("decision", called), world, found, |(lead, found)| {
        decide(lead, found, index(), &policy, now)
    });
    each_kind(criterion, ("route", called), world, lead, |lead| route(lead, index(), &policy, now));
}

/// What it costs to have an index, first and after changes.
fn of_registries<F: FnOnce() -> World>(criterion: &mut Criterion, called: &str, world: &Lazy<F>) {
    let accounts = || {
        let accounts = world.prepared.accounts().iter().map(|account| account.to_account());
        Registry { accounts: accounts.collect(), reps: world.prepared.reps().to_vec() }
    };
    few(criterion, "prepare", BenchmarkId::from_parameter(called), accounts, PreparedRegistry::from);
    let prepared = || world.prepared.clone();
    few(criterion, "build", BenchmarkId::from_parameter(called), prepared, |registry| {
        Index::build(registry, Revision(1))
    });
    type Change = fn(&mut Account);
    let owners: Change = |account| account.owner_id = RepId::new("another");
    let names: Change = |account| account.name.push_str(" of Old");
    let [usual, ..] = CHANGES;
    let kinds =
        std::iter::once(("owners", owners, usual)).chain(CHANGES.map(|count| ("names", names, count)));
    for (kind, change, (count, counted)) in kinds {
        let changed = || (world.prepared.clone(), world.changed(count, change));
        let id = BenchmarkId::new(called, format!("{kind}{counted}"));
        few(criterion, "publish", id, changed, |(mut registry, changed)| {
            for account in changed {
                registry.upsert(account);
            }
            Index::build_after(&world.index, registry, Revision(2))
        });
    }
    // An account that comes moves the places of all behind it.
    let more = || {
        let mut account = world.prepared.accounts()[0].to_account();
        account.id = AccountId::new("0").expect("an id");
        (world.prepared.clone(), account)
    };
    few(criterion, "publish", BenchmarkId::new(called, "one-more"), more, |(mut registry, account)| {
        registry.upsert(account);
        Index::build_after(&world.index, registry, Revision(2))
    });
}

/// Times what takes up to seconds: criterion's least number of samples is enough to see a change of a tenth.
fn few<T, R>(
    criterion: &mut Criterion,
    stage: &str,
    id: BenchmarkId,
    ready: impl Fn() -> T,
    timed: impl Fn(T) -> R,
) {
    let mut group = criterion.benchmark_group(stage);
    group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(500));
    group.bench_function(id, |bencher| bencher.iter_batched(&ready, &timed, BatchSize::PerIteration));
    group.finish();
}

/// What a lead without a match costs to count: of a company that is there, and of one for which another makes room.
fn count(criterion: &mut Criterion) {
    let policy = Policy::default();
    let now = now();
    let mut group = criterion.benchmark_group("tally");
    for (kind, companies) in [("known", 1_000), ("new", 4 * COMPANIES_MAX)] {
        let counted = LazyCell::new(|| {
            let index = Index::build(registry_of(1_000), Revision(1));
            let leads = (0..companies).map(|at| {
                let company = corpus::coined_word(at);
                let email = format!("jane.roe@{company}.com");
                Lead::new(LeadFields { company, email, ..LeadFields::default() }).expect("a lead")
            });
            (index, leads.collect::<Vec<Lead>>())
        });
        group.bench_function(kind, |bencher| {
            let (index, leads) = &*counted;
            let routed: Vec<_> =
                leads.iter().map(|lead| route_and_found(lead, index, &policy, now)).collect();
            let tally = Tally::default();
            let mut next = leads.iter().zip(&routed).cycle();
            for (lead, (decision, found)) in next.by_ref().take(companies) {
                tally.note(lead, found, decision, now);
            }
            bencher.iter(|| {
                let (lead, (decision, found)) = next.next().expect("a cycle");
                tally.note(black_box(lead), found, decision, now);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, normalize, stages, count);
criterion_main!(benches);
