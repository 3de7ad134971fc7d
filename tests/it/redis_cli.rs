//! `import`, `export`, `rollback`, `verify` and `status` from outside, against a real Redis.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::redis_bench::{ACCOUNTS, Bench, REPS, counts, said};
use crate::redis_server::{RedisServer, needs_redis};

#[test]
fn an_import_makes_the_registry_and_a_second_one_changes_nothing() {
    needs_redis!();
    let bench = Bench::new();
    let first = bench.import_small();
    assert_eq!((counts(&first, "accounts"), counts(&first, "reps")), ([3, 0, 0, 0], [2, 0, 0, 0]));
    let status = bench.status();
    let again = bench.import_small();
    assert_eq!((counts(&again, "accounts"), counts(&again, "reps")), ([0, 0, 0, 3], [0, 0, 0, 2]));
    let after = bench.status();
    assert_eq!(
        (&after["rev"], &after["chain"], &after["epoch"]),
        (&status["rev"], &status["chain"], &status["epoch"])
    );
    assert!(bench.done(&["verify"]).contains("everything fits"));
}

#[test]
fn an_upsert_adds_and_changes_and_deletes_nothing() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let more = bench.file("more.csv", "id,name,owner_id\na1,Acme Ltd,r2\na9,New,r1\n");
    let summary = bench.import(&["--accounts", &more]);
    assert_eq!((counts(&summary, "accounts"), counts(&summary, "reps")), ([1, 1, 0, 2], [0, 0, 0, 2]));
    let status = bench.status();
    let number = |name: &str| status[name].as_u64().unwrap();
    assert_eq!((number("accounts"), number("reps"), number("rev")), (4, 2, 7));
    assert_eq!((number("log_entries"), number("generation")), (2, 1));
    assert!(bench.done(&["verify"]).contains("everything fits"));
}

#[test]
fn an_export_reads_back_without_a_change() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    for format in ["csv", "jsonl"] {
        bench.done(&["export", "--format", format, "--accounts", "a.out", "--reps", "r.out"]);
        let summary = bench.import(&["--replace", "--accounts", "a.out", "--reps", "r.out"]);
        let quiet = ([0, 0, 0, 3], [0, 0, 0, 2]);
        assert_eq!((counts(&summary, "accounts"), counts(&summary, "reps")), quiet, "{format}");
    }
    assert_eq!(bench.status()["generation"], 1, "nothing was replaced");
}

#[test]
fn an_export_is_exact_also_where_a_spreadsheet_would_see_a_formula() {
    needs_redis!();
    let bench = Bench::new();
    let accounts = bench.file("a.csv", "id,name,aliases\n=a1,=1+1 Trading,@Home|-x\n");
    bench.import(&["--accounts", &accounts]);
    bench.done(&["export", "--accounts", "a.out"]);
    let written = fs::read_to_string(bench.path("a.out")).unwrap();
    assert!(written.lines().nth(1).unwrap().starts_with("=a1,=1+1 Trading,"), "{written}");
    assert_eq!(counts(&bench.import(&["--accounts", "a.out"]), "accounts"), [0, 0, 0, 1]);
}

#[test]
fn what_csv_cannot_hold_is_refused_and_no_file_is_left() {
    needs_redis!();
    let bench = Bench::new();
    let accounts = bench.file("a.jsonl", "{\"id\": \"a1\", \"name\": \"X\", \"aliases\": [\"b|c\"]}\n");
    bench.import(&["--accounts", &accounts]);
    bench.fails(&["export", "--accounts", "out.csv"], 74, "record a1 holds `b|c`, which CSV cannot hold");
    assert!(!bench.path("out.csv").exists() && !bench.path("out.csv.part").exists());
    bench.done(&["export", "--format", "jsonl", "--accounts", "out.jsonl"]);
    assert_eq!(counts(&bench.import(&["--accounts", "out.jsonl"]), "accounts"), [0, 0, 0, 1]);
}

#[test]
fn a_dry_run_says_what_would_change_and_the_conflicts_and_changes_nothing() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let before = bench.status();
    let other = bench.file("other.csv", "id,name,domains,owner_id\na1,Acme Inc.,beta.de,r1\na9,New,,r1\n");
    let output = bench.run(&[
        "import",
        "--dry-run",
        "--replace",
        "--force",
        "--reps",
        "reps.csv",
        "--accounts",
        &other,
    ]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("accounts 1 would be added, 1 changed, 2 deleted, 0 unchanged"), "{text}");
    let output = bench.run(&["import", "--dry-run", "--accounts", &other]);
    assert!(said(&output).contains("domain beta.de is claimed by"), "{}", said(&output));
    bench.fails(&["import", "--strict", "--accounts", &other], 65, "domain beta.de is claimed by");
    assert_eq!(bench.status()["chain"], before["chain"]);
}

