//! The master changes: Sentinel names another one, which may lack the latest writes, and the old one may live on.

use std::time::{Duration, Instant};

use namesake::registry::redis::{Connection, RedisSettings};
use namesake::registry::replica::status::{Reason, State};

use crate::proxy::{Proxy, Side, Toxic};
use crate::redis_server::{RedisServer, needs_redis};
use crate::registry::{ask, import, names, put, write};
use crate::subject::Subject;
use crate::support::within;

/// As whom the copy and the sentinel log in: each can be shut out, and clients notice nothing.
const USERS: [&str; 2] = ["copies", "watches"];

/// A master, its copy, and a sentinel that knows both.
struct Trio {
    master: RedisServer,
    copy: RedisServer,
    sentinel: RedisServer,
    settings: RedisSettings,
}

impl Trio {
    async fn start() -> Trio {
        let users = USERS.map(|name| format!("user {name} on >{name} ~* &* +@all"));
        let users = [users[0].as_str(), users[1].as_str()];
        let master = RedisServer::start_with(&users);
        let of_master = format!("replicaof 127.0.0.1 {}", master.port);
        let login = ["masteruser copies", "masterauth copies", "repl-diskless-sync-delay 0"];
        let copy = RedisServer::start_with(&[&users[..], &login[..], &[&of_master]].concat());
        let login = ["sentinel auth-user mymaster watches", "sentinel auth-pass mymaster watches"];
        let sentinel = RedisServer::start_sentinel_with(&master, &login);
        let sentinels = vec![format!("127.0.0.1:{}", sentinel.port).parse().unwrap()];
        let settings = RedisSettings { sentinels, ..RedisSettings::default() };
        let trio = Trio { master, copy, sentinel, settings };
        import(&trio.master.settings(), &names(20, "one")).await;
        trio.in_step().await;
        trio
    }

    /// Waits until the copy has everything and the sentinel knows of it.
    async fn in_step(&self) {
        let mut home = self.master.connection().await;
        let position = home.position().await.unwrap().unwrap();
        write(&mut home, &[put("step", &format!("Step {}", position.rev))]).await;
        within(async {
            while home.wait_for_replicas(1, 100).await.unwrap() < 1 || self.copies_known() < 1 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
    }

    fn copies_known(&self) -> usize {
        let client = redis::Client::open(self.sentinel.url()).unwrap();
        let mut connection = client.get_connection().unwrap();
        let copies: Vec<redis::Value> =
            redis::cmd("SENTINEL").arg(&["REPLICAS", "mymaster"]).query(&mut connection).unwrap();
        copies.len()
    }

    /// Lets the master refuse a user from now on.
    async fn refuse(&self, user: &str) {
        let mut raw = self.master.raw().await;
        ask(&mut raw, &["ACL", "SETUSER", user, "off"]).await;
        ask(&mut raw, &["CLIENT", "KILL", "USER", user]).await;
    }

    /// Waits until the sentinel leads to the copy, and gives a connection to it.
    async fn promoted(&self) -> Connection {
        within(async {
            loop {
                let to_copy = Connection::open(&self.copy.settings()).await.ok();
                let named = Connection::open(&self.settings).await;
                if let (Some(home), Ok(_)) = (to_copy, named) {
                    return home;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await
    }
}

#[tokio::test]
async fn a_master_dies_and_the_copy_has_everything() {
    needs_redis!();
    let mut trio = Trio::start().await;
    let subject = Subject::start_equal(&trio.settings).await;
    trio.master.kill();
    let mut home = trio.promoted().await;
    subject.until_equal(&trio.settings).await;
    write(&mut home, &[put("a0", "After")]).await;
    subject.until_equal(&trio.settings).await;
    assert_eq!(subject.resync_count(), 1, "one history goes on: {:?}", subject.status());
    subject.end().await;
}

#[tokio::test]
async fn a_master_dies_with_writes_that_the_copy_never_got() {
    needs_redis!();
    let mut trio = Trio::start().await;
    let subject = Subject::start_equal(&trio.settings).await;
    let mut home = trio.master.connection().await;
    trio.refuse("copies").await;
    for n in 0..3 {
        write(&mut home, &[put(&format!("a{n}"), &format!("Lost {n}"))]).await;
    }
    subject.until_named("a2", "Lost 2").await;
    trio.master.kill();
    let mut home = trio.promoted().await;
    subject.until_equal(&trio.settings).await;
    subject.until_resync(Reason::Rollback).await;
    // The same revisions again, with other content.
    for n in 0..3 {
        write(&mut home, &[put(&format!("a{n}"), &format!("Found {n}"))]).await;
    }
    subject.until_equal(&trio.settings).await;
    assert_eq!(subject.name_of("a2").as_deref(), Some("Found 2"));
    subject.end().await;
}

#[tokio::test]
async fn a_master_that_is_cut_off_lives_on_and_takes_writes() {
    needs_redis!();
    let trio = Trio::start().await;
    let subject = Subject::start_equal(&trio.settings).await;
    trio.refuse("copies").await;
    let mut old = trio.master.connection().await;
    write(&mut old, &[put("a0", "Of the old master")]).await;
    subject.until_named("a0", "Of the old master").await;
    // The sentinel is shut out, takes it for dead and cannot tell it otherwise; who is connected stays so.
    let mut raw = trio.master.raw().await;
    ask(&mut raw, &["ACL", "SETUSER", "default", "off"]).await;
    ask(&mut raw, &["ACL", "SETUSER", "watches", "off"]).await;
    ask(&mut raw, &["CLIENT", "KILL", "USER", "watches"]).await;
    let mut new = trio.promoted().await;
    write(&mut new, &[put("a0", "Of the new master"), put("a1", "Of the new master")]).await;
    write(&mut old, &[put("a2", "Of the old master")]).await;
    subject.until_equal(&trio.copy.settings()).await;
    assert_eq!(subject.name_of("a0").as_deref(), Some("Of the new master"));
    assert_eq!(subject.name_of("a2").as_deref(), Some("Company 2 one"));
    let role: Vec<redis::Value> = redis::cmd("ROLE").query_async(&mut raw).await.unwrap();
    assert_eq!(role.first(), Some(&redis::Value::BulkString(b"master".to_vec())), "both think they are");
    subject.end().await;
}

#[tokio::test]
async fn a_sentinel_that_falls_silent_takes_nothing_back() {
    needs_redis!();
    let trio = Trio::start().await;
    let proxy = Proxy::start(trio.sentinel.port);
    let sentinels = vec![format!("127.0.0.1:{}", proxy.port).parse().unwrap()];
    let subject = Subject::start_equal(&RedisSettings { sentinels, ..trio.settings.clone() }).await;
    let mut home = trio.master.connection().await;
    // Longer than the time between two questions to the sentinel, by each way of not answering.
    for toxic in [Toxic::BlackHole, Toxic::Reset] {
        proxy.set(Side::Down, toxic);
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(6) {
            write(&mut home, &[put("a0", &format!("After {:?}", begin.elapsed()))]).await;
            subject.until_equal(&trio.settings).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    assert_eq!((subject.resync_count(), subject.status().state), (1, State::Following));
    subject.end().await;
}
