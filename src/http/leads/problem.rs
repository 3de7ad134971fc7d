//! Failures in HTTP's words: a status code and problem details (RFC 9457), with the contract's reason. What is said is
//! what gRPC's status says; no text of a lead gets in.

use axum::body::Body;
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde::Serialize;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{Answered, Question};
use crate::grpc::unsupported;

/// What a failure says. The `type` is `about:blank`: `title` is the phrase of the HTTP status, and `reason` tells more.
#[derive(Debug, Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    /// An `ErrorReason` of the contract.
    reason: &'a str,
    /// Fields of the lead, each with what is wrong with it.
    errors: Vec<FieldError<'a>>,
}

#[derive(Debug, Serialize)]
struct FieldError<'a> {
    field: &'a str,
    detail: &'a str,
}

/// A failure with the HTTP status that goes with it.
pub(crate) fn of_status(status: &Status) -> Response<Body> {
    let reason = status.get_details_error_info().map(|info| info.reason);
    let http = match (status.code(), reason.as_deref()) {
        (Code::InvalidArgument, Some("MESSAGE_TOO_LARGE")) => StatusCode::PAYLOAD_TOO_LARGE,
        (Code::InvalidArgument, _) => StatusCode::BAD_REQUEST,
        // Both pass; what the caller does is the same.
        (Code::Unavailable | Code::ResourceExhausted, _) => StatusCode::SERVICE_UNAVAILABLE,
        // A decision takes microseconds: what was late is the body.
        (Code::DeadlineExceeded, _) => StatusCode::REQUEST_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    response(http, status)
}

/// A failure with an HTTP status of its own, as an answer.
pub(super) fn of_unread(http: StatusCode, status: &Status) -> Answered {
    (response(http, status), status.code(), None)
}

/// Nothing is there.
pub(crate) fn no_such_path() -> Answered {
    let text = "here are POST /v1/leads/route, POST /v1/leads/explain and GET /openapi.json";
    of_unread(StatusCode::NOT_FOUND, &unsupported(text))
}

/// It is asked for by another method.
pub(crate) fn not_this_method(question: Question) -> Answered {
    let allowed = match question {
        Question::Description => "GET, HEAD",
        Question::Route | Question::Explain => Method::POST.as_str(),
    };
    let status = unsupported(format!("another method is needed here: {allowed}"));
    let mut answered = of_unread(StatusCode::METHOD_NOT_ALLOWED, &status);
    answered.0.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    answered
}

fn response(http: StatusCode, status: &Status) -> Response<Body> {
    let details = status.get_error_details();
    let violations = details.bad_request().map_or(&[][..], |request| &request.field_violations);
    let of_a_field = |(field, detail)| Some(FieldError { field: str::strip_prefix(field, "lead.")?, detail });
    let problem = Problem {
        kind: "about:blank",
        title: http.canonical_reason().unwrap_or_default(),
        status: http.as_u16(),
        detail: status.message(),
        reason: details.error_info().map_or("INTERNAL", |info| &info.reason),
        errors: violations
            .iter()
            .filter_map(|one| of_a_field((one.field.as_str(), one.description.as_str())))
            .collect(),
    };
    let bytes = serde_json::to_vec(&problem).expect("texts and numbers can be written");
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = http;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(delay) = details.retry_info().and_then(|info| info.retry_delay) {
        // In whole seconds, and 0 would be no wait.
        let seconds = delay.as_millis().div_ceil(1_000).max(1);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)));
    }
    // What is left of the body would be read as the next request.
    if matches!(http, StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
