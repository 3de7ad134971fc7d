//! The health of the registry and the single-owner rule, over the published index.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tonic::Status;

use super::failure;
use crate::grpc::status::internal;
use crate::proto::v1;
use crate::registry::health::{self, Finding, Loading, Offender, Report, Severity};
use crate::registry::one;
use crate::registry::record::AccountRecord;
use crate::serving::InForce;

/// Lets one report be made at a time: it takes a core for about a second, which leads need more.
#[derive(Clone, Debug)]
pub(super) struct Turn(Arc<Semaphore>);

impl Default for Turn {
    fn default() -> Turn {
        Turn(Arc::new(Semaphore::new(1)))
    }
}

/// Stands in for the id of an account that has none yet.
const NEW_ID: &str = "the new account";

/// The health of what is in force.
pub(super) async fn check(
    turn: &Turn,
    (in_force, loading): (InForce, Arc<Loading>),
    now: Timestamp,
) -> Result<v1::CheckRegistryResponse, Status> {
    let permit = Arc::clone(&turn.0).acquire_owned().await.map_err(|_| internal())?;
    let index_revision = in_force.index.revision().0 as i64;
    let report = tokio::task::spawn_blocking(move || {
        // Kept by the work itself: a caller who goes away does not let the next one in beside it.
        let _permit = permit;
        health::check(&in_force.index, &loading, &in_force.policy.policy, now)
    });
    let report = report.await.map_err(|_| internal())?;
    Ok(v1::CheckRegistryResponse { report: Some(encoded(report)), index_revision })
}

/// What an account would collide with in what is in force.
pub(super) fn lint(
    in_force: &InForce,
    account: Option<v1::AccountRecord>,
) -> Result<v1::LintAccountResponse, Status> {
    let mut record: AccountRecord =
        account.ok_or_else(|| failure::invalid("account", "is not given"))?.into();
    if record.id.is_empty() {
        record.id = NEW_ID.into();
    }
    let (account, ignored) = one::account(&record).map_err(|error| failure::unfit("account", &error))?;
    let report = health::lint(&in_force.index, &in_force.policy.policy, account, &ignored);
    let index_revision = in_force.index.revision().0 as i64;
    Ok(v1::LintAccountResponse { report: Some(encoded(report)), index_revision })
}

/// The conflicts of owners that a record makes with what is in force, as sentences.
///
/// A record that cannot be stored makes none: whoever writes it says so.
///
/// # Errors
/// With `strict`, where there are any, or where nothing is in force to look in.
pub(super) fn conflicts(
    in_force: Option<&InForce>,
    record: &AccountRecord,
    strict: bool,
) -> Result<Vec<String>, Status> {
    let Some(in_force) = in_force else {
        return if strict { Err(crate::grpc::status::index_not_loaded()) } else { Ok(Vec::new()) };
    };
    let Ok((account, _)) = one::account(record) else { return Ok(Vec::new()) };
    let conflicts = health::conflicts_of(&in_force.index, account);
    if strict && !conflicts.is_empty() {
        return Err(failure::owner_conflict(&conflicts));
    }
    Ok(conflicts.iter().map(ToString::to_string).collect())
}

fn encoded(report: Report) -> v1::HealthReport {
    v1::HealthReport {
        account_count: report.account_count as i64,
        rep_count: report.rep_count as i64,
        error_count: report.error_count as i64,
        warning_count: report.warning_count as i64,
        notice_count: report.notice_count as i64,
        findings: report.findings.into_iter().map(finding).collect(),
    }
}

fn finding(finding: Finding) -> v1::HealthFinding {
    let severity = match finding.severity {
        Severity::Error => v1::HealthSeverity::Error,
        Severity::Warning => v1::HealthSeverity::Warning,
        Severity::Notice => v1::HealthSeverity::Notice,
    };
    v1::HealthFinding {
        kind: finding.kind.as_str().into(),
        severity: severity.into(),
        title: finding.title.into(),
        count: finding.count as i64,
        remedy: finding.remedy.into(),
        worst: finding.worst.into_iter().map(offender).collect(),
    }
}

fn offender(Offender { text, account_ids, rep_ids }: Offender) -> v1::HealthOffender {
    v1::HealthOffender { text, account_ids, rep_ids }
}
