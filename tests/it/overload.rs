//! Too much at once: refused at once, with a time to come back.

use std::time::Duration;

use namesake::proto::v1;
use namesake::server::Settings;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

use crate::support::{TestServer, begin_call, details, lead, within};

#[tokio::test]
async fn a_request_over_the_limit_is_refused_and_health_still_answers() {
    let settings =
        Settings { requests_max: 1, request_timeout: Duration::from_secs(60), ..Settings::default() };
    let server = TestServer::start_with(settings).await;
    let _waiting = begin_call(&mut server.http2().await);
    // Before the server has read the first call, a second one would be let in, and the first refused in its stead.
    within(async {
        while !server.serving.metrics().text().contains("namesake_requests_in_flight 1\n") {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    let mut client = server.client().await;
    let request = v1::RouteLeadRequest { lead: Some(lead("", "Acme")) };
    let status = within(client.route_lead(request)).await.unwrap_err();
    details(&status, Code::ResourceExhausted, "OVERLOADED");
    assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
    let mut health = HealthClient::new(server.channel().await);
    within(health.check(HealthCheckRequest::default())).await.unwrap();
}

#[tokio::test]
async fn a_connection_over_the_limit_waits_until_another_ends() {
    let server = TestServer::start_with(Settings { connections_max: 1, ..Settings::default() }).await;
    let first = server.client().await;
    let endpoint = tonic::transport::Channel::from_shared(format!("http://{}", server.address)).unwrap();
    let waiting = v1::routing_service_client::RoutingServiceClient::new(endpoint.connect_lazy());
    let request = v1::RouteLeadRequest { lead: Some(lead("", "Acme")) };
    let mut client = waiting.clone();
    let mut second = tokio::spawn(async move { client.route_lead(request).await });
    let early = tokio::time::timeout(Duration::from_millis(100), &mut second).await;
    assert!(early.is_err(), "served over the limit: {early:?}");
    drop(first);
    within(second).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_connection_that_stays_silent_is_closed() {
    let settings = Settings { preface_timeout: Duration::from_millis(50), ..Settings::default() };
    let server = TestServer::start_with(settings).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    // hyper says its settings first; then comes the end.
    let mut said = Vec::new();
    within(silent.read_to_end(&mut said)).await.unwrap();
}
