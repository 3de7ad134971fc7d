//! The formats in Redis, as another program sees them: scripts, chain, versions, log, flip.

use namesake::registry::redis::epochs::NewEpoch;
use namesake::registry::redis::writer::{Applied, Change, Expected, Mode, Outcome};
use namesake::registry::redis::{Chain, Connection, Epoch, HomeError, Operation, RecordKind};
use redis::aio::MultiplexedConnection;

use crate::redis_server::{RedisServer, needs_redis};

const NOBODY: fn(usize) = |_| {};

fn account(id: &str, name: &str) -> Change {
    Change::put(RecordKind::Account, id, format!(r#"{{"id":"{id}","name":"{name}"}}"#))
}

fn rep(id: &str) -> Change {
    Change::put(RecordKind::Rep, id, format!(r#"{{"id":"{id}"}}"#))
}

/// Fills a new epoch and makes it current.
async fn replace(home: &mut Connection, changes: &[Change]) -> (NewEpoch, Option<Applied>) {
    let before = home.position().await.unwrap();
    let new = home.begin_epoch(before).await.unwrap();
    let filled = home.apply(new.epoch, Mode::Fill, changes, NOBODY).await.unwrap();
    home.flip(&new, filled.as_ref()).await.unwrap();
    (new, filled)
}

async fn live(home: &mut Connection, changes: &[Change]) -> Result<Applied, HomeError> {
    let epoch = home.position().await?.expect("there is a registry").epoch;
    let applied = home.apply(epoch, Mode::Live, changes, NOBODY).await;
    applied.map(|applied| applied.expect("there are changes")).map_err(|interrupted| interrupted.error)
}

/// A registry with the accounts a and b and the rep r.
async fn small(server: &RedisServer) -> (Connection, Epoch) {
    let mut home = server.connection().await;
    let (new, _) = replace(&mut home, &[account("a", "Alpha"), account("b", "Beta"), rep("r")]).await;
    (home, new.epoch)
}

async fn ask<T: redis::FromRedisValue>(raw: &mut MultiplexedConnection, words: &[&str]) -> T {
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(raw).await.unwrap()
}

#[tokio::test]
async fn an_empty_redis_has_no_registry_and_a_first_import_makes_one() {
    needs_redis!();
    let server = RedisServer::start();
    let mut home = server.connection().await;
    assert_eq!(home.position().await, Ok(None));
    assert_eq!(home.contents(NOBODY).await, Ok(None));

    let (new, filled) = replace(&mut home, &[account("a", "Alpha"), rep("r")]).await;
    let position = home.position().await.unwrap().unwrap();
    assert_eq!((position.generation, position.epoch, position.previous), (1, new.epoch, None));
    assert_eq!((position.rev, position.count), (2, 2));
    assert_eq!(Some(position.chain), filled.map(|filled| filled.chain));
    assert!(position.created_ms > 1_700_000_000_000 && position.changed_ms >= position.created_ms);

    let mut raw = server.raw().await;
    let log = home.keys().log(new.epoch);
    assert_eq!(ask::<u64>(&mut raw, &["EXISTS", &log]).await, 0, "a filled epoch has no log");
    let meta: Vec<String> =
        ask(&mut raw, &["HMGET", "namesake:{default}:meta", "generation", "schema"]).await;
    assert_eq!(meta, ["1", "1"]);
}

#[tokio::test]
async fn every_change_is_one_revision_one_version_one_entry_and_one_link_of_the_chain() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut home, epoch) = small(&server).await;
    let start = home.position().await.unwrap().unwrap();
    let second = account("ü:1", "Über");
    let changes = [account("a", "Alpha 2"), second.clone(), Change::delete(RecordKind::Account, "b")];
    let applied = live(&mut home, &changes).await.unwrap();
    assert_eq!(applied.outcomes, [Outcome::Written(4), Outcome::Written(5), Outcome::Written(6)]);
    assert_eq!((applied.rev, applied.count), (6, 3));

    let mut chain = start.chain;
    let log = home.log(epoch, 3, 10).await.unwrap();
    assert_eq!(log.len(), 3);
    for ((entry, change), rev) in log.iter().zip(&changes).zip(4..) {
        let next = chain.next(rev, change.operation, change.kind, &change.id, &change.value);
        assert_eq!((entry.rev, entry.prev, entry.chain), (rev, chain, next));
        assert_eq!((entry.operation, entry.kind), (change.operation, change.kind));
        assert_eq!((&entry.id, &entry.value), (&change.id, &change.value));
        chain = next;
    }
    assert_eq!(applied.chain, chain);

    let mut raw = server.raw().await;
    let versions = home.keys().versions(epoch);
    let fields = ["HMGET", &versions, "account:a", "account:ü:1", "account:b", "rep:r"];
    let found: Vec<Option<u64>> = ask(&mut raw, &fields).await;
    assert_eq!(found, [Some(4), Some(5), None, Some(3)]);
    let value: String = ask(&mut raw, &["HGET", &home.keys().accounts(epoch), "ü:1"]).await;
    assert_eq!(value, second.value);
}

#[tokio::test]
async fn an_identical_record_is_no_change() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut home, epoch) = small(&server).await;
    let before = home.position().await.unwrap();
    let absent = Change::delete(RecordKind::Rep, "nobody");
    let applied = live(&mut home, &[account("b", "Beta"), rep("r"), absent]).await.unwrap();
    assert_eq!(applied.outcomes, [Outcome::Unchanged(2), Outcome::Unchanged(3), Outcome::Unchanged(0)]);
    assert_eq!(home.position().await.unwrap(), before);
    assert_eq!(home.log(epoch, 0, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_call_for_one_chain_is_refused_once_anything_has_changed() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut home, epoch) = small(&server).await;
    let read = home.position().await.unwrap().unwrap().chain;
    live(&mut home, &[account("b", "Beta 2")]).await.unwrap();
    let before = home.contents(NOBODY).await;
    let late = home.apply(epoch, Mode::LiveAt(read), &[account("a", "late")], NOBODY).await;
    assert_eq!(late.unwrap_err().error, HomeError::RegistryChanged);
    assert_eq!(home.contents(NOBODY).await, before);
    let read = home.position().await.unwrap().unwrap().chain;
    let applied = home.apply(epoch, Mode::LiveAt(read), &[account("a", "in time")], NOBODY).await.unwrap();
    assert_eq!(applied.unwrap().outcomes, [Outcome::Written(5)]);
    assert_eq!(home.log(epoch, 4, 1).await.unwrap().len(), 1, "logged as any other change");
}

#[tokio::test]
async fn a_version_that_is_not_the_expected_one_refuses_the_whole_call() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut home, _) = small(&server).await;
    let before = home.contents(NOBODY).await;
    let expecting = |change: Change, expected| Change { expected, ..change };
    for (expected, id, version) in
        [(Expected::Version(1), "b", 2), (Expected::Absent, "b", 2), (Expected::Version(2), "new", 0)]
    {
        let changes = [account("a", "changed"), expecting(account(id, "changed"), expected)];
        let what = format!("account {id}");
        assert_eq!(live(&mut home, &changes).await, Err(HomeError::VersionConflict { what, version }));
        assert_eq!(home.contents(NOBODY).await, before);
    }
    let fitting = [
        expecting(account("b", "Beta 2"), Expected::Version(2)),
        expecting(account("b", "Beta 3"), Expected::Version(4)),
        expecting(account("new", "New"), Expected::Absent),
    ];
    let applied = live(&mut home, &fitting).await.unwrap();
    assert_eq!(applied.outcomes, [Outcome::Written(4), Outcome::Written(5), Outcome::Written(6)]);
}

