//! What the log says about a lead: how it went, never whose it was.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use namesake::matching::Revision;
use namesake::proto::v1;
use namesake::server::{Ended, Runtime, Settings};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::http_leads::{EXPLAIN, ROUTE, ask};
use crate::support::{TestServer, within};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

// One thread, the connection's too, and a subscriber for it alone: other tests log too.
#[tokio::test(flavor = "current_thread")]
async fn a_request_is_logged_with_its_outcome_and_without_the_lead() {
    let log = Log::default();
    let lines = tracing_subscriber::fmt().json().with_writer(log.clone());
    let subscriber = lines.with_env_filter(EnvFilter::new("namesake=trace")).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let settings = Settings { runtime: Runtime::Shared, ..Settings::default() };
    let (server, door) = TestServer::start_with_json(settings).await;
    server.publish(Revision(1));
    let mut client = server.client().await;
    let lead = v1::Lead {
        lead_id: "secret-id".into(),
        company: "Secretive Holdings".into(),
        email: "secret.person@secret-domain.com".into(),
        ..v1::Lead::default()
    };
    let unusable = v1::Lead { email: "secret at nowhere".into(), ..v1::Lead::default() };
    within(client.route_lead(v1::RouteLeadRequest { lead: Some(lead.clone()) })).await.unwrap();
    within(client.route_lead(v1::RouteLeadRequest { lead: Some(unusable) })).await.unwrap_err();
    let leads = tokio_stream::once(v1::RouteLeadsRequest { lead: Some(lead) });
    let mut answers = within(client.route_leads(leads)).await.unwrap().into_inner();
    while within(answers.message()).await.unwrap().is_some() {}
    drop((client, answers));
    let over_json = [
        (ROUTE, "{\"company\": \"Secretive\", \"lead_id\": \"secret-id\"}"),
        (ROUTE, "{\"email\": \"secret at nowhere\"}"),
        (ROUTE, "{\"email\": [\"secret\"], \"secret\": 1}"),
        (ROUTE, "{\"email\": secret}"),
        (EXPLAIN, "{\"company\": \"Secretive\", \"secret\": \"x\"}"),
        ("POST /v1/secret", "secret"),
    ];
    for (request, body) in over_json {
        ask(door, request, "application/json", body.as_bytes()).await;
    }
    assert_eq!(server.stop().await, Ended::Drained);

    let text = log.text();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = |code: &str, message: &str| {
        let found =
            lines.iter().find(|line| line["fields"]["code"] == code && line["fields"]["message"] == message);
        found.unwrap_or_else(|| panic!("no {message:?} with {code}: {text}"))["fields"].clone()
    };
    let answered = said("Ok", "request");
    assert_eq!((&answered["method"], &answered["revision"]), (&"RouteLead".into(), &1.into()));
    assert_eq!(answered["route"], "nurture");
    assert!(answered["micros"].is_u64() && answered["tier"].is_string());
    assert_eq!(said("InvalidArgument", "request")["method"], "RouteLead");
    assert_eq!(said("Ok", "stream ended")["lead_count"], 1);
    let methods: Vec<_> = lines.iter().filter_map(|line| line["fields"]["method"].as_str()).collect();
    let count = |method: &str| methods.iter().filter(|one| **one == method).count();
    assert_eq!((count("leads/route"), count("leads/explain"), count("unknown")), (4, 1, 1));
    assert!(!text.to_lowercase().contains("secret"), "{text}");
}
