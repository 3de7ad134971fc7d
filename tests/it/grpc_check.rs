//! `CheckRegistry` sees what `namesake check` sees, also what loading had to ignore: over files, and over a replica of
//! Redis as it changes.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use namesake::grpc::Access;
use namesake::proto::v1;
use namesake::proto::v1::registry_service_client::RegistryServiceClient;
use namesake::registry::Sources;
use namesake::registry::redis::RecordKind;
use namesake::registry::redis::writer::{Change, Mode};
use namesake::registry::replica::status::Board;
use namesake::registry::replica::{RedisReach, Replica, Settings};
use namesake::registry::watch::FileWatch;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tonic::Code;

use crate::redis_server::{RedisServer, needs_redis};
use crate::support::{TestServer, details, within};

/// A dangling parent, a cycle of two, an unknown delegate and manager, a country that is none.
const ACCOUNTS: &str = "\
id,name,owner_id,domains,country,parent_id
a1,Heronsgate Shipping,ada,heronsgate.com,GB,nowhere
a2,Quillfeather Press,ada,quillfeather.co.uk,GB,a3
a3,Otterbrook Paper,ada,otterbrook.com,GB,a2
a4,Pelikan Optics,bob,pelikanoptics.de,Atlantis,
";
const REPS: &str = "id,delegate_id,manager_id\nada,ghost,phantom\nbob,,\n";

/// Follows a Redis into a server, telling on `board`.
pub(crate) fn follow(redis: &RedisServer, server: &TestServer, board: &Arc<Board>) -> JoinHandle<()> {
    let settings = Settings { fresh_window: Duration::from_secs(2), ..Settings::default() };
    let reach = RedisReach::new(redis.settings(), settings.block);
    let replica = Replica::begin_on(Arc::clone(board), settings, Arc::clone(&server.serving));
    tokio::spawn(replica.run(reach))
}

/// Imports the registry into a Redis.
pub(crate) async fn import(redis: &RedisServer) {
    let (_folder, sources) = files();
    let import = ["import", "--redis", &redis.url()].map(str::to_owned);
    namesake(import.into_iter().chain(flags(&sources)).collect()).await;
}

/// A registry in files.
fn files() -> (tempfile::TempDir, Sources) {
    let folder = tempfile::tempdir().unwrap();
    let (accounts, reps) = (folder.path().join("accounts.csv"), folder.path().join("reps.csv"));
    fs::write(&accounts, ACCOUNTS).unwrap();
    fs::write(&reps, REPS).unwrap();
    (folder, Sources { accounts: vec![accounts], reps: Some(reps), strict: false })
}

/// The registry by flags of the command line.
fn flags(sources: &Sources) -> Vec<String> {
    let path = |path: &std::path::PathBuf| path.display().to_string();
    let reps = sources.reps.as_ref().map(path).unwrap();
    vec!["--accounts".into(), path(&sources.accounts[0]), "--reps".into(), reps]
}

async fn namesake(arguments: Vec<String>) -> String {
    let run =
        move || Command::new(env!("CARGO_BIN_EXE_namesake")).args(arguments).env_clear().output().unwrap();
    String::from_utf8(within(tokio::task::spawn_blocking(run)).await.unwrap().stdout).unwrap()
}

/// What the command line finds in a registry.
async fn told_by_check(registry: Vec<String>) -> Value {
    let words = ["check", "--output", "json"].map(str::to_owned);
    let report = namesake(words.into_iter().chain(registry).collect()).await;
    serde_json::from_str::<Value>(&report).unwrap_or_else(|error| panic!("{error}: {report}"))["findings"]
        .take()
}