#[test]
fn bad_rows_refuse_the_import_unless_they_are_written_to_the_rejects() {
    needs_redis!();
    let bench = Bench::new();
    let rows = "id,name,class,owner_id\na1,Acme,,r1\n,Nameless,,r1\na3,Gamma,gold,r1\na4,Delta,,r9\na5,Short\n\
                a1,Again,,r1\na6,\"Two\nlines\",silver,r1\na7,Good,major,r2\n";
    let (accounts, reps) = (bench.file("bad.csv", rows), bench.file("reps.csv", REPS));
    let import = ["import", "--accounts", &accounts, "--reps", &reps];
    bench.fails(&import, 65, "bad.csv:3: id is missing");
    bench.fails(&["status"], 1, "has no registry in namespace default: run `namesake import`");

    let output = bench.run(&[&import[..], &["--rejects", "rejects.csv", "--output", "json"]].concat());
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((counts(&summary, "accounts"), &summary["rejected"]), ([2, 0, 0, 0], &Value::from(6)));

    let mut rejects = csv::Reader::from_path(bench.path("rejects.csv")).unwrap();
    assert_eq!(rejects.headers().unwrap(), vec!["line", "column", "reason", "file", "record"]);
    let found: Vec<(String, String, String, String)> = rejects
        .records()
        .map(|row| {
            let row = row.unwrap();
            (row[0].into(), row[1].into(), row[2].chars().take(30).collect(), row[4].into())
        })
        .collect();
    let expected = [
        ("3", "id", "is missing: every record needs", ",Nameless,,r1"),
        ("4", "class", "`gold` is not known: use strat", "a3,Gamma,gold,r1"),
        ("5", "owner_id", "`r9` is not the id of a rep in", "a4,Delta,,r9"),
        ("6", "", "the record has 2 fields, the h", "a5,Short"),
        ("7", "id", "`a1` is already the id of the ", "a1,Again,,r1"),
        ("8", "class", "`silver` is not known: use str", "a6,\"Two\nlines\",silver,r1"),
    ]
    .map(|(line, column, reason, row)| {
        (line.to_owned(), column.to_owned(), reason.to_owned(), row.to_owned())
    });
    assert_eq!(found, expected);
    assert!(bench.done(&["verify"]).contains("everything fits"));
}

#[test]
fn a_header_without_the_required_columns_refuses_the_import_even_with_rejects() {
    needs_redis!();
    let bench = Bench::new();
    let accounts = bench.file("bad.csv", "id,nom\na1,Acme\n");
    let import = ["import", "--accounts", &accounts, "--rejects", "rejects.csv"];
    bench.fails(&import, 65, "name is not among the columns");
    let utf16 = bench.path("utf16.csv");
    fs::write(&utf16, b"\xFF\xFEi\0d\0").unwrap();
    bench.fails(&["import", "--accounts", utf16.to_str().unwrap(), "--rejects", "r.csv"], 65, "is not UTF-8");
}

#[test]
fn a_replacement_keeps_what_is_there_under_the_id_of_a_rejected_row() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let accounts = bench.file("new.csv", "id,name,class,owner_id\na1,Acme,gold,r1\na9,New,,r1\n");
    let import =
        ["import", "--replace", "--accounts", &accounts, "--reps", "reps.csv", "--rejects", "rejects.csv"];
    let output = bench.run(&[&import[..], &["--output", "json"]].concat());
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&summary, "accounts"), [1, 0, 2, 1]);
}

