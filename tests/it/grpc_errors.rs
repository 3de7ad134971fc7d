//! Requests that get no answer: each says why, what to do, and nothing of the lead.

use std::time::Duration;

use bytes::Bytes;
use namesake::proto::v1;
use namesake::server::Settings;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::support::{TestServer, begin_call, details, failure, lead, within};

/// Sends a lead that must be refused as invalid for `reason`, with `field` named.
async fn check(lead: Option<v1::Lead>, reason: &str, field: &str) -> ErrorDetails {
    let server = TestServer::start().await;
    let request = v1::RouteLeadRequest { lead };
    let status = within(server.client().await.route_lead(request)).await.unwrap_err();
    let details = details(&status, Code::InvalidArgument, reason);
    let violations = &details.bad_request().expect("names the field").field_violations;
    assert!(violations.iter().any(|violation| violation.field == field), "{violations:?}");
    details
}

/// Sends bytes of its own making as the whole body of a call.
async fn check_body(body: &'static [u8], code: Code, reason: &str) {
    let server = TestServer::start().await;
    let (response, mut message) = begin_call(&mut server.http2().await);
    message.send_data(Bytes::from_static(body), true).unwrap();
    details(&failure(response).await, code, reason);
}

#[tokio::test]
async fn neither_company_nor_email() {
    let lead = v1::Lead { phone: "+1 555 0100 200".into(), ..v1::Lead::default() };
    let details = check(Some(lead), "NOTHING_USABLE", "lead.company").await;
    assert_eq!(details.bad_request().unwrap().field_violations.len(), 4);
}

#[tokio::test]
async fn a_leads_own_text_is_not_in_the_error() {
    let lead = v1::Lead { email: "jane.doe.at.acme".into(), company: "??!".into(), ..v1::Lead::default() };
    let details = check(Some(lead), "NOTHING_USABLE", "lead.email").await;
    let told = format!("{details:?}");
    assert!(!told.contains("jane") && !told.contains("??!"), "{told}");
}

#[tokio::test]
async fn no_lead_at_all() {
    check(None, "LEAD_MISSING", "lead").await;
}

#[tokio::test]
async fn a_lead_id_too_long_to_echo() {
    let details = check(Some(lead(&"x".repeat(129), "Acme")), "LEAD_ID_TOO_LONG", "lead.lead_id").await;
    assert_eq!(details.error_info().unwrap().metadata["limit_bytes"], "128");
}

#[tokio::test]
async fn a_name_of_a_megabyte() {
    let details = check(Some(lead("", &"a".repeat(1 << 20))), "MESSAGE_TOO_LARGE", "lead").await;
    assert_eq!(details.error_info().unwrap().metadata["limit_bytes"], "65536");
}

#[tokio::test]
async fn a_name_just_within_a_message_is_cut_not_refused() {
    let server = TestServer::start().await;
    let request = v1::RouteLeadRequest { lead: Some(lead("", &"a".repeat(65_000))) };
    within(server.client().await.route_lead(request)).await.unwrap();
}

#[tokio::test]
async fn bytes_that_are_no_protobuf() {
    check_body(b"\0\0\0\0\x04\xff\xff\xff\xff", Code::InvalidArgument, "MESSAGE_MALFORMED").await;
}

#[tokio::test]
async fn a_protobuf_message_that_stops_midway() {
    // Field 1 (lead), 16 bytes long, of which two come.
    check_body(b"\0\0\0\0\x04\x0a\x10\x0a\x01", Code::InvalidArgument, "MESSAGE_MALFORMED").await;
}

#[tokio::test]
async fn a_frame_that_stops_midway() {
    check_body(b"\0\0\0\0\x40\x0a\x10", Code::InvalidArgument, "MESSAGE_MALFORMED").await;
}

#[tokio::test]
async fn text_that_is_no_utf8() {
    check_body(b"\0\0\0\0\x06\x0a\x04\x12\x02\xc3\x28", Code::InvalidArgument, "MESSAGE_MALFORMED").await;
}

#[tokio::test]
async fn a_compressed_message() {
    check_body(b"\x01\0\0\0\x02\x0a\0", Code::InvalidArgument, "MESSAGE_MALFORMED").await;
}

#[tokio::test]
async fn a_method_that_is_not_there() {
    let server = TestServer::start().await;
    let mut client = server.http2().await;
    let request = http::Request::post("http://localhost/namesake.v1.RoutingService/RouteEverything")
        .header("content-type", "application/grpc")
        .body(())
        .unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    details(&failure(response).await, Code::Unimplemented, "UNSUPPORTED");
}

#[tokio::test]
async fn a_request_before_the_first_load_is_to_be_retried() {
    let server = TestServer::start_empty(Settings::default()).await;
    let request = v1::RouteLeadRequest { lead: Some(lead("", "Acme")) };
    let status: Status = within(server.client().await.route_lead(request)).await.unwrap_err();
    details(&status, Code::Unavailable, "INDEX_NOT_LOADED");
    assert_eq!(status.get_details_retry_info().unwrap().retry_delay, Some(Duration::from_secs(1)));
}

#[tokio::test]
async fn a_message_that_never_comes_meets_the_servers_limit() {
    let settings = Settings { request_timeout: Duration::from_millis(50), ..Settings::default() };
    let server = TestServer::start_with(settings).await;
    let (response, _message) = begin_call(&mut server.http2().await);
    let details = details(&failure(response).await, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
    assert_eq!(details.error_info().unwrap().metadata["limit_millis"], "50");
}
