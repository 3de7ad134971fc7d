//! One fault at a time, and what a replica does about it.

use proptest::prelude::*;

use super::Settings;
use super::bench::{Replica, full, run};
use super::fake::{Event, key};
use super::follow::Round;
use super::status::{Reason, Rejection};
use crate::account::AccountId;

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
        // The position twice, then the first page; then its record goes.
        let after_the_first_page = [Event::Nothing, Event::Nothing, Event::Nothing, Event::Delete(0)];
        replica.home.with(|world| world.coming.extend(after_the_first_page));
        prop_assert_eq!(replica.round().await, Ok(Round::Equal));
        replica.publish()?;
        prop_assert!(!replica.says().contains_key(&key(0)));
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
        let name = |number| {
            in_force.index.account(&AccountId::new(&key(number).id).unwrap()).unwrap().name().to_owned()
        };
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
