//! Memory and rights end while a replica follows.

use namesake::registry::redis::HomeError;
use namesake::registry::redis::RedisSettings;
use namesake::registry::replica::status::State;

use crate::redis_server::{RedisServer, needs_redis};
use crate::registry::{ask, home, import, names, put, try_write, write};
use crate::subject::Subject;

#[tokio::test]
async fn a_redis_out_of_memory_refuses_writers_and_serves_replicas() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    let (mut writer, mut raw) = (redis.connection().await, redis.raw().await);
    ask(&mut raw, &["CONFIG", "SET", "maxmemory", "1"]).await;
    let refused = try_write(&mut writer, &[put("a0", "No room")]).await;
    assert!(matches!(refused, Err(HomeError::OutOfMemory { .. })), "{refused:?}");
    // Neither one who follows nor one who comes new minds.
    let other = Subject::start(redis.settings()).await;
    other.until_equal(&redis.settings()).await;
    tokio::time::sleep(2 * crate::subject::FRESH_WINDOW).await;
    subject.until_equal(&redis.settings()).await;
    assert_eq!((subject.resync_count(), subject.status().state), (1, State::Following));
    ask(&mut raw, &["CONFIG", "SET", "maxmemory", "0"]).await;
    write(&mut writer, &[put("a0", "Room")]).await;
    subject.until_equal(&redis.settings()).await;
    other.until_equal(&redis.settings()).await;
    other.end().await;
    subject.end().await;
}

/// The rule of a user in docs/redis.md.
fn rule(user: &str) -> String {
    let page = std::fs::read_to_string("docs/redis.md").unwrap();
    let prefix = format!("user namesake-{user} ");
    page.lines().find(|line| line.starts_with(&prefix)).expect("docs/redis.md has the rule").to_owned()
}

/// The settings of a user whose password is as in docs/redis.md.
fn login(redis: &RedisServer, user: &str) -> RedisSettings {
    let url = format!("redis://namesake-{user}:{user}-password@127.0.0.1:{}", redis.port);
    RedisSettings::of_url(&url).unwrap()
}

#[tokio::test]
async fn the_documented_rights_of_a_reader_are_enough_to_follow() {
    needs_redis!();
    let redis = RedisServer::start_with(&[&rule("reader")]);
    import(&redis.settings(), &names(20, "one")).await;
    let subject = Subject::start(login(&redis, "reader")).await;
    subject.until_equal(&redis.settings()).await;
    write(&mut redis.connection().await, &[put("a0", "Well")]).await;
    subject.until_equal(&redis.settings()).await;
    subject.end().await;
}

#[tokio::test]
async fn a_password_changed_and_rights_taken_under_way() {
    needs_redis!();
    let redis = RedisServer::start_with(&[&rule("reader")]);
    import(&redis.settings(), &names(20, "one")).await;
    let subject = Subject::start(login(&redis, "reader")).await;
    subject.until_equal(&redis.settings()).await;
    let mut raw = redis.raw().await;
    let (gone, back) = (["-xread"], ["+xread"]);
    for (take, give) in [(&gone[..], &back[..]), (&["off"], &["on"]), (&["resetpass"], &[">reader-password"])]
    {
        ask(&mut raw, &[&["ACL", "SETUSER", "namesake-reader"], take].concat()).await;
        // A connection outlives its user's password; the next login does not.
        if take != gone {
            ask(&mut raw, &["CLIENT", "KILL", "USER", "namesake-reader"]).await;
        }
        subject.until("refused", |status| status.state == State::Unreachable).await;
        subject.until_stale().await;
        subject.keeps(21).await;
        ask(&mut raw, &[&["ACL", "SETUSER", "namesake-reader"], give].concat()).await;
        subject.until_equal(&redis.settings()).await;
    }
    assert_eq!(subject.resync_count(), 1);
    subject.end().await;
}

#[tokio::test]
async fn a_wrong_password_from_the_start() {
    needs_redis!();
    let redis = RedisServer::start_with(&["requirepass right"]);
    import(&redis.settings(), &names(20, "one")).await;
    let url = format!("redis://:wrong@127.0.0.1:{}", redis.port);
    let subject = Subject::start(RedisSettings::of_url(&url).unwrap()).await;
    subject.until("refused", |status| status.state == State::Unreachable).await;
    assert!(subject.server.serving.load().is_none(), "nothing is published");
    let mut raw = home(&redis.settings()).await;
    assert!(raw.position().await.unwrap().is_some());
    ask(&mut redis.raw().await, &["CONFIG", "SET", "requirepass", "wrong"]).await;
    let right = RedisSettings::of_url(&url).unwrap();
    subject.until_fresh().await;
    subject.until_equal(&right).await;
    subject.end().await;
}
