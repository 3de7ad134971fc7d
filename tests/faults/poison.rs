//! Records that make no sense reach Redis with a valid chain, through the documented script.

use namesake::registry::replica::status::Rejection;

use crate::redis_server::{RedisServer, needs_redis};
use crate::registry::{delete, home, import, in_namespace, names, put, write};
use crate::subject::Subject;

const APPLY: &str = include_str!("../../src/registry/redis/lua/apply.lua");

/// Writes bytes as the record of an account, as another program would.
async fn poison(redis: &RedisServer, namespace: &str, id: &str, value: &[u8]) {
    let home = &mut home(&in_namespace(redis, namespace)).await;
    let epoch = home.position().await.unwrap().unwrap().epoch;
    let mut call = redis::cmd("EVAL");
    call.arg(APPLY).arg(6).arg(home.keys().meta()).arg(&home.keys().all_of(epoch));
    call.arg(epoch.0).arg("live").arg("put").arg("account").arg(id).arg("").arg(value);
    let _: redis::Value = call.query_async(&mut redis.raw().await).await.unwrap();
}

/// The record keeps its last good version, the replica is honest about it, and all others go on.
async fn check(redis: &RedisServer, name: &str, value: &[u8]) {
    let settings = in_namespace(redis, name);
    import(&settings, &names(20, "one")).await;
    let subject = Subject::start_equal(&settings).await;
    poison(redis, name, "a0", value).await;
    poison(redis, name, "new", value).await;
    subject.until("degraded", |status| status.degraded == 2).await;
    subject.until_stale().await;
    let mut writer = home(&settings).await;
    write(&mut writer, &[put("a1", "Meanwhile")]).await;
    subject.until_named("a1", "Meanwhile").await;
    assert_eq!(subject.name_of("a0").as_deref(), Some("Company 0 one"), "{name}");
    assert_eq!(subject.name_of("new"), None, "{name}");
    assert!(subject.in_force().freshness.stale && subject.status().rejected[&Rejection::Malformed] >= 2);
    write(&mut writer, &[put("a0", "Well"), delete("new")]).await;
    subject.until_equal(&settings).await;
    assert_eq!(subject.status().degraded, 0);
    subject.end().await;
}

#[tokio::test]
async fn what_is_no_json() {
    needs_redis!();
    let redis = RedisServer::start();
    tokio::join!(
        check(&redis, "empty-object", b"{}"),
        check(&redis, "words", b"not JSON"),
        check(&redis, "half", br#"{"id":"a0","name":"Hal"#),
        check(&redis, "no-utf8", b"{\"id\":\"a0\",\"name\":\"\xff\xfe\"}"),
        check(&redis, "nul", b"\0"),
    );
}

#[tokio::test]
async fn json_of_another_schema() {
    needs_redis!();
    let redis = RedisServer::start();
    let deep = [vec![b'['; 5_000], vec![b']'; 5_000]].concat();
    tokio::join!(
        check(&redis, "list", br#"["a0"]"#),
        check(&redis, "missing-name", br#"{"id":"a0"}"#),
        check(&redis, "name-of-a-number", br#"{"id":"a0","name":{"legal":"Acme"}}"#),
        check(&redis, "other-id", br#"{"id":"a1","name":"Acme"}"#),
        check(&redis, "deep", &deep),
    );
}

#[tokio::test]
async fn ten_megabytes() {
    needs_redis!();
    let redis = RedisServer::start();
    let record = crate::registry::record("a0", &"Very long ".repeat(1 << 20));
    check(&redis, "ten-megabytes", record.as_bytes()).await;
}
