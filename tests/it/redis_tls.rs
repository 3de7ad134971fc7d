//! Redis behind TLS: a certificate of an authority of our own, trusted only where `redis.ca_file` names it.

use std::path::Path;
use std::process::{Command, Stdio};

use namesake::registry::redis::{Connection, HomeError, RedisSettings, install_crypto_provider};

use crate::redis_server::{RedisServer, free_port, needs_redis};

/// Runs `openssl` in a folder; false where there is none.
fn openssl(folder: &Path, arguments: &str) -> bool {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' ')).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// An authority, and a certificate of it for localhost.
fn certificates(folder: &Path) -> bool {
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
        .unwrap();
    openssl(
        folder,
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=authority",
    ) && openssl(folder, "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost")
        && openssl(
            folder,
            "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile names",
        )
}

#[tokio::test]
async fn tls_is_spoken_and_only_a_trusted_certificate_is_believed() {
    needs_redis!();
    let folder = tempfile::tempdir().unwrap();
    if !certificates(folder.path()) {
        let required = ["CI", "NAMESAKE_REQUIRE_ALL"].iter().any(|name| std::env::var_os(name).is_some());
        assert!(!required, "openssl is missing: scripts/tools.sh installs it");
        return;
    }
    install_crypto_provider();
    let port = free_port();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let lines = [
        format!("tls-port {port}"),
        format!("tls-cert-file {}", file("server.crt")),
        format!("tls-key-file {}", file("server.key")),
        format!("tls-ca-cert-file {}", file("ca.crt")),
        "tls-auth-clients no".to_owned(),
    ];
    let _server = RedisServer::start_with(&lines.each_ref().map(String::as_str));
    let settings = RedisSettings::of_url(&format!("rediss://localhost:{port}")).unwrap();
    let trusting = RedisSettings { ca_file: Some(folder.path().join("ca.crt")), ..settings.clone() };

    let mut connection = Connection::open(&trusting).await.unwrap();
    assert_eq!(connection.position().await, Ok(None));
    let refused = Connection::open(&settings).await.unwrap_err();
    assert!(matches!(refused, HomeError::Unreachable { .. }), "{refused:?}");
    assert!(refused.to_string().contains("certificate"), "{refused}");
}
