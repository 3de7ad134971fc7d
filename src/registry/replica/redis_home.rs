//! Redis as the home of a replica: a connection of its own, since waiting for changes holds up whatever else is
//! asked on it.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::streams::{StreamId, StreamRangeReply, StreamReadReply};
use redis::{FromRedisValue, Pipeline, RedisError, Value};
use tokio::time::Instant;

use super::home::{Home, HomeError, Key, Kind, LogEntry, Operation, Page, Position, Reach, Record};
use crate::registry::redis::{Epoch, Keys, RedisSettings, connect};

/// Records asked for in one step of a scan.
const SCAN_COUNT: usize = 1_000;
/// How much longer than a wait for changes an answer may take: then the connection counts as dead.
const GRACE: Duration = Duration::from_secs(2);
/// How often the sentinels are asked who is the master.
const SENTINEL_INTERVAL: Duration = Duration::from_secs(5);
/// How often a position is asked for when the epoch moves under it.
const ATTEMPTS_MAX: usize = 5;

/// The way to Redis; the sentinels, if any, are asked anew for every connection.
#[derive(Clone, Debug)]
pub struct RedisReach {
    settings: RedisSettings,
    response_timeout: Duration,
}

impl RedisReach {
    /// The way to the Redis of the settings, where a wait for changes lasts up to `block`.
    pub fn new(settings: RedisSettings, block: Duration) -> RedisReach {
        RedisReach { settings, response_timeout: block + GRACE }
    }
}

impl Reach for RedisReach {
    type Home = RedisHome;

    async fn reach(&mut self) -> Result<RedisHome, HomeError> {
        let connecting = connect(&self.settings, self.response_timeout);
        let redis = connecting.await.map_err(|error| HomeError::Lost(error.to_string()))?;
        Ok(RedisHome {
            redis,
            keys: Keys::new(self.settings.namespace.clone()),
            epoch: Epoch(0),
            reach: self.clone(),
            asked_sentinels: Instant::now(),
            ahead: None,
        })
    }
}

/// A connection to Redis.
#[derive(Debug)]
pub struct RedisHome {
    redis: MultiplexedConnection,
    keys: Keys,
    /// The epoch that was current last, so that meta and head are read in one round trip.
    epoch: Epoch,
    reach: RedisReach,
    asked_sentinels: Instant,
    /// The next step of a scan, asked for with the records of the one before.
    ahead: Option<Step>,
}

/// A step of a scan: of which epoch and from which cursor, and what it gave.
#[derive(Debug)]
struct Step {
    epoch: u64,
    cursor: u64,
    next: u64,
    found: Vec<(Key, u64)>,
}

/// What `HSCAN` answers: the next cursor, fields and values.
type Scanned = (u64, Vec<(String, u64)>);

impl RedisHome {
    async fn ask<T: FromRedisValue>(&mut self, pipeline: &Pipeline) -> Result<T, HomeError> {
        pipeline.query_async(&mut self.redis).await.map_err(|error| lost(&error))
    }

    /// Whether the sentinels still name this server: a master that was cut off does not know that it is none any
    /// more. Sentinels that do not answer take nothing back.
    async fn ask_sentinels(&mut self) -> Result<(), HomeError> {
        if self.reach.settings.sentinels.is_empty() || self.asked_sentinels.elapsed() < SENTINEL_INTERVAL {
            return Ok(());
        }
        self.asked_sentinels = Instant::now();
        let Ok(mut named) = self.reach.reach().await else { return Ok(()) };
        match (run_id(&mut self.redis).await, run_id(&mut named.redis).await) {
            (Some(ours), Some(theirs)) if ours != theirs => Err(HomeError::NotMaster),
            _ => Ok(()),
        }
    }

    fn ask_step(&self, pipeline: &mut Pipeline, epoch: u64, cursor: u64) {
        let step = pipeline.cmd("HSCAN").arg(self.keys.versions(Epoch(epoch))).arg(cursor);
        step.arg("COUNT").arg(SCAN_COUNT);
    }

    async fn step(&mut self, epoch: u64, cursor: u64) -> Result<Step, HomeError> {
        let ahead = self.ahead.take().filter(|step| (step.epoch, step.cursor) == (epoch, cursor));
        if let Some(step) = ahead {
            return Ok(step);
        }
        let mut asked = redis::pipe();
        self.ask_step(&mut asked, epoch, cursor);
        let (scanned,) = self.ask(&asked).await?;
        Step::of(epoch, cursor, scanned)
    }
}

