//! A server that follows a real Redis: every fault leaves the last good registry in force, and is over once Redis is
//! there again. A lead is routed all the while.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use namesake::account::AccountId;
use namesake::registry::redis::writer::{Change, Mode};
use namesake::registry::redis::{Connection, RecordKind};
use namesake::registry::replica::status::{Board, Reason, Rejection, State, Status};
use namesake::registry::replica::{RedisReach, Replica, Settings};
use namesake::serving::{InForce, Source};
use redis::aio::MultiplexedConnection;
use tokio::task::JoinHandle;

use crate::redis_server::{RedisServer, needs_redis};
use crate::support::{TestServer, lead};

fn account(id: &str, name: &str) -> Change {
    let text = format!(r#"{{"domains":["{id}.com"],"id":"{id}","name":"{name}","owner_id":"r1"}}"#);
    Change::put(RecordKind::Account, id, text)
}

/// Imports these accounts as a new epoch.
async fn import(server: &RedisServer, names: &[(&str, &str)]) {
    let mut home = server.connection().await;
    let before = home.position().await.unwrap();
    let new = home.begin_epoch(before).await.unwrap();
    let changes: Vec<Change> = names.iter().map(|(id, name)| account(id, name)).collect();
    let filled = home.apply(new.epoch, Mode::Fill, &changes, |_| {}).await.unwrap();
    home.flip(&new, filled.as_ref()).await.unwrap();
}

async fn write(home: &mut Connection, changes: &[Change]) {
    let epoch = home.position().await.unwrap().expect("there is a registry").epoch;
    home.apply(epoch, Mode::Live, changes, |_| {}).await.unwrap();
}

async fn ask(raw: &mut MultiplexedConnection, words: &[&str]) {
    let _: redis::Value = redis::cmd(words[0]).arg(&words[1..]).query_async(raw).await.unwrap();
}

const FOUR: [(&str, &str); 4] = [("a1", "Acme"), ("a2", "Beta"), ("a3", "Gamma"), ("a4", "Delta")];

/// A server that follows a Redis, and a client that never stops asking it.
struct Following {
    server: TestServer,
    board: Arc<Board>,
    task: JoinHandle<()>,
    asking: JoinHandle<u64>,
}

impl Following {
    /// Begins to follow; `snapshot` is the file for a start without Redis.
    async fn begin(redis: &RedisServer, snapshot: Option<PathBuf>) -> Following {
        let server = TestServer::start_empty(namesake::server::Settings::default()).await;
        let settings = Settings {
            snapshot_file: snapshot,
            persist_interval: Duration::from_millis(50),
            fresh_window: Duration::from_secs(2),
            ..Settings::default()
        };
        let reach = RedisReach::new(redis.settings(), settings.block);
        let replica = Replica::begin(settings, Arc::clone(&server.serving));
        let board = replica.board();
        let task = tokio::spawn(replica.run(reach));
        let mut client = server.client().await;
        let mut loaded = server.serving.loaded();
        // Not one call fails from the first publication on.
        let asking = tokio::spawn(async move {
            let _ = loaded.wait_for(|loaded| *loaded).await;
            for count in 0.. {
                let request = namesake::proto::v1::RouteLeadRequest { lead: Some(lead("l", "Acme")) };
                client
                    .route_lead(request)
                    .await
                    .unwrap_or_else(|error| panic!("call {count} failed: {error}"));
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            0
        });
        Following { server, board, task, asking }
    }

    /// Follows a Redis with four accounts.
    async fn four(redis: &RedisServer) -> Following {
        import(redis, &FOUR).await;
        let following = Following::begin(redis, None).await;
        following.until_fresh().await;
        following
    }

    fn in_force(&self) -> Option<InForce> {
        self.server.serving.load()
    }

    async fn until(&self, what: &str, reached: impl Fn(Option<&InForce>, &Status) -> bool) {
        let waiting = async {
            while !reached(self.in_force().as_ref(), &self.board.read()) {
                assert!(!self.asking.is_finished(), "a call failed");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let all = tokio::time::timeout(Duration::from_secs(20), waiting).await;
        assert!(all.is_ok(), "{what}: {:?}", self.board.read());
    }

    async fn until_fresh(&self) {
        self.until("fresh", |in_force, _| in_force.is_some_and(|in_force| !in_force.freshness.stale)).await;
    }

    async fn until_stale(&self) {
        self.until("stale", |in_force, _| in_force.is_some_and(|in_force| in_force.freshness.stale)).await;
    }

    /// Waits until an account has this name.
    async fn until_named(&self, id: &str, name: Option<&str>) {
        let id = AccountId::new(id).unwrap();
        let named = |in_force: Option<&InForce>, _: &Status| {
            let account =
                in_force.and_then(|in_force| in_force.index.account(&id).map(|a| a.name().to_owned()));
            account.as_deref() == name
        };
        self.until("named", named).await;
    }

    async fn until_resync(&self, reason: Reason) {
        self.until(&format!("{reason:?}"), |_, status| status.resyncs.contains_key(&reason)).await;
    }

    /// Ends everything; no call has failed.
    async fn end(self) {
        assert!(!self.asking.is_finished(), "a call failed");
        self.asking.abort();
        self.task.abort();
        self.server.stop().await;
    }
}

#[tokio::test]
async fn a_change_is_visible_soon_and_a_deletion_too() {
    needs_redis!();
    let redis = RedisServer::start();
    let following = Following::four(&redis).await;
    assert_eq!(following.in_force().unwrap().freshness.source, Source::Redis);
    let mut home = redis.connection().await;
    write(&mut home, &[account("a1", "Ajax"), account("a5", "Epsilon")]).await;
    following.until_named("a5", Some("Epsilon")).await;
    following.until_named("a1", Some("Ajax")).await;
    write(&mut home, &[Change::delete(RecordKind::Account, "a5")]).await;
    following.until_named("a5", None).await;
    assert_eq!(following.board.read().resyncs.len(), 1, "only the first copy is whole");
    following.end().await;
}

#[tokio::test]
async fn redis_killed_and_started_again_is_two_states_and_no_whole_copy() {
    needs_redis!();
    let mut redis = RedisServer::start_persistent();
    let following = Following::four(&redis).await;
    redis.kill();
    following.until_stale().await;
    following.until("unreachable", |_, status| status.state == State::Unreachable).await;
    redis.restart();
    following.until_fresh().await;
    assert_eq!(following.board.read().resyncs.get(&Reason::First), Some(&1));
    assert_eq!(following.board.read().resyncs.len(), 1);
    following.end().await;
}

#[tokio::test]
async fn a_flushed_redis_leaves_the_last_good_registry_and_a_new_import_ends_it() {
    needs_redis!();
    let redis = RedisServer::start();
    let following = Following::four(&redis).await;
    ask(&mut redis.raw().await, &["FLUSHALL"]).await;
    following.until("missing", |_, status| status.state == State::Missing).await;
    following.until_stale().await;
    assert_eq!(following.in_force().unwrap().index.account_count(), 4);
    assert_eq!(following.board.read().rejected.get(&Rejection::Missing), Some(&1));
    import(&redis, &[("a1", "Acme 2"), ("a2", "Beta"), ("a3", "Gamma")]).await;
    following.until_named("a1", Some("Acme 2")).await;
    following.until_fresh().await;
    following.end().await;
}

#[tokio::test]
async fn a_log_trimmed_past_the_reader_leads_to_a_whole_copy() {
    needs_redis!();
    let redis = RedisServer::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.snapshot");
    import(&redis, &FOUR).await;
    let following = Following::begin(&redis, Some(path.clone())).await;
    following.until("persisted", |_, status| status.persisted.is_some()).await;
    following.end().await;
    let mut home = redis.connection().await;
    write(&mut home, &[account("a1", "Ajax"), account("a2", "Bravo")]).await;
    let epoch = home.position().await.unwrap().unwrap().epoch;
    ask(&mut redis.raw().await, &["XTRIM", &home.keys().log(epoch), "MAXLEN", "1"]).await;

    let following = Following::begin(&redis, Some(path)).await;
    following.until_resync(Reason::Trimmed).await;
    following.until_named("a1", Some("Ajax")).await;
    following.until_fresh().await;
    following.end().await;
}

#[tokio::test]
async fn an_older_dump_is_believed_as_what_the_home_now_holds() {
    needs_redis!();
    let mut redis = RedisServer::start_with(&["dbfilename dump.rdb"]);
    let following = Following::four(&redis).await;
    ask(&mut redis.raw().await, &["SAVE"]).await;
    let mut home = redis.connection().await;
    write(&mut home, &[account("a1", "Ajax")]).await;
    following.until_named("a1", Some("Ajax")).await;
    redis.restart();
    following.until_resync(Reason::Rollback).await;
    following.until_named("a1", Some("Acme")).await;
    // Other writes under the same revisions: another history.
    let mut home = redis.connection().await;
    write(&mut home, &[account("a1", "Argo"), account("a2", "Bravo")]).await;
    following.until_named("a1", Some("Argo")).await;
    following.until_fresh().await;
    following.end().await;
}

#[tokio::test]
async fn a_fork_and_a_forged_entry_lead_to_a_whole_copy() {
    needs_redis!();
    let redis = RedisServer::start();
    let following = Following::four(&redis).await;
    let (home, mut raw) = (redis.connection().await, redis.raw().await);
    let mut home = home;
    let at = home.position().await.unwrap().unwrap();
    let (head, log) = (home.keys().head(at.epoch), home.keys().log(at.epoch));
    let (id, forged) = (format!("{}-{}", at.epoch, at.rev + 1), "0".repeat(40));
    let mut both = redis::pipe();
    both.atomic();
    both.cmd("XADD").arg(&log).arg(id).arg(&["op", "put", "kind", "account", "id", "a1", "value"]);
    both.arg(r#"{"id":"a1","name":"Forged"}"#).arg(&["prev", &forged, "chain", &forged, "time", "0"]);
    both.cmd("HSET").arg(&head).arg("rev").arg(at.rev + 1).arg("chain").arg(&forged);
    let _: redis::Value = both.query_async(&mut raw).await.unwrap();
    following.until_resync(Reason::Fork).await;
    following.until_named("a1", Some("Acme")).await;
    following.end().await;
}

#[tokio::test]
async fn another_import_takes_the_place_and_half_of_it_is_refused() {
    needs_redis!();
    let redis = RedisServer::start();
    let following = Following::four(&redis).await;
    import(&redis, &[("a1", "Acme 2"), ("a2", "Beta"), ("b1", "Bravo")]).await;
    following.until_named("b1", Some("Bravo")).await;
    following.until_named("a3", None).await;
    following.until_fresh().await;
    import(&redis, &[("a1", "Acme 3")]).await;
    following.until("refused", |_, status| status.refused == Some(Rejection::Shrunk)).await;
    following.until_stale().await;
    assert_eq!(following.in_force().unwrap().index.account_count(), 3);
    redis.connection().await.rollback().await.unwrap();
    following.until_fresh().await;
    following.until("believed", |_, status| status.refused.is_none()).await;
    following.end().await;
}

#[tokio::test]
async fn a_poisoned_record_keeps_its_last_good_version() {
    needs_redis!();
    let redis = RedisServer::start();
    let following = Following::four(&redis).await;
    let mut home = redis.connection().await;
    let poison = Change::put(RecordKind::Account, "a1", "[]");
    write(&mut home, &[poison, account("a2", "Bravo")]).await;
    following.until_named("a2", Some("Bravo")).await;
    following.until("degraded", |_, status| status.degraded == 1).await;
    following.until_stale().await;
    following.until_named("a1", Some("Acme")).await;
    write(&mut home, &[account("a1", "Acme 2")]).await;
    following.until_named("a1", Some("Acme 2")).await;
    following.until_fresh().await;
    following.end().await;
}

#[tokio::test]
async fn a_redis_that_hangs_is_noticed_within_the_fresh_window() {
    needs_redis!();
    let redis = RedisServer::start();
    let following = Following::four(&redis).await;
    redis.freeze();
    following.until_stale().await;
    following.until("unreachable", |_, status| status.state == State::Unreachable).await;
    redis.thaw();
    following.until_fresh().await;
    following.end().await;
}

#[tokio::test]
async fn a_server_starts_from_its_snapshot_file_without_redis_and_catches_up() {
    needs_redis!();
    let mut redis = RedisServer::start_persistent();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.snapshot");
    import(&redis, &FOUR).await;
    let following = Following::begin(&redis, Some(path.clone())).await;
    following.until("persisted", |_, status| status.persisted.is_some()).await;
    following.end().await;
    let mut home = redis.connection().await;
    write(&mut home, &[account("a1", "Ajax")]).await;
    redis.kill();

    let following = Following::begin(&redis, Some(path.clone())).await;
    let now = following.in_force().expect("published at once");
    assert!(now.freshness.stale && now.freshness.source == Source::Snapshot);
    assert_eq!(now.index.account_count(), 4);
    redis.restart();
    following.until_named("a1", Some("Ajax")).await;
    following.until_fresh().await;
    assert_eq!(following.in_force().unwrap().freshness.source, Source::Redis);
    assert!(following.board.read().resyncs.is_empty(), "the log has what the file lacks");
    following.end().await;

    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    // Beside the first one, which a thread of the server before may still be writing.
    let damaged = folder.path().join("damaged.snapshot");
    std::fs::write(&damaged, bytes).unwrap();
    let following = Following::begin(&redis, Some(damaged)).await;
    assert!(following.board.read().rejected.contains_key(&Rejection::SnapshotFile));
    following.until_fresh().await;
    following.end().await;
}
