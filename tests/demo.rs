//! The demo registry and its leads, through the binary as people use it: from files, and through a server.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const REGISTRY: [&str; 4] = ["--accounts", "examples/accounts.csv", "--reps", "examples/reps.csv"];

/// A server of the demo registry on a free port, stopped when it goes out of scope.
struct DemoServer {
    child: Child,
    url: String,
    /// Where it answers over HTTP/JSON.
    json: String,
}

impl DemoServer {
    fn start() -> DemoServer {
        let mut command = namesake(&["serve", "--listen", "127.0.0.1:0", "--json-listen", "127.0.0.1:0"]);
        let mut child = command.args(REGISTRY).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = |before: &str| {
            let found = lines.find_map(|line| Some(line.unwrap().strip_prefix(before)?.to_owned()));
            found.expect("the server says where it listens")
        };
        let (address, json) = (said("listening on "), said("HTTP/JSON on "));
        let server = DemoServer { child, url: format!("http://{address}"), json };
        while !namesake(&["health", "--server", &server.url]).output().unwrap().status.success() {
            std::thread::yield_now();
        }
        server
    }
}

impl DemoServer {
    /// The status and answer over HTTP/JSON to a lead.
    fn post(&self, path: &str, lead: &serde_json::Value) -> (u16, serde_json::Value) {
        let mut stream = TcpStream::connect(&self.json).unwrap();
        let body = lead.to_string();
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }
}

impl Drop for DemoServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn namesake(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_namesake"));
    command.args(arguments).current_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    command
}

/// What `match` prints for the demo leads.
fn decisions(place: &[&str]) -> String {
    let output = namesake(&["match", "--leads", "examples/leads.csv"]).args(place).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The row of a demo lead: account, owner, acting rep, and route with reason as in `review OWNER_CONFLICT`.
fn row(decisions: &str, lead_id: &str) -> [String; 4] {
    let mut reader = csv::Reader::from_reader(decisions.as_bytes());
    let columns = reader.headers().unwrap().clone();
    let found = reader.records().map(Result::unwrap).find(|record| &record[0] == lead_id);
    let record = found.unwrap_or_else(|| panic!("no lead {lead_id}"));
    let cell = |name: &str| record[columns.iter().position(|column| column == name).unwrap()].to_owned();
    let route = format!("{} {}", cell("route"), cell("reason")).trim().to_owned();
    [cell("account_id"), cell("owner_id"), cell("acting_rep_id"), route]
}

#[test]
fn a_server_decides_as_the_files_do() {
    let server = DemoServer::start();
    assert_eq!(decisions(&["--server", &server.url]), decisions(&REGISTRY));
}

/// The demo leads as objects.
fn leads() -> Vec<serde_json::Map<String, serde_json::Value>> {
    let mut reader = csv::Reader::from_path("examples/leads.csv").unwrap();
    let columns = reader.headers().unwrap().clone();
    let lead = |record: csv::StringRecord| {
        columns.iter().zip(&record).map(|(column, cell)| (column.to_owned(), cell.into())).collect()
    };
    reader.records().map(|record| lead(record.unwrap())).collect()
}

#[test]
fn the_answer_over_json_begins_with_the_row_that_match_writes_of_an_answer_over_grpc() {
    let server = DemoServer::start();
    let arguments = ["match", "--leads", "examples/leads.csv", "--output", "jsonl", "--server", &server.url];
    let output = namesake(&arguments).output().unwrap();
    let rows = String::from_utf8(output.stdout).unwrap();
    let leads = leads();
    assert_eq!((rows.lines().count(), leads.len()), (63, 63));
    for (row, lead) in rows.lines().zip(leads) {
        let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(row).unwrap();
        let (status, answer) = server.post("/v1/leads/route", &lead.into());
        if row["route"] == "invalid" {
            assert_eq!((status, &answer["reason"]), (400, &"NOTHING_USABLE".into()), "{row:?}");
            continue;
        }
        assert_eq!(status, 200, "{answer:#}");
        for (column, value) in row {
            assert_eq!(answer[&column], value, "{column} of {answer:#}");
        }
    }
}

#[test]
fn the_explanation_over_json_is_what_route_prints_of_one_over_grpc() {
    let server = DemoServer::start();
    for lead in leads().into_iter().step_by(3) {
        let mut command = namesake(&["route", "--output", "json", "--server", &server.url]);
        for (field, value) in &lead {
            let flag = format!("--{}={}", field.replace('_', "-"), value.as_str().unwrap());
            command.args((value != "").then_some(flag));
        }
        let output = command.output().unwrap();
        let printed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(server.post("/v1/leads/explain", &lead.into()), (200, printed));
    }
}

#[test]
fn the_leads_show_what_they_are_named_for() {
    let decisions = decisions(&REGISTRY);
    let check =
        |lead_id: &str, expected: [&str; 4]| assert_eq!(row(&decisions, lead_id), expected, "{lead_id}");
    check("domain-and-name", ["fdb:D2G.F", "r-dag", "r-dag", "owner"]);
    check("domain-only", ["fdb:LOK.L", "r-cleo", "r-cleo", "owner"]);
    check("delegate-acts", ["ror:04hmn8g73", "r-eva", "r-finn", "owner"]);
    check("manager-acts", ["fdb:HGV", "r-oz", "r-max", "owner"]);
    check("no-active-owner", ["", "", "", "review NO_ACTIVE_OWNER"]);
    check("country-carve-out", ["ror:034ffbg36", "r-ada", "r-ada", "owner"]);
    check("sibling-told-by-country-fr", ["ror:00y1ttm22", "r-gia", "r-gia", "owner"]);
    check("sibling-told-by-country-gb", ["ror:00148fb49", "r-cleo", "r-cleo", "owner"]);
    check("owner-conflict", ["", "", "", "review OWNER_CONFLICT"]);
    check("look-alike-domain", ["", "", "", "review SUSPICIOUS_DOMAIN"]);
    check("other-country-suffix", ["", "", "", "review LOW_CONFIDENCE"]);
    check("standard-account", ["fdb:SYNGENE.BO", "r-iris", "r-iris", "owner"]);
    check("unowned-standard", ["", "", "", "nurture UNOWNED_STANDARD"]);
    check("role-mailbox-of-nobody", ["", "", "", "nurture ROLE_MAILBOX"]);
    check("known-account-merged", ["fdb:TATASTLBSL.BO", "r-iris", "r-iris", "owner"]);
    check("free-mail-only", ["", "", "", "nurture FREE_MAIL_ONLY"]);
    check("nothing-matches", ["", "", "", "nurture NO_MATCH"]);
    check("test-lead", ["", "", "", "nurture TEST"]);
    check("bad-email-good-company", ["fdb:EPR.OL", "r-dag", "r-dag", "owner"]);
}
