//! The demo registry and its leads, through the binary as people use it: from files, and through a server.

// clippy knows a test by its attribute, and most of this is what the tests have in common.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const REGISTRY: [&str; 4] = ["--accounts", "examples/accounts.csv", "--reps", "examples/reps.csv"];

/// A server of the demo registry on a free port, stopped when it goes out of scope.
struct DemoServer {
    child: Child,
    url: String,
}

impl DemoServer {
    fn start() -> DemoServer {
        let mut command = namesake(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.args(REGISTRY).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the server says where it listens").unwrap();
        let address =
            first.strip_prefix("listening on ").expect("the first line names the address").to_owned();
        let server = DemoServer { child, url: format!("http://{address}") };
        while !namesake(&["health", "--server", &server.url]).output().unwrap().status.success() {
            std::thread::yield_now();
        }
        server
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
