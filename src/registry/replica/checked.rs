//! The copy's texts as accounts and reps. A malformed text leaves its record's last good version in force.

mod put;
mod replacements;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::put::{Change, put};
use self::replacements::{Owners, owners_of};
use super::ahead::ReadAhead;
use super::copy::Changes;
use super::held::{Good, Held, Spelled};
use super::home::{Key, Kind, Record};
use super::meaning::{account, account_read, checked_account, refusal, rep};
use super::records::Records;
use super::restore::{self, Meaning, Row};
use crate::account::Rep;
use crate::matching::{PreparedAccount, PreparedRegistry};
use crate::registry::health::{Loading, WORST_MAX};
use crate::registry::links::{self, Placed, Places};
use crate::registry::problem::Problem;
use crate::registry::redis::read::Contents;

/// The records of a registry, by id, and what they mean.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    accounts: Records<Arc<PreparedAccount>>,
    reps: Records<Rep>,
    /// Records with values that were ignored, and how many: most have none.
    ignored: BTreeMap<Key, u32>,
    /// Records whose text makes no sense now.
    malformed: BTreeSet<Key>,
    /// Accounts in force.
    account_count: usize,
    /// Where there are no reps and so every owner is one: how many accounts each has. Known once the registry was
    /// asked for.
    owners: Option<Owners>,
}

/// What taking changes did.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Whether anything means something else now.
    pub changed: bool,
    /// Texts among the changes that make no sense, the first of them with the reason.
    pub malformed: Vec<Problem>,
    /// Accounts that were put in the place of others, which come first.
    pub replaced: Vec<(Arc<PreparedAccount>, Arc<PreparedAccount>)>,
    /// Whether more changed than that: accounts came or went, reps changed, or values that are ignored.
    pub more: bool,
}

impl Checked {
    /// Takes changed records: only these are read again.
    pub fn take(&mut self, changes: Changes) -> Taken {
        self.take_read(None, changes, &ReadAhead::default())
    }

    /// Takes all records, where they are given, in the place of those that are here, and changed ones over them. Some were
    /// read already.
    pub(super) fn take_read(
        &mut self,
        whole: Option<Vec<(Key, Record)>>,
        changes: Changes,
        ahead: &ReadAhead,
    ) -> Taken {
        let mut taken = Taken::default();
        if let Some(whole) = whole {
            let gone = self.missing(&whole);
            let all = whole.into_iter().map(|(key, record)| (key, Some(record)));
            self.take_changes(gone.chain(all), ahead, &mut taken);
        }
        self.take_changes(changes.into_iter(), ahead, &mut taken);
        taken.changed = taken.more || !taken.replaced.is_empty();
        taken
    }

    /// Removals of what a whole copy, in order, has not.
    fn missing(&self, whole: &[(Key, Record)]) -> impl Iterator<Item = Change> + use<> {
        gone(Kind::Account, &self.accounts, whole).chain(gone(Kind::Rep, &self.reps, whole))
    }

    fn take_changes(&mut self, changes: impl Iterator<Item = Change>, ahead: &ReadAhead, taken: &mut Taken) {
        let (accounts, reps): (Vec<_>, Vec<_>) = changes.partition(|(key, _)| key.kind == Kind::Account);
        let Checked { ignored, malformed, .. } = self;
        let account = |id: &str, record: &Record, problems: &mut _| ahead.account(id, &record.text, problems);
        for (before, after) in put(&mut self.accounts, ignored, malformed, accounts, account, taken) {
            match (before, after) {
                (Some(before), Some(after)) => taken.replaced.push((before, after)),
                (before, after) => {
                    self.account_count =
                        self.account_count + usize::from(after.is_some()) - usize::from(before.is_some());
                    taken.more = true;
                }
            }
        }
        let rep = |id: &str, record: &Record, problems: &mut _| {
            rep(id, &record.text, problems).map(|rep| Good::of(&record.text, rep))
        };
        let reps = put(&mut self.reps, ignored, malformed, reps, rep, taken);
        taken.more |= !reps.is_empty();
    }

