//! Nurture rules and the thresholds of account classes as a table: `data/routing/nurture.csv`, one rule a line, under
//! the policy of `nurture.toml` beside it, read as a server reads it.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use namesake::config::{Config, Flags};
use namesake::lead::{Lead, LeadFields};
use namesake::matching::{Index, Revision};
use namesake::policy::Policy;
use namesake::registry::{Sources, load};
use namesake::routing::{Decision, Route, route};

const CASES: &str = include_str!("data/routing/nurture.csv");
const ANSWER_COLUMNS: [&str; 5] = ["route", "do_not_round_robin", "reason", "track", "chosen_by"];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/routing").join(name)
}

fn index() -> Index {
    let sources =
        Sources { accounts: vec![file("accounts.csv")], reps: Some(file("reps.csv")), strict: false };
    Index::build(load(&sources).unwrap().registry, Revision(1))
}

fn policy() -> Policy {
    let mut flags = Flags::default();
    flags.file = Some(file("nurture.toml"));
    Config::load(&flags, &BTreeMap::new()).unwrap().policy
}

/// The decision in the words of the answer columns.
fn answer(decision: &Decision) -> Vec<String> {
    let [mut reason, mut track, mut rule] = [const { String::new() }; 3];
    if let Route::Nurture(nurture) = &decision.route {
        reason = nurture.reason.as_str().to_owned();
        (track, rule) = (nurture.track.clone(), nurture.rule.clone());
    }
    vec![decision.route_name().to_owned(), decision.do_not_round_robin.to_string(), reason, track, rule]
}

#[test]
fn every_lead_goes_to_the_track_that_the_table_says_and_every_rule_is_seen_to_fire() {
    let (index, policy) = (index(), policy());
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(CASES.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let (mut wrong, mut fired) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        let cell = |name: &str| {
            let at = columns.iter().position(|column| column == name);
            record[at.unwrap_or_else(|| panic!("no column {name}"))].to_owned()
        };
        let lead = Lead::new(LeadFields {
            company: cell("company"),
            email: cell("email"),
            country: cell("country"),
            source: cell("source"),
            job_title: cell("job_title"),
            ..LeadFields::default()
        })
        .unwrap();
        let (expected, answered) =
            (ANSWER_COLUMNS.map(cell).to_vec(), answer(&route(&lead, &index, &policy, now)));
        fired.push(answered[4].clone());
        if answered != expected {
            wrong.push(format!("{}\n  expected {expected:?}\n  got      {answered:?}", cell("rule")));
        }
    }
    assert!(wrong.is_empty(), "{} lines:\n{}", wrong.len(), wrong.join("\n"));
    for rule in &policy.nurture_rules {
        assert!(fired.contains(&rule.name), "no line for {}", rule.name);
    }
}