impl Step {
    fn of(epoch: u64, cursor: u64, (next, fields): Scanned) -> Result<Step, HomeError> {
        let key = |field: &str| {
            let (kind, id) = Kind::of_version_field(field)?;
            Some(Key { kind, id: Arc::from(id) })
        };
        let found = fields.into_iter().map(|(field, version)| Some((key(&field)?, version)));
        let found = found.collect::<Option<_>>();
        let found = found.ok_or_else(|| HomeError::Unreadable("a field of the version table".into()))?;
        Ok(Step { epoch, cursor, next, found })
    }
}

impl Home for RedisHome {
    async fn position(&mut self) -> Result<Option<Position>, HomeError> {
        self.ask_sentinels().await?;
        for _ in 0..ATTEMPTS_MAX {
            // Not in MULTI, which Redis refuses where its memory is full. The head is read after `meta` named its
            // epoch, and a flip ends all changes to it: so the pair is a state that there was.
            let mut both = redis::pipe();
            both.cmd("HMGET").arg(self.keys.meta()).arg(&["generation", "epoch", "schema"]);
            both.cmd("HMGET").arg(self.keys.head(self.epoch)).arg(&["rev", "chain", "count"]);
            both.cmd("ROLE");
            both.cmd("HLEN").arg(self.keys.accounts(self.epoch));
            both.cmd("HLEN").arg(self.keys.reps(self.epoch));
            both.cmd("HMGET").arg(self.keys.head(self.epoch)).arg("rev");
            type Texts = Vec<Option<String>>;
            let (meta, head, role, accounts, reps, rev_after): (_, _, Vec<Value>, u64, u64, Texts) =
                self.ask(&both).await?;
            let (meta, head): (Texts, Texts) = (meta, head);
            let rev_after = rev_after.into_iter().next().flatten();
            let role = role.into_iter().next().and_then(|name| String::from_redis_value(name).ok());
            if role.as_deref() != Some("master") {
                return Err(HomeError::NotMaster);
            }
            if meta.iter().all(Option::is_none) {
                return Ok(None);
            }
            let [Some(generation), Some(epoch), Some(schema)] = &meta[..] else {
                return Err(HomeError::Unreadable("the registry's meta".into()));
            };
            if schema != "1" {
                return Err(HomeError::Schema { found: schema.clone() });
            }
            let number = |text: &str| {
                text.parse::<u64>().map_err(|_| HomeError::Unreadable("a number of the registry".into()))
            };
            let epoch = Epoch(number(epoch)?);
            if std::mem::replace(&mut self.epoch, epoch) != epoch {
                continue;
            }
            let [Some(rev), Some(chain), Some(count)] = &head[..] else {
                return Err(HomeError::Unreadable("the registry's head".into()));
            };
            let chain = chain.parse().map_err(|_| HomeError::Unreadable("the registry's chain".into()))?;
            // Records that went away past the scripts leave the chain as it was. They are counted where nobody wrote
            // between the two looks at the head.
            if rev_after.as_ref() == Some(rev) && number(count)? != accounts + reps {
                let what = format!(
                    "a registry that should hold {count} records and holds {}: run `namesake verify`; it",
                    accounts + reps
                );
                return Err(HomeError::Unreadable(what));
            }
            let (generation, rev, count) = (number(generation)?, number(rev)?, number(count)?);
            return Ok(Some(Position { generation, epoch: epoch.0, rev, chain, count }));
        }
        Err(HomeError::Unreadable("a registry that is replaced all the time".into()))
    }

