//! Companies that leads name and the registry lacks: who may read them, what is told, and what never is.

use std::fs;
use std::process::{Command, Output};

use namesake::grpc::Access;
use namesake::proto::v1;
use namesake::proto::v1::registry_service_client::RegistryServiceClient;
use namesake::server::Settings;
use tonic::{Code, Status};

use crate::support::{TestServer, details, within};

async fn open() -> TestServer {
    TestServer::start_with_access(Access { open: true, ..Access::default() }).await
}

fn lead(company: &str, email: &str) -> v1::Lead {
    v1::Lead {
        company: company.into(),
        email: email.into(),
        country: "DE".into(),
        job_title: "zqtitle".into(),
        phone: "+49 30 7654321".into(),
        ..v1::Lead::default()
    }
}

async fn route(server: &TestServer, leads: &[v1::Lead]) {
    let mut client = server.client().await;
    for lead in leads {
        let request = v1::RouteLeadRequest { lead: Some(lead.clone()) };
        within(client.route_lead(request)).await.unwrap();
    }
    let requests: Vec<_> =
        leads.iter().map(|lead| v1::RouteLeadsRequest { lead: Some(lead.clone()) }).collect();
    let mut answers = within(client.route_leads(tokio_stream::iter(requests))).await.unwrap().into_inner();
    while within(answers.message()).await.unwrap().is_some() {}
}

async fn list(server: &TestServer, top_count: i32) -> Result<v1::ListUnmatchedCompaniesResponse, Status> {
    let mut client = RegistryServiceClient::new(server.channel().await);
    let request = v1::ListUnmatchedCompaniesRequest { top_count };
    Ok(within(client.list_unmatched_companies(request)).await?.into_inner())
}

async fn namesake(arguments: Vec<String>) -> Output {
    let run =
        move || Command::new(env!("CARGO_BIN_EXE_namesake")).args(arguments).env_clear().output().unwrap();
    within(tokio::task::spawn_blocking(run)).await.unwrap()
}