/// What the server finds in its copy, in the same form.
async fn told_by_server(server: &TestServer) -> Value {
    let mut client = RegistryServiceClient::new(server.channel().await);
    let answer = within(client.check_registry(v1::CheckRegistryRequest {})).await.unwrap().into_inner();
    let severity = |finding: &v1::HealthFinding| {
        finding.severity().as_str_name().trim_start_matches("HEALTH_SEVERITY_").to_lowercase()
    };
    let findings = answer.report.unwrap().findings.into_iter().map(|finding| {
        let worst = finding.worst.iter().map(|worst| {
            json!({"text": worst.text, "account_ids": worst.account_ids, "rep_ids": worst.rep_ids})
        });
        json!({
            "kind": finding.kind, "severity": severity(&finding), "title": finding.title, "count": finding.count,
            "remedy": finding.remedy, "worst": worst.collect::<Vec<_>>(),
        })
    });
    findings.collect()
}

#[track_caller]
fn check(findings: &Value, kind: &str, count: u64, says: &str) {
    let found = findings.as_array().unwrap().iter().find(|finding| finding["kind"] == kind);
    let found = found.unwrap_or_else(|| panic!("no {kind} in {findings:#}"));
    assert_eq!(found["count"], count, "{found:#}");
    assert!(found["worst"][0]["text"].as_str().unwrap().ends_with(says), "{found:#}");
}

fn check_links(findings: &Value) {
    check(findings, "dangling_parent", 1, "parent_id `nowhere` is not in the registry: ignored");
    check(findings, "parent_cycle", 2, "parent_id leads back to the account itself, a2 > a3 > a2: ignored");
    check(findings, "unknown_stand_in", 2, "delegate_id `ghost` is not in the registry: ignored");
    check(findings, "ignored_value", 1, "country `Atlantis` is not an ISO 3166 country code: ignored");
}

async fn open() -> TestServer {
    let access = Access { open: true, ..Access::default() };
    TestServer::start_with_access(access).await
}

#[tokio::test]
async fn what_loading_files_ignored_is_told_as_check_tells_it() {
    let (_folder, sources) = files();
    let server = open().await;
    FileWatch::begin(sources.clone(), Duration::from_secs(3_600), &server.serving).await.unwrap();
    let told = told_by_server(&server).await;
    check_links(&told);
    assert_eq!(told, told_by_check(flags(&sources)).await);
    server.stop().await;
}

#[tokio::test]
async fn what_a_replica_ignores_is_told_as_check_tells_it_and_changes_with_the_records() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis).await;
    let server = open().await;
    let board = Arc::default();
    let following = follow(&redis, &server, &board);
    let home = ["--redis".to_owned(), redis.url()];
    let until_published = async |rev: u64| {
        let published = async {
            while board.read().published.is_none_or(|at| at.rev < rev) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        within(published).await;
    };
    until_published(6).await;
    let told = told_by_server(&server).await;
    check_links(&told);
    assert_eq!(told, told_by_check(home.to_vec()).await);

    // A record that cannot be read makes no new index, and is told all the same; as it is when it has gone again.
    let mut writer = redis.connection().await;
    let epoch = writer.position().await.unwrap().unwrap().epoch;
    let broken = Change::put(RecordKind::Account, "a9", r#"{"id":"a9"}"#);
    writer.apply(epoch, Mode::Live, &[broken], |_| {}).await.unwrap();
    until_published(7).await;
    let told = told_by_server(&server).await;
    check(&told, "malformed_record", 1, "account a9: name is missing: every record needs one");
    check_links(&told);
    assert_eq!(told, told_by_check(home.to_vec()).await);

    let gone = Change::delete(RecordKind::Account, "a9");
    let mended = r#"{"country":"DE","domains":["pelikanoptics.de"],"id":"a4","name":"Pelikan Optics","owner_id":"bob"}"#;
    let mended = Change::put(RecordKind::Account, "a4", mended);
    writer.apply(epoch, Mode::Live, &[gone, mended], |_| {}).await.unwrap();
    until_published(9).await;
    let told = told_by_server(&server).await;
    let kinds: Vec<&str> =
        told.as_array().unwrap().iter().map(|finding| finding["kind"].as_str().unwrap()).collect();
    assert!(!kinds.contains(&"malformed_record") && !kinds.contains(&"ignored_value"), "{kinds:?}");
    assert_eq!(told, told_by_check(home.to_vec()).await);
    following.abort();
    server.stop().await;
}

#[tokio::test]
async fn of_two_strict_writes_at_once_that_conflict_with_each_other_one_is_refused() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis).await;
    let board = Arc::default();
    let access = Access { open: true, redis: Some(redis.settings()), board: Some(Arc::clone(&board)) };
    let server = TestServer::start_with_access(access).await;
    let following = follow(&redis, &server, &board);
    let client = RegistryServiceClient::new(server.channel().await);
    for round in 0..5 {
        let write = |owner: &str| {
            let account = v1::AccountRecord {
                id: format!("{owner}{round}"),
                name: format!("Zwyxtra {owner} {round}"),
                owner_id: owner.into(),
                domains: vec![format!("zwyxtra{round}.com")],
                ..Default::default()
            };
            let request =
                v1::UpsertAccountRequest { account: Some(account), strict: true, ..Default::default() };
            let mut client = client.clone();
            async move { within(client.upsert_account(request)).await }
        };
        let (ada, bob) = tokio::join!(write("ada"), write("bob"));
        let refused = match (ada, bob) {
            (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
            other => panic!("both or none were written: {other:?}"),
        };
        details(&refused, Code::FailedPrecondition, "OWNER_CONFLICT");
    }
    following.abort();
    server.stop().await;
}