#[tokio::test]
async fn many_changes_go_in_calls_of_two_hundred_and_the_chain_is_the_one_that_rust_computes() {
    needs_redis!();
    let server = RedisServer::start();
    let mut home = server.connection().await;
    let changes: Vec<Change> = (0..1_701).map(|at| account(&format!("a{at}"), "Name")).collect();
    let (new, filled) = replace(&mut home, &changes).await;
    let rust = changes.iter().zip(1..).fold(new.seed, |chain: Chain, (change, rev)| {
        chain.next(rev, Operation::Put, RecordKind::Account, &change.id, &change.value)
    });
    let filled = filled.unwrap();
    assert_eq!((filled.chain, filled.rev, filled.count), (rust, 1_701, 1_701));
    assert_eq!(filled.written_count(), 1_701);
    let contents = home.contents(NOBODY).await.unwrap().unwrap();
    assert!(changes.iter().all(|change| contents.accounts[&change.id] == change.value));
}

#[tokio::test]
async fn keys_of_another_type_are_named_and_left_alone() {
    needs_redis!();
    let server = RedisServer::start();
    let mut raw = server.raw().await;
    let _: () = ask(&mut raw, &["SET", "namesake:{default}:meta", "somebody else's"]).await;
    let mut home = server.connection().await;
    let key = "namesake:{default}:meta".to_owned();
    assert_eq!(home.begin_epoch(None).await, Err(HomeError::WrongType { key }));

    let _: () = ask(&mut raw, &["DEL", "namesake:{default}:meta"]).await;
    let (mut home, epoch) = small(&server).await;
    let log = home.keys().log(epoch);
    let _: () = ask(&mut raw, &["SET", &log, "x"]).await;
    assert_eq!(live(&mut home, &[account("a", "x")]).await, Err(HomeError::WrongType { key: log }));
}