async fn told(server: &TestServer, format: &str) -> String {
    let url = format!("http://{}", server.address);
    let words = ["unmatched", "--server", &url, "--output", format];
    let output = namesake(words.map(str::to_owned).into()).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn both_ways_of_routing_count_and_the_company_seen_most_comes_first() {
    let server = open().await;
    let moon = lead("Blue Moon", "ann@bluemoon.de");
    route(&server, &[lead("Blue Sky GmbH", "jane@bluesky.de"), moon.clone(), moon]).await;
    route(&server, &[lead("Acme Instruments", "jane@acme.com"), lead("Blue Sky", "jane@gmail.com")]).await;
    route(&server, &[lead("Industrieholding Berlin", "joe@acme-instruments.de")]).await;
    let all = list(&server, 0).await.unwrap();
    let found: Vec<_> =
        all.companies.iter().map(|it| (it.company.as_str(), it.domain.as_str(), it.lead_count)).collect();
    assert_eq!(
        found[..2],
        [("Blue Moon", "bluemoon.de", 4), ("Industrieholding Berlin", "acme-instruments.de", 2)],
        "{found:?}"
    );
    assert_eq!((all.company_count, all.lead_count, all.index_revision), (3, 8, 1));
    let suggestion = all.companies[1].suggestion.as_ref().unwrap();
    assert_eq!((suggestion.account_id.as_str(), suggestion.likeness()), ("A1", v1::Likeness::AnotherDomain));
    assert_eq!(all.companies[0].suggestion, None);
    assert_eq!(list(&server, 1).await.unwrap().companies.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn explaining_a_lead_counts_nothing() {
    let server = open().await;
    let request = v1::ExplainLeadRequest { lead: Some(lead("Blue Moon", "ann@bluemoon.de")) };
    within(server.client().await.explain_lead(request)).await.unwrap();
    assert_eq!(
        list(&server, 0).await.unwrap(),
        v1::ListUnmatchedCompaniesResponse { index_revision: 1, ..Default::default() }
    );
    server.stop().await;
}

#[tokio::test]
async fn the_list_is_closed_like_other_reads() {
    let server = TestServer::start().await;
    details(&list(&server, 0).await.unwrap_err(), Code::PermissionDenied, "REGISTRY_CLOSED");
    let url = format!("http://{}", server.address);
    let output = namesake(vec!["unmatched".into(), "--server".into(), url]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("start the server with --registry-writes"), "{said}");
    server.stop().await;
}

#[tokio::test]
async fn a_bad_count_is_refused_and_an_empty_server_says_so() {
    let server = TestServer::start_with_access(Access { open: true, ..Access::default() }).await;
    details(&list(&server, -1).await.unwrap_err(), Code::InvalidArgument, "RECORD_INVALID");
    server.stop().await;
    let server = TestServer::start_empty(Settings::default()).await;
    let status = list(&server, 0).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied, "closed before anything else");
    server.stop().await;
}

/// Whatever people type, no address and no local part comes out again, in whatever form.
#[tokio::test]
async fn no_address_and_no_local_part_is_ever_told() {
    let server = open().await;
    let mut leads = Vec::new();
    for local in ["zqcanary", "zqcanary.person", "person-zqcanary+web", "ZQCanary"] {
        for company in [
            "Blue Sky",
            "zqcanary",
            "Zqcanary Person",
            "Firma ZQCANARY",
            "zqcanary@bluesky.de",
            "Blue Sky, zqcanary.person＠bluesky.de",
            "Zq canary",
            "Person, Zqcanary & Co. KG",
            "",
        ] {
            for domain in ["bluesky.de", "mail.bluesky.de", "zqcanary.de", "zqcanary-person.com"] {
                leads.push(lead(company, &format!("{local}@{domain}")));
            }
        }
    }
    route(&server, &leads).await;
    let all = list(&server, 1_000).await.unwrap();
    assert!(all.companies.iter().any(|it| it.company == "Blue Sky" && it.lead_count > 4), "{all:?}");
    let mut outputs = vec![format!("{all:?}")];
    for format in ["text", "csv", "json"] {
        outputs.push(told(&server, format).await);
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, rows) = (folder.path().join("leads.csv"), folder.path().join("unmatched.csv"));
    let lines: String = leads.iter().map(|it| format!("\"{}\",{}\n", it.company, it.email)).collect();
    fs::write(&file, format!("company,email\n{lines}")).unwrap();
    let paths = [file.display().to_string(), rows.display().to_string()];
    let words = [
        "match",
        "--accounts",
        "tests/data/registry/good.csv",
        "--leads",
        &paths[0],
        "--unmatched",
        &paths[1],
    ];
    assert!(namesake(words.map(str::to_owned).into()).await.status.success());
    outputs.push(fs::read_to_string(&rows).unwrap());
    for output in outputs {
        let plain: String = output.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        assert!(plain.contains("bluesky"), "{output}");
        assert!(!plain.contains("zqcanary") && !plain.contains("zqtitle"), "{output}");
        assert!(!output.contains(['@', '＠']) && !output.contains("7654321"), "{output}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_command_tells_the_same_in_every_form_and_disarms_formulas() {
    let server = open().await;
    route(&server, &[lead("=HYPERLINK(\"http://x\")", "ann@bluemoon.de")]).await;
    let csv = told(&server, "csv").await;
    let mut lines = csv.lines();
    let head = "company,domain,country,leads,leads_error,first_seen_time,last_seen_time,looks_like,account_id,\
                account_name,score_bps";
    assert_eq!(lines.next(), Some(head));
    assert!(
        lines.next().unwrap().starts_with("\"'=HYPERLINK(\"\"http://x\"\")\",bluemoon.de,DE,2,0,"),
        "{csv}"
    );
    let json: serde_json::Value = serde_json::from_str(&told(&server, "json").await).unwrap();
    assert_eq!((&json["company_count"], &json["companies"][0]["leads"]), (&1.into(), &2.into()));
    assert_eq!(json["companies"][0]["looks_like"], serde_json::Value::Null);
    assert!(told(&server, "text").await.starts_with("1 company in 2 leads\n"));
    server.stop().await;
}
