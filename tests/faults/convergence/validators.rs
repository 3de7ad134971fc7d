//! The invariants of a replica, each checked over its record and what Redis really held. Named as in `DESIGN.md`:
//! ordered, unique, reliable, atomic, resumable, fork-safe, last known good, convergent, honest age.

use std::time::Duration;

use namesake::registry::redis::Chain;

use super::oracle::{Digest, Oracle};
use super::recorder::Seen;
use crate::subject::{BUSY, FRESH_WINDOW};

/// What is wrong with a record.
pub(super) type Verdict = Result<(), String>;

/// One invariant.
type Validator = fn(&Part<'_>) -> Verdict;

/// A part of a replica's record, and what happened meanwhile.
pub(super) struct Part<'a> {
    pub(super) seen: &'a [Seen],
    pub(super) oracle: &'a Oracle,
    /// Nothing happened but to links and processes: no history was replaced, no log trimmed.
    pub(super) gentle: bool,
    /// The most accounts that a registry held.
    pub(super) most: usize,
}

/// Runs every validator over a part.
pub(super) fn validate(part: &Part<'_>) -> Verdict {
    let all: [(&str, Validator); 9] = [
        ("atomic", atomic),
        ("ordered", ordered),
        ("unique", unique),
        ("reliable", reliable),
        ("resumable", resumable),
        ("fork_safe", fork_safe),
        ("last_known_good", last_known_good),
        ("convergent", convergent),
        ("honest_age", honest_age),
    ];
    all.iter().try_for_each(|(name, check)| check(part).map_err(|why| format!("{name}: {why}")))
}

/// Two publications, one after the other, and whether a whole copy was taken or a state refused before the later, so
/// that it need not continue the earlier. The copy is counted when it begins, and what was waiting then is still
/// published, twice at most: so it counts since the third publication before.
fn publications<'a>(part: &Part<'a>) -> Vec<(&'a Seen, &'a Seen, bool)> {
    let mut firsts: Vec<&Seen> = part.seen.iter().collect();
    firsts.dedup_by_key(|seen| seen.revision);
    let begun = |seen: &Seen| (seen.resyncs, seen.refusals);
    let pair = |n: usize| (firsts[n - 1], firsts[n], begun(firsts[n.saturating_sub(3)]) != begun(firsts[n]));
    (1..firsts.len()).map(pair).collect()
}

/// Whether some state of the second content continues one of the first.
fn continues(oracle: &Oracle, before: Digest, after: Digest) -> bool {
    oracle
        .of(before)
        .iter()
        .any(|&earlier| oracle.of(after).iter().any(|&later| oracle.descends(later, earlier)))
}

fn revs(oracle: &Oracle, digest: Digest) -> impl Iterator<Item = (u64, u64)> {
    oracle.of(digest).iter().filter_map(|&chain| oracle.state(chain)).map(|state| (state.epoch, state.rev))
}

/// A published index equals the registry at one revision.
fn atomic(part: &Part<'_>) -> Verdict {
    let unknown = |seen: &&Seen| part.oracle.of(seen.digest).is_empty();
    part.seen.iter().find(unknown).map_or(Ok(()), |seen| Err(format!("Redis never held {seen:?}")))
}

/// Revisions rise, except through a whole copy.
fn ordered(part: &Part<'_>) -> Verdict {
    for (before, after, anew) in publications(part) {
        let rises = revs(part.oracle, before.digest)
            .any(|(epoch, rev)| revs(part.oracle, after.digest).any(|(e, r)| e == epoch && r > rev));
        if !rises && !anew {
            return Err(format!("{after:?} after {before:?}"));
        }
    }
    Ok(())
}

/// No revision is applied twice: a publication never repeats the one before, except through a whole copy.
fn unique(part: &Part<'_>) -> Verdict {
    let again = |(before, after, anew): &(&Seen, &Seen, bool)| before.digest == after.digest && !anew;
    let found = publications(part).into_iter().find(again);
    found.map_or(Ok(()), |(before, after, _)| Err(format!("{after:?} again after {before:?}")))
}

/// Without a whole copy a publication continues the history of the one before.
fn reliable(part: &Part<'_>) -> Verdict {
    for (before, after, anew) in publications(part) {
        if !anew && !continues(part.oracle, before.digest, after.digest) {
            return Err(format!("{after:?} does not continue {before:?}"));
        }
    }
    Ok(())
}

/// While the log goes on, no whole copy is taken.
fn resumable(part: &Part<'_>) -> Verdict {
    let (Some(first), Some(last)) = (part.seen.first(), part.seen.last()) else { return Ok(()) };
    if part.gentle && first.resyncs != last.resyncs {
        return Err(format!("{} whole copies, before {}", last.resyncs, first.resyncs));
    }
    Ok(())
}

/// What is published is of the very history that the replica says it is of.
fn fork_safe(part: &Part<'_>) -> Verdict {
    for seen in part.seen {
        let Some((_, epoch, rev, chain)) = seen.claimed else { continue };
        let fits = |chain: Chain| {
            part.oracle
                .state(chain)
                .is_some_and(|state| (state.digest, state.epoch, state.rev) == (seen.digest, epoch, rev))
        };
        if !fits(chain) {
            return Err(format!("{:?}, but claimed {seen:?}", part.oracle.state(chain)));
        }
    }
    Ok(())
}

