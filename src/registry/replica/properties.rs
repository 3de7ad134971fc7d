//! Whatever happens to the home, and whenever: the invariants of a replica hold.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::Settings;
use super::desk::Desk;
use super::fake::{Event, Fake, IDS, Says, key};
use super::follow::{Follower, Round};
use super::home::{HomeError, Position};
use super::publish::Workshop;
use super::status::{Board, Reason, Rejection, Status};
use crate::account::AccountId;
use crate::policy::Policy;
use crate::serving::{InForce, Serving};

/// A replica whose every step is taken by the test.
struct Replica {
    home: Fake,
    follower: Follower,
    desk: Arc<Desk>,
    board: Arc<Board>,
    workshop: Workshop,
    serving: Arc<Serving>,
    /// Where the last publication stands.
    published: Option<Position>,
}

impl Replica {
    fn new(accept_shrink: bool) -> Replica {
        let settings = Arc::new(Settings { accept_shrink, ..Settings::default() });
        let serving = Arc::new(Serving::new(Policy::default()));
        let board = Arc::new(Board::default());
        let desk = Arc::new(Desk::new(Arc::clone(&serving), Arc::clone(&board), settings.fresh_window));
        let follower = Follower::new(settings, Arc::clone(&desk), Arc::clone(&board), None);
        let workshop = Workshop::new(accept_shrink);
        Replica { home: Fake::default(), follower, desk, board, workshop, serving, published: None }
    }

    fn happen(&self, events: impl IntoIterator<Item = Event>) {
        self.home.with(|world| events.into_iter().for_each(|event| world.happen(event)));
    }

    fn in_force(&self) -> Option<InForce> {
        self.serving.load()
    }

    fn status(&self) -> Status {
        self.board.read()
    }

    fn resynced(&self, reason: Reason) -> u64 {
        self.status().resyncs.get(&reason).copied().unwrap_or_default()
    }

    async fn round(&mut self) -> Result<Round, HomeError> {
        let result = self.follower.round(&mut self.home.clone()).await;
        if let Err(error) = &result {
            self.follower.lose(error);
        }
        result
    }

