//! Whatever happens to the home, and whenever: the invariants of a replica hold.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::bench::{Replica, full, run};
use super::fake::{Event, IDS};
use super::follow::Round;

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

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn invariants_hold_whatever_happens(script in script(), accept_shrink: bool) {
        run(check(script, accept_shrink))?;
    }
}
