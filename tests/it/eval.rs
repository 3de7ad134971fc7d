//! `namesake eval` from outside: figures, errors, thresholds and a fit, on a set made here.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_namesake"));
    command.args(arguments).env_clear().stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn answer(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn check_fails(arguments: &[&str], code: i32, says: &str) {
    let output = run(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(says), "{said}");
}

/// Ten companies, each with a lead by domain, one by name and one of a stranger.
fn write_set(folder: &Path) {
    let names = [
        "Zyxtorin",
        "Quafferby",
        "Mumbleford",
        "Tarnwick",
        "Ossiplex",
        "Brindlecot",
        "Havermyre",
        "Yeldanix",
        "Corvastel",
        "Plimforth",
    ];
    let strangers = [
        "Dunkelhaus",
        "Eastvale",
        "Frostpike",
        "Gallowmere",
        "Inkersall",
        "Jutterby",
        "Kestrelux",
        "Lorimund",
        "Nettlepond",
        "Umberlyne",
    ];
    let mut accounts = String::from("id,name,domains,owner_id\n");
    let mut leads = String::from("lead_id,company,email,expected_account_id,case\n");
    for (at, (name, stranger)) in names.iter().zip(strangers).enumerate() {
        let domain = format!("{}.com", name.to_lowercase());
        writeln!(accounts, "a{at},{name} Ltd,{domain},rep{}", at % 2).unwrap();
        writeln!(leads, "d{at},{name},jo@{domain},a{at},domain_and_name").unwrap();
        writeln!(leads, "n{at},{name} GmbH,jo@gmail.com,a{at},name_only").unwrap();
        writeln!(leads, "x{at},{stranger},,,absent").unwrap();
    }
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("accounts.csv"), accounts).unwrap();
    fs::write(folder.join("leads.csv"), leads).unwrap();
}

#[test]
fn figures_come_by_set_and_case() {
    let folder = tempfile::tempdir().unwrap();
    write_set(&folder.path().join("toy"));
    let cases = folder.path().to_str().unwrap();
    let report: Value =
        serde_json::from_str(&answer(&["eval", "--cases", cases, "--output", "json"])).unwrap();
    let set = &report["sets"][0];
    assert_eq!((set["name"].as_str(), set["accounts"].as_u64()), (Some("toy"), Some(10)));
    assert_eq!(set["cases"]["domain_and_name"]["routes"]["right"]["count"].as_u64(), Some(10));
    // Only leads whose name is all that is known enter the name measure.
    assert_eq!(set["all"]["by_name"]["with_account"].as_u64(), Some(10));
    assert_eq!(set["all"]["by_name"]["recall_at_1"]["share"].as_f64(), Some(1.0));
    assert_eq!(set["all"]["routes"]["absent_routed"]["of"].as_u64(), Some(10));
    assert!(answer(&["eval", "--cases", cases]).contains("DOMAIN_AND_NAME"));
}

#[test]
fn errors_are_written_with_their_evidence() {
    let folder = tempfile::tempdir().unwrap();
    write_set(folder.path());
    let (accounts, leads) = (folder.path().join("accounts.csv"), folder.path().join("leads.csv"));
    fs::write(&leads, "lead_id,company,email,expected_account_id\nl1,Zyxtorin,jo@zyxtorin.com,a1\n").unwrap();
    let errors = folder.path().join("errors.jsonl");
    let [accounts, leads, path] = [&accounts, &leads, &errors].map(|path| path.to_str().unwrap());
    answer(&["eval", "--accounts", accounts, "--leads", leads, "--errors", path]);
    let written = fs::read_to_string(&errors).unwrap();
    let row: Value = serde_json::from_str(written.trim()).unwrap();
    assert_eq!(
        (row["kind"].as_str(), row["chosen"]["account_id"].as_str()),
        (Some("wrong_route"), Some("a0"))
    );
    assert_eq!(row["expected"]["name"].as_str(), Some("Quafferby Ltd"));
    assert!(!written.contains("jo@"), "an address does not belong there: {written}");
}

#[test]
fn suggested_thresholds_are_good_configuration() {
    let folder = tempfile::tempdir().unwrap();
    write_set(folder.path());
    let cases = folder.path().to_str().unwrap();
    let fragment = answer(&["eval", "--cases", cases, "--suggest-thresholds", "--precision", "0.6"]);
    assert!(fragment.contains("[policy.tiers.DOMAIN_AND_NAME]"), "{fragment}");
    let file = folder.path().join("namesake.toml");
    fs::write(&file, fragment).unwrap();
    answer(&["config", "check", "--config", file.to_str().unwrap()]);
}

#[test]
fn a_fit_writes_a_model_with_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    write_set(&folder.path().join("toy"));
    let (model, sources) = (folder.path().join("model.tsv"), folder.path().join("sources.tsv"));
    fs::write(&sources, "toy\tmade up here\n").unwrap();
    let [cases, path, sources] = [folder.path(), &model, &sources].map(|path| path.to_str().unwrap());
    let fit = ["eval", "--cases", cases, "--fit", path, "--date", "2026-11-21", "--sources", sources];
    assert!(answer(&fit).contains("toy"));
    let written = fs::read_to_string(&model).unwrap();
    assert!(written.contains("on 2026-11-21"), "{written}");
    assert!(written.contains("toy: 10 leads with an account, 10 without; made up here"), "{written}");
    assert!(namesake::matching::NameModel::parse(&written).is_ok());
}

#[test]
fn what_cannot_be_measured_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().to_str().unwrap();
    check_fails(&["eval"], 2, "--cases");
    check_fails(&["eval", "--cases", "nowhere"], 66, "nowhere");
    check_fails(&["eval", "--cases", empty], 65, "accounts.csv and leads.csv");
    let unlabeled = ["eval", "--accounts", "examples/accounts.csv", "--leads", "examples/leads.csv"];
    check_fails(&unlabeled, 65, "expected_account_id");
    check_fails(&["eval", "--cases", empty, "--precision", "2"], 2, "under 1");
}
