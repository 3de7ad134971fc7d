//! A server that follows a Redis and is asked all the while whose lead it is. Not one call may fail or be answered
//! otherwise, whatever happens to the registry's home.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use namesake::account::AccountId;
use namesake::proto::v1::route_lead_response::Route;
use namesake::proto::v1::{Lead, RouteLeadRequest, RouteLeadResponse};
use namesake::registry::redis::RedisSettings;
use namesake::registry::replica::status::{Board, Reason, Status};
use namesake::registry::replica::{RedisReach, Replica, Settings};
use namesake::serving::InForce;
use tokio::task::JoinHandle;

use crate::registry::{ANCHOR, Names, home};
use crate::support::TestServer;

/// How soon a replica promises to equal its home once that can be reached and is quiet.
const PROMISE: Duration = Duration::from_secs(5);
/// What a machine with other work may add to any promise. Nothing here comes near it on an idle one.
pub(crate) const BUSY: Duration = Duration::from_secs(5);
/// Longer than anything takes: a wait that reaches it is a failure.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a proof of equality counts here: short, so that tests need not wait for it to lapse.
pub(crate) const FRESH_WINDOW: Duration = Duration::from_secs(2);
/// Time between two calls.
const PACE: Duration = Duration::from_millis(20);

/// A replica under test.
pub(crate) struct Subject {
    pub(crate) server: TestServer,
    pub(crate) board: Arc<Board>,
    following: JoinHandle<()>,
    asking: JoinHandle<()>,
    asked: Arc<Asked>,
}

#[derive(Default)]
struct Asked {
    count: AtomicU64,
    wrong: Mutex<Vec<String>>,
}

/// What the tests set differently from the product.
pub(crate) fn settings() -> Settings {
    Settings {
        fresh_window: FRESH_WINDOW,
        persist_interval: Duration::from_millis(50),
        ..Settings::default()
    }
}

impl Subject {
    /// Begins to follow, and to ask from the first publication on.
    pub(crate) async fn start(redis: RedisSettings) -> Subject {
        Subject::start_with(redis, settings()).await
    }

    pub(crate) async fn start_with(redis: RedisSettings, settings: Settings) -> Subject {
        let server = TestServer::start_empty(namesake::server::Settings::default()).await;
        let settings = Settings { namespace: redis.namespace.to_string(), ..settings };
        let reach = RedisReach::new(redis, settings.block);
        let replica = Replica::begin(settings, Arc::clone(&server.serving));
        let board = replica.board();
        let following = tokio::spawn(replica.run(reach));
        let asked = Arc::new(Asked::default());
        let mut client = server.client().await;
        let mut loaded = server.serving.loaded();
        let tally = Arc::clone(&asked);
        let asking = tokio::spawn(async move {
            let _ = loaded.wait_for(|loaded| *loaded).await;
            loop {
                let wrong = match client.route_lead(RouteLeadRequest { lead: Some(lead()) }).await {
                    Ok(answer) => wrong(answer.get_ref()),
                    Err(status) => Some(format!("{status:?}")),
                };
                tally.count.fetch_add(1, Ordering::Relaxed);
                tally.wrong.lock().unwrap().extend(wrong);
                tokio::time::sleep(PACE).await;
            }
        });
        Subject { server, board, following, asking, asked }
    }

    /// Follows and already equals Redis.
    pub(crate) async fn start_equal(redis: &RedisSettings) -> Subject {
        let subject = Subject::start(redis.clone()).await;
        subject.until_equal(redis).await;
        subject
    }

    pub(crate) fn in_force(&self) -> InForce {
        self.server.serving.load().expect("something is published")
    }

    pub(crate) fn status(&self) -> Status {
        self.board.read()
    }

    pub(crate) fn resync_count(&self) -> u64 {
        self.status().resyncs.values().sum()
    }

    /// Waits until the status is as wanted.
    pub(crate) async fn until(&self, what: &str, reached: impl Fn(&Status) -> bool) {
        self.wait(what, || reached(&self.status())).await;
    }

    pub(crate) async fn until_stale(&self) {
        self.wait("stale", || self.in_force().freshness.stale).await;
    }

    pub(crate) async fn until_fresh(&self) {
        self.wait("fresh", || self.server.serving.load().is_some_and(|now| !now.freshness.stale)).await;
    }

    pub(crate) async fn until_resync(&self, reason: Reason) {
        self.until(&format!("{reason:?}"), |status| status.resyncs.contains_key(&reason)).await;
    }

