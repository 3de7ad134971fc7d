//! Does everything that is stored fit together? Records, versions, log and head say the same in different
//! ways, so that a write past the scripts shows.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::chain::{Chain, Operation};
use super::connection::Connection;
use super::error::HomeError;
use super::keys::{Epoch, RecordKind};
use super::read::{Contents, Logged, Position};
use crate::registry::problem::{Place, Problem};
use crate::registry::record::{AccountRecord, RepRecord};
use crate::registry::stored::Stored;
use crate::registry::whole::Whole;

/// How often a registry that moves is looked at again.
const ATTEMPTS_MAX: usize = 5;
/// Log entries asked for in one step.
const LOG_COUNT: usize = 1_000;

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Two places disagree.
    Stored(String),
    /// A record that no server can take.
    Record(Problem),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Stored(text) => f.write_str(text),
            Difference::Record(problem) => problem.fmt(f),
        }
    }
}

/// A registry that was verified.
#[derive(Debug)]
pub struct Verified {
    /// Where it stood.
    pub position: Position,
    /// Accounts.
    pub account_count: usize,
    /// Reps.
    pub rep_count: usize,
    /// Log entries whose chain was recomputed.
    pub logged_count: usize,
    /// SHA-1 over all records in order: equal registries have equal sums, whatever their history.
    pub sum: Chain,
    /// What does not fit; empty where all is well.
    pub differences: Vec<Difference>,
}

impl Connection {
    /// Compares everything that is stored of the current epoch. `None` where there is no registry.
    ///
    /// # Errors
    /// [`HomeError`]; [`HomeError::RegistryChanged`] where it moves too fast.
    pub async fn verify(&mut self, mut progress: impl FnMut(usize)) -> Result<Option<Verified>, HomeError> {
        for _ in 0..ATTEMPTS_MAX {
            let Some(before) = self.position().await? else { return Ok(None) };
            let (mut accounts, mut reps, mut versions) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
            let keys = self.keys().clone();
            self.scan(&keys.accounts(before.epoch), &mut accounts, &mut progress).await?;
            self.scan(&keys.reps(before.epoch), &mut reps, &mut |_| {}).await?;
            self.scan(&keys.versions(before.epoch), &mut versions, &mut |_| {}).await?;
            let (log, unreadable) = self.whole_log(before.epoch).await?;
            if self.position().await?.as_ref() != Some(&before) {
                continue;
            }
            let contents = Contents { position: before, accounts, reps };
            let mut differences = unreadable;
            compare_versions(&contents, &versions, &mut differences);
            compare_log(&contents, &versions, &log, &mut differences);
            check_records(&contents, &mut differences);
            return Ok(Some(Verified {
                account_count: contents.accounts.len(),
                rep_count: contents.reps.len(),
                logged_count: log.len(),
                sum: sum(&contents),
                position: contents.position,
                differences,
            }));
        }
        Err(HomeError::RegistryChanged)
    }

    async fn whole_log(&mut self, epoch: Epoch) -> Result<(Vec<Logged>, Vec<Difference>), HomeError> {
        let mut log: Vec<Logged> = Vec::new();
        loop {
            let after = log.last().map_or(0, |entry| entry.rev);
            match self.log(epoch, after, LOG_COUNT).await {
                Ok(page) if page.is_empty() => return Ok((log, Vec::new())),
                Ok(page) => log.extend(page),
                Err(HomeError::Damaged { why }) => return Ok((log, vec![Difference::Stored(why)])),
                Err(error) => return Err(error),
            }
        }
    }
}

fn compare_versions(contents: &Contents, versions: &BTreeMap<String, String>, found: &mut Vec<Difference>) {
    let mut differs = |text: String| found.push(Difference::Stored(text));
    let Position { rev, count, .. } = contents.position;
    let records = contents.accounts.len() + contents.reps.len();
    if records as u64 != count {
        differs(format!("head: count is {count}, there are {records} records"));
    }
    for kind in [RecordKind::Account, RecordKind::Rep] {
        for id in contents.of(kind).keys() {
            if !versions.contains_key(&kind.version_field(id)) {
                differs(format!("{} {id}: has no version: it was written past the scripts", kind.as_str()));
            }
        }
    }
    let mut holders: BTreeMap<u64, &str> = BTreeMap::new();
    for (field, version) in versions {
        let Some((kind, id)) = RecordKind::of_version_field(field) else {
            differs(format!("versions: `{field}` is neither account:<id> nor rep:<id>"));
            continue;
        };
        if !contents.of(kind).contains_key(id) {
            differs(format!("{} {id}: has a version and no record", kind.as_str()));
        }
        match version.parse::<u64>() {
            Ok(version) if (1..=rev).contains(&version) => {
                if let Some(other) = holders.insert(version, field) {
                    differs(format!("{field}: has version {version}, and so has {other}"));
                }
            }
            _ => differs(format!("{field}: version `{version}` is not between 1 and {rev}")),
        }
    }
}

