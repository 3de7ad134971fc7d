//! What goes wrong around Redis: memory, rights, restarts, replicas, Sentinel, TLS, silence.

use std::process::Command;
use std::time::Duration;

use namesake::registry::redis::writer::{Change, Mode};
use namesake::registry::redis::{Connection, HomeError, RecordKind, RedisSettings, install_crypto_provider};

use crate::redis_server::{RedisServer, needs_redis};
use crate::support::within;

const NOBODY: fn(usize) = |_| {};

/// A registry of the accounts a and b.
async fn small(home: &mut Connection) {
    let new = home.begin_epoch(None).await.unwrap();
    let changes = ["a", "b"].map(account);
    let filled = home.apply(new.epoch, Mode::Fill, &changes, NOBODY).await.unwrap();
    home.flip(&new, filled.as_ref()).await.unwrap();
}

fn account(id: &str) -> Change {
    Change::put(RecordKind::Account, id, format!(r#"{{"id":"{id}","name":"Name {id}"}}"#))
}

async fn live(home: &mut Connection, changes: &[Change]) -> Result<(), HomeError> {
    let epoch = home.position().await?.expect("there is a registry").epoch;
    let applied = home.apply(epoch, Mode::Live, changes, NOBODY).await;
    applied.map(|_| ()).map_err(|interrupted| interrupted.error)
}

#[tokio::test]
async fn a_redis_without_memory_refuses_a_call_whole() {
    needs_redis!();
    let server = RedisServer::start();
    let mut home = server.connection().await;
    small(&mut home).await;
    let before = home.contents(NOBODY).await.unwrap();
    let mut raw = server.raw().await;
    let limit = |bytes: &str| redis::cmd("CONFIG").arg(&["SET", "maxmemory", bytes]).clone();
    let _: () = limit("1").query_async(&mut raw).await.unwrap();
    for changes in [vec![account("c")], vec![Change::delete(RecordKind::Account, "a"), account("c")]] {
        let refused = live(&mut home, &changes).await;
        assert!(matches!(refused, Err(HomeError::OutOfMemory { .. })), "{refused:?}");
        assert_eq!(home.contents(NOBODY).await.unwrap(), before);
    }
    assert!(matches!(home.begin_epoch(None).await, Err(HomeError::OutOfMemory { .. })));
    let _: () = limit("0").query_async(&mut raw).await.unwrap();
    live(&mut home, &[account("c")]).await.unwrap();
}

/// The rules of docs/redis.md, which must stand there word by word.
fn acl_rule(user: &str) -> String {
    let page = std::fs::read_to_string("docs/redis.md").unwrap();
    let prefix = format!("user namesake-{user} ");
    page.lines().find(|line| line.starts_with(&prefix)).expect("docs/redis.md has the rule").to_owned()
}

fn login(server: &RedisServer, user: &str) -> RedisSettings {
    let password = format!("{user}-password");
    RedisSettings::of_url(&format!("redis://namesake-{user}:{password}@127.0.0.1:{}", server.port)).unwrap()
}

#[tokio::test]
async fn the_documented_rights_suffice_and_a_reader_cannot_write() {
    needs_redis!();
    let (reader, writer) = (acl_rule("reader"), acl_rule("writer"));
    let server = RedisServer::start_with(&[&reader, &writer, "user default off"]);
    let mut home = Connection::open(&login(&server, "writer")).await.unwrap();
    small(&mut home).await;
    live(&mut home, &[account("c"), Change::delete(RecordKind::Account, "a")]).await.unwrap();
    assert_eq!(home.memory_policy().await.as_deref(), Some("noeviction"));
    home.wait_for_replicas(0, 1).await.unwrap();
    let before = home.position().await.unwrap();
    let new = home.begin_epoch(before).await.unwrap();
    home.flip(&new, None).await.unwrap();
    home.rollback().await.unwrap();
    home.delete_unused_epochs().await.unwrap();
    assert!(home.verify(NOBODY).await.unwrap().unwrap().differences.is_empty());

    let mut home = Connection::open(&login(&server, "reader")).await.unwrap();
    let contents = home.contents(NOBODY).await.unwrap().unwrap();
    assert_eq!(contents.accounts.keys().collect::<Vec<_>>(), ["b", "c"]);
    home.log(contents.position.epoch, 0, 10).await.unwrap();
    assert!(home.verify(NOBODY).await.unwrap().unwrap().differences.is_empty());
    let refused = live(&mut home, &[account("d")]).await;
    assert!(matches!(refused, Err(HomeError::NotPermitted { .. })), "{refused:?}");
    let (key, why) = ("SET", "a reader writes nothing");
    let mut raw =
        namesake::registry::redis::connect(&login(&server, "reader"), Duration::from_secs(1)).await.unwrap();
    redis::cmd(key).arg(&["x", "y"]).query_async::<()>(&mut raw).await.expect_err(why);
}

#[tokio::test]
async fn a_user_without_rights_is_told_and_the_password_is_not() {
    needs_redis!();
    let server = RedisServer::start_with(&["user weak on >weak-pa55 ~* +ping"]);
    let mut settings = server.settings();
    for (url, expect_login) in [("redis://weak:weak-pa55@", false), ("redis://weak:bad-pa55@", true)] {
        settings.url = Some(format!("{url}127.0.0.1:{}", server.port).parse().unwrap());
        let error = Connection::open(&settings).await.unwrap_err();
        let fits = match &error {
            HomeError::NotPermitted { .. } => !expect_login,
            HomeError::LoginRefused { .. } => expect_login,
            _ => false,
        };
        assert!(fits && !format!("{error} {error:?} {settings:?}").contains("pa55"), "{error:?}");
    }
}

#[tokio::test]
async fn a_restart_that_forgets_the_scripts_is_not_noticed_by_the_next_writer() {
    needs_redis!();
    let mut server = RedisServer::start_persistent();
    let mut home = server.connection().await;
    small(&mut home).await;
    live(&mut home, &[account("c")]).await.unwrap();
    let before = home.contents(NOBODY).await.unwrap();
    server.restart();
    assert!(matches!(home.position().await, Err(HomeError::Unreachable { .. })));
    let mut home = server.connection().await;
    assert_eq!(home.contents(NOBODY).await.unwrap(), before);
    live(&mut home, &[account("d")]).await.unwrap();
    let mut raw = server.raw().await;
    let _: () = redis::cmd("SCRIPT").arg("FLUSH").query_async(&mut raw).await.unwrap();
    live(&mut home, &[account("e")]).await.unwrap();
    assert!(home.verify(NOBODY).await.unwrap().unwrap().differences.is_empty());
}

#[tokio::test]
async fn a_redis_that_falls_silent_is_out_of_reach_within_the_timeout() {
    needs_redis!();
    let server = RedisServer::start();
    let settings = RedisSettings { response_timeout: Duration::from_millis(200), ..server.settings() };
    let mut home = Connection::open(&settings).await.unwrap();
    server.freeze();
    let silent = within(home.position()).await;
    assert!(
        matches!(&silent, Err(HomeError::Unreachable { why, .. }) if why == "no answer in time"),
        "{silent:?}"
    );
    server.thaw();
    assert_eq!(within(Connection::open(&settings)).await.unwrap().position().await, Ok(None));
}

#[tokio::test]
async fn a_replica_is_not_taken_for_the_master() {
    needs_redis!();
    let master = RedisServer::start();
    let replica = RedisServer::start_replica_of(&master);
    let error = Connection::open(&replica.settings()).await.unwrap_err();
    let server = replica.url();
    assert_eq!(error, HomeError::NotMaster { server, role: "replica".into() });
}

#[tokio::test]
async fn sentinel_leads_to_the_master_and_to_the_next_one_when_it_dies() {
    needs_redis!();
    let mut master = RedisServer::start();
    let replica = RedisServer::start_replica_of(&master);
    let sentinel = RedisServer::start_sentinel(&master);
    let sentinels = vec![format!("127.0.0.1:{}", sentinel.port).parse().unwrap()];
    let settings = RedisSettings { sentinels, ..RedisSettings::default() };
    let mut home = within(Connection::open(&settings)).await.unwrap();
    small(&mut home).await;
    // The sentinel hears of the replica from the master's INFO, every ten seconds at the latest.
    within(async {
        while home.wait_for_replicas(1, 100).await.unwrap() < 1 || replicas_known(&sentinel) < 1 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let before = home.contents(NOBODY).await.unwrap();
    master.kill();
    let mut home = within(async {
        loop {
            match Connection::open(&settings).await {
                Ok(home) => return home,
                Err(HomeError::Unreachable { .. } | HomeError::NotMaster { .. }) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
    })
    .await;
    assert_eq!(home.contents(NOBODY).await.unwrap(), before);
    live(&mut home, &[account("c")]).await.unwrap();
    drop(replica);
}

fn replicas_known(sentinel: &RedisServer) -> usize {
    let client = redis::Client::open(sentinel.url()).unwrap();
    let mut connection = client.get_connection().unwrap();
    let replicas: Vec<redis::Value> =
        redis::cmd("SENTINEL").arg(&["REPLICAS", "mymaster"]).query(&mut connection).unwrap();
    replicas.len()
}

#[tokio::test]
async fn tls_is_spoken_and_the_certificate_is_checked() {
    needs_redis!();
    install_crypto_provider();
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder.path())
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "openssl is missing: it makes a certificate for this test");
        eprintln!("skipped: openssl is missing");
        return;
    }
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let lines = [
        format!("tls-port {port}"),
        format!("tls-cert-file {}", path("cert.pem")),
        format!("tls-key-file {}", path("key.pem")),
        "tls-auth-clients no".to_owned(),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let _server = RedisServer::start_with(&lines);
    let url = format!("rediss://127.0.0.1:{port}");
    let settings =
        RedisSettings { ca_file: Some(path("cert.pem").into()), ..RedisSettings::of_url(&url).unwrap() };
    assert_eq!(Connection::open(&settings).await.unwrap().position().await, Ok(None));
    let unknown = Connection::open(&RedisSettings::of_url(&url).unwrap()).await.unwrap_err();
    assert!(matches!(unknown, HomeError::Unreachable { .. }), "{unknown:?}");
    let settings = RedisSettings { ca_file: Some(path("none.pem").into()), ..settings };
    let missing = Connection::open(&settings).await.unwrap_err();
    assert!(matches!(missing, HomeError::BadCertificates { .. }), "{missing:?}");
}
