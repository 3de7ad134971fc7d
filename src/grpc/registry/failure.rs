//! Failures of the registry's calls as statuses.

use tonic::{Code, Status};
use tonic_types::{FieldViolation, StatusExt};

use crate::grpc::status::{RETRY_UNAVAILABLE, failure};
use crate::proto::v1::ErrorReason;
use crate::registry::import::Loss;
use crate::registry::one::Unfit;
use crate::registry::redis::HomeError;
use crate::registry::{Conflict, Problem};

/// The server was not started for this.
pub(super) fn closed() -> Status {
    let details = failure(ErrorReason::RegistryClosed, &[]);
    let text = "the registry is closed: start the server with --registry-writes, on a loopback address";
    Status::with_error_details(Code::PermissionDenied, text, details)
}

/// The registry is in files.
pub(super) fn read_only() -> Status {
    let details = failure(ErrorReason::RegistryReadOnly, &[]);
    let text = "this server's registry is in files: edit them, or import them into Redis";
    Status::with_error_details(Code::FailedPrecondition, text, details)
}

/// No such record. The id is the caller's, so it is not repeated.
pub(super) fn not_found(kind: &str) -> Status {
    let details = failure(ErrorReason::RecordNotFound, &[]);
    Status::with_error_details(Code::NotFound, format!("there is no {kind} of this id"), details)
}

/// A field of the request cannot be used.
pub(super) fn invalid(field: &str, why: &str) -> Status {
    let mut details = failure(ErrorReason::RecordInvalid, &[]);
    details.add_bad_request_violation(field, why);
    Status::with_error_details(Code::InvalidArgument, format!("{field} {why}"), details)
}

/// A record cannot be stored; `what` is the field that holds it.
pub(super) fn unfit(what: &str, error: &Unfit) -> Status {
    let mut details = failure(ErrorReason::RecordInvalid, &[]);
    let violation = |problem: &Problem| match problem.column.as_str() {
        "" => FieldViolation::new(what, problem.fault.to_string()),
        column => FieldViolation::new(format!("{what}.{column}"), problem.fault.to_string()),
    };
    let violations: Vec<FieldViolation> = error.problems.iter().map(violation).collect();
    let told: Vec<String> =
        violations.iter().map(|one| format!("{} {}", one.field, one.description)).collect();
    details.set_bad_request(violations);
    Status::with_error_details(Code::InvalidArgument, told.join("; "), details)
}

/// The stored record has another version; 0: there is none.
pub(super) fn version_conflict(version: &str) -> Status {
    let details = failure(ErrorReason::VersionConflict, &[("version", version.to_owned())]);
    let text = match version {
        "0" => "there is no such record any more: read the registry again, then decide".to_owned(),
        version => format!("the record has version {version} now: read it again, then decide"),
    };
    Status::with_error_details(Code::Aborted, text, details)
}

/// Other owners claim what the account claims; `conflicts` is not empty.
pub(super) fn owner_conflict(conflicts: &[Conflict]) -> Status {
    let details = failure(ErrorReason::OwnerConflict, &[]);
    // A status travels in headers, which clients limit to 8 KiB: the first ones must do.
    const TOLD_MAX: usize = 5;
    let told: Vec<String> = conflicts.iter().take(TOLD_MAX).map(Conflict::to_string).collect();
    let text = format!(
        "{}: give it to one owner, list the other account in acknowledged_conflicts, or leave strict out",
        told.join("; ")
    );
    Status::with_error_details(Code::FailedPrecondition, text, details)
}

/// Redis did not do what was asked.
pub(super) fn home(error: &HomeError) -> Status {
    let (code, reason) = match error {
        HomeError::Unreachable { .. } | HomeError::NotReady { .. } | HomeError::NotMaster { .. } => {
            (Code::Unavailable, ErrorReason::HomeUnavailable)
        }
        HomeError::RegistryChanged | HomeError::NoEpoch { .. } => {
            (Code::Aborted, ErrorReason::RegistryChanged)
        }
        _ => (Code::FailedPrecondition, ErrorReason::HomeRefuses),
    };
    let mut details = failure(reason, &[]);
    if code == Code::Unavailable {
        details.set_retry_info(Some(RETRY_UNAVAILABLE));
    }
    Status::with_error_details(code, error.to_string(), details)
}

/// The copy in which a strict write looks for conflicts does not hold yet what Redis does.
pub(super) fn copy_behind() -> Status {
    let mut details = failure(ErrorReason::HomeUnavailable, &[]);
    details.set_retry_info(Some(RETRY_UNAVAILABLE));
    let text = "this server's copy is behind Redis, so that conflicts cannot be ruled out: try again, or leave strict out";
    Status::with_error_details(Code::Unavailable, text, details)
}

/// An import holds more than is gathered.
pub(super) fn too_large(limit: usize) -> Status {
    let details = failure(ErrorReason::MessageTooLarge, &[("limit_bytes", limit.to_string())]);
    let text = format!("the import holds more than {limit} bytes of records: use `namesake import`");
    Status::with_error_details(Code::InvalidArgument, text, details)
}

/// An import would lose most of the registry.
pub(super) fn shrinks(loss: &Loss) -> Status {
    let details = failure(ErrorReason::RecordInvalid, &[]);
    let text = format!("{loss}: send the whole registry, or set options.force");
    Status::with_error_details(Code::FailedPrecondition, text, details)
}

/// Records of an import that cannot be stored: `count` of them, the first ones named by field and reason.
pub(super) fn records_invalid(count: usize, violations: impl Iterator<Item = (String, String)>) -> Status {
    let mut details = failure(ErrorReason::RecordInvalid, &[]);
    // A status travels in headers, which clients limit to 8 KiB: the first ones must do.
    const NAMED_MAX: usize = 20;
    let violations: Vec<FieldViolation> =
        violations.take(NAMED_MAX).map(|(field, why)| FieldViolation::new(field, why)).collect();
    details.set_bad_request(violations);
    let text = format!(
        "{count} problems in the records: nothing was imported; mend them or set options.skip_invalid"
    );
    Status::with_error_details(Code::InvalidArgument, text, details)
}