    pub(crate) async fn until_named(&self, id: &str, name: &str) {
        self.until_name_is(id, |found| found == name).await;
    }

    pub(crate) async fn until_name_is(&self, id: &str, wanted: impl Fn(&str) -> bool) {
        self.wait(id, || self.name_of(id).as_deref().is_some_and(&wanted)).await;
    }

    pub(crate) fn name_of(&self, id: &str) -> Option<String> {
        name_in(&self.server.serving.load()?, id)
    }

    /// Waits until the published index equals what this quiet Redis holds, and is called fresh. Gives how long that
    /// took, which the promise bounds.
    pub(crate) async fn until_equal(&self, redis: &RedisSettings) -> Duration {
        let begin = Instant::now();
        let contents = home(redis).await.contents(|_| {}).await.unwrap().expect("a registry");
        let at = &contents.position;
        let equal = || {
            let published = self.status().published;
            let same = published.is_some_and(|published| {
                (published.generation, published.epoch, published.rev, published.chain)
                    == (at.generation, at.epoch.0, at.rev, at.chain)
            });
            same && self.server.serving.load().is_some_and(|now| !now.freshness.stale)
        };
        self.wait("equal to Redis", equal).await;
        let took = begin.elapsed();
        let now = self.in_force();
        let held: Names =
            contents.accounts.keys().filter_map(|id| Some((id.clone(), name_in(&now, id)?.into()))).collect();
        let due: Names =
            contents.accounts.iter().map(|(id, text)| (id.clone(), name_of_record(text).into())).collect();
        assert_eq!(now.index.account_count(), contents.accounts.len());
        assert_eq!(held, due);
        assert!(took <= PROMISE + BUSY, "equal only after {took:?}");
        took
    }

    /// For a while the last good registry, of `count` accounts, answers, and nothing else is published.
    pub(crate) async fn keeps(&self, count: usize) {
        let revision = self.in_force().index.revision();
        let asked = self.asked.count.load(Ordering::Relaxed);
        self.wait("asked", || self.asked.count.load(Ordering::Relaxed) >= asked + 20).await;
        let now = self.in_force();
        assert_eq!(
            (now.index.revision(), now.index.account_count()),
            (revision, count),
            "{:?}",
            self.status()
        );
    }

    async fn wait(&self, what: &str, reached: impl Fn() -> bool) {
        let waiting = async {
            while !reached() {
                self.check_answers();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let all = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(all.is_ok(), "not {what}: {:?}", self.status());
    }

    /// Every call so far was answered, and rightly.
    pub(crate) fn check_answers(&self) {
        assert_eq!(*self.asked.wrong.lock().unwrap(), [""; 0]);
        assert!(!self.asking.is_finished() && !self.following.is_finished());
    }

    /// How many calls were answered so far.
    pub(crate) fn answered(&self) -> u64 {
        self.asked.count.load(Ordering::Relaxed)
    }

    /// Ends everything; not one call failed.
    pub(crate) async fn end(self) {
        self.wait("asked", || self.answered() > 0).await;
        self.check_answers();
        self.asking.abort();
        self.following.abort();
        let _ = self.asking.await;
        self.server.stop().await;
    }
}

fn lead() -> Lead {
    let (email, company) = ("jane@anchor.com".into(), "Anchor Instruments".into());
    Lead { lead_id: "l".into(), email, company, ..Lead::default() }
}

/// What is wrong with an answer about the anchor, if anything is.
fn wrong(answer: &RouteLeadResponse) -> Option<String> {
    let Some(Route::Owner(owner)) = &answer.route else { return Some(format!("{answer:?}")) };
    let account = owner.account.as_ref().map(|account| account.account_id.as_str());
    if account != Some(ANCHOR) {
        return Some(format!("{answer:?}"));
    }
    let envelope = answer.envelope.as_ref()?;
    let age = envelope.index_age.as_ref().and_then(|age| Duration::try_from(*age).ok()).unwrap_or_default();
    (!envelope.stale && age > FRESH_WINDOW + BUSY).then(|| format!("called fresh after {age:?}"))
}

pub(crate) fn name_in(now: &InForce, id: &str) -> Option<String> {
    now.index.account(&AccountId::new(id)?).map(|account| account.name().to_owned())
}

/// The name in a record of `registry::record`.
pub(crate) fn name_of_record(text: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(text).unwrap();
    record["name"].as_str().unwrap().to_owned()
}
