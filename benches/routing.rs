//! What a decision costs: normalizing alone, then whole decisions over registries of growing size; and what it costs to
//! have an index: `build/100k` of accounts that are prepared, `prepare/100k` before that, `rebuild_one_changed/100k`.
//!
//! Ids are stage/size/kind: `normalize/name/long`, `route/100k/typo`. The corpus grows from examples/accounts.csv
//! under a fixed seed: words of real names in new combinations, so that common words stay common. Figures of two
//! commits compare only on one quiet machine, in alternation; `cargo bench --bench routing -- route/1k` runs a part.

use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use namesake::account::{Account, AccountId, Registry, RepId};
use namesake::lead::{Lead, LeadFields};
use namesake::matching::{Index, PreparedRegistry, Revision};
use namesake::normalize::{Country, company_name, email_address, website_domain};
use namesake::policy::Policy;
use namesake::registry::{self, Sources};
use namesake::routing::route;

// What the service allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Accounts in a registry, and what the size is called in ids.
const SIZES: [(usize, &str); 3] = [(1_000, "1k"), (10_000, "10k"), (100_000, "100k")];
/// Leads of a kind, taken in turn, so that no single one stays in the processor's cache.
const LEADS: usize = 256;
const SEED: u64 = 20_261_121;

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bound_u64 = u64::try_from(bound).expect("a bound fits 64 bits");
        usize::try_from((z ^ (z >> 31)) % bound_u64).expect("less than the bound")
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

fn demo_accounts() -> Vec<Account> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/accounts.csv");
    let sources = Sources { accounts: vec![file], ..Sources::default() };
    let loaded = registry::load(&sources).expect("the demo registry is sound");
    loaded.registry.accounts().iter().map(|account| account.account().clone()).collect()
}

/// A registry of `size`: the demo accounts, then made-up ones of two or three words of theirs and a number of
/// letters that no other has.
fn registry_of(size: usize) -> Registry {
    let mut accounts = demo_accounts();
    let words: Vec<String> = accounts
        .iter()
        .flat_map(|account| account.name.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .filter(|word| word.len() > 2)
        .collect();
    let countries: Vec<Country> = accounts.iter().filter_map(|account| account.country).collect();
    let mut chance = Chance(SEED);
    for number in accounts.len()..size {
        let coined = coined_word(number);
        let name = format!("{coined} {} {}", chance.pick(&words), chance.pick(&words));
        let id = AccountId::new(&format!("made-{number}")).expect("not empty");
        let mut account = Account::new(id, name);
        account.domains = website_domain(&format!("{coined}.com")).into_iter().collect();
        account.country = Some(*chance.pick(&countries));
        account.owner_id = RepId::new(&format!("r{}", number % 50));
        accounts.push(account);
    }
    accounts.truncate(size);
    Registry { accounts, reps: Vec::new() }
}

/// A word for a number, five syllables long: different numbers under 75^5 have different words.
fn coined_word(number: usize) -> String {
    const ONSETS: [&str; 15] = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z"];
    const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
    let (mut left, mut word) = (number.wrapping_mul(7_919) % 2_373_046_875, String::new());
    for _ in 0..5 {
        word.push_str(ONSETS[left % 15]);
        word.push_str(VOWELS[left / 15 % 5]);
        left /= 75;
    }
    word
}

/// The name with two letters of its longest word swapped.
fn typo(name: &str) -> String {
    let longest = name.split(' ').max_by_key(|word| word.len()).unwrap_or_default();
    let mut letters: Vec<char> = longest.chars().collect();
    let middle = letters.len() / 2;
    if middle > 0 {
        letters.swap(middle - 1, middle);
    }
    name.replacen(longest, &letters.into_iter().collect::<String>(), 1)
}

fn leads(accounts: &[Account], kind: &str) -> Vec<Lead> {
    let mut chance = Chance(SEED ^ 1);
    let with_domain: Vec<&Account> = accounts.iter().filter(|account| !account.domains.is_empty()).collect();
    (0..LEADS)
        .map(|number| {
            let account = *chance.pick(&with_domain);
            let corporate = format!("jo.sample@{}", account.domains[0]);
            let free_mail = "jo.sample@gmail.com".to_owned();
            let (company, email) = match kind {
                "domain" => (account.name.clone(), corporate),
                "exact" => (format!("{} GmbH", account.name), free_mail),
                "typo" => (typo(&account.name), free_mail),
                _ => {
                    let coined = coined_word(50_000_000 + number);
                    (
                        format!("{coined} {} Ltd", account.name.split(' ').next_back().unwrap_or_default()),
                        free_mail,
                    )
                }
            };
            let country = account.country.map(|country| country.to_string()).unwrap_or_default();
            Lead::new(LeadFields { company, email, country, ..LeadFields::default() }).expect("a usable lead")
        })
        .collect()
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

/// Memory the process occupies, where the system tells (Linux).
fn resident_bytes() -> Option<u64> {
    const PAGE: u64 = 4_096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split(' ').nth(1)?.parse::<u64>().ok()? * PAGE)
}

criterion_group!(benches, build, normalize, decide);
criterion_main!(benches);
