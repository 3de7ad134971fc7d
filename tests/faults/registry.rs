//! A registry in Redis for tests: its records, imports and changes, and what must always be in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use namesake::registry::redis::read::Position;
use namesake::registry::redis::writer::{Applied, Change, Interrupted, Mode};
use namesake::registry::redis::{Connection, HomeError, Namespace, RecordKind, RedisSettings};
use redis::aio::MultiplexedConnection;

use crate::redis_server::RedisServer;

/// The account that every registry here holds, so that its lead has an owner whatever happens to the others.
pub(crate) const ANCHOR: &str = "anchor";

/// Names of accounts by id.
pub(crate) type Names = BTreeMap<String, Arc<str>>;

/// The anchor and `count` accounts, `a0` and so on, all of whose names end with `suffix`.
pub(crate) fn names(count: usize, suffix: &str) -> Names {
    let anchor = (ANCHOR.to_owned(), Arc::from("Anchor Instruments"));
    let others = (0..count).map(|n| (format!("a{n}"), Arc::from(format!("Company {n} {suffix}"))));
    std::iter::once(anchor).chain(others).collect()
}

/// The record of an account.
pub(crate) fn record(id: &str, name: &str) -> String {
    format!(r#"{{"domains":["{id}.com"],"id":"{id}","name":"{name}","owner_id":"r1"}}"#)
}

/// Writes an account.
pub(crate) fn put(id: &str, name: &str) -> Change {
    Change::put(RecordKind::Account, id, record(id, name))
}

/// Deletes an account.
pub(crate) fn delete(id: &str) -> Change {
    Change::delete(RecordKind::Account, id)
}

/// Settings for a namespace of a server.
pub(crate) fn in_namespace(server: &RedisServer, namespace: &str) -> RedisSettings {
    RedisSettings { namespace: Namespace::new(namespace).unwrap(), ..server.settings() }
}

/// A connection to whatever the settings lead to, which must be there within some seconds: a sentinel may take its word
/// back for a moment while a failover settles.
pub(crate) async fn home(settings: &RedisSettings) -> Connection {
    let begin = Instant::now();
    loop {
        match Connection::open(settings).await {
            Ok(home) => return home,
            Err(HomeError::Unreachable { .. }) if begin.elapsed() < SETTLED => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// How long a failover may take to settle.
const SETTLED: Duration = Duration::from_secs(10);

/// Fills a new epoch beside the one at `before` and makes it current.
pub(crate) async fn replace(
    home: &mut Connection,
    before: Option<Position>,
    names: &Names,
) -> Result<(), HomeError> {
    let new = home.begin_epoch(before).await?;
    let changes: Vec<Change> = names.iter().map(|(id, name)| put(id, name)).collect();
    let filled = home.apply(new.epoch, Mode::Fill, &changes, |_| {}).await;
    home.flip(&new, filled.map_err(|interrupted| interrupted.error)?.as_ref()).await.map(drop)
}

/// Imports a whole registry, which must succeed.
pub(crate) async fn import(settings: &RedisSettings, names: &Names) {
    let mut home = home(settings).await;
    let before = home.position().await.unwrap();
    replace(&mut home, before, names).await.unwrap();
}

/// Changes the live registry, in one call if there are few.
pub(crate) async fn try_write(
    home: &mut Connection,
    changes: &[Change],
) -> Result<Option<Applied>, HomeError> {
    let Some(position) = home.position().await? else { return Err(home.no_registry()) };
    let applied = home.apply(position.epoch, Mode::Live, changes, |_| {}).await;
    applied.map_err(|Interrupted { error, .. }| error)
}

/// Changes the live registry, which must succeed.
pub(crate) async fn write(home: &mut Connection, changes: &[Change]) {
    try_write(home, changes).await.unwrap();
}

/// Sends any command.
pub(crate) async fn ask(raw: &mut MultiplexedConnection, words: &[&str]) -> redis::Value {
    redis::cmd(words[0]).arg(&words[1..]).query_async(raw).await.unwrap()
}

/// Everything that a server holds, for [`restore`].
pub(crate) async fn dump(raw: &mut MultiplexedConnection) -> Vec<(Vec<u8>, Vec<u8>)> {
    let keys: Vec<Vec<u8>> = redis::cmd("KEYS").arg("*").query_async(raw).await.unwrap();
    let mut all = redis::pipe();
    all.atomic();
    for key in &keys {
        all.cmd("DUMP").arg(key);
    }
    let dumps: Vec<Vec<u8>> = all.query_async(raw).await.unwrap();
    keys.into_iter().zip(dumps).collect()
}

/// Puts an older content in place of what is there, in one step.
pub(crate) async fn restore(raw: &mut MultiplexedConnection, dumped: &[(Vec<u8>, Vec<u8>)]) {
    let mut all = redis::pipe();
    all.atomic();
    all.cmd("FLUSHALL").ignore();
    for (key, bytes) in dumped {
        all.cmd("RESTORE").arg(key).arg(0).arg(bytes).ignore();
    }
    all.query_async::<()>(raw).await.unwrap();
}