    /// The records of a snapshot file, accounts before reps.
    pub(super) fn of_rows(rows: &[Row<'_>]) -> Checked {
        let mut checked = Checked::default();
        let Checked { ignored, malformed, .. } = &mut checked;
        let (accounts, reps) = rows.split_at(rows.partition_point(|row| row.kind == Kind::Account));
        let of_account = Meaning { of_text: account, of_read: account_read };
        let accounts = restored(accounts, Kind::Account, of_account, ignored, malformed);
        let of_rep = Meaning { of_text: rep, of_read: |_, _| None };
        let reps = restored(reps, Kind::Rep, of_rep, ignored, malformed);
        (checked.accounts, checked.reps) = (accounts, reps);
        checked.account_count = checked.accounts.iter().filter(|held| held.meaning().is_some()).count();
        checked
    }

    /// The records' versions, by key.
    pub(super) fn versions(&self) -> impl Iterator<Item = (Key, u64)> {
        versions(Kind::Account, &self.accounts).chain(versions(Kind::Rep, &self.reps))
    }

    /// The records of a registry that was read once, and what of it makes no sense.
    pub fn of(contents: Contents) -> (Checked, Vec<Problem>) {
        let mut checked = Checked::default();
        let of_kind = |kind, texts: BTreeMap<String, String>| {
            texts.into_iter().map(move |(id, text)| {
                (Key { kind, id: id.into() }, Some(Record { version: 0, text: text.into() }))
            })
        };
        let accounts = of_kind(Kind::Account, contents.accounts);
        let taken = checked.take(accounts.chain(of_kind(Kind::Rep, contents.reps)).collect());
        (checked, taken.malformed)
    }

    /// Records with a text that makes no sense.
    pub fn malformed_count(&self) -> usize {
        self.malformed.len()
    }

    /// Whether nothing of a record's last good text was ignored.
    pub(super) fn is_flawless(&self, kind: Kind, id: &str) -> bool {
        self.ignored.is_empty() || !self.ignored.contains_key(&Key { kind, id: id.into() })
    }

    /// Accounts in force.
    pub fn account_count(&self) -> usize {
        self.account_count
    }

    /// The accounts, by id.
    pub fn accounts(&self) -> &Records<Arc<PreparedAccount>> {
        &self.accounts
    }

    /// The reps, by id.
    pub fn reps(&self) -> &Records<Rep> {
        &self.reps
    }

    /// What is in force, and what is wrong with it. A link that leads nowhere is ignored, an owner who is no rep counts
    /// as nobody: here one record cannot refuse the whole.
    pub fn registry(&mut self) -> (PreparedRegistry, Loading) {
        let mut accounts = in_force(&self.accounts);
        let mut reps = in_force(&self.reps);
        let (mut ignored, unnamed_count) = self.ignored_values();
        let mut placed = Placed { records: &mut accounts, places: Places::Ids("account") };
        let ids = links::Ids::InOrder;
        self.owners = reps.is_empty().then(|| owners_of(placed.records));
        if let Some(owners) = &self.owners {
            reps = owners.keys().cloned().map(Rep::new).collect();
            reps.sort_by(|one, other| one.id.cmp(&other.id));
        } else {
            let known = reps.iter().map(|rep| rep.id.clone()).collect();
            links::known_owners(&mut placed, &known, &Arc::from("the registry"), &mut ignored);
            let mut placed = Placed { records: &mut reps, places: Places::Ids("rep") };
            links::known_stand_ins(&mut placed, &known, &mut ignored);
        }
        links::parents(&mut placed, &ids, &mut ignored);
        links::merged_ids(&mut placed, &ids, &mut ignored);
        let loading = self.with_malformed(Loading::of(&ignored).with_more_values(unnamed_count));
        (PreparedRegistry::in_order(accounts, reps), loading)
    }

    /// `loading` with the records whose text makes no sense now.
    pub fn with_malformed(&self, loading: Loading) -> Loading {
        let mut named = Vec::new();
        let of_kind = |kind| self.malformed.iter().filter(move |key| key.kind == kind).take(WORST_MAX);
        for Key { id, .. } in of_kind(Kind::Account) {
            let text = self.accounts.get(id).map(Held::text).unwrap_or_default();
            named.extend(refusal(|problems| drop(checked_account(id, &text, problems))));
        }
        for Key { id, .. } in of_kind(Kind::Rep) {
            let text = self.reps.get(id).map(Held::text).unwrap_or_default();
            named.extend(refusal(|problems| drop(rep(id, &text, problems))));
        }
        loading.with_malformed(self.malformed_count(), &named)
    }

    /// The values that were ignored in the first records with such, and how many more there are.
    fn ignored_values(&self) -> (Vec<Problem>, usize) {
        let mut ignored = Vec::new();
        let mut unnamed_count = 0;
        for (key, count) in &self.ignored {
            if ignored.len() >= WORST_MAX {
                unnamed_count += *count as usize;
            } else if key.kind == Kind::Account {
                let text = self.accounts.get(&key.id).and_then(Held::good_text).unwrap_or_default();
                checked_account(&key.id, &text, &mut ignored);
            } else {
                let text = self.reps.get(&key.id).and_then(Held::good_text).unwrap_or_default();
                rep(&key.id, &text, &mut ignored);
            }
        }
        (ignored, unnamed_count)
    }
}

fn in_force<T: Clone + Spelled>(records: &Records<T>) -> Vec<T> {
    records.iter().filter_map(|held| held.meaning().cloned()).collect()
}

fn versions<T: Clone + Spelled>(kind: Kind, records: &Records<T>) -> impl Iterator<Item = (Key, u64)> {
    records.iter().map(move |held| (Key { kind, id: held.id().into() }, held.version()))
}

/// Removals of the records of a kind that are not among all, which are in order.
fn gone<T: Clone + Spelled>(
    kind: Kind,
    records: &Records<T>,
    all: &[(Key, Record)],
) -> impl Iterator<Item = Change> + use<T> {
    let stays = |id: &str| all.binary_search_by(|(key, _)| (key.kind, &*key.id).cmp(&(kind, id))).is_ok();
    let ids = records.iter().map(Held::id).filter(|id| !stays(id));
    let gone: Vec<Change> = ids.map(|id| (Key { kind, id: id.into() }, None)).collect();
    gone.into_iter()
}

/// Rows of one kind, which are in the order of their ids.
fn restored<T: Clone + Send + Spelled>(
    rows: &[Row<'_>],
    kind: Kind,
    meaning: Meaning<T>,
    ignored: &mut BTreeMap<Key, u32>,
    malformed: &mut BTreeSet<Key>,
) -> Records<T> {
    Records::in_order(restore::read(rows, meaning).map(|row| {
        let key = || Key { kind, id: row.held.id().into() };
        if row.ignored > 0 {
            ignored.insert(key(), row.ignored);
        }
        if row.held.is_malformed() {
            malformed.insert(key());
        }
        row.held
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(kind: Kind, id: &str, text: Option<&str>) -> Change {
        let record = text.map(|text| Record { version: 1, text: text.into() });
        (Key { kind, id: id.into() }, record)
    }

    fn account_change(text: Option<&str>) -> Changes {
        [change(Kind::Account, "a1", text)].into_iter().collect()
    }

    /// What the account is called after these texts, and how many records are malformed then.
    #[track_caller]
    fn check(texts: &[Option<&str>], name: Option<&str>, malformed: usize) {
        let mut checked = Checked::default();
        for text in texts {
            checked.take(account_change(*text));
        }
        let registry = checked.registry().0;
        let found: Vec<&str> = registry.accounts().iter().map(|account| account.name()).collect();
        assert_eq!((found, checked.malformed_count()), (Vec::from_iter(name), malformed));
    }

    const ACME: Option<&str> = Some(r#"{"id":"a1","name":"Acme"}"#);

    #[test]
    fn a_malformed_record_keeps_its_last_good_version() {
        for bad in [
            "not JSON",
            "id,name\na1,Ajax",
            r#"{"id":"a1"}"#,
            r#"{"id":"a2","name":"Ajax"}"#,
            r#"{"id":"a1","name":"Ajax","class":"noble"}"#,
            "{\"id\":\"a1\",\"name\":\"Ajax\"}\n{\"id\":\"a1\",\"name\":\"Ajax\"}",
        ] {
            check(&[ACME, Some(bad)], Some("Acme"), 1);
            check(&[Some(bad)], None, 1);
            check(&[Some(bad), ACME], Some("Acme"), 0);
            check(&[ACME, Some(bad), None], None, 0);
        }
    }

    #[test]
    fn a_text_that_stays_is_not_read_again() {
        let mut checked = Checked::default();
        assert!(checked.take(account_change(ACME)).changed);
        assert!(!checked.take(account_change(ACME)).changed);
        assert!(checked.take(account_change(None)).changed);
        assert!(!checked.take(account_change(None)).changed);
    }

    #[test]
    fn what_is_ignored_or_malformed_is_counted_in_full_and_named_up_to_a_limit() {
        let text = |at: usize| match at % 2 {
            0 => format!(r#"{{"country":"Atlantis","id":"a{at}","name":"Acme {at}"}}"#),
            _ => format!(r#"{{"id":"a{at}"}}"#),
        };
        let changes = (0..100).map(|at| change(Kind::Account, &format!("a{at}"), Some(&text(at))));
        let mut checked = Checked::default();
        checked.take(changes.collect());
        let (registry, loading) = checked.registry();
        let policy = crate::policy::Policy::default();
        let index = crate::matching::Index::build(registry, crate::matching::Revision(1));
        let report = crate::registry::health::check(&index, &loading, &policy, jiff::Timestamp::UNIX_EPOCH);
        let found = |kind: &str| {
            let found = report.findings.iter().find(|finding| finding.kind.as_str() == kind).unwrap();
            (found.count, found.worst.len())
        };
        assert_eq!((found("ignored_value"), found("malformed_record")), ((50, WORST_MAX), (50, WORST_MAX)));
        let mended = (0..100).map(|at| change(Kind::Account, &format!("a{at}"), ACME.filter(|_| at == 1)));
        checked.take(mended.collect());
        assert_eq!(checked.registry().1, Loading::default());
    }

    #[test]
    fn without_reps_every_owner_is_one_and_with_them_an_unknown_owner_is_nobody() {
        let mut checked = Checked::default();
        checked.take(account_change(Some(r#"{"id":"a1","name":"Acme","owner_id":"r1"}"#)));
        assert_eq!(checked.registry().0.reps().len(), 1);
        checked.take([change(Kind::Rep, "r2", Some(r#"{"id":"r2"}"#))].into_iter().collect());
        let registry = checked.registry().0;
        assert_eq!((registry.reps().len(), registry.accounts().len()), (1, 1));
    }
}