#[tokio::test]
async fn strict_writes_through_two_servers_at_once_are_as_strict() {
    needs_redis!();
    let redis = RedisServer::start();
    import(&redis).await;
    let one = Following::start(&redis).await;
    let other = Following::start(&redis).await;
    let write = |through: &Following, name: String, owner: &str, domain: String| {
        let id = format!("{owner}-{domain}");
        let account = v1::AccountRecord {
            id,
            name,
            owner_id: owner.into(),
            domains: vec![domain],
            ..Default::default()
        };
        let request = v1::UpsertAccountRequest { account: Some(account), strict: true, ..Default::default() };
        let mut client = through.client.clone();
        async move { within(client.upsert_account(request)).await }
    };
    for round in 0..8 {
        // Each looks in a copy that lacks what the other writes.
        let domain = || format!("zwyxtra{round}.com");
        let ada = write(&one, format!("Zwyxtra Ada {round}"), "ada", domain());
        let bob = write(&other, format!("Zwyxtra Bob {round}"), "bob", domain());
        match tokio::join!(ada, bob) {
            (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => {
                details(&refused, Code::FailedPrecondition, "OWNER_CONFLICT");
            }
            other => panic!("both or none were written: {other:?}"),
        }
        // Two that do not conflict are both written: who comes second looks again.
        let ada = write(&one, format!("Quorvane {round}"), "ada", format!("quorvane{round}.com"));
        let bob = write(&other, format!("Thessalby {round}"), "bob", format!("thessalby{round}.com"));
        let (ada, bob) = tokio::join!(ada, bob);
        assert!(ada.is_ok() && bob.is_ok(), "{ada:?} {bob:?}");
    }
    one.end().await;
    other.end().await;
}

/// A server that follows a Redis and writes to it.
struct Following {
    server: TestServer,
    client: RegistryServiceClient<tonic::transport::Channel>,
    task: JoinHandle<()>,
}

impl Following {
    async fn start(redis: &RedisServer) -> Following {
        let board = Arc::default();
        let access = Access { open: true, redis: Some(redis.settings()), board: Some(Arc::clone(&board)) };
        let server = TestServer::start_with_access(access).await;
        let task = follow(redis, &server, &board);
        let client = RegistryServiceClient::new(server.channel().await);
        Following { server, client, task }
    }

    async fn end(self) {
        self.task.abort();
        self.server.stop().await;
    }
}
