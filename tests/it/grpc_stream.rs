//! `RouteLeads`: a stream of leads, answered in order.

use std::time::Duration;

use namesake::proto::v1;
use namesake::proto::v1::route_leads_response::Result as LeadResult;
use namesake::server::Settings;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Status, Streaming};

use crate::support::{TestServer, details, lead, within};

/// Opens a stream and keeps the end that leads go in at.
async fn open(
    server: &TestServer,
    timeout: Option<Duration>,
) -> Result<(mpsc::Sender<v1::RouteLeadsRequest>, Streaming<v1::RouteLeadsResponse>), Status> {
    let (leads, received) = mpsc::channel(64);
    let mut request = Request::new(ReceiverStream::new(received));
    if let Some(timeout) = timeout {
        request.set_timeout(timeout);
    }
    let answers = within(server.client().await.route_leads(request)).await?.into_inner();
    Ok((leads, answers))
}

fn request(lead: v1::Lead) -> v1::RouteLeadsRequest {
    v1::RouteLeadsRequest { lead: Some(lead) }
}

#[tokio::test]
async fn answers_come_in_order_and_one_bad_lead_gets_a_status_in_its_place() {
    let server = TestServer::start().await;
    let (leads, mut answers) = open(&server, None).await.unwrap();
    let sender = tokio::spawn(async move {
        for number in 0..200 {
            let company = if number == 100 { "!!!" } else { "Acme" };
            leads.send(request(lead(&number.to_string(), company))).await.unwrap();
        }
    });
    for number in 0..200 {
        let answer = within(answers.message()).await.unwrap().expect("an answer per lead");
        assert_eq!(answer.lead_id, number.to_string());
        match answer.result.unwrap() {
            LeadResult::Decision(decision) => {
                assert_ne!(number, 100);
                assert_eq!(decision.lead_id, number.to_string());
            }
            LeadResult::Error(status) => {
                assert_eq!((number, status.code), (100, i32::from(Code::InvalidArgument)));
                assert_eq!(status.details.len(), 2, "ErrorInfo and BadRequest");
            }
        }
    }
    within(sender).await.unwrap();
    assert!(within(answers.message()).await.unwrap().is_none(), "the stream ends with the leads");
}

#[tokio::test]
async fn an_answer_does_not_wait_for_the_next_lead() {
    let server = TestServer::start().await;
    let (leads, mut answers) = open(&server, None).await.unwrap();
    for number in ["1", "2", "3"] {
        leads.send(request(lead(number, "Acme"))).await.unwrap();
        assert_eq!(within(answers.message()).await.unwrap().unwrap().lead_id, number);
    }
}

#[tokio::test]
async fn a_client_that_drops_the_call_gives_its_place_back() {
    let server = TestServer::start_with(Settings { streams_max: 1, ..Settings::default() }).await;
    let first = open(&server, None).await.unwrap();
    let refused = open(&server, None).await.map(|_| ()).unwrap_err();
    let refused = details(&refused, Code::ResourceExhausted, "OVERLOADED");
    assert!(refused.retry_info().unwrap().retry_delay.is_some());
    drop(first);
    within(async { while open(&server, None).await.is_err() {} }).await;
}

#[tokio::test]
async fn the_callers_deadline_ends_an_idle_stream() {
    let server = TestServer::start().await;
    let (_leads, mut answers) = open(&server, Some(Duration::from_millis(100))).await.unwrap();
    let status = within(answers.message()).await.unwrap_err();
    details(&status, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn the_limit_on_one_request_does_not_end_a_stream() {
    let settings = Settings { request_timeout: Duration::from_millis(1), ..Settings::default() };
    let server = TestServer::start_with(settings).await;
    // A stream opens in well under a millisecond; on a machine too busy for that, try again.
    let (leads, mut answers) = within(async {
        loop {
            if let Ok(opened) = open(&server, None).await {
                break opened;
            }
        }
    })
    .await;
    for number in 0..100 {
        leads.send(request(lead(&number.to_string(), "Acme"))).await.unwrap();
        assert!(within(answers.message()).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_stream_with_the_reason() {
    let server = TestServer::start().await;
    let (leads, mut answers) = open(&server, None).await.unwrap();
    leads.send(request(lead("1", "Acme"))).await.unwrap();
    leads.send(request(lead("2", &"a".repeat(100_000)))).await.unwrap();
    assert!(within(answers.message()).await.unwrap().is_some());
    let status = within(answers.message()).await.unwrap_err();
    details(&status, Code::InvalidArgument, "MESSAGE_TOO_LARGE");
}

#[tokio::test]
async fn a_stream_without_leads_ends_with_the_reason_and_gives_its_place_back() {
    let settings = Settings {
        streams_max: 1,
        stream_idle_timeout: Some(Duration::from_millis(100)),
        ..Settings::default()
    };
    let server = TestServer::start_with(settings).await;
    let (leads, mut answers) = open(&server, None).await.unwrap();
    leads.send(request(lead("1", "Acme"))).await.unwrap();
    assert_eq!(within(answers.message()).await.unwrap().unwrap().lead_id, "1");
    let status = within(answers.message()).await.unwrap_err();
    let told = details(&status, Code::Unavailable, "STREAM_IDLE");
    assert_eq!(told.error_info().unwrap().metadata["limit_millis"], "100");
    assert_eq!(told.retry_info().unwrap().retry_delay, Some(Duration::ZERO));
    assert!(server.serving.metrics().text().contains("\nnamesake_streams_idle_total 1\n"));
    within(async { while open(&server, None).await.is_err() {} }).await;
}

#[tokio::test]
async fn a_stream_whose_answers_are_read_late_is_not_idle() {
    const LEAD_COUNT: usize = 1_000;
    let settings = Settings { stream_idle_timeout: Some(Duration::from_millis(200)), ..Settings::default() };
    let server = TestServer::start_with(settings).await;
    // Far more answers than the client's window holds: the server waits to send, and no lead is asked for.
    let leads = (0..LEAD_COUNT).map(|number| request(lead(&number.to_string(), "Acme Instruments")));
    let mut client = server.client().await;
    let mut answers = within(client.route_leads(tokio_stream::iter(leads))).await.unwrap().into_inner();
    tokio::time::sleep(Duration::from_millis(500)).await;
    for number in 0..LEAD_COUNT {
        let answer = within(answers.message()).await.unwrap().expect("an answer per lead");
        assert_eq!(answer.lead_id, number.to_string());
    }
    assert!(within(answers.message()).await.unwrap().is_none());
}