#[tokio::test]
async fn a_forged_log_entry_stops_the_writer_before_it_writes() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut home, epoch) = small(&server).await;
    let mut raw = server.raw().await;
    let forged = format!("{epoch}-9");
    let _: String = ask(&mut raw, &["XADD", &home.keys().log(epoch), &forged, "op", "put"]).await;
    let before = home.contents(NOBODY).await;
    assert_eq!(live(&mut home, &[account("a", "x")]).await, Err(HomeError::LogAhead { last: forged }));
    assert_eq!(home.contents(NOBODY).await, before);
}

#[tokio::test]
async fn a_flip_demands_the_registry_with_which_it_began() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut home, _) = small(&server).await;
    let before = home.position().await.unwrap();
    let new = home.begin_epoch(before.clone()).await.unwrap();
    let filled = home.apply(new.epoch, Mode::Fill, &[account("c", "Gamma")], NOBODY).await.unwrap();
    assert_eq!(home.position().await.unwrap(), before, "filling touches nothing that is live");

    live(&mut home, &[account("a", "moved")]).await.unwrap();
    assert_eq!(home.flip(&new, filled.as_ref()).await, Err(HomeError::RegistryChanged));
    let again = NewEpoch { before: home.position().await.unwrap(), ..new.clone() };
    assert_eq!(home.flip(&again, filled.as_ref()).await, Ok(2));
    let position = home.position().await.unwrap().unwrap();
    assert_eq!((position.epoch, position.count), (new.epoch, 1));
    assert_eq!(position.previous, before.map(|before| before.epoch));
}

#[tokio::test]
async fn a_new_epoch_that_is_not_as_it_was_left_is_not_made_current() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut home, _) = small(&server).await;
    let before = home.position().await.unwrap();
    let new = home.begin_epoch(before.clone()).await.unwrap();
    let filled = home.apply(new.epoch, Mode::Fill, &[account("c", "Gamma")], NOBODY).await.unwrap();
    let mut raw = server.raw().await;
    let _: u64 = ask(&mut raw, &["HDEL", &home.keys().accounts(new.epoch), "c"]).await;
    assert!(matches!(home.flip(&new, filled.as_ref()).await, Err(HomeError::Damaged { .. })));
    home.delete_epoch(new.epoch).await.unwrap();
    assert_eq!(home.flip(&new, filled.as_ref()).await, Err(HomeError::NoEpoch { epoch: new.epoch }));
    assert_eq!(home.position().await.unwrap(), before);
}

