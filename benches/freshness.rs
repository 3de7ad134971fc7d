//! What it takes to keep a replica fresh from Redis, and what that costs the leads: `cargo bench --bench freshness`.
//!
//! A real redis-server, a registry of 100,000 accounts, and a replica in this process. Printed: the import, the start
//! from Redis and from the snapshot file, the time until a change is seen, how long a replica takes to be equal again
//! after Redis was away, and the CPU time of a decision on a quiet registry, under a steady stream of changes and with
//! Redis gone, in turn and several times, since only figures of one run compare. The last lines are for programs.
//!
//! Each start is that of a process of its own, which also tells what memory it took: resident size after publication
//! less before, less the bytes of the stored records, for each account.
//!
//! `ACCOUNTS=1000000` makes it larger; `CHANGES=5000` is the stream, in changes a second;
//! `CHANGE=names` changes names, not only fields that nothing is looked up by; `ONLY=starts` leaves all but those out.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // a program that prints figures, and stops where one is missing

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/redis_changes.rs"]
mod redis_changes;
#[path = "../tests/it/redis_server.rs"]
#[allow(dead_code, unused_imports, unused_macros)]
mod redis_server;

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use namesake::account::Account;
use namesake::lead::Lead;
use namesake::policy::Policy;
use namesake::registry::record::AccountRecord;
use namesake::registry::redis::RedisSettings;
use namesake::registry::redis::writer::Mode;
use namesake::registry::replica::status::Board;
use namesake::registry::replica::{RedisReach, Replica, Settings};
use namesake::registry::stored::Stored;
use namesake::routing::route;
use namesake::serving::Serving;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use redis_changes::{ChangeStream, changed, import, put};
use redis_server::RedisServer;

// What the service allocates with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Changes that are timed one by one.
const TIMED_CHANGES: usize = 40;
/// Rounds of decisions under each condition.
const ROUNDS: usize = 5;
/// Decisions of a round.
const DECISIONS: usize = 4_000;
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    if let Ok(url) = std::env::var(START) {
        return start_alone(&url);
    }
    if !redis_server::redis_is_here() {
        return;
    }
    let size = setting("ACCOUNTS", 100_000);
    let changes_a_second = setting("CHANGES", 5_000);
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("registry.snapshot");
    let accounts = corpus::registry_of(size).accounts;
    let leads: Vec<Lead> = ["domain", "exact", "typo", "absent"]
        .iter()
        .flat_map(|kind| corpus::leads(&accounts, kind))
        .collect();
    let mut redis = RedisServer::start_persistent();

    let began = Instant::now();
    runtime.block_on(import(&redis, &accounts));
    let imported = began.elapsed();
    println!("import of {size} accounts        {:.2} s", imported.as_secs_f64());

    let record_bytes: usize = accounts.iter().map(|account| AccountRecord::from(account).text().len()).sum();
    let per_account = |start: &Start| (start.resident.saturating_sub(record_bytes)) / size;
    let from_redis = Start::of_process(&redis.url(), &snapshot);
    println!(
        "start from Redis               {:.2} s, {}",
        from_redis.took.as_secs_f64(),
        from_redis.memory(size)
    );
    println!("                               {} B an account beside its record", per_account(&from_redis));
    let from_file = Start::of_process(NOBODY, &snapshot);
    println!(
        "start from the snapshot file   {:.2} s, {}",
        from_file.took.as_secs_f64(),
        from_file.memory(size)
    );
    println!("                               {} B an account beside its record", per_account(&from_file));
    println!(
        "freshness import_s={:.2} start_redis_s={:.2} start_snapshot_s={:.2} bytes_redis={} bytes_snapshot={}",
        imported.as_secs_f64(),
        from_redis.took.as_secs_f64(),
        from_file.took.as_secs_f64(),
        per_account(&from_redis),
        per_account(&from_file)
    );
    if std::env::var("ONLY").is_ok_and(|what| what == "starts") {
        return;
    }

    let replica = start(&runtime, redis.settings(), &snapshot);
    let quiet = visible(&runtime, &redis, &replica, &accounts, Duration::from_millis(300));
    println!("a change is seen, quiet        {} ms median, {} ms at most", quiet.median, quiet.most);

    let (mut still, mut busy) = (Vec::new(), Vec::new());
    let mut under_load = Vec::new();
    let (mut feeds, mut rates) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        still.push(cpu_of_decisions(&replica, &leads));
        let streamed = Instant::now();
        let stream = ChangeStream::begin(&runtime, &redis, &accounts, changes_a_second);
        std::thread::sleep(Duration::from_millis(500));
        let (began, before) = (Instant::now(), process_cpu());
        std::thread::sleep(Duration::from_secs(1));
        feeds.push((process_cpu() - before).as_secs_f64() / began.elapsed().as_secs_f64());
        busy.push(cpu_of_decisions(&replica, &leads));
        under_load.push(visible_once(&runtime, &redis, &replica, &accounts[0]));
        rates.push(stream.end(&runtime) as f64 / streamed.elapsed().as_secs_f64());
        replica.until_equal(&runtime, &redis);
    }
    let under_load = Spread::of(under_load);
    println!(
        "a change is seen, {changes_a_second}/s       {} ms median, {} ms at most",
        under_load.median, under_load.most
    );

    // Quiet, gone, quiet: what drifts while this runs is not taken for what Redis being gone costs.
    let rounds = || (0..ROUNDS).map(|_| cpu_of_decisions(&replica, &leads));
    let before: Vec<f64> = rounds().collect();
    redis.kill();
    replica.until(|serving| serving.load().is_some_and(|in_force| in_force.freshness.stale));
    let lost: Vec<f64> = rounds().collect();
    redis.restart();
    let began = Instant::now();
    replica.until_equal(&runtime, &redis);
    let healed = began.elapsed();
    let beside: Vec<f64> = before.into_iter().chain(rounds()).collect();

    let (still, busy, beside, lost) = (median(still), median(busy), median(beside), median(lost));
    let feed = median(feeds);
    println!("under {changes_a_second}/s, of which {:.0}/s were written, the feed with", median(rates));
    println!("their writer takes             {feed:.2} of a processor");
    println!("CPU of a decision, quiet       {still:.1} us");
    println!("                   {changes_a_second}/s      {busy:.1} us, x{:.2}", busy / still);
    println!("         before and after      {beside:.1} us");
    println!("                   Redis gone  {lost:.1} us, x{:.2}", lost / beside);
    println!("equal after Redis came back    {:.2} s", healed.as_secs_f64());
    replica.end();

    println!(
        "freshness visible_quiet_ms={} visible_load_ms={} cpu_load_ratio={:.3} cpu_lost_ratio={:.3} feed_cpu={feed:.3} \
         healed_s={:.2}",
        quiet.median,
        under_load.median,
        busy / still,
        lost / beside,
        healed.as_secs_f64()
    );
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A replica that runs.
struct Running {
    serving: Arc<Serving>,
    board: Arc<Board>,
    task: JoinHandle<()>,
}

