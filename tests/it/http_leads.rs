//! Leads over HTTP/JSON: every route is a 200 with the same keys, every failure says what to do, and nothing of a lead
//! is kept. That decisions are gRPC's is in `tests/demo.rs`, that the description is true in `openapi.rs`.

use std::net::SocketAddr;
use std::time::Duration;

use namesake::matching::Revision;
use namesake::server::{Ended, Settings};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{TestServer, begin_call, within};

pub(crate) const ROUTE: &str = "POST /v1/leads/route";
pub(crate) const EXPLAIN: &str = "POST /v1/leads/explain";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Status, head and body of an answer, as a client of ten lines reads it.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

/// Asks with a connection of its own.
pub(crate) async fn ask(address: SocketAddr, request: &str, content_type: &str, body: &[u8]) -> Answer {
    let mut stream = within(TcpStream::connect(address)).await.unwrap();
    let head = format!(
        "{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    read(&mut stream).await
}

async fn read(stream: &mut TcpStream) -> Answer {
    let mut text = String::new();
    within(stream.read_to_string(&mut text)).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head in {text}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error} in {body}"));
    Answer { status: status.unwrap_or_else(|| panic!("no status in {head}")), head: head.to_owned(), body }
}

async fn started() -> (TestServer, SocketAddr) {
    let (server, door) = TestServer::start_with_json(Settings::default()).await;
    server.publish(Revision(1));
    (server, door)
}

/// The answer is a problem with this status and reason, whose text holds `said` and nothing of the lead.
#[track_caller]
fn check_problem(answer: &Answer, status: u16, reason: &str, said: &str) {
    let Answer { status: found, head, body } = answer;
    assert_eq!((*found, &body["reason"]), (status, &Value::from(reason)), "{head}\n{body}");
    assert!(head.contains("content-type: application/problem+json"), "{head}");
    assert_eq!((&body["status"], &body["type"]), (&status.into(), &"about:blank".into()));
    assert!(body["detail"].as_str().unwrap().contains(said), "{body}");
    assert!(!format!("{head}{body}").contains("jane"), "{head}\n{body}");
}