#[tokio::test]
async fn of_two_that_replace_one_wins_and_the_other_is_told() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut one, _) = small(&server).await;
    let mut other = server.connection().await;
    let before = one.position().await.unwrap();
    let mine = one.begin_epoch(before.clone()).await.unwrap();
    let theirs = other.begin_epoch(before).await.unwrap();
    assert_ne!(mine.epoch, theirs.epoch);
    let filled = other.apply(theirs.epoch, Mode::Fill, &[account("t", "Theirs")], NOBODY).await.unwrap();
    other.flip(&theirs, filled.as_ref()).await.unwrap();
    let filled = one.apply(mine.epoch, Mode::Fill, &[account("m", "Mine")], NOBODY).await.unwrap();
    assert_eq!(one.flip(&mine, filled.as_ref()).await, Err(HomeError::RegistryChanged));
    assert!(one.contents(NOBODY).await.unwrap().unwrap().accounts.contains_key("t"));
}

#[tokio::test]
async fn rollback_leads_to_the_previous_epoch_and_again_back() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut home, first) = small(&server).await;
    assert_eq!(home.rollback().await, Err(HomeError::NoPrevious));
    let (second, _) = replace(&mut home, &[account("c", "Gamma")]).await;
    let back = home.rollback().await.unwrap();
    assert_eq!((back.generation, back.epoch, back.previous), (3, first, Some(second.epoch)));
    assert_eq!(home.contents(NOBODY).await.unwrap().unwrap().accounts.len(), 2);
    live(&mut home, &[account("d", "Delta")]).await.unwrap();
    assert_eq!(home.rollback().await.unwrap().epoch, second.epoch);
}

#[tokio::test]
async fn epochs_before_the_previous_one_and_those_of_dead_fillers_are_deleted() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut home, first) = small(&server).await;
    let before = home.position().await.unwrap();
    let dead = home.begin_epoch(before).await.unwrap();
    home.apply(dead.epoch, Mode::Fill, &[account("x", "half")], NOBODY).await.unwrap();
    assert_eq!(home.delete_unused_epochs().await, Ok(vec![]), "it may still be at work");

    let (second, _) = replace(&mut home, &[account("c", "Gamma")]).await;
    assert_eq!(home.delete_unused_epochs().await, Ok(vec![dead.epoch]));
    let late = home.apply(dead.epoch, Mode::Fill, &[account("y", "late")], NOBODY).await;
    assert_eq!(late.unwrap_err().error, HomeError::NoEpoch { epoch: dead.epoch });
    let (third, _) = replace(&mut home, &[account("d", "Delta")]).await;
    assert_eq!(home.delete_unused_epochs().await, Ok(vec![first]));

    let mut raw = server.raw().await;
    let mut keys: Vec<String> = ask(&mut raw, &["KEYS", "*"]).await;
    keys.sort();
    let mut expected = vec![home.keys().meta()];
    for epoch in [second.epoch, third.epoch] {
        expected.extend(
            ["accounts", "head", "versions"].map(|part| format!("namesake:{{default}}:{epoch}:{part}")),
        );
    }
    expected.sort();
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn the_live_epoch_cannot_be_filled_and_another_cannot_be_changed() {
    needs_redis!();
    let server = RedisServer::start();
    let (mut home, epoch) = small(&server).await;
    let filled = home.apply(epoch, Mode::Fill, &[account("x", "x")], NOBODY).await;
    assert!(
        matches!(filled.unwrap_err().error, HomeError::Other { why, .. } if why.contains("EPOCH_IS_LIVE"))
    );
    let changed = home.apply(Epoch(epoch.0 + 1), Mode::Live, &[account("x", "x")], NOBODY).await;
    assert_eq!(changed.unwrap_err().error, HomeError::RegistryChanged);
}
