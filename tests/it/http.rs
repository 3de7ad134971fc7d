//! The operators' door over plain HTTP/1.1: probes that agree with gRPC health, and metrics that tell of the service and
//! never of a lead.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use namesake::grpc::Access;
use namesake::matching::Revision;
use namesake::proto::v1;
use namesake::proto::v1::registry_service_client::RegistryServiceClient;
use namesake::server::{Ended, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::grpc_check;
use crate::redis_server::{RedisServer, needs_redis};
use crate::support::{TestServer, lead, within};

/// Status and body of an answer, as a client of ten lines reads it.
pub(crate) async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let (head, body) = answer(address, path).await;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no status in {head}")), body)
}

async fn answer(address: SocketAddr, path: &str) -> (String, String) {
    let mut stream = within(TcpStream::connect(address)).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    within(stream.read_to_string(&mut text)).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head in {text}"));
    (head.to_owned(), body.to_owned())
}

/// A scrape, read by the rules of the format: a family has help and type before its samples, and each sample a name of
/// that family, labels in quotes and a number.
struct Scrape {
    text: String,
    /// By name and labels as written.
    samples: BTreeMap<String, f64>,
    types: BTreeMap<String, String>,
}

impl Scrape {
    async fn of(address: SocketAddr) -> Scrape {
        let (head, text) = answer(address, "/metrics").await;
        assert!(head.contains("content-type: text/plain; version=0.0.4"), "{head}");
        let (mut samples, mut types, mut helped) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let mut family = String::new();
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').unwrap();
                assert!(words.ends_with('.') && helped.insert(name.to_owned()), "{line}");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert!(helped.contains(name) && ["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "twice: {line}");
                name.clone_into(&mut family);
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap();
                let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
                assert!(name.starts_with(&family) && name.starts_with("namesake_"), "{line}");
                let labels = labels.strip_suffix('}').unwrap();
                for label in labels.split(',').filter(|label| !label.is_empty()) {
                    assert!(label.contains("=\"") && label.ends_with('"'), "{line}");
                }
                let twice = samples.insert(series.to_owned(), value.parse().unwrap());
                assert!(twice.is_none(), "twice: {line}");
            }
        }
        Scrape { text, samples, types }
    }

    #[track_caller]
    fn check(&self, series: &str, expected: f64) {
        let found = self.samples.get(series).unwrap_or_else(|| panic!("no {series} in {}", self.text));
        assert!((found - expected).abs() < 1e-9, "{series} is {found}, not {expected}");
    }
}

async fn route(server: &TestServer, leads: Vec<v1::Lead>) {
    let mut client = server.client().await;
    for lead in leads {
        let _ = within(client.route_lead(v1::RouteLeadRequest { lead: Some(lead) })).await;
    }
}

#[tokio::test]
async fn readiness_is_that_of_grpc_health_from_the_first_load_to_the_shutdown() {
    let settings = Settings { shutdown_notice: Duration::from_secs(2), ..Settings::default() };
    let (server, http) = TestServer::start_with_http(Access::default(), settings).await;
    assert_eq!(get(http, "/livez").await, (200, "alive\n".into()));
    assert_eq!(get(http, "/readyz").await, (503, "the first registry is not loaded yet\n".into()));
    Scrape::of(http).await.check("namesake_ready", 0.0);
    let mut loaded = server.serving.loaded();
    server.publish(Revision(1));
    within(loaded.wait_for(|loaded| *loaded)).await.unwrap();
    while get(http, "/readyz").await != (200, "ready\n".into()) {
        tokio::task::yield_now().await;
    }
    Scrape::of(http).await.check("namesake_ready", 1.0);
    let stopping = tokio::spawn(server.stop());
    let told = async {
        while get(http, "/readyz").await.0 == 200 {
            tokio::task::yield_now().await;
        }
        get(http, "/readyz").await
    };
    assert_eq!(within(told).await, (503, "the server is shutting down\n".into()));
    assert_eq!(get(http, "/livez").await.0, 200);
    assert_eq!(within(stopping).await.unwrap(), Ended::Drained);
    assert!(within(TcpStream::connect(http)).await.is_err(), "closed with the server");
}

#[tokio::test]
async fn other_paths_and_methods_are_answered_and_a_silent_client_holds_nothing_up() {
    let (server, http) = TestServer::start_with_http(Access::default(), Settings::default()).await;
    let _silent = within(TcpStream::connect(http)).await.unwrap();
    assert_eq!(
        get(http, "/leads?email=jane@acme.com").await,
        (404, "here are /livez, /readyz and /metrics\n".into())
    );
    let mut stream = within(TcpStream::connect(http)).await.unwrap();
    stream.write_all(b"POST /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    within(stream.read_to_string(&mut text)).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 405"), "{text}");
    assert_eq!(server.stop().await, Ended::Drained);
}

