//! `namesake.v1.RegistryService` over a real Redis: what a program that keeps the registry sees.

use namesake::grpc::Access;
use namesake::proto::v1;
use namesake::proto::v1::registry_service_client::RegistryServiceClient;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::redis_server::{RedisServer, needs_redis};
use crate::support::{TestServer, within};

type Client = RegistryServiceClient<Channel>;

async fn client_of(server: &TestServer) -> Client {
    RegistryServiceClient::new(server.channel().await)
}

/// A server that writes to `redis`, which holds a registry of one account of one rep.
async fn open_over(redis: &RedisServer) -> (TestServer, Client) {
    let access = Access { open: true, redis: Some(redis.settings()), board: None };
    let server = TestServer::start_with_access(access).await;
    let mut client = client_of(&server).await;
    let first = v1::ImportRegistryRequest {
        accounts: vec![account("a1", "Acme Instruments", "r1")],
        reps: vec![rep("r1")],
        ..Default::default()
    };
    import(&mut client, vec![first]).await.unwrap();
    (server, client)
}

fn account(id: &str, name: &str, owner: &str) -> v1::AccountRecord {
    v1::AccountRecord { id: id.into(), name: name.into(), owner_id: owner.into(), ..Default::default() }
}

fn rep(id: &str) -> v1::RepRecord {
    v1::RepRecord { id: id.into(), ..Default::default() }
}

async fn import(
    client: &mut Client,
    parts: Vec<v1::ImportRegistryRequest>,
) -> Result<v1::ImportRegistryResponse, Status> {
    let answer = client.import_registry(tokio_stream::iter(parts));
    Ok(within(answer).await?.into_inner())
}

async fn upsert(
    client: &mut Client,
    account: v1::AccountRecord,
    expected_version: &str,
) -> Result<v1::UpsertAccountResponse, Status> {
    let expected_version = expected_version.into();
    let request = v1::UpsertAccountRequest { account: Some(account), expected_version, strict: false };
    Ok(within(client.upsert_account(request)).await?.into_inner())
}

async fn get(client: &mut Client, id: &str) -> Result<v1::GetAccountResponse, Status> {
    let request = v1::GetAccountRequest { account_id: id.into() };
    Ok(within(client.get_account(request)).await?.into_inner())
}

#[track_caller]
fn check(status: &Status, code: Code, reason: &str) {
    let info = status.get_details_error_info().expect("every failure has an ErrorInfo");
    assert_eq!((status.code(), info.reason.as_str()), (code, reason), "{status:?}");
}

#[tokio::test]
async fn an_account_is_written_read_and_deleted_with_its_version() {
    needs_redis!();
    let redis = RedisServer::start();
    let (server, mut client) = open_over(&redis).await;

    let written = upsert(&mut client, account("a2", "Beta GmbH", "r1"), "0").await.unwrap();
    assert!(written.changed);
    let read = get(&mut client, "a2").await.unwrap();
    assert_eq!(
        (read.account.unwrap(), read.version),
        (account("a2", "Beta GmbH", "r1"), written.version.clone())
    );

    let again = upsert(&mut client, account("a2", "Beta GmbH", "r1"), "").await.unwrap();
    assert_eq!((again.changed, &again.version, again.revision), (false, &written.version, written.revision));

    let delete = |version: &str| v1::DeleteAccountRequest {
        account_id: "a2".into(),
        expected_version: version.into(),
    };
    let gone = within(client.delete_account(delete(&written.version))).await.unwrap().into_inner();
    assert!(gone.changed && gone.revision == written.revision + 1);
    let gone = within(client.delete_account(delete(""))).await.unwrap().into_inner();
    assert!(!gone.changed, "deleting what is not there changes nothing");
    check(&get(&mut client, "a2").await.unwrap_err(), Code::NotFound, "RECORD_NOT_FOUND");
    server.stop().await;
}

