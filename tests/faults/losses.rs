//! Redis loses what it held: all, a key, the log's beginning, the latest writes.

use namesake::registry::replica::Settings;
use namesake::registry::replica::status::{Reason, State};

use crate::proxy::Proxy;
use crate::redis_server::{RedisServer, needs_redis};
use crate::registry::{ask, dump, home, import, in_namespace, names, put, replace, restore, write};
use crate::subject::{Subject, settings};

#[tokio::test]
async fn flushed_while_it_is_followed() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    ask(&mut redis.raw().await, &["FLUSHALL"]).await;
    subject.until("missing", |status| status.state == State::Missing).await;
    subject.until_stale().await;
    subject.keeps(21).await;
    import(&redis.settings(), &names(20, "two")).await;
    subject.until_equal(&redis.settings()).await;
    subject.end().await;
}

/// Which key is deleted, and what must be seen of it; a change is written afterwards.
async fn lose_a_key(redis: &RedisServer, part: &str) {
    let settings_of = in_namespace(redis, part);
    import(&settings_of, &names(20, "one")).await;
    // The comparison of the whole version table is often enough to be seen here.
    let verify_interval = std::time::Duration::from_millis(500);
    let subject = Subject::start_with(settings_of.clone(), Settings { verify_interval, ..settings() }).await;
    subject.until_equal(&settings_of).await;
    let mut writer = home(&settings_of).await;
    let before = writer.position().await.unwrap().unwrap();
    let keys = writer.keys().clone();
    let key = match part {
        "meta" => keys.meta(),
        "head" => keys.head(before.epoch),
        "accounts" => keys.accounts(before.epoch),
        "versions" => keys.versions(before.epoch),
        _ => keys.log(before.epoch),
    };
    ask(&mut redis.raw().await, &["DEL", &key]).await;
    match part {
        // Nothing is lost but the past: the next change goes on from here.
        "log" => {
            write(&mut writer, &[put("a0", "After")]).await;
            subject.until_equal(&settings_of).await;
            assert_eq!(subject.resync_count(), 1);
            return subject.end().await;
        }
        "versions" => subject.until_resync(Reason::Diverged).await,
        _ => {}
    }
    subject.until_stale().await;
    subject.keeps(21).await;
    // A writer that finds ruins begins anew.
    let mut before = Some(before);
    if part == "meta" {
        before = None;
    } else {
        ask(&mut redis.raw().await, &["DEL", &keys.meta()]).await;
        before = before.and(None);
    }
    replace(&mut writer, before, &names(20, "two")).await.unwrap();
    subject.until_equal(&settings_of).await;
    subject.end().await;
}

#[tokio::test]
async fn any_one_key_deleted() {
    needs_redis!();
    let redis = RedisServer::start();
    let redis = &redis;
    tokio::join!(
        lose_a_key(redis, "meta"),
        lose_a_key(redis, "head"),
        lose_a_key(redis, "accounts"),
        lose_a_key(redis, "versions"),
        lose_a_key(redis, "log"),
    );
}

#[tokio::test]
async fn trimmed_past_a_reader_that_was_cut_off() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let proxy = Proxy::start(redis.port);
    let subject = Subject::start_equal(&through(&redis, &proxy)).await;
    proxy.refuse();
    subject.until_stale().await;
    let mut writer = redis.connection().await;
    for n in 0..20 {
        write(&mut writer, &[put(&format!("a{n}"), &format!("Renamed {n}"))]).await;
    }
    let epoch = writer.position().await.unwrap().unwrap().epoch;
    ask(&mut redis.raw().await, &["XTRIM", &writer.keys().log(epoch), "MAXLEN", "5"]).await;
    subject.keeps(21).await;
    proxy.heal();
    subject.until_equal(&redis.settings()).await;
    subject.until_resync(Reason::Trimmed).await;
    subject.end().await;
}

/// The settings of a server, by way of the proxy.
fn through(redis: &RedisServer, proxy: &Proxy) -> namesake::registry::redis::RedisSettings {
    let url = format!("redis://127.0.0.1:{}", proxy.port).parse().unwrap();
    namesake::registry::redis::RedisSettings { url: Some(url), ..redis.settings() }
}

/// An older state comes back, then `changes` other changes are made where `lost` were lost.
async fn lose_the_latest(lost: usize, changes: usize, reason: Reason, cut_off: bool) {
    let redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let proxy = Proxy::start(redis.port);
    let subject = Subject::start_equal(&through(&redis, &proxy)).await;
    let (mut writer, mut raw) = (redis.connection().await, redis.raw().await);
    write(&mut writer, &[put("a0", "Kept")]).await;
    let older = dump(&mut raw).await;
    for n in 0..lost {
        write(&mut writer, &[put(&format!("a{n}"), &format!("Lost {n}"))]).await;
    }
    subject.until_equal(&redis.settings()).await;
    if cut_off {
        proxy.refuse();
        subject.until_stale().await;
    }
    restore(&mut raw, &older).await;
    for n in 0..changes {
        write(&mut writer, &[put(&format!("a{n}"), &format!("Found {n}"))]).await;
    }
    proxy.heal();
    subject.until_equal(&redis.settings()).await;
    subject.until_resync(reason).await;
    subject.end().await;
}

#[tokio::test]
async fn an_older_state_restored() {
    needs_redis!();
    lose_the_latest(3, 0, Reason::Rollback, false).await;
}

#[tokio::test]
async fn an_older_state_restored_and_fewer_other_writes_made() {
    needs_redis!();
    lose_the_latest(3, 2, Reason::Rollback, true).await;
}

#[tokio::test]
async fn an_older_state_restored_and_as_many_other_writes_made() {
    needs_redis!();
    lose_the_latest(3, 3, Reason::Fork, true).await;
}

#[tokio::test]
async fn an_older_state_restored_and_more_other_writes_made() {
    needs_redis!();
    lose_the_latest(3, 5, Reason::Fork, true).await;
}