/// Nothing empty and nothing halved is ever published.
fn last_known_good(part: &Part<'_>) -> Verdict {
    let lost = |seen: &&Seen| 2 * seen.account_count < part.most;
    part.seen.iter().find(lost).map_or(Ok(()), |seen| Err(format!("{seen:?} of {}", part.most)))
}

/// At the end of a part, after healing, the replica equals Redis and says so.
fn convergent(part: &Part<'_>) -> Verdict {
    let due = part.oracle.tip().and_then(|chain| part.oracle.state(chain)).map(|state| state.digest);
    match part.seen.last() {
        Some(seen) if Some(seen.digest) == due && !seen.stale => Ok(()),
        last => Err(format!("{last:?} is not {due:?}")),
    }
}

/// Fresh means that Redis stood there when the replica says it did or after, and not long ago.
fn honest_age(part: &Part<'_>) -> Verdict {
    for seen in part.seen.iter().filter(|seen| !seen.stale) {
        let age = Duration::try_from(seen.at.duration_since(seen.confirmed)).unwrap_or_default();
        if age > FRESH_WINDOW + BUSY {
            return Err(format!("{age:?} old: {seen:?}"));
        }
        if !part.oracle.held(seen.digest, seen.confirmed, seen.at) {
            return Err(format!("Redis did not stand there then: {seen:?}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use namesake::registry::redis::Epoch;

    use super::*;
    use crate::registry::names;

    const SECOND: Duration = Duration::from_secs(1);

    fn chain(of: &str) -> Chain {
        Chain::seed(Epoch(7), of)
    }

    /// An import, then three changes a second apart, of which the third undoes the second; and the record of a replica
    /// that saw every one of them at once.
    fn good() -> (Oracle, Vec<Seen>) {
        let mut at = Timestamp::now() - 60 * SECOND;
        let mut oracle = Oracle::default();
        oracle.imported(Epoch(7), 41, chain("0"), &names(40, "one"));
        oracle.begin(at, chain("0"));
        let mut seen = Vec::new();
        for n in 0..4_u64 {
            if n > 0 {
                at += SECOND;
                let name = if n == 2 { "Other" } else { "Same" };
                oracle.changed(at, chain(&n.to_string()), "a0", Some(Arc::from(name)));
            }
            let chain = oracle.tip().unwrap();
            let state = oracle.state(chain).unwrap();
            let (confirmed, digest) = (at + SECOND / 4, state.digest);
            let claimed = Some((1, state.epoch, state.rev, chain));
            let (resyncs, refusals, account_count, stale) = (1, 0, 41, false);
            let at = at + SECOND / 2;
            seen.push(Seen {
                at,
                revision: n + 1,
                digest,
                account_count,
                stale,
                confirmed,
                resyncs,
                refusals,
                claimed,
            });
        }
        (oracle, seen)
    }

    /// Which invariant a record breaks once it is spoiled.
    #[track_caller]
    fn check(broken: Option<&str>, spoil: impl FnOnce(&mut Oracle, &mut Vec<Seen>)) {
        let (mut oracle, mut seen) = good();
        spoil(&mut oracle, &mut seen);
        let verdict = validate(&Part { seen: &seen, oracle: &oracle, gentle: true, most: 41 });
        let found = verdict.as_ref().err().map(|why| why.split(':').next().unwrap());
        assert_eq!(found, broken, "{verdict:?}");
    }

    #[test]
    fn a_good_record_passes_and_batches_may_be_published_as_one() {
        check(None, |_, _| {});
        check(None, |_, seen| {
            seen.remove(1);
        });
    }

    #[test]
    fn every_invariant_can_be_broken() {
        check(Some("atomic"), |_, seen| seen[1].digest = Digest::of(&names(3, "never held")));
        check(Some("ordered"), |_, seen| {
            seen[1..3].swap_with_slice(&mut [good().1[2].clone(), good().1[0].clone()])
        });
        check(Some("unique"), |_, seen| {
            let again = Seen { revision: 9, ..seen[3].clone() };
            seen.push(again);
        });
        check(Some("reliable"), |oracle, seen| {
            // Another history of higher revisions takes the place, and nobody takes a copy.
            let until = seen[3].at;
            oracle.imported(Epoch(7), 90, chain("fork"), &names(40, "fork"));
            oracle.begin(until, chain("fork"));
            let digest = Digest::of(&names(40, "fork"));
            let forked = Seen { revision: 5, digest, claimed: None, confirmed: until, ..seen[3].clone() };
            seen.push(forked);
        });
        check(Some("resumable"), |_, seen| seen[3].resyncs += 1);
        check(Some("fork_safe"), |_, seen| seen[1].claimed = seen[2].claimed);
        check(Some("last_known_good"), |_, seen| seen[1].account_count = 20);
        check(Some("convergent"), |_, seen| seen.truncate(3));
        check(Some("convergent"), |_, seen| seen[3].stale = true);
        check(Some("honest_age"), |_, seen| seen[1].confirmed += 2 * SECOND);
        check(Some("honest_age"), |_, seen| seen[3].at += 60 * SECOND);
    }
}
