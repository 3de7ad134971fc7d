//! What `namesake check` finds, as tables that a sales-operations person can read: `data/registry_health/cases.csv` for a
//! whole registry, `lint.csv` for one account, each over the accounts and reps beside it.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use namesake::account::AccountId;
use namesake::matching::{Index, Revision};
use namesake::policy::Policy;
use namesake::registry::health::{self, Kind, Loading, Report};
use namesake::registry::one;
use namesake::registry::record::AccountRecord;
use namesake::registry::replica::checked::Checked;
use namesake::registry::replica::home::{Key, Kind as RecordKind, Record};
use serde_json::{Value, json};

const CASES: &str = include_str!("data/registry_health/cases.csv");
const LINT: &str = include_str!("data/registry_health/lint.csv");
const ACCOUNTS: &str = include_str!("data/registry_health/accounts.csv");
const REPS: &str = include_str!("data/registry_health/reps.csv");

type Row = BTreeMap<String, String>;
type Rows = BTreeMap<String, Row>;

fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn by_id(text: &str) -> Rows {
    rows(text).into_iter().map(|row| (row["id"].clone(), row)).collect()
}

/// A registry with what loading it found.
struct Loaded {
    index: Index,
    loading: Loading,
}

/// The clean registry with changes, `id column=value` with `;` between them.
fn changed(changes: &str) -> Loaded {
    let (mut accounts, mut reps) = (by_id(ACCOUNTS), by_id(REPS));
    for change in changes.split(';').map(str::trim).filter(|change| !change.is_empty()) {
        let (id, assignment) = change.split_once(' ').unwrap();
        let (column, value) = assignment.split_once('=').unwrap();
        match column {
            "+accounts" => (0..value.parse().unwrap()).for_each(|at| {
                let name = format!("Zwyxtra {at}");
                let row = [("id", format!("z{at}")), ("name", name), ("owner_id", id.to_owned())];
                add(&mut accounts, row, &format!("zwyxtra{at}.com"));
            }),
            "+parents" => (0..value.parse().unwrap()).for_each(|at: u32| {
                let above = format!("p{}", at + 1);
                let below = if at == 0 { id.to_owned() } else { format!("p{at}") };
                accounts.get_mut(&below).unwrap().insert("parent_id".into(), above.clone());
                let name = format!("Zwyxtra {at}");
                let row = [("id", above), ("name", name), ("owner_id", "max".to_owned())];
                add(&mut accounts, row, &format!("zwyxtra{at}.com"));
            }),
            _ => {
                let is_rep = reps.contains_key(id)
                    || ["active", "away"].contains(&column) && !accounts.contains_key(id);
                let rows = if is_rep { &mut reps } else { &mut accounts };
                let row = rows.entry(id.to_owned()).or_default();
                row.insert("id".into(), id.into());
                row.insert(column.into(), value.into());
            }
        }
    }
    let mut checked = Checked::default();
    let texts = accounts.into_iter().map(|row| (RecordKind::Account, row));
    let texts = texts.chain(reps.into_iter().map(|row| (RecordKind::Rep, row)));
    checked.take(
        texts
            .map(|(kind, (id, row))| {
                let record = Record { version: 1, text: stored(&row).into() };
                (Key { kind, id: id.into() }, Some(record))
            })
            .collect(),
    );
    let (registry, loading) = checked.registry();
    Loaded { index: Index::build(registry, Revision(1)), loading }
}

fn add(accounts: &mut Rows, row: [(&str, String); 3], domain: &str) {
    let mut row: Row = row.into_iter().map(|(column, value)| (column.to_owned(), value)).collect();
    row.insert("domains".into(), domain.into());
    accounts.insert(row["id"].clone(), row);
}

/// A row as Redis holds it.
fn stored(row: &Row) -> String {
    let several = ["aliases", "domains", "acknowledged_conflicts", "away"];
    let value = |(column, text): (&String, &String)| {
        let value = match several.contains(&column.as_str()) {
            true => json!(text.split('|').collect::<Vec<_>>()),
            false => json!(text),
        };
        (column.clone(), value)
    };
    let fields = row.iter().filter(|(_, text)| !text.is_empty()).map(value);
    Value::Object(fields.collect()).to_string()
}

