//! Redis ends, begins again, or stands still.

use std::time::Duration;

use namesake::registry::replica::status::{Reason, Rejection, State};

use crate::redis_server::{RedisServer, needs_redis};
use crate::registry::{home, import, names, put, try_write};
use crate::subject::Subject;

#[tokio::test]
async fn killed_and_started_again_with_its_data() {
    needs_redis!();
    let mut redis = RedisServer::start_persistent();
    import(&redis.settings(), &names(20, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    redis.kill();
    subject.until("unreachable", |status| status.state == State::Unreachable).await;
    subject.until_stale().await;
    subject.keeps(21).await;
    redis.restart();
    subject.until_equal(&redis.settings()).await;
    assert_eq!(subject.resync_count(), 1, "the log goes on where it was: {:?}", subject.status());
    subject.end().await;
}

#[tokio::test]
async fn killed_and_started_again_without_its_data() {
    needs_redis!();
    let mut redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    redis.restart();
    subject.until("missing", |status| status.state == State::Missing).await;
    subject.until_stale().await;
    subject.keeps(21).await;
    assert!(subject.status().rejected.contains_key(&Rejection::Missing));
    import(&redis.settings(), &names(20, "two")).await;
    subject.until_equal(&redis.settings()).await;
    subject.end().await;
}

#[tokio::test]
async fn killed_in_the_middle_of_scripts_again_and_again() {
    needs_redis!();
    let mut redis = RedisServer::start_persistent();
    import(&redis.settings(), &names(20, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    for round in 0..3 {
        let settings = redis.settings();
        let writing = tokio::spawn(async move {
            let mut home = home(&settings).await;
            for n in 0.. {
                let changes: Vec<_> =
                    (0..20).map(|a| put(&format!("a{a}"), &format!("Name {round} {n} {a}"))).collect();
                if try_write(&mut home, &changes).await.is_err() {
                    break;
                }
            }
        });
        subject.until_name_is("a19", |name| name.starts_with(&format!("Name {round} "))).await;
        redis.kill();
        writing.await.unwrap();
        redis.restart();
        subject.until_equal(&redis.settings()).await;
        let found = home(&redis.settings()).await.verify(|_| {}).await.unwrap().unwrap();
        assert!(found.differences.is_empty(), "{:?}", found.differences);
    }
    assert_eq!(subject.status().resyncs.keys().collect::<Vec<_>>(), [&Reason::First]);
    subject.end().await;
}

#[tokio::test]
async fn frozen_and_thawed() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    redis.freeze();
    subject.until_stale().await;
    subject.until("unreachable", |status| status.state == State::Unreachable).await;
    subject.keeps(21).await;
    redis.thaw();
    subject.until_equal(&redis.settings()).await;
    assert_eq!(subject.resync_count(), 1);
    subject.end().await;
}

#[tokio::test]
async fn frozen_for_a_moment() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    for n in 0..3 {
        redis.freeze();
        tokio::time::sleep(Duration::from_millis(300)).await;
        redis.thaw();
        try_write(&mut home(&redis.settings()).await, &[put("a0", &format!("After {n}"))]).await.unwrap();
        subject.until_equal(&redis.settings()).await;
    }
    assert_eq!(subject.resync_count(), 1);
    subject.end().await;
}