#[tokio::test]
async fn of_two_who_read_the_same_version_only_the_first_writes() {
    needs_redis!();
    let redis = RedisServer::start();
    let (server, mut client) = open_over(&redis).await;
    let version = get(&mut client, "a1").await.unwrap().version;
    upsert(&mut client, account("a1", "Acme One", "r1"), &version).await.unwrap();
    let late = upsert(&mut client, account("a1", "Acme Two", "r1"), &version).await.unwrap_err();
    check(&late, Code::Aborted, "VERSION_CONFLICT");
    let now = get(&mut client, "a1").await.unwrap();
    assert_eq!(now.account.unwrap().name, "Acme One");
    assert_eq!(late.get_details_error_info().unwrap().metadata["version"], now.version);
    let absent = upsert(&mut client, account("a1", "Acme", "r1"), "0").await.unwrap_err();
    check(&absent, Code::Aborted, "VERSION_CONFLICT");
    server.stop().await;
}

#[tokio::test]
async fn a_record_that_cannot_be_stored_names_every_column() {
    needs_redis!();
    let redis = RedisServer::start();
    let (server, mut client) = open_over(&redis).await;
    let bad = v1::AccountRecord { class: "vip".into(), ..account("a3", "", "") };
    let refused = upsert(&mut client, bad, "").await.unwrap_err();
    check(&refused, Code::InvalidArgument, "RECORD_INVALID");
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<&str> = violations.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["account.name", "account.class"]);

    let unowned = upsert(&mut client, account("a3", "Gamma", "nobody"), "").await.unwrap_err();
    check(&unowned, Code::InvalidArgument, "RECORD_INVALID");
    let version = upsert(&mut client, account("a3", "Gamma", ""), "yesterday").await.unwrap_err();
    check(&version, Code::InvalidArgument, "RECORD_INVALID");
    let request = v1::UpsertRepRequest { rep: Some(v1::RepRecord::default()), ..Default::default() };
    let refused = within(client.upsert_rep(request)).await.unwrap_err();
    check(&refused, Code::InvalidArgument, "RECORD_INVALID");
    server.stop().await;
}

#[tokio::test]
async fn an_import_adds_replaces_and_says_what_it_did() {
    needs_redis!();
    let redis = RedisServer::start();
    let (server, mut client) = open_over(&redis).await;
    let part =
        |accounts: Vec<v1::AccountRecord>| v1::ImportRegistryRequest { accounts, ..Default::default() };
    let parts =
        vec![part(vec![account("a1", "Acme Instruments", "r1")]), part(vec![account("a2", "Beta", "r1")])];
    let done = import(&mut client, parts).await.unwrap();
    assert_eq!((done.added_count, done.unchanged_count, done.deleted_count), (1, 1 + 1, 0), "{done:?}");

    let options = v1::ImportOptions { replace: true, dry_run: true, ..Default::default() };
    let whole = v1::ImportRegistryRequest {
        options: Some(options),
        accounts: vec![account("a2", "Beta AG", "r1")],
        reps: vec![rep("r1")],
    };
    let would = import(&mut client, vec![whole.clone()]).await.unwrap();
    assert_eq!((would.changed_count, would.deleted_count, would.revision), (1, 1, done.revision));
    assert!(get(&mut client, "a1").await.is_ok(), "a dry run writes nothing");

    let options = v1::ImportOptions { dry_run: false, ..options };
    import(&mut client, vec![v1::ImportRegistryRequest { options: Some(options), ..whole }]).await.unwrap();
    check(&get(&mut client, "a1").await.unwrap_err(), Code::NotFound, "RECORD_NOT_FOUND");
    server.stop().await;
}

#[tokio::test]
async fn a_bad_record_refuses_an_import_or_is_left_out_of_it() {
    needs_redis!();
    let redis = RedisServer::start();
    let (server, mut client) = open_over(&redis).await;
    let bad = v1::AccountRecord { class: "vip".into(), ..account("a9", "Iota", "r1") };
    let accounts = vec![account("a2", "Beta", "r1"), bad];
    let part =
        |options| v1::ImportRegistryRequest { options, accounts: accounts.clone(), ..Default::default() };
    let refused = import(&mut client, vec![part(None)]).await.unwrap_err();
    check(&refused, Code::InvalidArgument, "RECORD_INVALID");
    assert_eq!(refused.get_details_bad_request().unwrap().field_violations[0].field, "accounts 2 class");
    check(&get(&mut client, "a2").await.unwrap_err(), Code::NotFound, "RECORD_NOT_FOUND");

    let options = v1::ImportOptions { skip_invalid: true, ..Default::default() };
    let done = import(&mut client, vec![part(Some(options))]).await.unwrap();
    assert_eq!((done.added_count, done.rejected_count), (1, 1));
    assert_eq!((&*done.problems[0].place, &*done.problems[0].column), ("accounts 2", "class"));

    let nothing = import(&mut client, vec![]).await.unwrap_err();
    check(&nothing, Code::InvalidArgument, "RECORD_INVALID");
    server.stop().await;
}

