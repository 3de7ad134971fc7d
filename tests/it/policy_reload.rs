//! The policy while a server runs: an edited `[policy]` counts for the next lead, or changes nothing at all.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use namesake::config::{Flags, PolicyWatch};
use namesake::proto::v1;
use namesake::proto::v1::route_lead_response::Route;
use tokio::sync::Notify;

use crate::support::{TestServer, lead, within};

const NEVER: Duration = Duration::from_secs(3_600);

fn track(name: &str) -> String {
    format!("[policy]\nnurture_track = \"{name}\"\n")
}

/// A file, its watch over a server in this process, and somebody who asks for a look.
struct Watched {
    _folder: tempfile::TempDir,
    path: PathBuf,
    asked: Arc<Notify>,
    server: TestServer,
}

impl Watched {
    async fn start(content: &str, interval: Duration) -> Watched {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("namesake.toml");
        fs::write(&path, content).unwrap();
        let mut flags = Flags::default();
        flags.file = Some(path.clone());
        let watch = PolicyWatch::begin(flags, &BTreeMap::<&str, &str>::new()).unwrap();
        let server = TestServer::start().await;
        server.serving.set_policy(watch.config().policy.clone());
        let asked = Arc::new(Notify::new());
        tokio::spawn(watch.run(interval, Arc::clone(&asked), Arc::clone(&server.serving)));
        Watched { _folder: folder, path, asked, server }
    }

    /// The track of a lead of an unknown company, and the digest of the policy that chose it.
    async fn answer(&self) -> (String, String) {
        let request = v1::RouteLeadRequest { lead: Some(lead("1", "Blue Sky")) };
        let answer = within(self.server.client().await.route_lead(request)).await.unwrap().into_inner();
        let Some(Route::Nurture(nurture)) = answer.route else { panic!("{answer:?}") };
        (nurture.track, answer.envelope.unwrap().policy_digest)
    }

    /// Writes the file and waits until the server answers with this track.
    async fn edit_until(&self, content: &str, expected: &str) {
        fs::write(&self.path, content).unwrap();
        self.asked.notify_one();
        let seen = async {
            while self.answer().await.0 != expected {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        within(seen).await;
    }
}

#[tokio::test]
async fn an_edit_counts_for_the_next_lead_and_changes_the_digest() {
    let watched = Watched::start(&track("winter"), Duration::from_millis(10)).await;
    let (before, digest) = watched.answer().await;
    assert_eq!(before, "winter");
    fs::write(&watched.path, track("spring")).unwrap();
    let quiet = async {
        while watched.answer().await.0 != "spring" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within(quiet).await;
    assert_ne!(watched.answer().await.1, digest);
}

#[tokio::test]
async fn a_policy_with_one_wrong_key_or_no_file_at_all_changes_nothing() {
    let watched = Watched::start(&track("winter"), NEVER).await;
    let before = watched.answer().await;
    for bad in [
        "[policy]\nnurture_track = \"spring\"\nreview_queue = 1\n",
        "[policy]\nnurture_track = \"spring\"\n[[policy.nurture_rules]]\nname = \"x\"\n",
        "[policy\n",
        "[policy]\nnurture_track = \"spring\"\n[server]\nrequests_max = 0\n",
    ] {
        fs::write(&watched.path, bad).unwrap();
        watched.asked.notify_one();
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(watched.answer().await, before, "{bad}");
    }
    fs::remove_file(&watched.path).unwrap();
    watched.asked.notify_one();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(watched.answer().await, before, "a file that has gone");
    // Mended, it is taken; so the refusals above were refusals and not deafness.
    watched.edit_until(&track("summer"), "summer").await;
    let metrics = watched.server.serving.metrics().text();
    for line in [
        r#"namesake_policy_reloads_total{result="ok"} 1"#,
        r#"namesake_policy_reloads_total{result="refused"} 5"#,
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is not in {metrics}");
    }
}

#[tokio::test]
async fn rules_and_thresholds_are_taken_too() {
    let watched = Watched::start("", NEVER).await;
    let rule = "[[policy.nurture_rules]]\nname = \"no-mail\"\ntrack = \"post\"\nmail_class = \"none\"\n";
    watched.edit_until(rule, "post").await;
    watched.edit_until("", "general").await;
}

/// A server in a process of its own, killed if the test fails.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_binary_takes_an_edit_on_sighup_and_says_what_it_did() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("namesake.toml");
    let head = "[registry]\npoll_interval_ms = 3600000\n";
    fs::write(&path, format!("{head}{}", track("winter"))).unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_namesake"))
        .args(["serve", "--listen", "127.0.0.1:0", "--accounts", "tests/data/registry/good.csv"])
        .args(["--config".as_ref(), path.as_os_str()])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut server = Server(child);
    let mut first = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let address = first.trim().strip_prefix("listening on ").expect(&first).to_owned();
    let told = || {
        let lead = ["route", "--server", &address, "--company", "Blue Sky", "--output", "json"];
        let asked = Command::new(env!("CARGO_BIN_EXE_namesake")).args(lead).env_clear().output().unwrap();
        String::from_utf8(asked.stdout).unwrap()
    };
    assert!(told().contains("winter"), "{}", told());
    let edit = |content: String| {
        fs::write(&path, content).unwrap();
        let id = server.0.id().to_string();
        assert!(Command::new("kill").args(["-s", "HUP", &id]).status().unwrap().success());
    };
    edit(format!("{head}[policy]\nnurture_trak = \"spring\"\n"));
    std::thread::sleep(Duration::from_millis(200));
    assert!(told().contains("winter"), "{}", told());
    edit(format!("{head}[server]\nstreams_max = 5\n{}", track("summer")));
    let until = Instant::now() + Duration::from_secs(20);
    while !told().contains("summer") {
        assert!(Instant::now() < until, "the edit was not taken: {}", told());
    }
    server.0.kill().unwrap();
    let mut log = String::new();
    server.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let said = |words: &str| log.matches(words).count();
    assert_eq!(said("policy.nurture_trak is not a setting; did you mean policy.nurture_track?"), 1, "{log}");
    assert_eq!(said("these settings need a restart: server.streams_max"), 1, "{log}");
    assert_eq!(said("the changed policy is in force"), 1, "{log}");
}
