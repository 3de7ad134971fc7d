//! Another hand writes to the log, past the scripts.

use namesake::registry::redis::read::Position;
use namesake::registry::redis::{Connection, HomeError};
use namesake::registry::replica::status::Reason;
use redis::aio::MultiplexedConnection;

use crate::redis_server::{RedisServer, needs_redis};
use crate::registry::{ask, import, names, put, replace, try_write, write};
use crate::subject::Subject;

/// Rounds of a replica in a second that nothing is written in: a few, since each waits for the next change.
const IDLE_READS_MAX: u64 = 20;

struct Scene {
    redis: RedisServer,
    subject: Subject,
    writer: Connection,
    raw: MultiplexedConnection,
    at: Position,
}

async fn scene() -> Scene {
    let redis = RedisServer::start();
    import(&redis.settings(), &names(20, "one")).await;
    let subject = Subject::start_equal(&redis.settings()).await;
    let (mut writer, raw) = (redis.connection().await, redis.raw().await);
    write(&mut writer, &[put("a0", "Before")]).await;
    subject.until_equal(&redis.settings()).await;
    let at = writer.position().await.unwrap().unwrap();
    Scene { redis, subject, writer, raw, at }
}

impl Scene {
    /// Appends an entry for the account a0, under an id and with hashes of its own.
    async fn forge(&mut self, id: &str, prev: &str, chain: &str) {
        let value = crate::registry::record("a0", "Forged");
        let log = self.writer.keys().log(self.at.epoch);
        let fields = ["op", "put", "kind", "account", "id", "a0", "value", &value];
        let head = ["XADD", &log, id];
        let tail = ["prev", prev, "chain", chain, "time", "0"];
        ask(&mut self.raw, &[&head[..], &fields[..], &tail[..]].concat()).await;
    }

    /// How often the log is read in a second.
    async fn reads(&mut self) -> u64 {
        ask(&mut self.raw, &["CONFIG", "RESETSTAT"]).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let stats: String = redis::cmd("INFO").arg("commandstats").query_async(&mut self.raw).await.unwrap();
        let calls = |name: &str| {
            let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{name}:calls=")));
            line.map_or(0, |line| line.split(',').next().unwrap().parse::<u64>().unwrap())
        };
        calls("xread") + calls("xrange")
    }

    /// The forged entry was never believed, and nobody wears himself out over it.
    async fn check_unharmed(&mut self) {
        let reads = self.reads().await;
        assert!(reads <= IDLE_READS_MAX, "the log is read {reads} times a second");
        assert_eq!(self.subject.name_of("a0").as_deref(), Some("Before"));
        self.subject.check_answers();
    }

    /// A writer refuses to go on and says what to do; that ends it.
    async fn end(mut self) {
        let refused = try_write(&mut self.writer, &[put("a1", "After")]).await;
        assert!(matches!(refused, Err(HomeError::LogAhead { .. })), "{refused:?}");
        replace(&mut self.writer, Some(self.at.clone()), &names(20, "two")).await.unwrap();
        self.subject.until_equal(&self.redis.settings()).await;
        self.subject.end().await;
    }
}

#[tokio::test]
async fn an_entry_of_no_revision_that_the_head_has() {
    needs_redis!();
    let mut scene = scene().await;
    let (id, chain) = (format!("{}-{}", scene.at.epoch, scene.at.rev + 1), scene.at.chain.to_string());
    scene.forge(&id, &chain, &chain).await;
    scene.check_unharmed().await;
    scene.end().await;
}

#[tokio::test]
async fn an_entry_of_an_epoch_to_come() {
    needs_redis!();
    let mut scene = scene().await;
    let (id, chain) = (format!("{}-1", scene.at.epoch.0 + 1), scene.at.chain.to_string());
    scene.forge(&id, &chain, &chain).await;
    scene.check_unharmed().await;
    scene.end().await;
}

#[tokio::test]
async fn an_entry_with_an_id_by_the_clock() {
    needs_redis!();
    let mut scene = scene().await;
    let log = scene.writer.keys().log(scene.at.epoch);
    ask(&mut scene.raw, &["XADD", &log, "*", "what", "is this"]).await;
    scene.check_unharmed().await;
    scene.end().await;
}

#[tokio::test]
async fn smaller_ids_after_the_log_was_lost() {
    needs_redis!();
    let mut scene = scene().await;
    let log = scene.writer.keys().log(scene.at.epoch);
    ask(&mut scene.raw, &["DEL", &log]).await;
    let chain = scene.at.chain.to_string();
    scene.forge("1-1", &chain, &chain).await;
    scene.check_unharmed().await;
    // Writers go on over it, and the replica with them.
    write(&mut scene.writer, &[put("a1", "After")]).await;
    scene.subject.until_equal(&scene.redis.settings()).await;
    assert_eq!(scene.subject.resync_count(), 1);
    scene.subject.end().await;
}

#[tokio::test]
async fn an_entry_with_the_right_past_and_a_wrong_hash() {
    needs_redis!();
    let mut scene = scene().await;
    let (epoch, rev) = (scene.at.epoch, scene.at.rev + 1);
    let (prev, forged) = (scene.at.chain.to_string(), "0".repeat(40));
    scene.forge(&format!("{epoch}-{rev}"), &prev, &forged).await;
    let head = scene.writer.keys().head(epoch);
    ask(&mut scene.raw, &["HSET", &head, "rev", &rev.to_string(), "chain", &forged]).await;
    scene.subject.until_resync(Reason::Corrupt).await;
    // What the tables hold is believed, for that is what Redis now holds; the entry is not.
    scene.subject.until_equal(&scene.redis.settings()).await;
    assert_eq!(scene.subject.name_of("a0").as_deref(), Some("Before"));
    write(&mut scene.writer, &[put("a1", "After")]).await;
    scene.subject.until_equal(&scene.redis.settings()).await;
    scene.subject.end().await;
}
