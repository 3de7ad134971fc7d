//! Failures as statuses: a code, a sentence, and `google.rpc` details that a program can read.
//!
//! Every status made here has an ErrorInfo with a reason of the contract's `ErrorReason`. No text of a lead
//! gets in: only field names, limits and what the core's errors say, which hold none either.

use std::collections::HashMap;
use std::time::Duration;

use prost::Message;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt, pb};

use super::MESSAGE_BYTES_MAX;
use crate::lead::{InvalidLead, LEAD_ID_BYTES_MAX, LeadField, LeadWarning};
use crate::proto::v1::ErrorReason;

/// The domain in every ErrorInfo.
pub const ERROR_DOMAIN: &str = "namesake";

/// When a refused caller may try again: the time of some thousand decisions.
const RETRY_OVERLOADED: Duration = Duration::from_millis(50);
/// When a caller may try again before the first registry is loaded, or after this server has gone.
pub(super) const RETRY_UNAVAILABLE: Duration = Duration::from_secs(1);

pub(super) fn failure(reason: ErrorReason, metadata: &[(&str, String)]) -> ErrorDetails {
    let reason = reason.as_str_name();
    let reason = reason.strip_prefix("ERROR_REASON_").unwrap_or(reason);
    let metadata: HashMap<String, String> =
        metadata.iter().map(|(key, value)| ((*key).into(), value.clone())).collect();
    ErrorDetails::with_error_info(reason, ERROR_DOMAIN, metadata)
}

/// The request holds no lead.
pub(super) fn lead_missing() -> Status {
    let mut details = failure(ErrorReason::LeadMissing, &[]);
    details.add_bad_request_violation("lead", "is not given: send a lead");
    Status::with_error_details(Code::InvalidArgument, "lead is not given: send a lead", details)
}

/// The lead cannot be routed.
pub(super) fn invalid_lead(error: &InvalidLead) -> Status {
    let details = match error {
        InvalidLead::LeadIdTooLong { .. } => {
            let limit = [("limit_bytes", LEAD_ID_BYTES_MAX.to_string())];
            let mut details = failure(ErrorReason::LeadIdTooLong, &limit);
            details.add_bad_request_violation("lead.lead_id", error.to_string());
            details
        }
        InvalidLead::NothingUsable { warnings } => {
            let mut details = failure(ErrorReason::NothingUsable, &[]);
            details.set_bad_request(violations(warnings));
            details
        }
    };
    Status::with_error_details(Code::InvalidArgument, error.to_string(), details)
}

/// Each field that could have carried the lead, with what is wrong with it.
fn violations(warnings: &[LeadWarning]) -> Vec<FieldViolation> {
    [LeadField::Company, LeadField::Email, LeadField::Website, LeadField::KnownAccountId]
        .into_iter()
        .map(|field| {
            let description = match warnings.iter().rfind(|warning| warning.field == field) {
                Some(warning) => warning.problem.to_string(),
                None => "is not given".into(),
            };
            FieldViolation::new(format!("lead.{field}"), description)
        })
        .collect()
}

/// No registry has been published yet.
pub(super) fn index_not_loaded() -> Status {
    let mut details = failure(ErrorReason::IndexNotLoaded, &[]);
    details.set_retry_info(Some(RETRY_UNAVAILABLE));
    let text = "the first registry is not loaded yet: try again";
    Status::with_error_details(Code::Unavailable, text, details)
}

/// The server is going away.
pub(super) fn shutting_down() -> Status {
    let mut details = failure(ErrorReason::ShuttingDown, &[]);
    details.set_retry_info(Some(RETRY_UNAVAILABLE));
    let text = "the server is shutting down: send the leads without an answer again";
    Status::with_error_details(Code::Unavailable, text, details)
}

/// No lead came on a stream for `limit`.
pub(super) fn stream_idle(limit: Duration) -> Status {
    let millis = limit.as_millis().to_string();
    let text = format!("no lead came for {millis} ms: open another stream for the next one");
    let mut details = failure(ErrorReason::StreamIdle, &[("limit_millis", millis)]);
    // At once: there is no lack of anything.
    details.set_retry_info(Some(Duration::ZERO));
    Status::with_error_details(Code::Unavailable, text, details)
}

/// More than `limit` requests or streams (`what`) at once.
pub fn overloaded(what: &str, limit: usize) -> Status {
    let mut details = failure(ErrorReason::Overloaded, &[("limit", limit.to_string())]);
    details.set_retry_info(Some(RETRY_OVERLOADED));
    let text = format!("more than {limit} {what} at once: try again");
    Status::with_error_details(Code::ResourceExhausted, text, details)
}