    async fn scan(&mut self, epoch: u64, cursor: u64) -> Result<Page<(Key, Record)>, HomeError> {
        let step = self.step(epoch, cursor).await?;
        let mut asked = redis::pipe();
        let found = step.found.into_iter().map(|(key, _)| key);
        let (accounts, reps): (Vec<Key>, Vec<Key>) = found.partition(|key| key.kind == Kind::Account);
        let count = accounts.len() + reps.len();
        let mut keys_of = vec![(Kind::Account, accounts), (Kind::Rep, reps)];
        keys_of.retain(|(_, keys)| !keys.is_empty());
        for (kind, ids) in &keys_of {
            let (keys, epoch) = (&self.keys, Epoch(epoch));
            let table = if *kind == Kind::Account { keys.accounts(epoch) } else { keys.reps(epoch) };
            // Versions again, just before the texts: a text may be newer than its version, never older, and what is
            // newer is in the log.
            let versions: Vec<String> = ids.iter().map(|key| kind.version_field(&key.id)).collect();
            asked.cmd("HMGET").arg(keys.versions(epoch)).arg(versions);
            asked.cmd("HMGET").arg(table).arg(ids.iter().map(|key| &*key.id).collect::<Vec<&str>>());
        }
        if step.next != 0 {
            self.ask_step(&mut asked, epoch, step.next);
        }
        if asked.is_empty() {
            return Ok(Page { next: step.next, found: Vec::new() });
        }
        let mut answers = self.ask::<Vec<Value>>(&asked).await?.into_iter();
        let mut found = Vec::with_capacity(count);
        for (_, ids) in keys_of {
            let versions: Vec<Option<u64>> = next_of(&mut answers)?;
            let texts: Vec<Option<Vec<u8>>> = next_of(&mut answers)?;
            for ((key, version), text) in ids.into_iter().zip(versions).zip(texts) {
                if let (Some(version), Some(bytes)) = (version, text) {
                    found.push((key, Record { version, text: text_of(bytes) }));
                }
            }
        }
        if step.next != 0 {
            self.ahead = Some(Step::of(epoch, step.next, next_of(&mut answers)?)?);
        }
        Ok(Page { next: step.next, found })
    }

    async fn versions(&mut self, epoch: u64, cursor: u64) -> Result<Page<(Key, u64)>, HomeError> {
        let Step { next, found, .. } = self.step(epoch, cursor).await?;
        Ok(Page { next, found })
    }

    async fn log(&mut self, epoch: u64, after: u64, count: usize) -> Result<Vec<LogEntry>, HomeError> {
        let mut range = redis::pipe();
        range.cmd("XRANGE").arg(self.keys.log(Epoch(epoch))).arg(format!("{epoch}-{}", after + 1)).arg("+");
        range.arg("COUNT").arg(count);
        let (reply,): (StreamRangeReply,) = self.ask(&range).await?;
        reply.ids.iter().map(entry).collect()
    }

    async fn tail(
        &mut self,
        epoch: u64,
        after: u64,
        count: usize,
        block: Duration,
    ) -> Result<Vec<LogEntry>, HomeError> {
        let mut read = redis::pipe();
        read.cmd("XREAD").arg("COUNT").arg(count).arg("BLOCK").arg(block.as_millis() as u64);
        read.arg("STREAMS").arg(self.keys.log(Epoch(epoch))).arg(format!("{epoch}-{after}"));
        let (reply,): (Option<StreamReadReply>,) = self.ask(&read).await?;
        let streams = reply.map_or_else(Vec::new, |reply| reply.keys);
        streams.iter().flat_map(|stream| &stream.ids).map(entry).collect()
    }
}

/// The next answer of several.
fn next_of<T: FromRedisValue>(answers: &mut impl Iterator<Item = Value>) -> Result<T, HomeError> {
    let none = || HomeError::Lost("fewer answers than questions".into());
    T::from_redis_value(answers.next().ok_or_else(none)?).map_err(|error| HomeError::Lost(error.to_string()))
}

fn entry(logged: &StreamId) -> Result<LogEntry, HomeError> {
    let read = || {
        let (epoch, rev) = logged.id.split_once('-')?;
        let text = |field: &str| logged.get::<String>(field);
        let operation = match text("op")?.as_str() {
            "put" => Operation::Put(text("value")?.into()),
            "del" => Operation::Delete,
            _ => return None,
        };
        Some(LogEntry {
            epoch: epoch.parse().ok()?,
            rev: rev.parse().ok()?,
            key: Key { kind: text("kind")?.parse().ok()?, id: text("id")?.into() },
            operation,
            previous: text("prev")?.parse().ok()?,
            chain: text("chain")?.parse().ok()?,
        })
    };
    read().ok_or_else(|| HomeError::Unreadable(format!("the log entry {}", logged.id)))
}

/// Bytes that are no text become one that no record has, so that the record counts as malformed.
fn text_of(bytes: Vec<u8>) -> Arc<str> {
    String::from_utf8(bytes).map_or_else(|_| Arc::from("\u{FFFD}"), Arc::from)
}

/// What tells one run of a server from every other.
async fn run_id(redis: &mut MultiplexedConnection) -> Option<String> {
    let info: String = redis::cmd("INFO").arg("server").query_async(redis).await.ok()?;
    info.lines().find_map(|line| line.strip_prefix("run_id:")).map(str::to_owned)
}

fn lost(error: &RedisError) -> HomeError {
    if error.is_timeout() {
        HomeError::Lost("no answer in time".into())
    } else {
        HomeError::Lost(error.to_string())
    }
}
