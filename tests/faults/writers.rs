//! What writers do to those who follow, and to each other.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use namesake::registry::redis::HomeError;
use namesake::registry::redis::writer::{Change, Mode};
use namesake::registry::replica::status::Reason;
use tokio::task::JoinHandle;

use crate::link::through;
use crate::proxy::{Proxy, Side, Toxic};
use crate::redis_server::{RedisServer, needs_redis};
use crate::registry::{ask, delete, home, import, names, put, replace, try_write, write};
use crate::subject::Subject;

/// Accounts whose snapshot takes several pages.
const MANY: usize = 3_000;

/// Two writers who change or delete 50 accounts a call, with a pause between two calls, until they are told to stop.
fn storm(redis: &RedisServer, pause: Duration, stop: &Arc<AtomicBool>) -> Vec<JoinHandle<()>> {
    let writer = |writer: usize| {
        let (settings, stop) = (redis.settings(), Arc::clone(stop));
        tokio::spawn(async move {
            let mut home = home(&settings).await;
            for count in 0.. {
                let first = count * 37 % MANY;
                let change = |n: usize| {
                    let id = format!("a{}", n % MANY);
                    if (n + count).is_multiple_of(10) {
                        delete(&id)
                    } else {
                        put(&id, &format!("Stormy {writer} {count} {n}"))
                    }
                };
                let changes: Vec<Change> = (first..first + 50).map(change).collect();
                write(&mut home, &changes).await;
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                tokio::time::sleep(pause).await;
            }
        })
    };
    (0..2).map(writer).collect()
}

async fn end(storm: Vec<JoinHandle<()>>, stop: &AtomicBool) {
    stop.store(true, Ordering::Relaxed);
    for writer in storm {
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_changes_a_second_while_a_snapshot_is_taken() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(MANY, "one")).await;
    let stop = Arc::default();
    let storm = storm(&redis, Duration::from_millis(20), &stop);
    // Changes come between any two pages.
    let proxy = Proxy::start(redis.port);
    proxy.set(Side::Down, Toxic::Latency(Duration::from_millis(2)));
    let subject = Subject::start(through(&redis.settings(), &proxy)).await;
    subject.until("published under the storm", |status| status.publications >= 5).await;
    subject.until_fresh().await;
    end(storm, &stop).await;
    subject.until_equal(&redis.settings()).await;
    let found = home(&redis.settings()).await.verify(|_| {}).await.unwrap().unwrap();
    assert!(found.differences.is_empty(), "{:?}", found.differences);
    subject.end().await;
}

/// Faster than a replica may be able to read: the log is cut off before its eyes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn written_as_fast_as_can_be_while_snapshots_are_taken() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(MANY, "one")).await;
    let follows = Subject::start_equal(&redis.settings()).await;
    let stop = Arc::default();
    let storm = storm(&redis, Duration::ZERO, &stop);
    let begins = Subject::start(redis.settings()).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    follows.check_answers();
    end(storm, &stop).await;
    follows.until_equal(&redis.settings()).await;
    begins.until_equal(&redis.settings()).await;
    follows.end().await;
    begins.end().await;
}

#[tokio::test]
async fn another_import_takes_the_place_while_a_snapshot_is_taken() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(MANY, "one")).await;
    let proxy = Proxy::start(redis.port);
    // About 400 KB in two seconds.
    proxy.set(Side::Down, Toxic::Slow { bytes_per_second: 200_000 });
    let subject = Subject::start(through(&redis.settings(), &proxy)).await;
    subject.until("begun", |status| status.resyncs.contains_key(&Reason::First)).await;
    for n in 0..3 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        import(&redis.settings(), &names(MANY + n, &format!("of import {n}"))).await;
    }
    assert!(subject.server.serving.load().is_none(), "half a registry is none");
    proxy.heal();
    subject.until_equal(&redis.settings()).await;
    subject.end().await;
}