#[tokio::test]
async fn pages_hold_every_account_once_and_in_order() {
    let access = Access { open: true, ..Access::default() };
    let server = TestServer::start_with_access(access).await;
    let mut accounts: Vec<String> = (0..25).map(|number| format!("a{number:02}")).collect();
    server.publish_accounts(&accounts);
    let mut client = client_of(&server).await;
    let (mut listed, mut token) = (Vec::new(), String::new());
    loop {
        let request = v1::ListAccountsRequest { page_size: 10, page_token: token };
        let page = within(client.list_accounts(request)).await.unwrap().into_inner();
        assert!(page.accounts.len() <= 10);
        listed.extend(page.accounts.into_iter().map(|account| account.id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    accounts.sort();
    assert_eq!(listed, accounts);
    let request = v1::ListRepsRequest { page_size: -1, ..Default::default() };
    check(&within(client.list_reps(request)).await.unwrap_err(), Code::InvalidArgument, "RECORD_INVALID");
    server.stop().await;
}

#[tokio::test]
async fn the_registry_is_closed_unless_it_was_opened_and_its_status_never_is() {
    let server = TestServer::start().await;
    let mut client = client_of(&server).await;
    check(&get(&mut client, "A1").await.unwrap_err(), Code::PermissionDenied, "REGISTRY_CLOSED");
    let request = v1::ListAccountsRequest::default();
    check(
        &within(client.list_accounts(request)).await.unwrap_err(),
        Code::PermissionDenied,
        "REGISTRY_CLOSED",
    );
    let refused = import(&mut client, vec![]).await.unwrap_err();
    check(&refused, Code::PermissionDenied, "REGISTRY_CLOSED");

    let request = v1::GetRegistryStatusRequest::default();
    let status = within(client.get_registry_status(request)).await.unwrap().into_inner();
    assert_eq!((status.source(), status.account_count, status.stale), (v1::RegistrySource::File, 1, false));
    server.stop().await;
}

#[tokio::test]
async fn without_redis_records_are_read_only_and_with_a_dead_one_writes_are_unavailable() {
    needs_redis!();
    let access = Access { open: true, ..Access::default() };
    let server = TestServer::start_with_access(access).await;
    let mut client = client_of(&server).await;
    let refused = upsert(&mut client, account("a1", "Acme", ""), "").await.unwrap_err();
    check(&refused, Code::FailedPrecondition, "REGISTRY_READ_ONLY");
    server.stop().await;

    let mut redis = RedisServer::start_persistent();
    let (server, mut client) = open_over(&redis).await;
    redis.kill();
    let lost = upsert(&mut client, account("a1", "Acme", "r1"), "").await.unwrap_err();
    check(&lost, Code::Unavailable, "HOME_UNAVAILABLE");
    assert!(lost.get_details_retry_info().is_some());
    redis.restart();
    let written = upsert(&mut client, account("a1", "Acme Again", "r1"), "").await.unwrap();
    assert!(written.changed, "the first write after a restart connects anew");
    server.stop().await;
}

#[tokio::test]
async fn an_empty_redis_has_no_registry_to_write_to() {
    needs_redis!();
    let redis = RedisServer::start();
    let access = Access { open: true, redis: Some(redis.settings()), board: None };
    let server = TestServer::start_with_access(access).await;
    let mut client = client_of(&server).await;
    let refused = upsert(&mut client, account("a1", "Acme", ""), "").await.unwrap_err();
    check(&refused, Code::FailedPrecondition, "HOME_REFUSES");
    assert!(refused.message().contains("namesake import"), "{}", refused.message());
    server.stop().await;
}

#[tokio::test]
async fn a_conflict_of_owners_is_a_warning_and_with_strict_a_refusal_unless_acknowledged() {
    needs_redis!();
    let redis = RedisServer::start();
    let (server, mut client) = open_over(&redis).await;
    // The published copy holds Acme Instruments Inc. with acme.com, A1 of R1.
    let part = v1::ImportRegistryRequest { reps: vec![rep("r1"), rep("r2")], ..Default::default() };
    import(&mut client, vec![part]).await.unwrap();
    let rival = v1::AccountRecord { domains: vec!["acme.com".into()], ..account("a2", "Beta GmbH", "r2") };
    let expected = "domain acme.com is claimed by A1 (owner R1), a2 (owner r2)";

    let strict = |account: &v1::AccountRecord| v1::UpsertAccountRequest {
        account: Some(account.clone()),
        expected_version: String::new(),
        strict: true,
    };
    let refused = within(client.upsert_account(strict(&rival))).await.unwrap_err();
    check(&refused, Code::FailedPrecondition, "OWNER_CONFLICT");
    assert!(refused.message().contains(expected), "{}", refused.message());
    check(&get(&mut client, "a2").await.unwrap_err(), Code::NotFound, "RECORD_NOT_FOUND");

    let warned = upsert(&mut client, rival.clone(), "").await.unwrap();
    assert_eq!((warned.changed, warned.warnings), (true, vec![expected.to_owned()]));

    let meant = v1::AccountRecord { acknowledged_conflicts: vec!["A1".into()], ..rival };
    let written = within(client.upsert_account(strict(&meant))).await.unwrap().into_inner();
    assert_eq!((written.changed, written.warnings), (true, Vec::<String>::new()));
    server.stop().await;
}

#[tokio::test]
async fn the_health_of_the_registry_is_that_of_the_published_copy() {
    let access = Access { open: true, ..Access::default() };
    let server = TestServer::start_with_access(access).await;
    server.publish_accounts(&["x1".into()]);
    let mut client = client_of(&server).await;
    let answer = within(client.check_registry(v1::CheckRegistryRequest {})).await.unwrap().into_inner();
    let report = answer.report.unwrap();
    assert_eq!((answer.index_revision, report.account_count, report.warning_count), (2, 1, 1));
    let found: Vec<(&str, v1::HealthSeverity, i64)> =
        report.findings.iter().map(|found| (found.kind.as_str(), found.severity(), found.count)).collect();
    let expected = [
        ("without_owner", v1::HealthSeverity::Warning, 1),
        ("without_domain", v1::HealthSeverity::Notice, 1),
    ];
    assert_eq!(found, expected);
    let worst = &report.findings[0].worst[0];
    assert_eq!(
        (worst.text.as_str(), &worst.account_ids[..]),
        ("Company x1 (x1), named", &["x1".to_owned()][..])
    );
    server.stop().await;
}

#[tokio::test]
async fn an_account_is_looked_at_before_it_is_written() {
    let access = Access { open: true, ..Access::default() };
    let server = TestServer::start_with_access(access).await;
    let mut client = client_of(&server).await;
    let rival = v1::AccountRecord { domains: vec!["acme.com".into()], ..account("", "Zwyxtra", "R2") };
    let request = v1::LintAccountRequest { account: Some(rival) };
    let report = within(client.lint_account(request)).await.unwrap().into_inner().report.unwrap();
    let kinds: Vec<&str> = report.findings.iter().map(|found| found.kind.as_str()).collect();
    assert_eq!(kinds, ["owner_conflict", "unknown_owner"]);
    let request = v1::LintAccountRequest { account: Some(account("a9", "", "")) };
    let refused = within(client.lint_account(request)).await.unwrap_err();
    check(&refused, Code::InvalidArgument, "RECORD_INVALID");
    server.stop().await;
}

#[tokio::test]
async fn the_health_of_the_registry_is_closed_unless_it_was_opened() {
    let server = TestServer::start().await;
    let mut client = client_of(&server).await;
    let refused = within(client.check_registry(v1::CheckRegistryRequest {})).await.unwrap_err();
    check(&refused, Code::PermissionDenied, "REGISTRY_CLOSED");
    let refused = within(client.lint_account(v1::LintAccountRequest::default())).await.unwrap_err();
    check(&refused, Code::PermissionDenied, "REGISTRY_CLOSED");
    server.stop().await;
}
