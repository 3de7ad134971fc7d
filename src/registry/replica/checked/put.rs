//! Changed records put in the place of those before, a malformed one beside the last that made sense.

use std::collections::{BTreeMap, BTreeSet};

use super::Taken;
use crate::parallel;
use crate::registry::problem::Problem;
use crate::registry::replica::held::{Good, Held, Spelled};
use crate::registry::replica::home::{Key, Record};
use crate::registry::replica::records::Records;

/// The most malformed texts that are named; the count tells of the others.
const NAMED_MAX: usize = 20;

pub(super) type Change = (Key, Option<Record>);

/// What a record meant before and what it means now.
pub(super) type Turn<T> = (Option<T>, Option<T>);

/// Takes the changes of one kind; gives those of meanings.
pub(super) fn put<T: Clone + Send + Sync + Spelled>(
    held: &mut Records<T>,
    ignored: &mut BTreeMap<Key, u32>,
    malformed: &mut BTreeSet<Key>,
    changes: Vec<Change>,
    read: impl Fn(&str, &Record, &mut Vec<Problem>) -> Option<Good<T>> + Sync,
    taken: &mut Taken,
) -> Vec<Turn<T>> {
    let known = &*held;
    let meanings: Vec<_> = parallel::map_in_order(&changes, parallel::threads(), |(key, record)| {
        let record = record.as_ref()?;
        if known.get(&key.id).is_some_and(|held| held.says(&record.text)) {
            return None; // only its version is new
        }
        let mut problems = Vec::new();
        let good = read(&key.id, record, &mut problems);
        Some((good, problems))
    });
    let (mut turns, mut new) = (Vec::new(), Vec::new());
    for ((key, record), meaning) in changes.into_iter().zip(meanings) {
        let Some(record) = record else {
            taken.more |= ignored.remove(&key).is_some();
            malformed.remove(&key);
            let gone = held.remove(&key.id).and_then(Held::into_meaning);
            turns.extend(gone.map(|meaning| (Some(meaning), None)));
            continue;
        };
        match meaning {
            Some((Some(good), problems)) => {
                let ignored_before = match u32::try_from(problems.len()).unwrap_or(u32::MAX) {
                    0 => ignored.remove(&key),
                    count => ignored.insert(key.clone(), count),
                };
                taken.more |= ignored_before.is_some() || !problems.is_empty();
                malformed.remove(&key);
                let meaning = good.meaning().clone();
                let now = Held::of(record.version, good);
                let before = match held.get_mut(&key.id) {
                    Some(held) => std::mem::replace(held, now).into_meaning(),
                    None => {
                        new.push(now);
                        None
                    }
                };
                turns.push((before, Some(meaning)));
            }
            Some((None, problems)) => {
                let refusing = problems.into_iter().filter(|problem| problem.fault.refuses());
                let room = NAMED_MAX.saturating_sub(taken.malformed.len());
                taken.malformed.extend(refusing.take(room.min(1)));
                malformed.insert(key.clone());
                match held.get_mut(&key.id) {
                    Some(held) => held.spoil(record.version, &record.text),
                    None => new.push(Held::senseless(&key.id, record.version, &record.text)),
                }
            }
            None => {
                if let Some(held) = held.get_mut(&key.id) {
                    held.set_version(record.version);
                }
            }
        }
    }
    // Changes are in the order of their keys.
    if held.is_empty() {
        *held = Records::in_order(new);
    } else {
        new.into_iter().for_each(|record| held.insert(record));
    }
    turns
}
