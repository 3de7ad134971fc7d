//! Reflection: nothing unless asked for, then the whole contract.

use namesake::server::Settings;
use tonic_reflection::pb::{v1, v1alpha};

use crate::support::{TestServer, within};

macro_rules! listed {
    ($version:ident, $server:expr) => {{
        use $version::server_reflection_request::MessageRequest;
        use $version::server_reflection_response::MessageResponse;
        let channel = $server.channel().await;
        let mut client = $version::server_reflection_client::ServerReflectionClient::new(channel);
        let request = $version::ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        match within(client.server_reflection_info(tokio_stream::once(request))).await {
            Err(status) => Err(status.code()),
            Ok(response) => match within(response.into_inner().message()).await.unwrap().unwrap() {
                $version::ServerReflectionResponse {
                    message_response: Some(MessageResponse::ListServicesResponse(list)),
                    ..
                } => Ok(list.service.into_iter().map(|service| service.name).collect::<Vec<_>>()),
                other => panic!("{other:?}"),
            },
        }
    }};
}

#[tokio::test]
async fn reflection_is_off_by_default() {
    let server = TestServer::start().await;
    assert_eq!(listed!(v1, server), Err(tonic::Code::Unimplemented));
    assert_eq!(listed!(v1alpha, server), Err(tonic::Code::Unimplemented));
}

#[tokio::test]
async fn reflection_names_our_service_in_both_versions() {
    let server = TestServer::start_with(Settings { reflection: true, ..Settings::default() }).await;
    for services in [listed!(v1, server), listed!(v1alpha, server)] {
        let services = services.unwrap();
        assert!(services.contains(&"namesake.v1.RoutingService".to_string()), "{services:?}");
        assert!(services.contains(&"grpc.health.v1.Health".to_string()), "{services:?}");
    }
}
