//! `import`, `export`, `rollback`, `verify` and `status` from outside, against a real Redis.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::redis_server::{RedisServer, needs_redis};

/// A Redis and a folder with files to import.
struct Bench {
    server: RedisServer,
    folder: tempfile::TempDir,
}

const ACCOUNTS: &str = "id,name,aliases,domains,owner_id\na1,Acme Inc.,Acme|AI,acme.com,r1\n a2,Beta GmbH,,beta.de,r2\n\
                        a3,\"Gamma, \"\"G\"\" SA\",,,r1\n";
const REPS: &str = "id,name\nr1,Ada\nr2,Bob\n";

impl Bench {
    fn new() -> Bench {
        Bench::with(RedisServer::start())
    }

    fn with(server: RedisServer) -> Bench {
        Bench { server, folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file; gives its path as an argument.
    fn file(&self, name: &str, content: &str) -> String {
        fs::write(self.path(name), content).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_namesake"));
        command.args(arguments).args(["--redis", &self.server.url()]).env_clear().stdin(Stdio::null());
        command.current_dir(self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The answer of a command that succeeds.
    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The command fails with this code and says this on standard error.
    #[track_caller]
    fn fails(&self, arguments: &[&str], code: i32, says: &str) {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(said(&output).contains(says), "{}", said(&output));
    }

    /// The JSON summary of an import.
    #[track_caller]
    fn import(&self, arguments: &[&str]) -> Value {
        let all = [&["import", "--output", "json"], arguments].concat();
        serde_json::from_str(&self.done(&all)).unwrap()
    }

    /// Imports the accounts and reps above.
    #[track_caller]
    fn import_small(&self) -> Value {
        let (accounts, reps) = (self.file("accounts.csv", ACCOUNTS), self.file("reps.csv", REPS));
        self.import(&["--accounts", &accounts, "--reps", &reps])
    }

    fn status(&self) -> Value {
        serde_json::from_str(&self.done(&["status", "--output", "json"])).unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// added, changed, deleted, unchanged
fn counts(summary: &Value, kind: &str) -> [u64; 4] {
    ["added", "changed", "deleted", "unchanged"].map(|name| summary[kind][name].as_u64().unwrap())
}

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

/// An import of many accounts in a process of its own, which has begun to write when this returns.
#[allow(clippy::zombie_processes)] // the test waits for it
async fn begin_to_replace(bench: &Bench, accounts: &Path) -> std::process::Child {
    let arguments = ["import", "--replace", "--force", "--accounts", accounts.to_str().unwrap()];
    let child = bench.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut raw = bench.server.raw().await;
    let begin = Instant::now();
    loop {
        let filling: u64 =
            redis::cmd("HLEN").arg("namesake:{default}:unused").query_async(&mut raw).await.unwrap();
        if filling > 0 {
            return child;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "the import does not begin");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn many(bench: &Bench) -> PathBuf {
    let rows: String = (0..20_000).map(|at| format!("x{at},Company {at}\n")).collect();
    bench.file("many.csv", &format!("id,name\n{rows}"));
    bench.path("many.csv")
}

#[tokio::test]
async fn an_importer_that_is_killed_leaves_the_registry_as_it_was_and_a_later_one_cleans_up() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let before = bench.status();
    let mut child = begin_to_replace(&bench, &many(&bench)).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(bench.status()["chain"], before["chain"]);
    assert!(bench.done(&["verify"]).contains("everything fits"));

    bench.import(&["--replace", "--force", "--accounts", "many.csv"]);
    let mut raw = bench.server.raw().await;
    let keys: Vec<String> = redis::cmd("KEYS").arg("*:head").query_async(&mut raw).await.unwrap();
    assert_eq!(keys.len(), 2, "the current epoch and the previous one: {keys:?}");
}

#[tokio::test]
async fn of_two_replacing_importers_the_slower_one_exits_75_and_leaves_nothing_behind() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let slow = begin_to_replace(&bench, &many(&bench)).await;
    let signal = |name: &str| {
        let id = slow.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    };
    signal("STOP");
    let one = bench.file("one.csv", "id,name\nwinner,Winner\n");
    bench.import(&["--replace", "--force", "--accounts", &one]);
    signal("CONT");
    let output = slow.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(75), "{}", said(&output));
    assert!(said(&output).contains("REGISTRY_CHANGED"), "{}", said(&output));
    assert_eq!(bench.status()["accounts"], 1);
    let mut raw = bench.server.raw().await;
    let keys: Vec<String> = redis::cmd("KEYS").arg("*:head").query_async(&mut raw).await.unwrap();
    assert_eq!(keys.len(), 2, "{keys:?}");
}

#[test]
fn upserts_at_the_same_time_all_arrive() {
    needs_redis!();
    let bench = Bench::new();
    bench.import_small();
    let importers: Vec<_> = (0..4)
        .map(|importer| {
            let rows: String =
                (0..500).map(|at| format!("{importer}-{at},Company {importer} {at},r1\n")).collect();
            let file = bench.file(&format!("{importer}.csv"), &format!("id,name,owner_id\n{rows}"));
            bench.command(&["import", "--accounts", &file]).stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut importer in importers {
        assert!(importer.wait().unwrap().success());
    }
    let status = bench.status();
    assert_eq!((status["accounts"].as_u64(), status["rev"].as_u64()), (Some(2_003), Some(2_005)));
    assert!(bench.done(&["verify"]).contains("everything fits"));
}
