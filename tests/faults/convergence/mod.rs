//! Several replicas and writers, faults at random, then healing, again and again: every record is held against what
//! Redis really held, and no lead may go without its owner. After the robustness tests of etcd.
//!
//! `NAMESAKE_CHAOS_SEED` throws the dice of an earlier run, `NAMESAKE_CHAOS_SECONDS` says how long; `make soak` sets
//! it. Faults and values follow from the seed; how they meet in time does not.

mod chaos;
mod dice;
mod oracle;
mod recorder;
mod validators;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use namesake::registry::redis::{Connection, RedisSettings};
use namesake::registry::replica::Settings;
use tokio::sync::RwLock;
use tokio::task::JoinHandle;

use self::chaos::{ACCOUNTS, Fault, Scene};
use self::dice::Dice;
use self::recorder::Recorder;
use self::validators::{Part, validate};
use crate::link::through;
use crate::redis_server::needs_redis;
use crate::registry::{delete, names, put, try_write};
use crate::subject::{Subject, settings};
use crate::support::within;

const REPLICAS: usize = 3;
/// How long each waits for changes: a short wait gives proofs while the index before is still in force.
const BLOCKS: [Duration; REPLICAS] =
    [Duration::from_millis(3), Duration::from_millis(100), Duration::from_secs(1)];
const WRITERS: usize = 2;
/// How long things go wrong before all is healed.
const ROUND: Duration = Duration::from_secs(4);
/// How long without other orders.
const SECONDS: u64 = 20;

fn of_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

fn any_seed() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// A writer that changes a few accounts at a time until it is told to stop.
fn write_at_random(
    redis: RedisSettings,
    gate: Arc<RwLock<()>>,
    stop: Arc<AtomicBool>,
    mut dice: Dice,
    writer: usize,
    written: Arc<AtomicU64>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut connection: Option<Connection> = None;
        for call in 0.. {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let changes: Vec<_> = (0..1 + dice.below(6))
                .map(|change| {
                    let id = format!("a{}", dice.below(ACCOUNTS));
                    let name = format!("Company {writer} {call} {change}");
                    if dice.below(8) == 0 { delete(&id) } else { put(&id, &name) }
                })
                .collect();
            let _shared = gate.read().await;
            if connection.is_none() {
                connection = Connection::open(&redis).await.ok();
            }
            if let Some(home) = &mut connection {
                match try_write(home, &changes).await {
                    Ok(_) => drop(written.fetch_add(changes.len() as u64, Ordering::Relaxed)),
                    Err(_) => connection = None,
                }
            }
            drop(_shared);
            tokio::time::sleep(dice.millis(1, 40)).await;
        }
    })
}

#[allow(clippy::print_stdout)] // for the person who wants to see it again
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_converge_and_every_invariant_holds_whatever_happens() {
    needs_redis!();
    let seed = of_environment("NAMESAKE_CHAOS_SEED").unwrap_or_else(any_seed);
    let seconds = of_environment("NAMESAKE_CHAOS_SECONDS").unwrap_or(SECONDS);
    println!("NAMESAKE_CHAOS_SEED={seed} NAMESAKE_CHAOS_SECONDS={seconds}");
    let mut dice = Dice::new(seed);
    let mut scene = Scene::begin(REPLICAS).await;
    let direct = scene.redis.settings();
    let ids: Vec<String> = names(ACCOUNTS, "").into_keys().collect();
    let mut replicas = Vec::new();
    for (proxy, block) in scene.proxies.iter().zip(BLOCKS) {
        let own = Settings { seed: dice.next(), block, ..settings() };
        let subject = Subject::start_with(through(&direct, proxy), own).await;
        subject.until_equal(&direct).await;
        let serving = Arc::clone(&subject.server.serving);
        let recorder = Recorder::start(serving, Arc::clone(&subject.board), ids.clone());
        replicas.push((subject, recorder));
    }

    let (written, begin) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let (mut slowest, mut faults, mut seen_count) = (Duration::ZERO, 0, 0);
    for round in 0.. {
        if begin.elapsed().as_secs() >= seconds {
            break;
        }
        let gentle = round % 2 == 0;
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (gate, stop) = (Arc::clone(&scene.gate), Arc::clone(&stop));
                let name = round * WRITERS + writer;
                write_at_random(direct.clone(), gate, stop, dice.fork(), name, Arc::clone(&written))
            })
            .collect();
        let mut happened = Vec::new();
        let ill = Instant::now();
        while ill.elapsed() < ROUND {
            let fault = Fault::any(&mut dice, REPLICAS, gentle);
            happened.push(fault);
            scene.happen(fault).await;
            tokio::time::sleep(dice.millis(20, 400)).await;
        }
        faults += happened.len();
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            within(writer).await.unwrap();
        }
        scene.heal();
        scene.catch_up().await;
        for (subject, _) in &replicas {
            slowest = slowest.max(subject.until_equal(&direct).await);
        }
        // What the recorders must still see.
        tokio::time::sleep(Duration::from_millis(300)).await;
        for (number, (subject, recorder)) in replicas.iter().enumerate() {
            let seen = recorder.take();
            seen_count += seen.len();
            let part = Part { seen: &seen, oracle: &scene.oracle, gentle, most: ACCOUNTS + 1 };
            if let Err(why) = validate(&part) {
                panic!(
                    "seed {seed}, round {round}, replica {number}: {why}\n{happened:?}\n{:?}",
                    subject.status()
                );
            }
        }
        scene.oracle.begin_round();
    }
    let published: u64 = replicas.iter().map(|(subject, _)| subject.status().publications).sum();
    let resyncs: u64 = replicas.iter().map(|(subject, _)| subject.resync_count()).sum();
    let answered: u64 = replicas.iter().map(|(subject, _)| subject.answered()).sum();
    println!(
        "{faults} faults, {} changes, {} states; {published} publications, {seen_count} sights, {resyncs} whole copies; \
         slowest convergence {slowest:?}; {answered} leads, none without its owner",
        written.load(Ordering::Relaxed),
        scene.oracle.state_count(),
    );
    for (subject, _recorder) in replicas {
        subject.end().await;
    }
}
