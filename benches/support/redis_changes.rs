//! A registry in a real Redis, and changes to it that keep coming.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use namesake::account::Account;
use namesake::registry::record::AccountRecord;
use namesake::registry::redis::writer::{Change, Mode};
use namesake::registry::redis::{Connection, RecordKind};
use namesake::registry::stored::Stored;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::redis_server::RedisServer;

/// Makes `accounts` the registry.
pub(crate) async fn import(redis: &RedisServer, accounts: &[Account]) {
    let mut home = redis.connection().await;
    let new = home.begin_epoch(None).await.unwrap();
    let changes: Vec<Change> = accounts.iter().map(put).collect();
    let filled = home.apply(new.epoch, Mode::Fill, &changes, |_| {}).await.unwrap();
    home.flip(&new, filled.as_ref()).await.unwrap();
}

/// The account as it is, written.
pub(crate) fn put(account: &Account) -> Change {
    let record = AccountRecord::from(account);
    Change::put(RecordKind::Account, record.id.clone(), record.text())
}

/// The account with another region, which nothing is looked up by; with `CHANGE=names` also with another alias, for which
/// the index is filled again.
pub(crate) fn changed(account: &Account, region: String) -> Account {
    let mut changed = Account { region, ..account.clone() };
    if std::env::var("CHANGE").is_ok_and(|what| what == "names") {
        changed.aliases = vec![changed.region.clone()];
    }
    changed
}

/// Changes that keep coming.
pub(crate) struct ChangeStream {
    ended: Arc<AtomicBool>,
    task: JoinHandle<u64>,
}

impl ChangeStream {
    /// Changes one account after the other, as [`changed`] does, among the last tenth, `a_second` of them a second.
    pub(crate) fn begin(
        runtime: &Runtime,
        redis: &RedisServer,
        accounts: &[Account],
        a_second: usize,
    ) -> ChangeStream {
        let ended = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&ended);
        let mut home: Connection = runtime.block_on(redis.connection());
        let accounts: Vec<Account> = accounts[accounts.len() * 9 / 10..].to_vec();
        let task = runtime.spawn(async move {
            let epoch = home.position().await.unwrap().unwrap().epoch;
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            let (mut written, mut next) = (0, 0);
            while !stop.load(Ordering::Relaxed) {
                tick.tick().await;
                let batch: Vec<Change> = (0..a_second / 50)
                    .map(|_| {
                        next += 1;
                        let account = &accounts[next % accounts.len()];
                        put(&changed(account, format!("stream {next}")))
                    })
                    .collect();
                written += batch.len() as u64;
                home.apply(epoch, Mode::Live, &batch, |_| {}).await.unwrap();
            }
            written
        });
        ChangeStream { ended, task }
    }

    /// Ends it; how many there were.
    pub(crate) fn end(self, runtime: &Runtime) -> u64 {
        self.ended.store(true, Ordering::Relaxed);
        runtime.block_on(self.task).unwrap()
    }
}