async fn metrics_until(server: &TestServer, series: &str) {
    within(async {
        while !server.serving.metrics().text().contains(series) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_lead_as_json_and_as_a_form_has_its_owner() {
    let (server, door) = started().await;
    let json =
        br#"{"lead_id": "7", "company": "Acme Instruments", "email": "jane@acme.com", "utm_source": "x"}"#;
    let form = b"lead_id=7&company=Acme+Instruments&email=jane%40acme.com&utm_source=x";
    for (content_type, body) in [(JSON, &json[..]), (FORM, &form[..])] {
        let Answer { status, head, body } = ask(door, ROUTE, content_type, body).await;
        assert!(status == 200 && head.contains("content-type: application/json"), "{head}");
        assert_eq!((&body["route"], &body["do_not_round_robin"]), (&"owner".into(), &true.into()), "{body}");
        assert_eq!((&body["lead_id"], &body["account_id"]), (&"7".into(), &"A1".into()));
        assert_eq!((&body["owner_id"], &body["acting_rep_id"]), (&"R1".into(), &"R1".into()));
        assert_eq!(
            (&body["tier"], &body["unread_fields"]),
            (&"DOMAIN_AND_NAME".into(), &"utm_source".into())
        );
        assert!(body["track"].is_null() && body["reason"].is_null());
    }
    metrics_until(&server, r#"namesake_requests_total{code="OK",method="leads/route"} 2"#).await;
    let counted = r#"namesake_decisions_total{reason="none",route="owner",tier="DOMAIN_AND_NAME"} 2"#;
    assert!(server.serving.metrics().text().contains(counted));
}

#[tokio::test]
async fn nurture_and_a_bad_email_are_answers_with_the_same_keys() {
    let (_server, door) = started().await;
    let owner = ask(door, ROUTE, JSON, br#"{"email": "jane@acme.com"}"#).await.body;
    let nurture = ask(door, ROUTE, JSON, br#"{"company": "Zwyxtra", "email": "jane.at.zwyxtra"}"#).await;
    assert_eq!((nurture.status, &nurture.body["route"]), (200, &"nurture".into()));
    assert_eq!((&nurture.body["reason"], &nurture.body["track"]), (&"NO_MATCH".into(), &"general".into()));
    assert!(nurture.body["warnings"].as_str().unwrap().starts_with("email has no domain"));
    assert!(!nurture.body.to_string().contains("jane"));
    let keys = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&owner), keys(&nurture.body));
    assert!(owner.as_object().unwrap().values().all(|value| !value.is_object() && !value.is_array()));
}

#[tokio::test]
async fn a_lead_is_explained() {
    let (_server, door) = started().await;
    let answer = ask(door, EXPLAIN, JSON, br#"{"company": "Acme Instruments"}"#).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["decision"]["owner"]["account"]["account_id"], "A1");
    assert_eq!(answer.body["candidates"][0]["account_id"], "A1");
    assert!(answer.body["would_change"].is_array());
}

#[tokio::test]
async fn what_cannot_be_answered_says_why_and_what_to_do() {
    let (server, door) = started().await;
    let nothing = ask(door, ROUTE, JSON, br#"{"company": "!!!", "email": "jane", "Mail": "jane"}"#).await;
    check_problem(&nothing, 400, "NOTHING_USABLE", "send at least one");
    check_problem(&nothing, 400, "NOTHING_USABLE", "a field is in the body that a lead does not have");
    assert_eq!(nothing.body["errors"][0]["field"], "company");
    assert_eq!(nothing.body["errors"][2]["detail"], "is not given");
    let long = format!("lead_id={}&company=jane", "x".repeat(129));
    check_problem(&ask(door, ROUTE, FORM, long.as_bytes()).await, 400, "LEAD_ID_TOO_LONG", "at most 128");
    let list = ask(door, EXPLAIN, JSON, br#"{"company": ["jane"]}"#).await;
    check_problem(&list, 400, "MESSAGE_MALFORMED", "company is a list: send a text");
    assert_eq!(list.body["errors"][0]["field"], "company");
    check_problem(
        &ask(door, ROUTE, JSON, b"{\"company\": jane}").await,
        400,
        "MESSAGE_MALFORMED",
        "column 13",
    );
    let other = ask(door, ROUTE, "multipart/form-data; boundary=jane", b"jane").await;
    check_problem(&other, 415, "UNSUPPORTED", "application/x-www-form-urlencoded");
    check_problem(&ask(door, "POST /v1/jane", JSON, b"{}").await, 404, "UNSUPPORTED", "/v1/leads/route");
    let get = ask(door, "GET /v1/leads/route?email=jane@acme.com", JSON, b"").await;
    check_problem(&get, 405, "UNSUPPORTED", "POST");
    assert!(get.head.contains("allow: POST"), "{}", get.head);
    metrics_until(&server, r#"namesake_requests_total{code="INVALID_ARGUMENT",method="leads/explain"} 1"#)
        .await;
    assert!(server.serving.metrics().text().contains(r#"lead_failures_total{code="INVALID_ARGUMENT"} 2"#));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_and_the_caller_hears_it() {
    let (_server, door) = started().await;
    let fits = format!("{{\"company\": \"Acme\", \"x\": \"{}\"}}", "x".repeat(60_000));
    assert_eq!(ask(door, ROUTE, JSON, fits.as_bytes()).await.status, 200);
    for length in [65_536, 700_000] {
        let body = format!("{{\"company\": \"{}\"}}", "x".repeat(length));
        let answer = ask(door, ROUTE, JSON, body.as_bytes()).await;
        check_problem(&answer, 413, "MESSAGE_TOO_LARGE", "65536 bytes");
    }
    let mut stream = within(TcpStream::connect(door)).await.unwrap();
    let head = format!("{ROUTE} HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    check_problem(&read(&mut stream).await, 413, "MESSAGE_TOO_LARGE", "65536 bytes");
}

#[tokio::test]
async fn before_the_first_load_the_caller_is_asked_to_come_back() {
    let (_server, door) = TestServer::start_with_json(Settings::default()).await;
    let answer = ask(door, ROUTE, JSON, br#"{"company": "jane"}"#).await;
    check_problem(&answer, 503, "INDEX_NOT_LOADED", "try again");
    assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
}

#[tokio::test]
async fn a_call_over_grpc_takes_a_place_that_json_then_lacks() {
    let settings =
        Settings { requests_max: 1, request_timeout: Duration::from_secs(60), ..Settings::default() };
    let (server, door) = TestServer::start_with_json(settings).await;
    server.publish(Revision(1));
    let _waiting = begin_call(&mut server.http2().await);
    metrics_until(&server, "namesake_requests_in_flight 1\n").await;
    let answer = ask(door, ROUTE, JSON, br#"{"company": "jane"}"#).await;
    check_problem(&answer, 503, "OVERLOADED", "more than 1 requests at once");
    assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    assert!(server.serving.metrics().text().contains("namesake_refused_total{limit=\"requests\"} 1"));
    assert_eq!(ask(door, "GET /openapi.json", JSON, b"").await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let settings = Settings { request_timeout: Duration::from_millis(50), ..Settings::default() };
    let (server, door) = TestServer::start_with_json(settings).await;
    server.publish(Revision(1));
    let mut stream = within(TcpStream::connect(door)).await.unwrap();
    let head = format!("{ROUTE} HTTP/1.1\r\nhost: x\r\ncontent-length: 40\r\n\r\n{{\"company\":");
    stream.write_all(head.as_bytes()).await.unwrap();
    check_problem(&read(&mut stream).await, 408, "DEADLINE_EXCEEDED", "after 50 ms");
}

#[tokio::test]
async fn a_connection_serves_many_leads_and_a_shutdown_closes_those_that_wait() {
    let (server, door) = started().await;
    let _silent = within(TcpStream::connect(door)).await.unwrap();
    let mut stream = within(TcpStream::connect(door)).await.unwrap();
    let body = "company=Acme";
    let request = format!(
        "{ROUTE} HTTP/1.1\r\nhost: x\r\ncontent-type: {FORM}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            let mut piece = [0; 4_096];
            let length = within(stream.read(&mut piece)).await.unwrap();
            assert!(length > 0, "closed after {}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&piece[..length]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
    let (begun, rest) = request.split_at(request.len() - 1);
    let mut late = within(TcpStream::connect(door)).await.unwrap();
    late.write_all(begun.as_bytes()).await.unwrap();
    metrics_until(&server, "namesake_requests_in_flight 1\n").await;
    let stopping = tokio::spawn(server.stop());
    assert_eq!(within(stream.read(&mut [0; 8])).await.unwrap(), 0, "a waiting connection is closed");
    late.write_all(rest.as_bytes()).await.unwrap();
    assert_eq!(read(&mut late).await.status, 200, "a request that was begun is answered");
    assert_eq!(within(stopping).await.unwrap(), Ended::Drained);
    assert!(within(TcpStream::connect(door)).await.is_err(), "closed with the server");
}
