//! Shutdown ends, whatever clients do.

use std::time::Duration;

use namesake::proto::v1;
use namesake::server::{Ended, Settings};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;

use crate::support::{TestServer, begin_call, details, lead, within};

#[tokio::test]
async fn a_silent_connection_does_not_hold_up_shutdown() {
    let server = TestServer::start().await;
    let _silent = TcpStream::connect(server.address).await.unwrap();
    // Served after the silent one, so that one has been accepted too.
    let _client = server.client().await;
    assert_eq!(server.stop().await, Ended::Drained);
}

#[tokio::test]
async fn an_idle_http2_client_does_not_hold_up_shutdown() {
    let server = TestServer::start().await;
    let _idle = server.http2().await;
    assert_eq!(server.stop().await, Ended::Drained);
}

#[tokio::test]
async fn an_open_stream_gets_its_answers_and_is_told_to_come_back() {
    let server = TestServer::start().await;
    let (leads, received) = mpsc::channel(4);
    let mut answers =
        server.client().await.route_leads(ReceiverStream::new(received)).await.unwrap().into_inner();
    leads.send(v1::RouteLeadsRequest { lead: Some(lead("1", "Acme")) }).await.unwrap();
    assert_eq!(within(answers.message()).await.unwrap().unwrap().lead_id, "1");
    let stopping = tokio::spawn(server.stop());
    let status = within(answers.message()).await.unwrap_err();
    let told = details(&status, Code::Unavailable, "SHUTTING_DOWN");
    assert!(told.retry_info().is_some());
    assert_eq!(within(stopping).await.unwrap(), Ended::Drained);
}

#[tokio::test]
async fn a_call_that_never_ends_is_cut_after_the_grace() {
    let settings = Settings {
        request_timeout: Duration::from_secs(3_600),
        shutdown_grace: Duration::from_millis(100),
        ..Settings::default()
    };
    let server = TestServer::start_with(settings).await;
    let mut client = server.http2().await;
    let (response, _message) = begin_call(&mut client);
    // Answered on the same connection after the call was begun, so the call is known to the server.
    let (ready, mut whole) = begin_call(&mut client);
    whole.send_data(bytes::Bytes::from_static(b"\0\0\0\0\0"), true).unwrap();
    within(ready).await.unwrap();
    assert_eq!(server.stop().await, Ended::Cut { connection_count: 1 });
    assert!(within(response).await.is_err(), "cut, not answered");
}

#[tokio::test]
async fn nobody_is_let_in_after_shutdown() {
    let server = TestServer::start().await;
    let address = server.address;
    server.stop().await;
    let refused = within(TcpStream::connect(address)).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}
