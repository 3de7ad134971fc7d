//! What it takes to keep a replica fresh from Redis, and what that costs the leads: `cargo bench --bench freshness`.
//!
//! A real redis-server, a registry of 100,000 accounts, and a replica in this process. Printed: the import, the start
//! from Redis and from the snapshot file, the time until a change is seen, how long a replica takes to be equal again
//! after Redis was away, and the CPU time of a decision on a quiet registry, under a steady stream of changes and with
//! Redis gone, in turn and several times, since only figures of one run compare. The last lines are for programs.
//!
//! `ACCOUNTS=10000` makes it smaller; `CHANGES=5000` is the stream, in changes a second;
//! `CHANGE=names` changes names, not only fields that nothing is looked up by.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // a program that prints figures, and stops where one is missing

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/redis_changes.rs"]
mod redis_changes;
#[path = "../tests/it/redis_server.rs"]
#[allow(dead_code, unused_imports, unused_macros)]
mod redis_server;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use namesake::account::Account;
use namesake::lead::Lead;
use namesake::policy::Policy;
use namesake::registry::redis::writer::Mode;
use namesake::registry::replica::status::Board;
use namesake::registry::replica::{RedisReach, Replica, Settings};
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

    let (replica, from_redis) = start(&runtime, &redis, &snapshot);
    println!("start from Redis               {:.2} s", from_redis.as_secs_f64());

    let quiet = visible(&runtime, &redis, &replica, &accounts, Duration::from_millis(300));
    println!("a change is seen, quiet        {} ms median, {} ms at most", quiet.median, quiet.most);

    let (mut still, mut busy) = (Vec::new(), Vec::new());
    let mut under_load = Vec::new();
    for _ in 0..ROUNDS {
        still.push(cpu_of_decisions(&replica, &leads));
        let stream = ChangeStream::begin(&runtime, &redis, &accounts, changes_a_second);
        std::thread::sleep(Duration::from_millis(500));
        busy.push(cpu_of_decisions(&replica, &leads));
        under_load.push(visible_once(&runtime, &redis, &replica, &accounts[0]));
        stream.end(&runtime);
        replica.until_equal(&runtime, &redis);
    }
    let under_load = Spread::of(under_load);
    println!(
        "a change is seen, {changes_a_second}/s       {} ms median, {} ms at most",
        under_load.median, under_load.most
    );

    redis.kill();
    replica.until(|serving| serving.load().is_some_and(|in_force| in_force.freshness.stale));
    let lost: Vec<f64> = (0..ROUNDS).map(|_| cpu_of_decisions(&replica, &leads)).collect();
    let (still, busy, lost) = (median(still), median(busy), median(lost));
    println!("CPU of a decision, quiet       {still:.1} us");
    println!("                   {changes_a_second}/s      {busy:.1} us, x{:.2}", busy / still);
    println!("                   Redis gone  {lost:.1} us, x{:.2}", lost / still);

    redis.restart();
    let began = Instant::now();
    replica.until_equal(&runtime, &redis);
    let healed = began.elapsed();
    println!("equal after Redis came back    {:.2} s", healed.as_secs_f64());
    replica.end();

    redis.kill();
    let (replica, from_file) = start(&runtime, &redis, &snapshot);
    println!("start from the snapshot file   {:.2} s", from_file.as_secs_f64());
    replica.end();

    println!(
        "freshness import_s={:.2} start_redis_s={:.2} start_snapshot_s={:.2} healed_s={:.2}",
        imported.as_secs_f64(),
        from_redis.as_secs_f64(),
        from_file.as_secs_f64(),
        healed.as_secs_f64()
    );
    println!(
        "freshness visible_quiet_ms={} visible_load_ms={} cpu_load_ratio={:.3} cpu_lost_ratio={:.3}",
        quiet.median,
        under_load.median,
        busy / still,
        lost / still
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

/// A replica, and how long it took to publish.
fn start(runtime: &Runtime, redis: &RedisServer, snapshot: &Path) -> (Running, Duration) {
    let began = Instant::now();
    let serving = Arc::new(Serving::new(Policy::default()));
    let settings = Settings {
        snapshot_file: Some(snapshot.to_owned()),
        persist_interval: Duration::from_secs(1),
        ..Settings::default()
    };
    let reach = RedisReach::new(redis.settings(), settings.block);
    let _entered = runtime.enter();
    let replica = Replica::begin(settings, Arc::clone(&serving));
    let board = replica.board();
    let running = Running { serving, board, task: runtime.spawn(replica.run(reach)) };
    running.until(|serving| serving.load().is_some());
    let took = began.elapsed();
    (running, took)
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
            in_force.index.account(&account.id).is_some_and(|found| found.region == region)
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

/// Processor time of this thread, as Linux tells it.
fn thread_cpu() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
