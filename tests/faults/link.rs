//! The link between a replica and Redis is ill, in one direction or the other.

use std::time::Duration;

use namesake::registry::redis::RedisSettings;
use namesake::registry::replica::status::State;

use crate::proxy::{Proxy, Side, Toxic};
use crate::redis_server::{RedisServer, needs_redis};
use crate::registry::{import, in_namespace, names, put, write};
use crate::subject::Subject;

/// How an ill link shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// Not at all: changes come, only later.
    Late,
    /// The replica falls back to its last good copy.
    Stale,
    /// Once, and everything goes on.
    Once,
}

/// A replica behind a proxy and a writer that is not, in a namespace of their own.
async fn fall_ill(redis: &RedisServer, side: Side, toxic: Toxic, shows: Shows) {
    let namespace = format!("{side:?}-{toxic:?}").replace(|c: char| !c.is_ascii_alphanumeric(), "");
    let direct = in_namespace(redis, &namespace);
    import(&direct, &names(20, "one")).await;
    let proxy = Proxy::start(redis.port);
    let subject = Subject::start_equal(&through(&direct, &proxy)).await;
    let mut writer = crate::registry::home(&direct).await;
    let changes: Vec<_> = (0..20).map(|n| put(&format!("a{n}"), &format!("Ill {n}"))).collect();

    proxy.set(side, toxic);
    write(&mut writer, &changes).await;
    match shows {
        Shows::Stale => {
            subject.until_stale().await;
            subject.until("lost", |status| status.state != State::Following).await;
            let held = subject.name_of("a0").unwrap();
            assert!(held == "Company 0 one" || held == "Ill 0", "{held}");
            subject.check_answers();
        }
        Shows::Late | Shows::Once => drop(subject.until_equal(&direct).await),
    }
    let corrupted = proxy.corrupted();
    proxy.heal();
    subject.until_equal(&direct).await;
    write(&mut writer, &[put("a0", "Well")]).await;
    subject.until_equal(&direct).await;
    if matches!(toxic, Toxic::Corrupt { .. }) {
        assert!(corrupted, "the fault never happened");
    } else {
        assert_eq!(subject.resync_count(), 1, "{toxic:?}: {:?}", subject.status());
    }
    subject.end().await;
}

/// The same settings, by way of the proxy.
pub(crate) fn through(direct: &RedisSettings, proxy: &Proxy) -> RedisSettings {
    let url = format!("redis://127.0.0.1:{}", proxy.port).parse().unwrap();
    RedisSettings { url: Some(url), ..direct.clone() }
}

/// Both directions at once, each with its own replica.
async fn both(toxic: Toxic, shows: Shows) {
    let redis = RedisServer::start();
    tokio::join!(fall_ill(&redis, Side::Up, toxic, shows), fall_ill(&redis, Side::Down, toxic, shows));
}

#[tokio::test]
async fn latency() {
    needs_redis!();
    both(Toxic::Latency(Duration::from_millis(150)), Shows::Late).await;
}

#[tokio::test]
async fn a_black_hole() {
    needs_redis!();
    both(Toxic::BlackHole, Shows::Stale).await;
}

#[tokio::test]
async fn half_open() {
    needs_redis!();
    both(Toxic::HalfOpen, Shows::Stale).await;
}

#[tokio::test]
async fn resets() {
    needs_redis!();
    both(Toxic::Reset, Shows::Stale).await;
}

#[tokio::test]
async fn single_bytes() {
    needs_redis!();
    both(Toxic::Slices, Shows::Late).await;
}

#[tokio::test]
async fn cut_after_some_bytes() {
    needs_redis!();
    both(Toxic::Cut { after: 700 }, Shows::Stale).await;
}

#[tokio::test]
async fn cut_before_anything_is_said() {
    needs_redis!();
    both(Toxic::Cut { after: 1 }, Shows::Stale).await;
}

#[tokio::test]
async fn slow() {
    needs_redis!();
    both(Toxic::Slow { bytes_per_second: 4_000 }, Shows::Late).await;
}

#[tokio::test]
async fn a_byte_changed_in_an_answer() {
    needs_redis!();
    let redis = RedisServer::start();
    // In the frame of the answer, in the first entry, in a later one.
    let at = |after| fall_ill(&redis, Side::Down, Toxic::Corrupt { after }, Shows::Once);
    tokio::join!(at(1), at(150), at(333), at(1_000), at(2_500));
}

#[tokio::test]
async fn refused_and_severed() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let proxy = Proxy::start(redis.port);
    let subject = Subject::start_equal(&through(&redis.settings(), &proxy)).await;
    proxy.refuse();
    subject.until("unreachable", |status| status.state == State::Unreachable).await;
    subject.until_stale().await;
    subject.keeps(21).await;
    proxy.heal();
    subject.until_equal(&redis.settings()).await;
    proxy.sever();
    write(&mut redis.connection().await, &[put("a0", "Well")]).await;
    subject.until_equal(&redis.settings()).await;
    assert_eq!(subject.resync_count(), 1);
    subject.end().await;
}