/// A replica that has published.
fn start(runtime: &Runtime, redis: RedisSettings, snapshot: &Path) -> Running {
    let serving = Arc::new(Serving::new(Policy::default()));
    let settings = Settings {
        snapshot_file: Some(snapshot.to_owned()),
        persist_interval: Duration::from_secs(1),
        ..Settings::default()
    };
    let reach = RedisReach::new(redis, settings.block);
    let _entered = runtime.enter();
    let replica = Replica::begin(settings, Arc::clone(&serving));
    let board = replica.board();
    let running = Running { serving, board, task: runtime.spawn(replica.run(reach)) };
    running.until(|serving| serving.load().is_some());
    running
}

/// Names the Redis of a process that does nothing but start.
const START: &str = "NAMESAKE_BENCH_START";
/// Names its snapshot file.
const SNAPSHOT: &str = "NAMESAKE_BENCH_SNAPSHOT";
/// Where no Redis answers: the port is reserved (IANA: tcpmux).
const NOBODY: &str = "redis://127.0.0.1:1";

/// What such a process does: says on one line how long it took to publish, and the resident bytes that it took.
fn start_alone(url: &str) {
    let runtime = Runtime::new().unwrap();
    let snapshot = std::env::var(SNAPSHOT).unwrap();
    let settings = RedisSettings::of_url(url).unwrap();
    let before = corpus::resident_bytes().unwrap_or_default();
    let (began, cpu) = (Instant::now(), process_cpu());
    let replica = start(&runtime, settings, Path::new(&snapshot));
    let took = began.elapsed();
    let cpu = process_cpu() - cpu;
    let at_once = corpus::resident_bytes().unwrap_or_default().saturating_sub(before);
    // A replica gives back what reading took once it has nothing to build.
    replica.until(|_| Path::new(&snapshot).exists() && began.elapsed() > took + Duration::from_secs(6));
    let later = corpus::resident_bytes().unwrap_or_default().saturating_sub(before);
    println!("{} {} {at_once} {later}", took.as_micros(), cpu.as_micros());
    replica.end();
}