#[test]
fn a_replacement_deletes_and_rollback_leads_back() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    bench.fails(&["rollback"], 1, "there is no previous state to go back to");
    let one = bench.file("one.csv", "id,name\na1,Acme\n");
    bench.fails(
        &["import", "--replace", "--accounts", &one],
        1,
        "would leave 1 of 3 accounts: if that is meant, add --force",
    );
    let summary = bench.import(&["--replace", "--force", "--accounts", &one]);
    assert_eq!((counts(&summary, "accounts"), counts(&summary, "reps")), ([0, 1, 2, 0], [0, 0, 2, 0]));
    assert_eq!(
        (&bench.status()["accounts"], &bench.status()["generation"]),
        (&Value::from(1), &Value::from(2))
    );
    assert!(bench.done(&["rollback"]).starts_with("back at epoch "));
    assert_eq!(
        (&bench.status()["accounts"], &bench.status()["generation"]),
        (&Value::from(3), &Value::from(3))
    );
    assert!(bench.done(&["verify"]).contains("everything fits"));
}

#[tokio::test]
async fn verify_names_what_was_written_past_the_scripts() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let epoch = bench.status()["epoch"].as_u64().unwrap();
    let mut raw = bench.server.raw().await;
    let key = |part: &str| format!("namesake:{{default}}:{epoch}:{part}");
    let edits: [&[&str]; 4] = [
        &["HSET", &key("accounts"), "a1", "{\"id\":\"a1\",\"name\":\"Acme\",\"class\":\"gold\"}"],
        &["HSET", &key("accounts"), "a8", "{}"],
        &["HSET", &key("reps"), "r1", "no json"],
        &["HDEL", &key("versions"), "rep:r2"],
    ];
    for edit in edits {
        let mut command = redis::cmd(edit[0]);
        command.arg(&edit[1..]);
        let _: () = command.query_async(&mut raw).await.unwrap();
    }
    let output = bench.run(&["verify"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}{}", said(&output));
    for expected in [
        "head: count is 5, there are 6 records",
        "account a8: has no version: it was written past the scripts",
        "account a8: its record has the id ",
        "account a1: is spelled in another way",
        "account a1: class `gold` is not known",
        "rep r1: is not a JSON object",
        "rep r2: has no version",
    ] {
        assert!(text.contains(expected), "{expected} is not in: {text}");
    }
}

#[test]
fn status_says_where_the_registry_stands() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let text = bench.done(&["status"]);
    for expected in
        ["generation 1, epoch ", "3 accounts, 2 reps", "maxmemory-policy noeviction", "previous    none"]
    {
        assert!(text.contains(expected), "{text}");
    }
    bench.fails(&["status", "--namespace", "other"], 1, "has no registry in namespace other");
}

#[test]
fn a_redis_that_may_throw_the_registry_away_is_warned_of() {
    needs_redis!();
    let bench = Bench::with(RedisServer::start_with(&["maxmemory-policy allkeys-lru"]));
    let accounts = bench.file("accounts.csv", ACCOUNTS);
    let output = bench.run(&["import", "--accounts", &accounts]);
    assert_eq!(output.status.code(), Some(0));
    assert!(said(&output).contains("has maxmemory-policy allkeys-lru"), "{}", said(&output));
}

#[test]
fn a_wrong_or_missing_password_exits_77_and_is_not_shown() {
    needs_redis!();
    let bench = Bench::with(RedisServer::start_with(&["requirepass right"]));
    bench.fails(&["status"], 77, "refuses the login");
    for (password, code) in [("wrong-pa55", 77), ("right", 1)] {
        let output = bench.command(&["status"]).env("NAMESAKE_REDIS_PASSWORD", password).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(!said(&output).contains("pa55"), "{}", said(&output));
    }
}

#[test]
fn a_redis_that_is_not_there_exits_69_and_none_at_all_2() {
    needs_redis!();
    let mut bench = Bench::new();
    bench.server.kill();
    bench.fails(&["status"], 69, "cannot reach redis://127.0.0.1:");
    let output = Command::new(env!("CARGO_BIN_EXE_namesake")).arg("status").env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("no Redis is given"), "{}", said(&output));
}

#[tokio::test]
async fn a_damaged_registry_is_named_and_a_replacement_mends_it() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    for part in ["accounts", "head"] {
        let epoch = bench.status()["epoch"].as_u64().unwrap();
        let mut raw = bench.server.raw().await;
        let key = format!("namesake:{{default}}:{epoch}:{part}");
        let _: u64 = redis::cmd("DEL").arg(&key).query_async(&mut raw).await.unwrap();
        let import = ["import", "--accounts", "accounts.csv", "--reps", "reps.csv"];
        bench.fails(&import, 65, "the registry in Redis is damaged");
        bench.done(&[&import[..], &["--replace"]].concat());
        assert!(bench.done(&["verify"]).contains("everything fits"), "{part}");
    }
}
