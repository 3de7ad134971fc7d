//! gRPC health: SERVING exactly while there is something to serve from.

use namesake::matching::Revision;
use namesake::server::{Ended, Settings};
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::support::{TestServer, within};

async fn check(client: &mut HealthClient<Channel>, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.into() };
    within(client.check(request)).await.unwrap().into_inner().status()
}

#[tokio::test]
async fn not_serving_before_the_first_publication_for_server_and_service() {
    let server = TestServer::start_empty(Settings::default()).await;
    let mut client = HealthClient::new(server.channel().await);
    for service in ["", "namesake.v1.RoutingService"] {
        assert_eq!(check(&mut client, service).await, ServingStatus::NotServing, "{service}");
    }
}

#[tokio::test]
async fn a_watcher_sees_the_server_come_and_go_and_does_not_hold_it_up() {
    let server = TestServer::start_empty(Settings::default()).await;
    let mut client = HealthClient::new(server.channel().await);
    let request = HealthCheckRequest { service: "namesake.v1.RoutingService".into() };
    let mut seen = within(client.watch(request)).await.unwrap().into_inner();
    assert_eq!(within(seen.message()).await.unwrap().unwrap().status(), ServingStatus::NotServing);
    server.publish(Revision(1));
    assert_eq!(within(seen.message()).await.unwrap().unwrap().status(), ServingStatus::Serving);
    let stopping = tokio::spawn(server.stop());
    assert_eq!(within(seen.message()).await.unwrap().unwrap().status(), ServingStatus::NotServing);
    assert!(within(seen.message()).await.unwrap().is_none(), "the last of it");
    assert_eq!(within(stopping).await.unwrap(), Ended::Drained);
}