#[tokio::test]
async fn decisions_and_failures_are_counted() {
    let (server, http) = TestServer::start_with_http(Access::default(), Settings::default()).await;
    server.publish(Revision(1));
    let owned = v1::Lead { email: "jane@acme.com".into(), ..lead("1", "Acme Instruments") };
    let unknown = v1::Lead { email: "jo@zwyxtra.de".into(), ..lead("2", "Zwyxtra") };
    route(&server, vec![owned.clone(), owned.clone(), unknown, v1::Lead::default()]).await;
    let (leads, received) = mpsc::channel(2);
    for lead in [owned, v1::Lead::default()] {
        leads.send(v1::RouteLeadsRequest { lead: Some(lead) }).await.unwrap();
    }
    let mut client = server.client().await;
    let mut answers = within(client.route_leads(ReceiverStream::new(received))).await.unwrap().into_inner();
    within(answers.message()).await.unwrap();
    Scrape::of(http).await.check("namesake_streams_open", 1.0);
    drop(leads);
    while within(answers.message()).await.unwrap().is_some() {}

    let scrape = async {
        loop {
            let scrape = Scrape::of(http).await;
            if scrape.samples["namesake_streams_open"] == 0.0 {
                return scrape;
            }
        }
    };
    let scrape = within(scrape).await;
    let decisions = |labels: &str| format!("namesake_decisions_total{{{labels}}}");
    scrape.check(&decisions(r#"reason="none",route="owner",tier="DOMAIN_AND_NAME""#), 3.0);
    scrape.check(&decisions(r#"reason="NO_MATCH",route="nurture",tier="none""#), 1.0);
    scrape.check("namesake_decision_duration_seconds_count", 4.0);
    scrape.check(r#"namesake_requests_total{code="OK",method="RouteLead"}"#, 3.0);
    scrape.check(r#"namesake_requests_total{code="INVALID_ARGUMENT",method="RouteLead"}"#, 1.0);
    scrape.check(r#"namesake_requests_total{code="OK",method="RouteLeads"}"#, 1.0);
    scrape.check(r#"namesake_lead_failures_total{code="INVALID_ARGUMENT"}"#, 2.0);
    scrape.check("namesake_requests_in_flight", 0.0);
    scrape.check("namesake_index_revision", 1.0);
    scrape.check("namesake_registry_accounts", 1.0);
    scrape.check("namesake_index_stale", 0.0);
    scrape.check("namesake_unmatched_companies", 1.0);
    scrape.check("namesake_unmatched_seats", 1.0);
    scrape.check("namesake_unmatched_leads_total", 1.0);
    server.stop().await;
}

#[tokio::test]
async fn a_refused_request_is_counted_by_its_limit() {
    let settings = Settings { requests_max: 1, ..Settings::default() };
    let (server, http) = TestServer::start_with_http(Access::default(), settings).await;
    server.publish(Revision(1));
    let mut slow = server.http2().await;
    let _message = crate::support::begin_call(&mut slow);
    let waits = async { while Scrape::of(http).await.samples["namesake_requests_in_flight"] < 1.0 {} };
    within(waits).await;
    route(&server, vec![lead("1", "Acme")]).await;
    let scrape = Scrape::of(http).await;
    scrape.check(r#"namesake_refused_total{limit="requests"}"#, 1.0);
    scrape.check(r#"namesake_requests_total{code="RESOURCE_EXHAUSTED",method="RouteLead"}"#, 1.0);
    scrape.check("namesake_requests_max", 1.0);
}

#[tokio::test]
async fn nothing_of_a_lead_an_account_or_a_rep_is_in_the_metrics() {
    let (server, http) = TestServer::start_with_http(Access::default(), Settings::default()).await;
    server.publish(Revision(1));
    let secret = v1::Lead {
        lead_id: "zqlead".into(),
        company: "Zqcompany Werke".into(),
        email: "zqperson@zqdomain.de".into(),
        website: "zqsite.de".into(),
        region: "zqregion".into(),
        phone: "+49 30 7654321".into(),
        source: "zqsource".into(),
        job_title: "zqtitle".into(),
        known_account_id: "zqaccount".into(),
        ..v1::Lead::default()
    };
    let owned = v1::Lead { email: "zqperson@acme.com".into(), ..lead("zqlead", "Acme Instruments") };
    route(&server, vec![secret, owned]).await;
    examined(http).await;
    let told = Scrape::of(http).await.text.to_lowercase();
    assert!(told.contains("no_match"), "the lead was counted: {told}");
    for word in ["zq", "7654321", "acme", "instruments", "\"a1\"", "\"r1\""] {
        assert!(!told.contains(word), "{word} is in {told}");
    }
    server.stop().await;
}

/// Waits until the registry was examined for the metrics.
async fn examined(http: SocketAddr) -> Scrape {
    let examined = async {
        loop {
            let scrape = Scrape::of(http).await;
            if scrape.samples["namesake_registry_findings_revision"] > 0.0 {
                return scrape;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within(examined).await
}

#[tokio::test]
async fn the_findings_are_those_of_check_registry() {
    let access = Access { open: true, ..Access::default() };
    let (server, http) = TestServer::start_with_http(access, Settings::default()).await;
    server.publish_accounts(&["x1".into(), "x2".into()]);
    let scrape = examined(http).await;
    let mut client = RegistryServiceClient::new(server.channel().await);
    let answer = within(client.check_registry(v1::CheckRegistryRequest {})).await.unwrap().into_inner();
    scrape.check("namesake_registry_findings_revision", answer.index_revision as f64);
    let findings = answer.report.unwrap().findings;
    assert!(!findings.is_empty());
    let told = |series: &&String| series.starts_with("namesake_registry_findings{");
    let sum: f64 = scrape.samples.keys().filter(told).map(|series| scrape.samples[series]).sum();
    assert_eq!(sum, findings.iter().map(|finding| finding.count as f64).sum::<f64>());
    for finding in findings {
        let severity = finding.severity().as_str_name().trim_start_matches("HEALTH_SEVERITY_").to_lowercase();
        let series =
            format!("namesake_registry_findings{{kind=\"{}\",severity=\"{severity}\"}}", finding.kind);
        scrape.check(&series, finding.count as f64);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_replica_tells_how_it_stands_with_redis() {
    needs_redis!();
    let mut redis = RedisServer::start();
    grpc_check::import(&redis).await;
    let board = std::sync::Arc::default();
    let access = Access { board: Some(std::sync::Arc::clone(&board)), ..Access::default() };
    let (server, http) = TestServer::start_with_http(access, Settings::default()).await;
    let following = grpc_check::follow(&redis, &server, &board);
    let until = async |series: &str, value: f64| {
        let reached = async {
            loop {
                let scrape = Scrape::of(http).await;
                if scrape.samples.get(series) == Some(&value) {
                    return scrape;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        within(reached).await
    };
    until(r#"namesake_replica_state{state="following"}"#, 1.0).await;
    let scrape = until("namesake_replica_revision", 6.0).await;
    scrape.check("namesake_replica_home_revision", 6.0);
    scrape.check(r#"namesake_replica_state{state="unreachable"}"#, 0.0);
    scrape.check(r#"namesake_replica_snapshots_total{reason="first"}"#, 1.0);
    scrape.check("namesake_replica_connections_total", 1.0);
    scrape.check(r#"namesake_index_source{source="redis"}"#, 1.0);
    let examined = examined(http).await;
    examined.check(r#"namesake_registry_findings{kind="dangling_parent",severity="warning"}"#, 1.0);
    examined.check(r#"namesake_registry_findings{kind="parent_cycle",severity="warning"}"#, 2.0);
    redis.kill();
    let lost = until(r#"namesake_replica_state{state="unreachable"}"#, 1.0).await;
    lost.check("namesake_replica_connected", 0.0);
    until("namesake_index_stale", 1.0).await.check("namesake_ready", 1.0);
    following.abort();
    server.stop().await;
}

#[tokio::test]
async fn the_documentation_names_every_metric_with_its_type() {
    let access = Access { board: Some(std::sync::Arc::default()), ..Access::default() };
    let (server, http) = TestServer::start_with_http(access, Settings::default()).await;
    server.publish(Revision(1));
    route(&server, vec![lead("1", "Acme"), v1::Lead::default()]).await;
    examined(http).await;
    let types = Scrape::of(http).await.types;
    let page = std::fs::read_to_string("docs/metrics.md").unwrap();
    let mut documented = BTreeMap::new();
    for row in page.lines().filter(|line| line.starts_with("| `namesake_")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        documented.insert(cells[1].trim_matches('`').to_owned(), cells[2].to_owned());
    }
    // Counted only once there is something to count.
    for rare in ["namesake_replica_snapshots_total", "namesake_replica_refusals_total"] {
        assert_eq!(documented.remove(rare).as_deref(), Some("counter"), "{rare}");
    }
    assert_eq!(types, documented);
    server.stop().await;
}

#[tokio::test]
async fn a_bad_address_is_bad_configuration_and_a_taken_port_is_said() {
    let taken = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    for (listen, code, said) in [
        (
            "localhost:9464".to_owned(),
            78,
            "--http-listen: server.http_listen is \"localhost:9464\": write an IP address",
        ),
        (taken.local_addr().unwrap().to_string(), 1, "cannot listen on"),
    ] {
        let run = move || {
            let files = ["--accounts", "tests/data/registry/good.csv", "--listen", "127.0.0.1:0"];
            Command::new(env!("CARGO_BIN_EXE_namesake"))
                .arg("serve")
                .args(files)
                .args(["--http-listen", &listen])
                .env_clear()
                .stdin(Stdio::null())
                .output()
                .unwrap()
        };
        let output = within(tokio::task::spawn_blocking(run)).await.unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(told.contains(said), "{told}");
    }
}
