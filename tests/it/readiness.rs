//! A bound on the registry's age: both probes fail past it and recover, each once, and calls are answered all the while.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::process::Child;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use namesake::grpc::Access;
use namesake::matching::{Index, Revision};
use namesake::proto::v1;
use namesake::server::Settings;
use namesake::serving::Freshness;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::http::get;
use crate::redis_bench::Bench;
use crate::redis_server::{RedisServer, needs_redis};
use crate::support::{TestServer, lead, registry, within};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn both_probes_fail_while_the_registry_is_too_old_and_calls_are_answered() {
    let settings = Settings { max_staleness: Some(Duration::from_secs(3_600)), ..Settings::default() };
    let (server, http) = TestServer::start_with_http(Access::default(), settings).await;
    let old = Timestamp::now() - SignedDuration::from_secs(3_700);
    server.serving.publish(Index::build(registry(), Revision(1)), Freshness::at(old));
    let until = async |ready: &str, status: ServingStatus| {
        let mut health = HealthClient::new(server.channel().await);
        let asked = HealthCheckRequest { service: "namesake.v1.RoutingService".into() };
        let told = async {
            while get(http, "/readyz").await.1 != ready {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // gRPC health is told just after.
            while health.check(asked.clone()).await.unwrap().get_ref().status() != status {}
        };
        within(told).await;
    };
    until("the registry here is older than max_staleness_ms allows\n", ServingStatus::NotServing).await;
    assert!(get(http, "/metrics").await.1.contains("\nnamesake_index_age_max_seconds 3600\n"));
    let request = v1::RouteLeadRequest { lead: Some(lead("1", "Acme Instruments")) };
    within(server.client().await.route_lead(request)).await.unwrap();
    server.serving.confirm(Timestamp::now());
    until("ready\n", ServingStatus::Serving).await;
    server.stop().await;
}

/// `namesake serve`, killed when this is dropped.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The first address after `words` in what was written.
async fn address(written: impl Fn() -> String, words: &str) -> SocketAddr {
    let begin = Instant::now();
    loop {
        let text = written();
        let after = text.split_once(words).and_then(|(_, rest)| rest.split_once(['\n', ' ', '"']));
        if let Some(address) = after.and_then(|(address, _)| address.parse().ok()) {
            return address;
        }
        assert!(begin.elapsed() < PATIENCE, "no {words} in {text}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_server_whose_redis_is_lost_is_not_ready_past_the_bound_and_ready_again_with_it() {
    needs_redis!();
    let mut bench = Bench::with(RedisServer::start_persistent());
    bench.import_small();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"];
    let mut command = bench.command(&[&arguments[..], &["--max-staleness-ms", "2000"]].concat());
    command.env("NAMESAKE_FRESH_WINDOW_MS", "1000").env("NAMESAKE_LOG_FORMAT", "json");
    let (out, log) = (bench.path("out"), bench.path("log"));
    command.stdout(File::create(&out).unwrap()).stderr(File::create(&log).unwrap());
    let _served = Served(command.spawn().unwrap());
    let log = || fs::read_to_string(&log).unwrap();
    let http = address(log, "\"address\":\"").await;
    let grpc = address(|| fs::read_to_string(&out).unwrap(), "listening on ").await.to_string();
    let until = async |ready: &str| {
        let begin = Instant::now();
        while get(http, "/readyz").await.1 != ready {
            assert!(begin.elapsed() < PATIENCE, "not {ready}: {}", log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let asked = |arguments: &[&str], code: i32, says: &str| {
        let output = namesake(arguments);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!((output.status.code(), said.contains(says)), (Some(code), true), "{said}");
    };
    until("ready\n").await;
    asked(&["health", "--server", &grpc], 0, "serving");

    bench.server.kill();
    let lost = Instant::now();
    until("the registry here is older than max_staleness_ms allows\n").await;
    assert!(lost.elapsed() > Duration::from_millis(900), "the last proof was a second old at most");
    asked(&["health", "--server", &grpc], 1, "not serving");
    asked(&["route", "--server", &grpc, "--email", "jane@acme.com"], 0, "Acme Inc.");

    bench.server.restart();
    until("ready\n").await;
    asked(&["health", "--server", &grpc], 0, "serving");
    let said = |words: &str| log().matches(words).count();
    assert_eq!((said("not ready: "), said("ready again: ")), (1, 1), "{}", log());
}

fn namesake(arguments: &[&str]) -> std::process::Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_namesake"));
    command.args(arguments).env_clear().output().unwrap()
}
