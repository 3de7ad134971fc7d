//! What Redis really held, and when: every state by its chain, from the imports and from the log that was read back.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use namesake::registry::redis::{Chain, Epoch, Keys};
use redis::aio::MultiplexedConnection;
use redis::streams::StreamRangeReply;

use crate::registry::Names;
use crate::subject::name_of_record;

/// Redis tells the time in whole milliseconds.
const MILLISECOND: Duration = Duration::from_millis(1);

/// The names of a registry in one number: equal for equal names, whatever way led there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Digest(u64);

impl Digest {
    pub(super) fn of(names: &Names) -> Digest {
        names.iter().fold(Digest::default(), |digest, (id, name)| digest.toggle(id, name))
    }

    /// With the account if it was without it, and the other way round.
    fn toggle(self, id: &str, name: &str) -> Digest {
        let mut hasher = DefaultHasher::new();
        (id, name).hash(&mut hasher);
        Digest(self.0 ^ hasher.finish())
    }
}

/// A state of one history.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) epoch: u64,
    pub(super) rev: u64,
    pub(super) digest: Digest,
    before: Before,
}

/// What a state came from.
#[derive(Clone, Debug)]
enum Before {
    Import(Arc<Names>),
    Change { parent: Chain, id: String, name: Option<Arc<str>> },
}

/// Redis came to stand somewhere, between two moments.
#[derive(Clone, Copy, Debug)]
struct Event {
    from: Timestamp,
    until: Timestamp,
    at: Option<Chain>,
}

/// Everything that Redis held.
#[derive(Debug, Default)]
pub(super) struct Oracle {
    states: HashMap<Chain, State>,
    by_digest: HashMap<Digest, Vec<Chain>>,
    events: Vec<Event>,
    /// Where Redis stands, and what it holds there.
    tip: Option<(Chain, Names)>,
}

impl Oracle {
    pub(super) fn state(&self, chain: Chain) -> Option<&State> {
        self.states.get(&chain)
    }

    pub(super) fn tip(&self) -> Option<Chain> {
        self.tip.as_ref().map(|(chain, _)| *chain)
    }

    /// The states with this content: several where changes were undone.
    pub(super) fn of(&self, digest: Digest) -> &[Chain] {
        self.by_digest.get(&digest).map_or(&[], Vec::as_slice)
    }

    pub(super) fn state_count(&self) -> usize {
        self.states.len()
    }

    /// Whether `later` comes after `earlier` in one history.
    pub(super) fn descends(&self, later: Chain, earlier: Chain) -> bool {
        let Some(end) = self.states.get(&earlier) else { return false };
        let mut at = later;
        while let Some(state) = self.states.get(&at) {
            match &state.before {
                Before::Change { parent, .. } if state.epoch == end.epoch && state.rev > end.rev => {
                    at = *parent
                }
                _ => break,
            }
        }
        at == earlier && later != earlier
    }

    /// Whether Redis held this content at some moment of a span.
    pub(super) fn held(&self, digest: Digest, from: Timestamp, until: Timestamp) -> bool {
        let chains = self.of(digest);
        self.events.iter().enumerate().any(|(n, event)| {
            let end = self.events.get(n + 1).map_or(Timestamp::MAX, |next| next.until);
            event.from <= until && from <= end && event.at.is_some_and(|chain| chains.contains(&chain))
        })
    }

    /// Forgets when Redis held what, but not what: where it stands now is what it held till now.
    pub(super) fn begin_round(&mut self) {
        let last = self.events.len().saturating_sub(1);
        self.events.drain(..last);
    }

    /// A state that an import left.
    pub(super) fn imported(&mut self, epoch: Epoch, rev: u64, chain: Chain, names: &Names) {
        let before = Before::Import(Arc::new(names.clone()));
        self.add(chain, State { epoch: epoch.0, rev, digest: Digest::of(names), before });
    }

    /// Since `from` at the earliest Redis stands elsewhere, by a step of the test: an import, a rollback, an older dump,
    /// or at nothing.
    pub(super) fn moved(&mut self, from: Timestamp, at: Option<Chain>) {
        self.events.push(Event { from, until: Timestamp::now(), at });
        self.tip = at.map(|chain| (chain, self.names(chain)));
    }

    /// Redis stands at a state since a moment.
    pub(super) fn begin(&mut self, from: Timestamp, at: Chain) {
        self.events.push(Event { from, until: from, at: Some(at) });
        self.tip = Some((at, self.names(at)));
    }

    fn add(&mut self, chain: Chain, state: State) {
        let digest = state.digest;
        if self.states.insert(chain, state).is_none() {
            self.by_digest.entry(digest).or_default().push(chain);
        }
    }

    fn names(&self, chain: Chain) -> Names {
        let mut changes = Vec::new();
        let mut at = chain;
        loop {
            match &self.states.get(&at).expect("Redis never stands where it never was").before {
                Before::Import(names) => {
                    let mut names = Names::clone(names);
                    changes.into_iter().rev().for_each(|(id, name)| lay(&mut names, id, name));
                    return names;
                }
                Before::Change { parent, id, name } => {
                    changes.push((id.clone(), name.clone()));
                    at = *parent;
                }
            }
        }
    }

    /// One account changed, and Redis stands there since `from`.
    pub(super) fn changed(&mut self, from: Timestamp, chain: Chain, id: &str, name: Option<Arc<str>>) {
        let (parent, mut names) = self.tip.take().expect("what changes is there");
        let State { epoch, rev, mut digest, .. } = self.states[&parent];
        for toggled in names.get(id).into_iter().chain(&name) {
            digest = digest.toggle(id, toggled);
        }
        lay(&mut names, id.to_owned(), name.clone());
        let before = Before::Change { parent, id: id.to_owned(), name };
        self.add(chain, State { epoch, rev: rev + 1, digest, before });
        self.events.push(Event { from, until: from + MILLISECOND, at: Some(chain) });
        self.tip = Some((chain, names));
    }

    /// Reads the log on from where Redis stood: every change that was made since.
    pub(super) async fn read_log(&mut self, raw: &mut MultiplexedConnection, keys: &Keys) {
        while let Some(tip) = self.tip() {
            let State { epoch, mut rev, .. } = self.states[&tip];
            let mut range = redis::cmd("XRANGE");
            range
                .arg(keys.log(Epoch(epoch)))
                .arg(format!("{epoch}-{}", rev + 1))
                .arg("+")
                .arg("COUNT")
                .arg(1_000);
            let reply: StreamRangeReply = range.query_async(raw).await.unwrap();
            for entry in &reply.ids {
                let text = |field: &str| entry.get::<String>(field).unwrap();
                rev += 1;
                assert_eq!(entry.id, format!("{epoch}-{rev}"), "the log is whole");
                assert_eq!(
                    self.tip().map(|tip| tip.to_string()),
                    Some(text("prev")),
                    "the log is one history"
                );
                let name = (text("op") == "put").then(|| Arc::from(name_of_record(&text("value"))));
                // A script takes the time before it changes anything.
                let from = Timestamp::from_millisecond(text("time").parse().unwrap()).unwrap();
                self.changed(from, text("chain").parse().unwrap(), &text("id"), name);
            }
            if reply.ids.is_empty() {
                return;
            }
        }
    }
}

fn lay(names: &mut Names, id: String, name: Option<Arc<str>>) {
    match name {
        Some(name) => drop(names.insert(id, name)),
        None => drop(names.remove(&id)),
    }
}