/// The caller's deadline passed, or the server's own `limit`.
pub fn deadline_exceeded(limit: Option<Duration>) -> Status {
    let (text, metadata) = match limit {
        Some(limit) => {
            let millis = limit.as_millis().to_string();
            (format!("the request was not complete after {millis} ms"), vec![("limit_millis", millis)])
        }
        None => ("the caller's deadline has passed".into(), Vec::new()),
    };
    let details = failure(ErrorReason::DeadlineExceeded, &metadata);
    Status::with_error_details(Code::DeadlineExceeded, text, details)
}

/// A fault of ours: the text says nothing about it, the log does.
pub(super) fn internal() -> Status {
    let details = failure(ErrorReason::Internal, &[]);
    Status::with_error_details(Code::Internal, "a fault of the service: the lead was not routed", details)
}

/// A status of the transport in the contract's words.
///
/// tonic fails on its own where it cannot read a message or finds no method, without details and with codes
/// that blame the server. A status that has details is one of ours and stays.
pub fn from_transport(status: Status) -> Status {
    if !status.details().is_empty() {
        return status;
    }
    match status.code() {
        Code::OutOfRange => {
            let limit = [("limit_bytes", MESSAGE_BYTES_MAX.to_string())];
            let mut details = failure(ErrorReason::MessageTooLarge, &limit);
            let text =
                format!("the message is larger than {MESSAGE_BYTES_MAX} bytes: shorten the lead's fields");
            details.add_bad_request_violation("lead", text.as_str());
            Status::with_error_details(Code::InvalidArgument, text, details)
        }
        Code::Internal => {
            let mut details = failure(ErrorReason::MessageMalformed, &[]);
            let text = "the message cannot be read: send namesake.v1 messages, whole";
            details.add_bad_request_violation("lead", text);
            Status::with_error_details(Code::InvalidArgument, text, details)
        }
        Code::Unimplemented => {
            let details = failure(ErrorReason::Unsupported, &[]);
            let text = match status.message() {
                "" => "no such method in namesake.v1",
                text => text,
            };
            // The metadata may name the encodings that are read.
            let metadata = status.metadata().clone();
            Status::with_error_details_and_metadata(Code::Unimplemented, text, details, metadata)
        }
        _ => status,
    }
}

/// The request cannot be read; `field` is the one to blame, if it is one.
pub(crate) fn malformed(field: Option<&str>, text: String) -> Status {
    let mut details = failure(ErrorReason::MessageMalformed, &[]);
    if let Some(field) = field {
        details.add_bad_request_violation(format!("lead.{field}"), text.as_str());
    }
    Status::with_error_details(Code::InvalidArgument, text, details)
}

/// There is no such thing to ask, or not in this form.
pub(crate) fn unsupported(text: impl Into<String>) -> Status {
    Status::with_error_details(Code::Unimplemented, text, failure(ErrorReason::Unsupported, &[]))
}

/// A status as a message, for the place of one lead in a stream.
pub(super) fn message(status: &Status) -> pb::Status {
    pb::Status::decode(status.details()).unwrap_or_else(|_| pb::Status {
        code: status.code().into(),
        message: status.message().into(),
        details: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::{Lead, LeadFields};

    fn check(status: &Status, code: Code, reason: &str) -> ErrorDetails {
        let details = status.get_error_details();
        let info = details.error_info().expect("every failure has an ErrorInfo");
        assert_eq!((status.code(), info.reason.as_str()), (code, reason));
        assert_eq!(info.domain, "namesake");
        details
    }

    #[test]
    fn nothing_usable_names_every_field_that_could_have_carried_the_lead() {
        let fields =
            LeadFields { company: "!!!".into(), email: "jane.at.acme".into(), ..LeadFields::default() };
        let status = invalid_lead(&Lead::new(fields).unwrap_err());
        let details = check(&status, Code::InvalidArgument, "NOTHING_USABLE");
        let violations = &details.bad_request().unwrap().field_violations;
        let told: Vec<_> =
            violations.iter().map(|one| format!("{} {}", one.field, one.description)).collect();
        assert_eq!(told[0], "lead.company has no letter or digit: not used");
        assert!(told[1].starts_with("lead.email has no domain"), "{told:?}");
        assert_eq!(told[2..], ["lead.website is not given", "lead.known_account_id is not given"]);
        assert!(!format!("{status:?}{told:?}").contains("jane"));
    }

    #[test]
    fn what_tonic_blames_on_the_server_is_the_callers_to_mend() {
        let large = from_transport(Status::out_of_range("decoded message length too large"));
        check(&large, Code::InvalidArgument, "MESSAGE_TOO_LARGE");
        let broken = from_transport(Status::internal("failed to decode Protobuf message"));
        check(&broken, Code::InvalidArgument, "MESSAGE_MALFORMED");
        check(&from_transport(internal()), Code::Internal, "INTERNAL");
    }

    #[test]
    fn a_status_in_a_stream_keeps_code_text_and_details() {
        let status = lead_missing();
        let message = message(&status);
        assert_eq!((message.code, message.message.as_str()), (3, status.message()));
        assert_eq!(message.details.len(), 2);
    }
}