#[tokio::test]
async fn one_of_two_importers_wins_and_the_other_is_told() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(50, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    for round in 0..5 {
        let settings = redis.settings();
        let one = async |who: &str| {
            let mut home = home(&settings).await;
            let before = home.position().await.unwrap();
            tokio::task::yield_now().await;
            replace(&mut home, before, &names(50, &format!("{who} {round}"))).await
        };
        let (left, right) = tokio::join!(one("left"), one("right"));
        let won = [&left, &right].iter().filter(|result| result.is_ok()).count();
        let told =
            [&left, &right].iter().filter(|result| matches!(result, Err(HomeError::RegistryChanged))).count();
        assert_eq!((won, told), (1, 1), "{left:?} {right:?}");
        subject.until_equal(&redis.settings()).await;
        let name = subject.name_of("a0").unwrap();
        let winner = if left.is_ok() { "left" } else { "right" };
        assert_eq!(name, format!("Company 0 {winner} {round}"));
    }
    subject.end().await;
}

#[tokio::test]
async fn a_change_under_an_import_stops_its_flip() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(50, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    let (mut importer, mut writer) = (redis.connection().await, redis.connection().await);
    let before = importer.position().await.unwrap();
    let new = importer.begin_epoch(before).await.unwrap();
    let changes: Vec<Change> = names(50, "two").iter().map(|(id, name)| put(id, name)).collect();
    let filled = importer.apply(new.epoch, Mode::Fill, &changes, |_| {}).await.unwrap();
    write(&mut writer, &[put("a0", "Changed meanwhile")]).await;
    assert_eq!(importer.flip(&new, filled.as_ref()).await, Err(HomeError::RegistryChanged));
    subject.until_equal(&redis.settings()).await;
    assert_eq!(subject.name_of("a0").as_deref(), Some("Changed meanwhile"));
    assert_eq!(subject.resync_count(), 1);
    subject.end().await;
}

#[tokio::test]
async fn an_importer_killed_midway_leaves_everything_as_it_was_and_is_tidied_up() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(50, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.csv");
    let rows: String =
        names(60_000, "two").iter().map(|(id, name)| format!("{id},{name},{id}.com,r1\n")).collect();
    std::fs::write(&file, format!("id,name,domains,owner_id\n{rows}")).unwrap();
    let mut importer = Command::new(env!("CARGO_BIN_EXE_namesake"))
        .args(["import", "--redis", &redis.url(), "--accounts"])
        .arg(&file)
        .args(["--replace"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut raw = redis.raw().await;
    let unused = home(&redis.settings()).await.keys().unused();
    let begin = std::time::Instant::now();
    let size = |value: redis::Value| redis::from_redis_value::<u64>(value).unwrap();
    while size(ask(&mut raw, &["HLEN", &unused]).await) == 0 {
        assert!(begin.elapsed() < Duration::from_secs(30) && importer.try_wait().unwrap().is_none());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    importer.kill().unwrap();
    importer.wait().unwrap();
    subject.until_equal(&redis.settings()).await;
    assert_eq!((subject.resync_count(), subject.name_of("a0").as_deref()), (1, Some("Company 0 one")));
    // The next import succeeds, and what the dead one left is deleted.
    import(&redis.settings(), &names(50, "three")).await;
    subject.until_equal(&redis.settings()).await;
    let mut home = redis.connection().await;
    assert_eq!(home.delete_unused_epochs().await.unwrap().len(), 1);
    let position = home.position().await.unwrap().unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut raw).await.unwrap();
    let known = |key: &String| {
        let of = |epoch: namesake::registry::redis::Epoch| key.contains(&format!(":{epoch}:"));
        of(position.epoch)
            || position.previous.is_some_and(of)
            || key.ends_with(":meta")
            || key.ends_with(":unused")
    };
    assert!(keys.iter().all(known), "{keys:?}");
    subject.end().await;
}

#[tokio::test]
async fn two_writers_who_expect_the_same_version() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(50, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    let (mut left, mut right) = (redis.connection().await, redis.connection().await);
    let expected = namesake::registry::redis::writer::Expected::Version(1);
    let change = |name: &str| [Change { expected, ..put("a0", name) }];
    let (of_left, of_right) = (change("Left"), change("Right"));
    let (one, other) = tokio::join!(try_write(&mut left, &of_left), try_write(&mut right, &of_right));
    let conflicts =
        [&one, &other].iter().filter(|r| matches!(r, Err(HomeError::VersionConflict { .. }))).count();
    assert_eq!(conflicts, 1, "{one:?} {other:?}");
    subject.until_equal(&redis.settings()).await;
    assert_eq!(subject.name_of("a0").as_deref(), Some(if one.is_ok() { "Left" } else { "Right" }));
    subject.end().await;
}
