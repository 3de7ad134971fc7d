//! A replica whose every step is taken by a test, and what must hold after each of them.

use std::borrow::Cow;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::Settings;
use super::desk::Desk;
use super::fake::{Event, Fake, IDS, Says};
use super::follow::{Follower, Round};
use super::home::{HomeError, Key, Kind, Position};
use super::publish::Workshop;
use super::status::{Board, Reason, Status};
use crate::account::Account;
use crate::matching::PreparedRegistry;
use crate::policy::Policy;
use crate::serving::{InForce, Serving};

/// The replica.
pub(super) struct Replica {
    pub(super) home: Fake,
    pub(super) follower: Follower,
    pub(super) desk: Arc<Desk>,
    pub(super) board: Arc<Board>,
    pub(super) workshop: Workshop,
    pub(super) serving: Arc<Serving>,
    /// Where the last publication stands.
    pub(super) published: Option<Position>,
}

impl Replica {
    pub(super) fn new(accept_shrink: bool) -> Replica {
        let settings = Arc::new(Settings { accept_shrink, ..Settings::default() });
        let serving = Arc::new(Serving::new(Policy::default()));
        let board = Arc::new(Board::default());
        let desk = Arc::new(Desk::new(Arc::clone(&serving), Arc::clone(&board), settings.fresh_window));
        let follower = Follower::new(settings, Arc::clone(&desk), Arc::clone(&board), None);
        let workshop = Workshop::new(accept_shrink);
        Replica { home: Fake::default(), follower, desk, board, workshop, serving, published: None }
    }

    pub(super) fn happen(&self, events: impl IntoIterator<Item = Event>) {
        self.home.with(|world| events.into_iter().for_each(|event| world.happen(event)));
    }

    pub(super) fn in_force(&self) -> Option<InForce> {
        self.serving.load()
    }

    pub(super) fn status(&self) -> Status {
        self.board.read()
    }

    pub(super) fn resynced(&self, reason: Reason) -> u64 {
        self.status().resyncs.get(&reason).copied().unwrap_or_default()
    }

    pub(super) async fn round(&mut self) -> Result<Round, HomeError> {
        let result = self.follower.round(&mut self.home.clone()).await;
        if let Err(error) = &result {
            self.follower.lose(error);
        }
        result
    }

    /// Builds what waits, and compares what is published with what the home said at exactly that position.
    pub(super) fn publish(&mut self) -> TestCaseResult {
        let Some(update) = self.desk.begin() else { return Ok(()) };
        let position = update.position;
        let outcome = self.workshop.take(update, &self.board);
        let refused = outcome.refused;
        self.desk.finish(outcome);
        if refused.is_none() {
            self.published = Some(position);
            self.check_atomic(position)?;
        }
        Ok(())
    }

    /// *Ordered, unique, reliable, atomic, fork-safe*: the texts are those of one state of one history, which
    /// the chain identifies, and the index is made of them.
    pub(super) fn check_atomic(&self, at: Position) -> TestCaseResult {
        let said = self.home.with(|world| world.history.get(&(at.epoch, at.rev, at.chain)).cloned());
        let said = said.expect("the home has been there");
        prop_assert_eq!(self.says(), said.clone());
        prop_assert_eq!(said.len() as u64, at.count);
        let (in_force, loading) = self.serving.load_examined().expect("something was published");
        // However the index came about, it is the one that the records as a whole would make.
        let (registry, found) = self.workshop.checked().clone().registry();
        prop_assert_eq!(in_force.index.account_count(), self.workshop.checked().account_count());
        prop_assert_eq!(&*loading, &found);
        let published = in_force.index.registry();
        let accounts = |registry: &PreparedRegistry| -> Vec<Account> {
            registry.accounts().iter().map(|account| account.to_account()).collect()
        };
        prop_assert_eq!(accounts(&published), accounts(&registry));
        prop_assert_eq!(published.reps(), registry.reps());
        Ok(())
    }

    pub(super) fn says(&self) -> Says {
        let checked = self.workshop.checked();
        let text = |kind, id: &str, text: Cow<'_, str>| {
            (Key { kind, id: id.into() }, Arc::<str>::from(text.into_owned()))
        };
        let accounts = checked.accounts().iter().map(|held| text(Kind::Account, held.id(), held.text()));
        let reps = checked.reps().iter().map(|held| text(Kind::Rep, held.id(), held.text()));
        accounts.chain(reps).collect()
    }

    /// *Honest age*: fresh is said only of a sound index that stands where the home last said it stands.
    pub(super) fn check_honest(&self) -> TestCaseResult {
        let Some(in_force) = self.in_force() else { return Ok(()) };
        if !in_force.freshness.stale {
            let proven = self.status().proven.expect("fresh means proven");
            prop_assert_eq!(proven, in_force.freshness.confirmed_time);
            prop_assert_eq!(self.workshop.checked().malformed_count(), 0);
            prop_assert_eq!(self.status().refused, None);
        }
        Ok(())
    }
}

/// An import of every record.
pub(super) fn full() -> Event {
    Event::Flip((0..IDS).map(|id| (id, id)).collect())
}

/// Runs a test on a clock that stands still.
pub(super) fn run(future: impl Future<Output = TestCaseResult>) -> TestCaseResult {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime can be made").block_on(future)
}
