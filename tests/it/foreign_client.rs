//! Google's gRPC for Python against this server: `tests/foreign/run.py`.

use std::path::Path;
use std::process::Command;

use crate::support::{TestServer, within};

/// True where every test must run: in CI, or when asked for.
fn nothing_may_be_skipped() -> bool {
    ["CI", "NAMESAKE_REQUIRE_ALL"].iter().any(|name| std::env::var_os(name).is_some())
}

#[tokio::test]
async fn a_client_in_python_routes_streams_and_reads_errors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join(".venv/bin/python");
    if !python.exists() {
        let remedy =
            "no .venv: python3 -m venv .venv && .venv/bin/pip install -r tests/foreign/requirements.txt";
        assert!(!nothing_may_be_skipped(), "{remedy}");
        eprintln!("SKIPPED: {remedy}");
        return;
    }
    let server = TestServer::start().await;
    let mut client = Command::new(python);
    client.arg(root.join("tests/foreign/run.py")).arg(server.address.to_string());
    let ended = tokio::task::spawn_blocking(move || client.output());
    let output = within(ended).await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("Ran 8 tests"), "{told}");
}