    /// Builds what waits, and compares what is published with what the home said at exactly that position.
    fn publish(&mut self) -> TestCaseResult {
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
    fn check_atomic(&self, at: Position) -> TestCaseResult {
        let said = self.home.with(|world| world.history.get(&(at.epoch, at.rev, at.chain)).cloned());
        let said = said.expect("the home has been there");
        prop_assert_eq!(self.says(), said.clone());
        prop_assert_eq!(said.len() as u64, at.count);
        let index = self.in_force().expect("something was published").index;
        prop_assert_eq!(index.account_count(), self.workshop.checked().account_count());
        for (id, held) in self.workshop.checked().accounts() {
            let found = index.account(&AccountId::new(id).unwrap()).map(|account| account.name.clone());
            prop_assert_eq!(found, held.good.as_ref().map(|(_, account)| account.name.clone()));
        }
        Ok(())
    }

    fn says(&self) -> Says {
        let checked = self.workshop.checked();
        let accounts = checked.accounts().iter().map(|(id, held)| (id, held.record.clone(), false));
        let reps = checked.reps().iter().map(|(id, held)| (id, held.record.clone(), true));
        let kinds = |rep| if rep { super::home::Kind::Rep } else { super::home::Kind::Account };
        accounts
            .chain(reps)
            .map(|(id, record, rep)| (super::home::Key { kind: kinds(rep), id: Arc::clone(id) }, record.text))
            .collect()
    }

    /// *Honest age*: fresh is said only of a sound index that stands where the home last said it stands.
    fn check_honest(&self) -> TestCaseResult {
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

fn event() -> impl Strategy<Value = Event> {
    let id = 0..IDS;
    let records = proptest::collection::vec((0..IDS, any::<u8>()), 0..16);
    prop_oneof![
        6 => Just(Event::Nothing),
        12 => (id.clone(), any::<u8>()).prop_map(|(id, what)| Event::Put(id, what)),
        6 => id.clone().prop_map(Event::Delete),
        1 => id.prop_map(Event::Poison),
        2 => (0..6_u8).prop_map(Event::Trim),
        2 => (1..6_u8).prop_map(Event::LoseWrites),
        1 => (1..12_u8).prop_map(Event::Restore),
        1 => Just(Event::Flush),
        2 => records.prop_map(Event::Flip),
        1 => Just(Event::Rollback),
        1 => Just(Event::Disconnect),
        1 => Just(Event::Duplicate),
        1 => Just(Event::Reorder),
        1 => Just(Event::Garble),
    ]
}

/// Events, and after each of them how often the replica turns before the next, and whether it builds.
type Script = Vec<(Vec<Event>, bool)>;

fn script() -> impl Strategy<Value = Script> {
    proptest::collection::vec((proptest::collection::vec(event(), 0..12), any::<bool>()), 1..24)
}

fn full() -> Event {
    Event::Flip((0..IDS).map(|id| (id, id)).collect())
}

async fn check(script: Script, accept_shrink: bool) -> TestCaseResult {
    let mut replica = Replica::new(accept_shrink);
    replica.happen([full()]);
    for (events, builds) in script {
        // These happen one by one, each before the next answer of the home.
        replica.home.with(|world| world.coming.extend(events));
        let before = replica.published;
        let round = replica.round().await;
        if round == Ok(Round::Equal) {
            let said = replica.home.with(|world| world.answered);
            let copy = replica.follower.copy().map(|copy| copy.position());
            prop_assert_eq!(copy, said, "equal means equal to what the home said last");
        }
        if builds {
            replica.publish()?;
        }
        // *Last known good*: nothing takes a published index away.
        prop_assert!(before.is_none() || replica.in_force().is_some());
        replica.check_honest()?;
    }

    // *Convergent*: once the home is quiet, a few rounds make the replica equal to it.
    let coming = replica.home.with(|world| std::mem::take(&mut world.coming));
    replica.happen(coming);
    replica.happen((0..IDS).map(|id| Event::Put(id, 200)));
    if replica.home.with(|world| world.position()).is_none() {
        replica.happen([full()]);
    }
    for _ in 0..6 {
        let _ = replica.round().await;
        replica.publish()?;
    }
    let at = replica.home.with(|world| world.position());
    prop_assert_eq!(replica.published, at);
    prop_assert_eq!(Some(replica.says()), replica.home.with(|world| world.says()));
    let _ = replica.round().await;
    let stale = replica.in_force().is_some_and(|in_force| in_force.freshness.stale);
    prop_assert!(!stale, "a proof ends staleness");
    Ok(())
}

fn run(future: impl Future<Output = TestCaseResult>) -> TestCaseResult {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime can be made").block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn invariants_hold_whatever_happens(script in script(), accept_shrink: bool) {
        run(check(script, accept_shrink))?;
    }
}

/// A replica that equals a home with every record.
async fn following() -> Replica {
    let mut replica = Replica::new(false);
    replica.happen([full()]);
    replica.round().await.unwrap();
    replica.publish().unwrap();
    replica
}

/// What a replica does about events that happened between two rounds: why it took a whole copy, if it did.
#[track_caller]
fn check_resync(events: Vec<Event>, reason: Option<Reason>) {
    run(async {
        let mut replica = following().await;
        let before = replica.status().resyncs;
        replica.happen(events);
        prop_assert_eq!(replica.round().await, Ok(Round::Equal));
        replica.publish()?;
        prop_assert_eq!(Some(replica.says()), replica.home.with(|world| world.says()));
        let mut expected = before;
        if let Some(reason) = reason {
            *expected.entry(reason).or_default() += 1;
        }
        prop_assert_eq!(replica.status().resyncs, expected);
        Ok(())
    })
    .unwrap();
}

#[test]
fn resumable_changes_in_the_log_need_no_whole_copy() {
    check_resync(vec![Event::Put(1, 9), Event::Delete(2), Event::Duplicate], None);
}

#[test]
fn a_log_trimmed_past_the_reader_leads_to_a_whole_copy() {
    check_resync(vec![Event::Put(1, 9), Event::Put(2, 9), Event::Trim(1)], Some(Reason::Trimmed));
    check_resync(vec![Event::Put(1, 9), Event::Trim(0)], Some(Reason::Trimmed));
}

#[test]
fn fork_safe_lost_writes_and_other_ones_lead_to_a_whole_copy() {
    run(async {
        for later in [vec![Event::Put(2, 9)], vec![Event::Put(2, 9), Event::Put(3, 9)]] {
            let mut replica = following().await;
            replica.happen([Event::Put(1, 9)]);
            prop_assert_eq!(replica.round().await, Ok(Round::Equal));
            replica.publish()?;
            replica.happen([vec![Event::LoseWrites(2)], later].concat());
            prop_assert_eq!(replica.round().await, Ok(Round::Equal));
            replica.publish()?;
            prop_assert_eq!(replica.resynced(Reason::Fork), 1);
        }
        Ok(())
    })
    .unwrap();
}

#[test]
fn an_older_state_another_import_and_a_garbled_change_lead_to_a_whole_copy() {
    check_resync(
        vec![Event::Flip(vec![(0, 1), (1, 1), (2, 1), (4, 1), (5, 1), (6, 1)])],
        Some(Reason::NewEpoch),
    );
    check_resync(vec![Event::Put(1, 9), Event::Garble], Some(Reason::Corrupt));
    run(async {
        let mut replica = following().await;
        replica.happen([Event::Put(1, 9)]);
        prop_assert_eq!(replica.round().await, Ok(Round::Equal));
        replica.happen([Event::Restore(2)]);
        prop_assert_eq!(replica.round().await, Ok(Round::Equal));
        prop_assert_eq!(replica.resynced(Reason::Rollback), 1);
        Ok(())
    })
    .unwrap();
}

#[test]
fn what_is_deleted_during_a_scan_stays_deleted() {
    run(async {
        let mut replica = Replica::new(false);
        replica.happen([full()]);
        // The position, then the first page; then its record goes.
        let after_the_first_page = [Event::Nothing, Event::Nothing, Event::Delete(0)];
        replica.home.with(|world| world.coming.extend(after_the_first_page));
        prop_assert_eq!(replica.round().await, Ok(Round::Equal));
        replica.publish()?;
        prop_assert!(!replica.says().contains_key(&key(0)));
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_write_that_is_scanned_and_then_lost_is_not_believed() {
    run(async {
        let mut replica = Replica::new(false);
        replica.happen([full()]);
        // The position; a write, which the first page holds; its loss, before the log is read.
        let lost = [Event::Nothing, Event::Put(0, 9), Event::LoseWrites(2)];
        replica.home.with(|world| world.coming.extend(lost));
        prop_assert_eq!(replica.round().await, Ok(Round::Unsettled));
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_version_that_no_change_explains_is_not_believed() {
    run(async {
        let mut replica = Replica::new(false);
        replica.happen([full(), Event::Tamper(1)]);
        prop_assert_eq!(replica.round().await, Ok(Round::Unsettled));
        prop_assert!(replica.desk.begin().is_none());
        Ok(())
    })
    .unwrap();
}

#[test]
fn last_known_good_stays_when_the_registry_is_gone_empty_or_halved() {
    for (event, rejection) in [
        (Event::Flush, Rejection::Missing),
        (Event::Flip(vec![]), Rejection::Empty),
        (Event::Flip(vec![(0, 1), (1, 1)]), Rejection::Shrunk),
    ] {
        run(async {
            let mut replica = following().await;
            let before = replica.published;
            replica.happen([event]);
            let _ = replica.round().await;
            replica.publish()?;
            prop_assert_eq!(replica.published, before);
            prop_assert_eq!(
                {
                    let status = replica.status();
                    status.rejected.get(&rejection).copied()
                },
                Some(1)
            );
            let in_force = replica.in_force().expect("the last good one stays");
            prop_assert!(in_force.freshness.stale && in_force.index.account_count() == 9);
            // Believed again once it is whole again.
            replica.happen([full()]);
            let _ = replica.round().await;
            replica.publish()?;
            prop_assert!(replica.in_force().is_some_and(|in_force| !in_force.freshness.stale));
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn a_malformed_record_keeps_its_last_good_version_and_nothing_is_called_fresh() {
    run(async {
        let mut replica = following().await;
        replica.happen([Event::Poison(1), Event::Put(2, 77)]);
        prop_assert_eq!(replica.round().await, Ok(Round::Equal));
        replica.publish()?;
        let in_force = replica.in_force().expect("published");
        let name =
            |number| in_force.index.account(&AccountId::new(&key(number).id).unwrap()).unwrap().name.clone();
        prop_assert_eq!((name(1), name(2)), ("Company 1".into(), "Company 77".into()));
        prop_assert!(in_force.freshness.stale);
        prop_assert_eq!(replica.status().degraded, 1);
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_table_written_by_another_hand_is_found_by_verification() {
    run(async {
        let mut replica = following().await;
        replica.happen([Event::Put(1, 9)]);
        let _ = replica.round().await;
        replica.happen([Event::Tamper(5)]);
        tokio::time::advance(Settings::default().verify_interval).await;
        prop_assert_eq!(replica.round().await, Ok(Round::Unsettled));
        prop_assert_eq!(replica.resynced(Reason::Diverged), 1);
        Ok(())
    })
    .unwrap();
}

#[test]
fn honest_age_without_proof_for_the_fresh_window_is_stale() {
    run(async {
        let mut replica = following().await;
        let stale = |replica: &Replica| replica.in_force().is_some_and(|in_force| in_force.freshness.stale);
        let window = Settings::default().fresh_window;
        prop_assert!(!stale(&replica));
        tokio::time::advance(window).await;
        replica.desk.look();
        prop_assert!(!stale(&replica));
        tokio::time::advance(std::time::Duration::from_millis(1)).await;
        replica.desk.look();
        prop_assert!(stale(&replica));
        prop_assert_eq!(replica.round().await, Ok(Round::Equal));
        prop_assert!(!stale(&replica));
        replica.happen([Event::Disconnect]);
        prop_assert!(replica.round().await.is_err());
        prop_assert!(stale(&replica), "a lost connection is stale at once");
        Ok(())
    })
    .unwrap();
}
