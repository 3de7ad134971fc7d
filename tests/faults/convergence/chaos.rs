//! Faults at random, one after the other, and their healing.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use namesake::registry::redis::writer::{Change, Mode};
use namesake::registry::redis::{Chain, Keys};
use tokio::sync::RwLock;

use super::dice::Dice;
use super::oracle::Oracle;
use crate::proxy::{Proxy, Side, Toxic};
use crate::redis_server::RedisServer;
use crate::registry::{ask, dump, home, names, put, restore};

/// Accounts of the registry, beside the anchor: enough for a scan of several pages, and for a build that takes time.
pub(super) const ACCOUNTS: usize = 1_200;

/// What the faults happen to.
pub(super) struct Scene {
    pub(super) redis: RedisServer,
    /// One before each replica.
    pub(super) proxies: Vec<Proxy>,
    /// Writers hold it shared for each call, a step that replaces the registry holds it alone.
    pub(super) gate: Arc<RwLock<()>>,
    pub(super) oracle: Oracle,
    pub(super) keys: Keys,
    older: Option<Older>,
    import_count: u64,
}

/// A dump, and where Redis stood.
struct Older {
    bytes: Vec<(Vec<u8>, Vec<u8>)>,
    at: Chain,
}

/// Something that happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// A link falls ill.
    Ill(usize, Side, Toxic),
    /// A link is refused.
    Refused(usize),
    /// Connections are reset.
    Severed(usize),
    /// A link is well again.
    Well(usize),
    /// Redis stands still.
    Frozen(Duration),
    /// Redis is killed and comes back with its data.
    Killed(Duration),
    /// Another registry takes the place.
    Imported,
    /// The one before comes back.
    RolledBack,
    /// Everything is gone for a while, then imported anew.
    Flushed(Duration),
    /// A dump is made.
    Dumped,
    /// The dump comes back: what was written since is lost.
    Restored,
    /// The log is cut short.
    Trimmed,
}

impl Fault {
    /// Any fault; a gentle one leaves history and log alone.
    pub(super) fn any(dice: &mut Dice, replica_count: usize, gentle: bool) -> Fault {
        let replica = dice.below(replica_count);
        let side = if dice.below(2) == 0 { Side::Up } else { Side::Down };
        match dice.below(if gentle { 9 } else { 16 }) {
            0..=3 => Fault::Ill(replica, side, toxic(dice)),
            4 => Fault::Refused(replica),
            5 => Fault::Severed(replica),
            6 => Fault::Well(replica),
            7 => Fault::Frozen(dice.millis(50, 1_200)),
            8 => Fault::Killed(dice.millis(0, 800)),
            9 => Fault::Imported,
            10 => Fault::RolledBack,
            11 => Fault::Flushed(dice.millis(0, 800)),
            12 => Fault::Dumped,
            13 | 14 => Fault::Restored,
            _ => Fault::Trimmed,
        }
    }
}

/// A changed byte is none of them: a record that is scanned has no hash, only what TCP and TLS give it.
fn toxic(dice: &mut Dice) -> Toxic {
    match dice.below(7) {
        0 => Toxic::Latency(dice.millis(5, 300)),
        1 => Toxic::BlackHole,
        2 => Toxic::HalfOpen,
        3 => Toxic::Reset,
        4 => Toxic::Slices,
        5 => Toxic::Cut { after: 1 + dice.below(4_000) },
        _ => Toxic::Slow { bytes_per_second: 1_000 + dice.below(20_000) },
    }
}

impl Scene {
    /// A registry, and as many links to it.
    pub(super) async fn begin(link_count: usize) -> Scene {
        let redis = RedisServer::start_persistent();
        let proxies = (0..link_count).map(|_| Proxy::start(redis.port)).collect();
        let keys = home(&redis.settings()).await.keys().clone();
        let (gate, oracle) = (Arc::default(), Oracle::default());
        let mut scene = Scene { redis, proxies, gate, oracle, keys, older: None, import_count: 0 };
        scene.import().await;
        scene
    }

    /// Lets a fault happen.
    pub(super) async fn happen(&mut self, fault: Fault) {
        match fault {
            Fault::Ill(link, side, toxic) => self.proxies[link].set(side, toxic),
            Fault::Refused(link) => self.proxies[link].refuse(),
            Fault::Severed(link) => self.proxies[link].sever(),
            Fault::Well(link) => self.proxies[link].heal(),
            Fault::Frozen(span) => {
                self.redis.freeze();
                tokio::time::sleep(span).await;
                self.redis.thaw();
            }
            Fault::Killed(span) => {
                self.redis.kill();
                tokio::time::sleep(span).await;
                self.redis.restart();
            }
            _ => self.replace(fault).await,
        }
    }

    /// Steps after which history is another: nobody writes meanwhile.
    async fn replace(&mut self, fault: Fault) {
        let gate = Arc::clone(&self.gate);
        let _alone = gate.write().await;
        self.catch_up().await;
        let mut raw = self.redis.raw().await;
        let from = Timestamp::now();
        match fault {
            Fault::Imported => self.import().await,
            Fault::RolledBack => {
                let mut home = home(&self.redis.settings()).await;
                // Where there is nothing to go back to, nothing happens.
                if let Ok(position) = home.rollback().await {
                    self.oracle.moved(from, Some(position.chain));
                }
            }
            Fault::Flushed(span) => {
                ask(&mut raw, &["FLUSHALL"]).await;
                self.oracle.moved(from, None);
                tokio::time::sleep(span).await;
                self.import().await;
            }
            Fault::Restored => {
                if let Some(older) = &self.older {
                    restore(&mut raw, &older.bytes).await;
                    self.oracle.moved(from, Some(older.at));
                }
            }
            Fault::Trimmed => {
                let tip = self.oracle.tip().and_then(|chain| self.oracle.state(chain)).expect("a registry");
                let log = self.keys.log(namesake::registry::redis::Epoch(tip.epoch));
                ask(&mut raw, &["XTRIM", &log, "MAXLEN", "2"]).await;
            }
            _ => {
                let at = self.oracle.tip().expect("a registry");
                self.older = Some(Older { bytes: dump(&mut raw).await, at });
            }
        }
    }

    /// Tells the oracle what was written.
    pub(super) async fn catch_up(&mut self) {
        self.oracle.read_log(&mut self.redis.raw().await, &self.keys).await;
    }

    async fn import(&mut self) {
        self.import_count += 1;
        let names = names(ACCOUNTS, &format!("of import {}", self.import_count));
        let mut home = home(&self.redis.settings()).await;
        let before = home.position().await.unwrap();
        let new = home.begin_epoch(before).await.unwrap();
        let changes: Vec<Change> = names.iter().map(|(id, name)| put(id, name)).collect();
        let filled = home.apply(new.epoch, Mode::Fill, &changes, |_| {}).await.unwrap().expect("changes");
        self.oracle.imported(new.epoch, filled.rev, filled.chain, &names);
        let from = Timestamp::now();
        home.flip(&new, Some(&filled)).await.unwrap();
        self.oracle.moved(from, Some(filled.chain));
    }

    /// Makes every link well.
    pub(super) fn heal(&self) {
        self.proxies.iter().for_each(Proxy::heal);
    }
}
