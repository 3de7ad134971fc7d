//! On whose threads connections are served makes no difference to what is answered.

use namesake::proto::v1;
use namesake::server::{Ended, Runtime, Settings};
use tokio_stream::StreamExt;

use crate::support::{TestServer, lead, within};

/// More connections than threads, each with calls and a stream.
async fn check(runtime: Runtime) {
    let server = TestServer::start_with(Settings { runtime, ..Settings::default() }).await;
    for _ in 0..5 {
        let mut client = server.client().await;
        let request = v1::RouteLeadRequest { lead: Some(lead("L1", "Acme Instruments")) };
        let answer = within(client.route_lead(request)).await.unwrap().into_inner();
        assert_eq!(answer.lead_id, "L1");
        let leads: Vec<_> = (0..40)
            .map(|number| v1::RouteLeadsRequest { lead: Some(lead(&number.to_string(), "Acme")) })
            .collect();
        let answers = within(client.route_leads(tokio_stream::iter(leads))).await.unwrap().into_inner();
        let ids: Vec<String> = within(answers.map(|answer| answer.unwrap().lead_id).collect()).await;
        assert_eq!(ids, (0..40).map(|number| number.to_string()).collect::<Vec<_>>());
    }
    assert_eq!(server.stop().await, Ended::Drained);
}

#[tokio::test]
async fn a_runtime_for_each_processor_answers_and_drains() {
    check(Runtime::PerCore).await;
}

#[tokio::test]
async fn a_shared_runtime_answers_and_drains() {
    check(Runtime::Shared).await;
}
