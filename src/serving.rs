//! What requests are answered from: the published index, the policy in force, and how fresh the index is.
//!
//! One [`Serving`] is shared by every door of a server. Whoever keeps the registry fresh writes to it
//! ([`Serving::publish`], [`Serving::confirm`], [`Serving::set_stale`]); whoever reads the configuration
//! writes the policy ([`Serving::set_policy`]); requests only read, each part once ([`Serving::load`]).

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use tokio::sync::watch;

use crate::matching::Index;
use crate::metrics::Metrics;
use crate::policy::Policy;
use crate::registry::health::Loading;
use crate::tally::Tally;

/// Where the published index was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Files.
    File,
    /// Redis.
    Redis,
    /// The local snapshot file, Redis being out of reach since the start.
    Snapshot,
}

/// How fresh the published index is. Written by whoever keeps the registry fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// When the index was published here.
    pub published_time: Timestamp,
    /// When the index was last known to equal its home; not before the home was read.
    pub confirmed_time: Timestamp,
    /// True while the home is out of reach or its last state was refused.
    pub stale: bool,
    /// Where it was read from.
    pub source: Source,
}

/// A policy and what identifies it.
#[derive(Debug)]
pub struct PolicyInForce {
    /// The settings.
    pub policy: Policy,
    /// [`policy_digest`] of the settings.
    pub digest: String,
}

/// What one request is answered from: loaded once, used for everything.
#[derive(Debug)]
pub struct InForce {
    /// The published index.
    pub index: Arc<Index>,
    /// How fresh it is.
    pub freshness: Freshness,
    /// The policy.
    pub policy: Arc<PolicyInForce>,
}

/// An index and what is known of its freshness: one value, so that no request takes the word about one index for
/// another's.
#[derive(Clone, Debug)]
struct Published {
    index: Arc<Index>,
    freshness: Freshness,
    loading: Arc<Loading>,
}

/// The shared state of a server.
#[derive(Debug)]
pub struct Serving {
    published: ArcSwapOption<Published>,
    policy: ArcSwap<PolicyInForce>,
    tally: Tally,
    metrics: Metrics,
    /// False until the first publication, then true for ever.
    loaded: watch::Sender<bool>,
}

impl Serving {
    /// Nothing published yet; `policy` in force.
    pub fn new(policy: Policy) -> Serving {
        Serving {
            published: ArcSwapOption::empty(),
            policy: ArcSwap::from_pointee(PolicyInForce::new(policy)),
            tally: Tally::default(),
            metrics: Metrics::default(),
            loaded: watch::Sender::new(false),
        }
    }

    /// Makes `index` the one that later requests see, whole and at once. The first publication makes the server ready.
    pub fn publish(&self, index: Index, freshness: Freshness) {
        self.publish_examined(index, freshness, Loading::default());
    }

    /// The same, with what loading found in the registry, for whoever asks after its health.
    pub fn publish_examined(&self, index: Index, freshness: Freshness, loading: Loading) {
        let (index, loading) = (Arc::new(index), Arc::new(loading));
        self.published.store(Some(Arc::new(Published { index, freshness, loading })));
        self.loaded.send_replace(true);
    }

    /// Says that the published index equalled its home at `at`: it is not stale. A snapshot that equals its home
    /// is as good as read from there. Nothing where nothing is published.
    pub fn confirm(&self, at: Timestamp) {
        self.revise(|old| {
            let source = match old.freshness.source {
                Source::Snapshot => Source::Redis,
                source => source,
            };
            let freshness = Freshness { confirmed_time: at, stale: false, source, ..old.freshness };
            Published { freshness, ..old }
        });
    }

    /// Says that the home is out of reach, or that its last state was refused. Nothing where nothing is published.
    pub fn set_stale(&self) {
        self.revise(|old| Published { freshness: Freshness { stale: true, ..old.freshness }, ..old });
    }

    /// Says that something else is wrong with the records behind the published index, which means what it meant.
    /// Nothing where nothing is published.
    pub fn set_loading(&self, loading: Loading) {
        let loading = Arc::new(loading);
        self.revise(|old| match old.loading == loading {
            true => old,
            false => Published { loading: Arc::clone(&loading), ..old },
        });
    }

    fn revise(&self, revised: impl Fn(Published) -> Published) {
        self.published.rcu(|old| Some(Arc::new(revised(Published::clone(old.as_deref()?)))));
    }

