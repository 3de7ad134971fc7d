//! `RouteLead` and `ExplainLead`: one lead, one answer.

use bytes::Bytes;
use namesake::matching::Revision;
use namesake::policy::Policy;
use namesake::proto::v1;
use namesake::serving::policy_digest;
use prost::Message;

use crate::support::{TestServer, begin_call, lead, within};

async fn check(server: &TestServer, lead: v1::Lead) -> v1::RouteLeadResponse {
    let mut client = server.client().await;
    let request = v1::RouteLeadRequest { lead: Some(lead) };
    within(client.route_lead(request)).await.unwrap().into_inner()
}

#[tokio::test]
async fn an_answer_echoes_the_id_and_says_what_it_was_made_from() {
    let server = TestServer::start().await;
    let answer = check(&server, lead("L-7", "Nobody Has Heard Of Us GmbH")).await;
    assert_eq!(answer.lead_id, "L-7");
    let Some(v1::route_lead_response::Route::Nurture(route)) = answer.route else {
        panic!("{:?}", answer.route)
    };
    assert_eq!(route.reason(), v1::NurtureReason::NoMatch);
    assert!(!answer.do_not_round_robin, "nobody's lead may be rotated");
    assert_eq!(answer.grades.unwrap().email_domain(), v1::Grade::Z);
    let envelope = answer.envelope.unwrap();
    assert_eq!(envelope.index_revision, 1);
    assert_eq!(envelope.policy_digest, policy_digest(&Policy::default()));
    assert!(!envelope.stale);
    assert!(envelope.index_published_time.is_some() && envelope.index_age.is_some());
}

#[tokio::test]
async fn a_lead_of_a_named_account_goes_to_its_owner_and_no_rotation_may_take_it() {
    let server = TestServer::start().await;
    let lead = v1::Lead { email: "jane@acme.com".into(), ..lead("L-1", "ACME Instruments") };
    let answer = check(&server, lead).await;
    assert!(answer.do_not_round_robin);
    assert_eq!(answer.tier(), v1::Tier::DomainAndName);
    assert_eq!(answer.grades.unwrap().email_domain(), v1::Grade::A);
    let Some(v1::route_lead_response::Route::Owner(route)) = answer.route else {
        panic!("{:?}", answer.route)
    };
    assert_eq!(route.account.unwrap().account_id, "A1");
    assert_eq!(route.owner.unwrap().rep_id, "R1");
    assert_eq!(route.acting.unwrap().role(), v1::ActingRole::Owner);
}

#[tokio::test]
async fn a_new_registry_answers_the_next_request() {
    let server = TestServer::start().await;
    server.publish(Revision(2));
    let answer = check(&server, lead("", "Acme")).await;
    assert_eq!(answer.envelope.unwrap().index_revision, 2);
}

#[tokio::test]
async fn a_stale_registry_still_answers_and_says_so() {
    let server = TestServer::start().await;
    server.serving.set_stale();
    assert!(check(&server, lead("", "Acme")).await.envelope.unwrap().stale);
}

#[tokio::test]
async fn a_new_policy_shows_in_the_digest_of_the_next_answer() {
    let server = TestServer::start().await;
    let policy = Policy { nurture_track: "newsletter".into(), ..Policy::default() };
    server.serving.set_policy(policy.clone());
    let answer = check(&server, lead("", "Nobody Has Heard Of Us GmbH")).await;
    assert_eq!(answer.envelope.unwrap().policy_digest, policy_digest(&policy));
}

#[tokio::test]
async fn an_explanation_holds_the_decision_that_routing_gives() {
    let server = TestServer::start().await;
    let lead = v1::Lead { email: "jane@acme.com".into(), ..lead("L-8", "Acme Instruments") };
    let mut decision = check(&server, lead.clone()).await;
    let request = v1::ExplainLeadRequest { lead: Some(lead) };
    let explained = within(server.client().await.explain_lead(request)).await.unwrap().into_inner();
    let mut explained = explained.decision.unwrap();
    // The age is the one thing that time alone changes.
    decision.envelope.as_mut().unwrap().index_age = None;
    explained.envelope.as_mut().unwrap().index_age = None;
    assert_eq!(explained, decision);
}

/// Sends a call's body in these parts, the end of the call with the last or, where that is empty, in a frame of its own.
async fn check_parts(parts: impl Fn(&Bytes) -> Vec<Bytes>) {
    let server = TestServer::start().await;
    let message = v1::RouteLeadRequest { lead: Some(lead("L-1", "Acme Corporation")) }.encode_to_vec();
    let body = [&[0], &u32::try_from(message.len()).unwrap().to_be_bytes()[..], &message].concat();
    let (response, mut call) = begin_call(&mut server.http2().await);
    let parts = parts(&body.into());
    for (number, part) in parts.iter().enumerate() {
        call.send_data(part.clone(), number + 1 == parts.len()).unwrap();
    }
    let response = within(response).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/grpc");
    assert_eq!(response.headers().len(), 1);
    let mut answer = response.into_body();
    let mut bytes = Vec::new();
    while let Some(data) = within(answer.data()).await {
        bytes.extend(data.unwrap());
    }
    let trailers = within(answer.trailers()).await.unwrap().unwrap();
    assert_eq!((trailers["grpc-status"].as_bytes(), trailers.len()), (&b"0"[..], 1));
    assert_eq!(bytes[..5], [&[0], &u32::try_from(bytes.len() - 5).unwrap().to_be_bytes()[..]].concat());
    assert_eq!(v1::RouteLeadResponse::decode(&bytes[5..]).unwrap().lead_id, "L-1");
}

#[tokio::test]
async fn a_call_is_answered_alike_in_however_many_frames_it_comes() {
    check_parts(|body| vec![body.clone()]).await;
    check_parts(|body| vec![body.clone(), Bytes::new()]).await;
    check_parts(|body| vec![body.slice(..3), body.slice(3..)]).await;
    check_parts(|body| vec![body.slice(..9), body.slice(9..), Bytes::new()]).await;
}

#[tokio::test]
async fn a_field_that_we_do_not_know_yet_is_no_error() {
    let server = TestServer::start().await;
    let mut message = v1::RouteLeadRequest { lead: Some(lead("L-1", "Acme Corporation")) }.encode_to_vec();
    message.extend([0x7a, 1, b'x']);
    let body = [&[0], &u32::try_from(message.len()).unwrap().to_be_bytes()[..], &message].concat();
    let (response, mut call) = begin_call(&mut server.http2().await);
    call.send_data(body.into(), true).unwrap();
    let mut answer = within(response).await.unwrap().into_body();
    let data = within(answer.data()).await.unwrap().unwrap();
    assert_eq!(v1::RouteLeadResponse::decode(&data[5..]).unwrap().lead_id, "L-1");
}