fn report(changes: &str, on: &str) -> Report {
    let Loaded { index, loading } = changed(changes);
    let on = if on.is_empty() { "2026-11-21" } else { on };
    let now: Timestamp = format!("{on}T12:00:00Z").parse().unwrap();
    health::check(&index, &loading, &Policy::default(), now)
}

fn lint(case: &Row) -> Report {
    let Loaded { index, .. } = changed(&case["changes"]);
    let mut record = match case["id"].as_str() {
        "" => AccountRecord { id: "the new account".into(), ..AccountRecord::default() },
        id => AccountRecord::from(index.account(&AccountId::new(id).unwrap()).unwrap()),
    };
    record.name.clone_from(&case["name"]);
    if !case["domain"].is_empty() {
        record.domains = vec![case["domain"].clone()];
    }
    for (column, slot) in [("country", &mut record.country), ("owner", &mut record.owner_id)] {
        if !case[column].is_empty() {
            slot.clone_from(&case[column]);
        }
    }
    let (account, ignored) = one::account(&record).unwrap();
    health::lint(&index, &Policy::default(), account, &ignored)
}

/// What differs from the case; `None` where nothing does.
fn difference(case: &Row, report: &Report) -> Option<String> {
    let kinds = |text: &str| -> BTreeSet<String> {
        text.split('|').filter(|kind| !kind.is_empty()).map(str::to_owned).collect()
    };
    let expected = kinds(&case["found"]);
    let found: BTreeSet<String> =
        report.findings.iter().map(|found| found.kind.as_str().to_owned()).collect();
    let rule = &case["rule"];
    if found != expected {
        return Some(format!("{rule}: found {found:?}, expected {expected:?}\n{report:#?}"));
    }
    let first = case["found"].split('|').next().unwrap_or_default();
    let worst = report.findings.iter().find(|finding| finding.kind.as_str() == first);
    let said = worst.map_or("", |finding| finding.worst[0].text.as_str());
    (!said.contains(&case["says"])).then(|| format!("{rule}: says {said}"))
}

#[track_caller]
fn check(table: &str, report: impl Fn(&Row) -> Report) {
    let cases = rows(table);
    assert!(!cases.is_empty());
    let differences: Vec<String> = cases.iter().filter_map(|case| difference(case, &report(case))).collect();
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), cases.len(), differences.join("\n"));
}

#[test]
fn a_registry_has_the_findings_of_the_table() {
    check(CASES, |case| report(&case["changes"], &case["on"]));
}

#[test]
fn an_account_collides_as_the_table_says() {
    check(LINT, lint);
}

#[test]
fn every_kind_of_finding_has_a_line_and_stands_in_the_readme() {
    let cases = rows(CASES).into_iter().chain(rows(LINT));
    let told: BTreeSet<String> =
        cases.flat_map(|case| case["found"].split('|').map(str::to_owned).collect::<Vec<_>>()).collect();
    let missing: Vec<&str> =
        Kind::ALL.iter().map(|kind| kind.as_str()).filter(|kind| !told.contains(*kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let readme = include_str!("../README.md");
    let untold: Vec<&str> = Kind::ALL
        .iter()
        .map(|kind| kind.as_str())
        .filter(|kind| !readme.contains(&format!("`{kind}`")))
        .collect();
    assert!(untold.is_empty(), "{untold:?}");
}

#[test]
fn a_report_does_not_depend_on_the_run() {
    let changes = "pelican domains=heronsgate.com|quillfeather.co.uk; otter domains=heronsgate.com";
    assert_eq!(report(changes, ""), report(changes, ""));
}

#[test]
fn a_report_as_json_has_the_documented_shape() {
    let found = serde_json::to_value(report("pelican domains=heronsgate.com", "")).unwrap();
    let expected = json!({
        "account_count": 6, "rep_count": 3, "error_count": 1, "warning_count": 0, "notice_count": 0,
        "findings": [{
            "kind": "owner_conflict",
            "severity": "error",
            "title": Kind::OwnerConflict.title(),
            "count": 1,
            "remedy": Kind::OwnerConflict.remedy(),
            "worst": [{
                "text": "domain heronsgate.com is claimed by heron (owner ada), pelican (owner bob)",
                "account_ids": ["heron", "pelican"],
                "rep_ids": ["ada", "bob"],
            }],
        }],
    });
    assert_eq!(found, expected);
}
