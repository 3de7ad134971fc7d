//! `namesake check` from outside: what it writes, and its exit codes.

use std::process::Command;

use crate::redis_server::{RedisServer, needs_redis};

const CLEAN: [&str; 4] = [
    "--accounts",
    "tests/data/registry_health/accounts.csv",
    "--reps",
    "tests/data/registry_health/reps.csv",
];
const DEMO: [&str; 4] = ["--accounts", "examples/accounts.csv", "--reps", "examples/reps.csv"];

/// The exit code, the answer and what is said beside it.
fn check(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_namesake"));
    let output = command.arg("check").args(arguments).env_clear().output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn with<'a>(registry: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [registry, more].concat()
}

#[test]
fn a_clean_registry_exits_0_however_strict_the_question() {
    let (code, answer, said) = check(&with(&CLEAN, &["--fail-on", "notice"]));
    assert_eq!((code, answer.as_str(), said.as_str()), (0, "6 accounts, 3 reps: nothing found\n", ""));
}

#[test]
fn the_exit_code_follows_the_severity_that_is_asked_for() {
    let near = with(&CLEAN, &["--name", "Pelican Optics", "--country", "DE", "--owner", "ada"]);
    assert_eq!(check(&near).0, 0);
    assert_eq!(check(&with(&near, &["--fail-on", "warning"])).0, 0);
    assert_eq!(check(&with(&near, &["--fail-on", "notice"])).0, 1);
    let conflict = with(&CLEAN, &["--name", "Heronsgate Shipping", "--country", "GB", "--owner", "bob"]);
    assert_eq!(check(&conflict).0, 1);
}

#[test]
fn the_severest_comes_first_with_its_remedy() {
    let (code, answer, _) = check(&DEMO);
    assert_eq!(code, 1);
    let expected = "error owner_conflict: 1, claims of several owners to one domain or name\n  \
                    domain enel.cl is claimed by fdb:ENELDXCH.SN (owner r-gia), fdb:ENIC (owner r-hugo)\n  -> Give";
    assert!(answer.contains(expected), "{answer}");
    let at = |word: &str| answer.find(word).unwrap_or_else(|| panic!("no {word} in {answer}"));
    assert!(at("\nerror ") < at("\nwarning ") && at("\nwarning ") < at("\nnotice "), "{answer}");
}

#[test]
fn json_is_one_object_that_says_the_same() {
    let (code, answer, said) = check(&with(&DEMO, &["--output", "json"]));
    assert_eq!((code, said.as_str()), (1, ""));
    let report: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(report["account_count"], 356);
    let first = &report["findings"][0];
    assert_eq!((&first["kind"], &first["severity"]), (&"owner_conflict".into(), &"error".into()));
    assert_eq!(first["worst"][0]["rep_ids"], serde_json::json!(["r-gia", "r-hugo"]));
}

#[test]
fn what_cannot_be_asked_is_wrong_usage_and_a_refused_registry_bad_data() {
    let (code, _, said) = check(&with(&CLEAN, &["--name", "Zwyxtra", "--id", "nobody"]));
    assert_eq!((code, said.contains("there is no account nobody")), (2, true), "{said}");
    let (code, _, said) = check(&with(&CLEAN, &["--name", "Zwyxtra", "--class", "noble"]));
    assert_eq!((code, said.contains("class `noble` is not known")), (2, true), "{said}");
    assert_eq!(check(&with(&CLEAN, &["--domain", "zwyxtra.com"])).0, 2);
    assert_eq!(check(&["--accounts", "tests/data/registry/missing_id_and_name.csv"]).0, 65);
    assert_eq!(check(&["--accounts", "nowhere.csv"]).0, 66);
}

#[test]
fn a_registry_in_redis_is_checked_like_its_files() {
    needs_redis!();
    let redis = RedisServer::start();
    let url = redis.url();
    let mut import = Command::new(env!("CARGO_BIN_EXE_namesake"));
    let imported = import.arg("import").args(DEMO).args(["--redis", &url]).env_clear().output().unwrap();
    assert!(imported.status.success(), "{imported:?}");
    assert_eq!(check(&["--redis", &url]).1, check(&DEMO).1);
}