fn compare_log(
    contents: &Contents,
    versions: &BTreeMap<String, String>,
    log: &[Logged],
    found: &mut Vec<Difference>,
) {
    let mut differs = |text: String| found.push(Difference::Stored(text));
    for pair in log.windows(2) {
        let [before, entry] = pair else { continue };
        if entry.rev != before.rev + 1 {
            differs(format!("log: entry {} follows entry {}", entry.rev, before.rev));
        } else if entry.prev != before.chain {
            differs(format!("log: entry {} does not continue the chain of the one before", entry.rev));
        }
    }
    let mut last: BTreeMap<(RecordKind, &str), &Logged> = BTreeMap::new();
    for entry in log {
        let chain = entry.prev.next(entry.rev, entry.operation, entry.kind, &entry.id, &entry.value);
        if chain != entry.chain {
            differs(format!("log: entry {} has another chain than its content gives", entry.rev));
        }
        last.insert((entry.kind, &entry.id), entry);
    }
    let Position { rev, chain, .. } = contents.position;
    if let Some(entry) = log.last().filter(|entry| (entry.rev, entry.chain) != (rev, chain)) {
        differs(format!(
            "log: its last entry is {} with chain {}, head says {rev} with {chain}",
            entry.rev, entry.chain
        ));
    }
    for ((kind, id), entry) in last {
        let kind_name = kind.as_str();
        let stored = contents.of(kind).get(id);
        let logged = (entry.operation == Operation::Put).then_some(&entry.value);
        if stored != logged {
            differs(format!(
                "{kind_name} {id}: is not what log entry {} says: it was written past the scripts",
                entry.rev
            ));
        }
        let version = versions.get(&kind.version_field(id)).and_then(|version| version.parse().ok());
        if logged.is_some() && version != Some(entry.rev) {
            differs(format!(
                "{kind_name} {id}: was last changed by log entry {}, its version differs",
                entry.rev
            ));
        }
    }
}

/// Every record must be one, under its own id, in the one spelling, and all together a registry.
fn check_records(contents: &Contents, found: &mut Vec<Difference>) {
    let mut whole = Whole::default();
    let mut problems = Vec::new();
    let accounts: Vec<(Place, AccountRecord)> =
        records(RecordKind::Account, &contents.accounts, &mut problems, found);
    let reps: Vec<(Place, RepRecord)> = records(RecordKind::Rep, &contents.reps, &mut problems, found);
    if !reps.is_empty() {
        whole.expect_reps(&Arc::from("the registry's reps"));
    }
    for (place, record) in &reps {
        whole.add_rep(place.clone(), record, &mut problems);
    }
    whole.add_accounts(&accounts, &mut problems);
    whole.finish(&mut problems);
    problems.retain(|problem| problem.fault.refuses());
    found.extend(problems.into_iter().map(Difference::Record));
}

fn records<T: Stored>(
    kind: RecordKind,
    texts: &BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
    found: &mut Vec<Difference>,
) -> Vec<(Place, T)> {
    let mut records = Vec::with_capacity(texts.len());
    for (id, text) in texts {
        let place = Place { file: Arc::from(format!("{} {id}", kind.as_str())), line: 0 };
        let record = match T::of_text(text) {
            Ok(record) => record,
            Err(error) => {
                problems.push(Problem::new(place, &error.column, error.fault));
                continue;
            }
        };
        if record.id() != id {
            found.push(Difference::Stored(format!("{place}: its record has the id {}", record.id())));
        } else if record.text() != *text {
            found.push(Difference::Stored(format!(
                "{place}: is spelled in another way than Namesake does: keys sorted, nothing empty, no white space"
            )));
        }
        records.push((place, record));
    }
    records
}

fn sum(contents: &Contents) -> Chain {
    let mut sum = Chain::seed(Epoch(0), "");
    for kind in [RecordKind::Account, RecordKind::Rep] {
        for (id, text) in contents.of(kind) {
            sum = sum.next(0, Operation::Put, kind, id, text);
        }
    }
    sum
}