/// What a process that started told of it.
struct Start {
    took: Duration,
    cpu: Duration,
    resident_at_once: usize,
    resident: usize,
}

impl Start {
    fn of_process(url: &str, snapshot: &Path) -> Start {
        let mut process = std::process::Command::new(std::env::current_exe().unwrap());
        let output =
            process.env(START, url).env(SNAPSHOT, snapshot).stderr(Stdio::inherit()).output().unwrap();
        let told: Vec<u64> = String::from_utf8(output.stdout)
            .unwrap()
            .split_whitespace()
            .map(|text| text.parse().unwrap())
            .collect();
        let [took, cpu, at_once, resident] = told[..] else {
            panic!("a process that started says four numbers")
        };
        Start {
            took: Duration::from_micros(took),
            cpu: Duration::from_micros(cpu),
            resident_at_once: at_once as usize,
            resident: resident as usize,
        }
    }

    fn memory(&self, accounts: usize) -> String {
        format!(
            "CPU {:.2} s, resident {} B an account, {} at once",
            self.cpu.as_secs_f64(),
            self.resident / accounts,
            self.resident_at_once / accounts
        )
    }
}

impl Running {
    fn until(&self, reached: impl Fn(&Serving) -> bool) {
        let began = Instant::now();
        while !reached(&self.serving) {
            assert!(began.elapsed() < PATIENCE, "not reached: {:?}", self.board.read());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until the published index is proven equal to where Redis stands now.
    fn until_equal(&self, runtime: &Runtime, redis: &RedisServer) {
        let chain =
            runtime.block_on(async { redis.connection().await.position().await }).unwrap().unwrap().chain;
        let equal = |serving: &Serving| {
            let fresh = serving.load().is_some_and(|in_force| !in_force.freshness.stale);
            fresh && self.board.read().published.is_some_and(|at| at.chain == chain)
        };
        self.until(equal);
    }

    fn end(self) {
        self.task.abort();
    }
}

/// Milliseconds.
struct Spread {
    median: u128,
    most: u128,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Spread {
        times.sort();
        Spread { median: times[times.len() / 2].as_millis(), most: times[times.len() - 1].as_millis() }
    }
}

fn visible(
    runtime: &Runtime,
    redis: &RedisServer,
    replica: &Running,
    accounts: &[Account],
    pause: Duration,
) -> Spread {
    let one = |account: &Account| {
        std::thread::sleep(pause);
        visible_once(runtime, redis, replica, account)
    };
    Spread::of(accounts.iter().take(TIMED_CHANGES).map(one).collect())
}

/// How long it takes from a write to an index that has it.
fn visible_once(runtime: &Runtime, redis: &RedisServer, replica: &Running, account: &Account) -> Duration {
    let mut home = runtime.block_on(redis.connection());
    let region = format!("region {}", Timestamp::now().as_nanosecond());
    let changed = changed(account, region.clone());
    let epoch = runtime.block_on(home.position()).unwrap().unwrap().epoch;
    let change = [put(&changed)];
    let began = Instant::now();
    runtime.block_on(home.apply(epoch, Mode::Live, &change, |_| {})).unwrap();
    let seen = |serving: &Serving| {
        let in_force = serving.load();
        in_force.is_some_and(|in_force| {
            in_force.index.account(&account.id).is_some_and(|found| found.region() == region)
        })
    };
    replica.until(seen);
    began.elapsed()
}

/// Microseconds of this thread's processor time a decision, over the leads in turn.
fn cpu_of_decisions(replica: &Running, leads: &[Lead]) -> f64 {
    let now = Timestamp::now();
    let before = thread_cpu();
    for at in 0..DECISIONS {
        let in_force = replica.serving.load().unwrap();
        std::hint::black_box(route(&leads[at % leads.len()], &in_force.index, &in_force.policy.policy, now));
    }
    (thread_cpu() - before).as_secs_f64() * 1e6 / DECISIONS as f64
}

/// Processor time of this process, as Linux tells it: user and system, in its usual hundredths of a second.
fn process_cpu() -> Duration {
    let told = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = told.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11..13].iter().map(|text| text.parse::<u64>().unwrap()).sum();
    Duration::from_millis(10 * ticks)
}

/// Processor time of this thread, as Linux tells it.
fn thread_cpu() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