    /// Puts another policy in force for later requests.
    pub fn set_policy(&self, policy: Policy) {
        self.policy.store(Arc::new(PolicyInForce::new(policy)));
    }

    /// What a request is answered from; `None` before the first publication.
    pub fn load(&self) -> Option<InForce> {
        let published = self.published.load();
        let Published { index, freshness, .. } = published.as_deref()?;
        let (index, freshness) = (Arc::clone(index), *freshness);
        Some(InForce { index, freshness, policy: self.policy.load_full() })
    }

    /// The same for whoever asks after the registry's health, with what loading found in it.
    pub fn load_examined(&self) -> Option<(InForce, Arc<Loading>)> {
        let Published { index, freshness, loading } = Published::clone(self.published.load().as_deref()?);
        Some((InForce { index, freshness, policy: self.policy.load_full() }, loading))
    }

    /// How fresh the published index is; `None` before the first publication.
    pub fn freshness(&self) -> Option<Freshness> {
        self.published.load().as_deref().map(|published| published.freshness)
    }

    /// What requests leave behind: companies that the registry lacks.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What operators are told.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// True from the first publication on; can be awaited.
    pub fn loaded(&self) -> watch::Receiver<bool> {
        self.loaded.subscribe()
    }
}

impl Freshness {
    /// An index read from files and published at `at`, equal to them.
    pub fn at(at: Timestamp) -> Freshness {
        Freshness { published_time: at, confirmed_time: at, stale: false, source: Source::File }
    }

    /// Time since the index was last known to equal its home. A clock that was set back makes no age under 0.
    pub fn age(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.confirmed_time)).unwrap_or_default()
    }
}

impl PolicyInForce {
    fn new(policy: Policy) -> PolicyInForce {
        let digest = policy_digest(&policy);
        PolicyInForce { policy, digest }
    }
}

/// Identifies the settings of a policy: 16 hexadecimal digits, the FNV-1a hash (64 bits) of its `Debug` text.
///
/// That text holds every setting, and its maps are sorted, so equal policies have equal digests on every
/// replica of one release. Another release may spell a setting differently. Not a safeguard against
/// somebody who forges a policy.
pub fn policy_digest(policy: &Policy) -> String {
    let mut hash = Fnv1a(FNV_OFFSET);
    write!(hash, "{policy:?}").expect("hashing text cannot fail");
    format!("{:016x}", hash.0)
}

/// Offset basis and prime of FNV-1a with 64 bits: http://www.isthe.com/chongo/tech/comp/fnv.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

struct Fnv1a(u64);

impl fmt::Write for Fnv1a {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Registry;
    use crate::matching::Revision;

    fn published(at: Timestamp) -> Serving {
        let serving = Serving::new(Policy::default());
        serving.publish(Index::build(Registry::default(), Revision(1)), Freshness::at(at));
        serving
    }

    #[test]
    fn nothing_is_in_force_before_the_first_publication() {
        let serving = Serving::new(Policy::default());
        assert!(serving.load().is_none());
        assert!(!*serving.loaded().borrow());
    }

    #[test]
    fn an_empty_registry_is_a_publication_too() {
        let serving = published(Timestamp::UNIX_EPOCH);
        assert_eq!(serving.load().unwrap().index.revision(), Revision(1));
        assert!(*serving.loaded().borrow());
    }

    #[test]
    fn a_confirmation_ends_staleness_and_moves_only_the_confirmed_time() {
        let serving = published(Timestamp::UNIX_EPOCH);
        serving.set_stale();
        assert!(serving.load().unwrap().freshness.stale);
        let later = Timestamp::from_second(60).unwrap();
        serving.confirm(later);
        let expected = Freshness { confirmed_time: later, ..Freshness::at(Timestamp::UNIX_EPOCH) };
        assert_eq!(serving.load().unwrap().freshness, expected);
    }

    #[test]
    fn the_digest_tells_policies_apart_and_nothing_else() {
        let other = Policy { review_queue: "elsewhere".into(), ..Policy::default() };
        assert_eq!(policy_digest(&Policy::default()), policy_digest(&Policy::default()));
        assert_ne!(policy_digest(&Policy::default()), policy_digest(&other));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // The published vector of "foobar".
        let mut hash = Fnv1a(FNV_OFFSET);
        hash.write_str("foobar").unwrap();
        assert_eq!(hash.0, 0x8594_4171_f739_67e8);
    }
}
