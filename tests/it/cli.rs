//! The command line from outside: what it writes where, and its exit codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Output, Stdio};

const ACCOUNTS: &str = "tests/data/registry/good.csv";
const HEADER: &str = "lead_id,route,do_not_round_robin,account_id,account_name,owner_id,acting_rep_id,tier,\
                      score_bps,reason,best_account_id,best_score_bps,runner_up_account_id,\
                      runner_up_score_bps";

fn namesake(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_namesake"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    namesake(arguments).output().unwrap()
}

fn run_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = namesake(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The command fails with this code and says this on standard error, nothing on standard output.
#[track_caller]
fn check_fails(arguments: &[&str], code: i32, says: &str) {
    let output = run(arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(says), "{said}");
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn a_registry_that_is_refused_exits_65_with_every_bad_line() {
    let accounts = "tests/data/registry/missing_id_and_name.csv";
    let arguments = ["match", "--accounts", accounts, "--leads", "examples/leads.csv"];
    check_fails(&arguments, 65, "2 errors in the registry\n");
    check_fails(&arguments, 65, "missing_id_and_name.csv:3: name is missing");
}

#[test]
fn a_file_that_is_not_there_exits_66() {
    check_fails(&["match", "--accounts", "nowhere.csv", "--leads", "examples/leads.csv"], 66, "nowhere.csv");
    check_fails(&["match", "--accounts", ACCOUNTS, "--leads", "nowhere.csv"], 66, "nowhere.csv");
}

#[test]
fn leads_without_a_usable_column_exit_65() {
    check_fails(&["match", "--accounts", ACCOUNTS, "--leads", ACCOUNTS], 65, "company, email, website");
}

#[test]
fn no_registry_is_wrong_usage() {
    check_fails(&["match", "--leads", "examples/leads.csv"], 2, "--accounts");
    check_fails(&["serve"], 2, "--accounts");
}

#[test]
fn a_bad_configuration_exits_78_and_names_the_key() {
    check_fails(
        &["config", "check", "--config", "Cargo.toml"],
        78,
        "Cargo.toml: dependencies is not a setting",
    );
    check_fails(&["serve", "--accounts", ACCOUNTS, "--listen", "nowhere"], 78, "--listen: server.listen");
}

#[test]
fn a_lead_without_anything_usable_exits_65_without_repeating_it() {
    let output = run(&["route", "--accounts", ACCOUNTS, "--company", "!!!", "--email", "jane@"]);
    assert_eq!(output.status.code(), Some(65));
    assert!(!text(&output.stderr).contains("jane"));
}

#[test]
fn a_typed_website_alone_is_not_called_a_company_name() {
    let output = run(&["route", "--accounts", "examples/accounts.csv", "--website", "baywa.com"]);
    let answer = text(&output.stdout);
    assert!(
        answer.contains("The website typed into the form is that of BayWa Aktiengesellschaft"),
        "{answer}"
    );
    assert!(!answer.contains("company name"), "{answer}");
    assert_eq!(text(&output.stderr), "namesake: the registry has 1 conflict: see `namesake check`\n");
}

#[test]
fn every_lead_gets_its_row_in_order_with_the_columns_of_the_contract() {
    let leads =
        b"note,Lead ID,Company,email\n,1,Acme Inc.,j@acme.com\n,2,!!!,\n,3,M\xFCller,\n,4\n,5,Globex,\n";
    let output = run_with_input(&["match", "--accounts", ACCOUNTS, "--leads", "-"], leads);
    assert_eq!(output.status.code(), Some(0));
    let rows = text(&output.stdout);
    let mut lines = rows.lines();
    assert_eq!(lines.next(), Some(HEADER));
    let starts: Vec<String> =
        lines.map(|line| line.split(',').take(2).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(starts, ["1,owner", "2,invalid", "3,nurture", "4,invalid", "5,owner"]);
    assert!(text(&output.stderr).contains("5 leads: 2 owner, 0 review, 1 nurture, 2 invalid"));
}

#[test]
fn a_quote_left_open_in_leads_is_refused_where_it_opens() {
    let check = |leads: &str, expected: &str| {
        let output = run_with_input(&["match", "--accounts", ACCOUNTS, "--leads", "-"], leads.as_bytes());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(65), "{said}");
        assert!(said.contains(expected) && !said.contains("Acme"), "{said}");
    };
    let head = "\u{FEFF}\"lead_id\",company,email\n1,Acme Inc.,j@acme.com\n";
    check(
        &format!("{head}2,\"Acme,j@acme.com\n3,Acme,\n"),
        "-: line 3: a quoted value begins here and never ends",
    );
    let closed = format!("{head}2,\"Acme,j@acme.com\n3,\"Acme, Inc.\",\n");
    check(
        &closed,
        "-: line 3: a quoted value begins here and ends inside another on line 4: close the quote",
    );
    let inches = format!("{head}2,\"Acme\" 12\" Pipes,\n");
    let output = run_with_input(&["match", "--accounts", ACCOUNTS, "--leads", "-"], inches.as_bytes());
    assert!(text(&output.stderr).contains("2 leads:"), "{}", text(&output.stderr));
}

#[test]
fn leads_of_a_western_spreadsheet_are_read_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = folder.path().join("accounts.csv");
    std::fs::write(&accounts, "id,name,owner_id\na1,Bäckerei Großhans,r1\n").unwrap();
    let leads = b"Lead ID;Company\r\n1;B\xE4ckerei Gro\xDFhans\r\n";
    let arguments = ["match", "--accounts", accounts.to_str().unwrap(), "--leads", "-"];
    let rows = text(&run_with_input(&arguments, leads).stdout);
    assert!(rows.lines().nth(1).unwrap().starts_with("1,owner,true,a1,Bäckerei Großhans,r1,"), "{rows}");
}

#[test]
fn a_column_of_leads_that_nobody_reads_is_named() {
    let output =
        run_with_input(&["match", "--accounts", ACCOUNTS, "--leads", "-"], b"company,E-Mail\nAcme,j@a.com\n");
    let said = text(&output.stderr);
    assert!(said.contains("columns of the leads that are not read: e_mail\n"), "{said}");
}

#[test]
fn an_owner_row_says_who_and_an_invalid_one_says_why() {
    let leads = b"lead_id,company,email\n1,Acme Inc.,j@acme.com\n2,!!!,\n";
    let arguments = ["match", "--accounts", ACCOUNTS, "--leads", "-", "--output", "jsonl"];
    let rows = text(&run_with_input(&arguments, leads).stdout);
    let rows: Vec<serde_json::Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    assert_eq!(rows[0]["account_id"], "a1");
    assert_eq!(rows[0]["owner_id"], "r1");
    assert_eq!(rows[0]["do_not_round_robin"], true);
    assert_eq!(rows[0]["reason"], serde_json::Value::Null);
    assert_eq!(rows[1]["route"], "invalid");
    assert!(rows[1]["reason"].as_str().unwrap().starts_with("none of company"), "{}", rows[1]);
    assert_eq!(rows[1]["score_bps"], serde_json::Value::Null);
}

#[test]
fn no_cell_is_a_formula_to_a_spreadsheet_and_json_stays_as_given() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = folder.path().join("accounts.csv");
    std::fs::write(&accounts, "id,name,domains,owner_id\na1,=1+1 Trading,acme.com,r1\n").unwrap();
    let leads = b"lead_id,email\n\"=HYPERLINK(\"\"http://x\"\")\",j@acme.com\n-x7_Q,j@acme.com\n";
    let arguments = ["match", "--accounts", accounts.to_str().unwrap(), "--leads", "-"];
    let rows = text(&run_with_input(&arguments, leads).stdout);
    let lines: Vec<&str> = rows.lines().skip(1).collect();
    let owned = ",owner,true,a1,'=1+1 Trading,r1,";
    assert!(lines[0].starts_with(&format!("\"'=HYPERLINK(\"\"http://x\"\")\"{owned}")), "{rows}");
    assert!(lines[1].starts_with(&format!("-x7_Q{owned}")), "{rows}");
    let rows = text(&run_with_input(&[&arguments[..], &["--output", "jsonl"]].concat(), leads).stdout);
    let first: serde_json::Value = serde_json::from_str(rows.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["lead_id"], &first["account_name"]),
        (&"=HYPERLINK(\"http://x\")".into(), &"=1+1 Trading".into())
    );
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let leads = format!("company\n{}", "Acme\n".repeat(50_000));
    let mut child = namesake(&["match", "--accounts", ACCOUNTS, "--leads", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    // The command may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(leads.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn one_lead_is_explained_for_people_and_for_programs() {
    let lead = ["route", "--accounts", ACCOUNTS, "--company", "Acme", "--email", "jane@acme.com"];
    let explained = text(&run(&lead).stdout);
    assert!(explained.starts_with("OWNER, do not round robin\n"), "{explained}");
    assert!(
        explained.contains("Acme Inc. (a1, named)") && explained.contains("email_domain A"),
        "{explained}"
    );
    let json: serde_json::Value =
        serde_json::from_slice(&run(&[&lead[..], &["--output", "json"]].concat()).stdout).unwrap();
    assert_eq!(json["decision"]["route"], "owner");
    assert_eq!(json["decision"]["owner"]["owner"]["rep_id"], "r1");
}

/// A server in a process of its own, killed if the test fails.
struct Server {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Server {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut child = namesake(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        output.read_line(&mut first).unwrap();
        let address = first.trim().strip_prefix("listening on ").expect(&first).to_owned();
        Server { child, output, address }
    }

    fn signal(&self, name: &str) {
        let killed = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_is_asked_the_same_question_and_ends_well_on_sigterm() {
    let mut server = Server::start(&["--accounts", ACCOUNTS]);
    let url = format!("http://{}", server.address);
    assert_eq!(run(&["health", "--server", &url]).status.code(), Some(0));
    let configured = namesake(&["health"]).env("NAMESAKE_LISTEN", &server.address).output().unwrap();
    assert_eq!(text(&configured.stdout), "serving\n");

    let lead = ["--company", "Acme", "--email", "jane@acme.com", "--output", "json"];
    let asked = run(&[&["route", "--server", &server.address], &lead[..]].concat());
    let here = run(&[&["route", "--accounts", ACCOUNTS], &lead[..]].concat());
    assert_eq!(text(&asked.stdout), text(&here.stdout));

    server.signal("TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    server.output.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("namesake route --server http://127.0.0.1:"), "{rest}");
    let mut log = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("registry published") && !log.contains("jane"), "{log}");

    assert_eq!(run(&["health", "--server", &url]).status.code(), Some(1));
    check_fails(&["route", "--server", &url, "--company", "Acme"], 69, "cannot reach");
}

#[test]
fn a_server_ends_well_on_sigint_too() {
    let mut server = Server::start(&["--accounts", ACCOUNTS, "--reflection", "--log-format", "json"]);
    server.signal("INT");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let server = Server::start(&["--accounts", ACCOUNTS]);
    check_fails(&["serve", "--accounts", ACCOUNTS, "--listen", &server.address], 1, &server.address);
}

#[test]
fn the_printed_configuration_is_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("namesake.toml");
    std::fs::write(&path, run(&["config", "print"]).stdout).unwrap();
    let checked = run(&["config", "check", "--config", path.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0));
    assert!(text(&checked.stdout).contains("listen = \"127.0.0.1:50051\""));
}
