//! The door for leads over HTTP/JSON: marketing automation and form back-ends post a lead and map fields of the answer.
//!
//! - `POST /v1/leads/route`: whose lead it is, as one flat object;
//! - `POST /v1/leads/explain`: the same with everything beside it, nested as `namesake route --output json` prints it;
//! - `GET /openapi.json`: the description of both, `proto/openapi.json`.
//!
//! The paths have no colon (`leads:route`), which some webhook senders escape and some gateways refuse.
//!
//! A lead is decided on by the code behind gRPC, and fails with its statuses: this module reads a body, writes an answer
//! and says a status in HTTP's words. Whoever maps fields reads them from a 2xx answer alone; so every route is a 200,
//! also nurture, and every key is always there. Connections, limits and log lines are the server's.

mod answer;
mod problem;
mod request;

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::{Body as _, Incoming};
use tonic::{Code, Status};

use crate::grpc::{
    MESSAGE_BYTES_MAX, Outcome, explained_lead, from_transport, malformed, method, route_lead,
};
use crate::metrics;
use crate::serving::Serving;

pub(crate) use problem::{no_such_path, not_this_method, of_status};

use super::explanation::explanation;

/// The description of this door.
const OPENAPI: &str = include_str!("../../proto/openapi.json");
/// How much of a body that is too long is read before we answer: a caller that sends first and listens then would
/// otherwise find the connection gone, and no word why.
const READ_AWAY_BYTES_MAX: usize = 16 * MESSAGE_BYTES_MAX;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Whose a lead is.
    Route,
    /// And why.
    Explain,
    /// What can be asked.
    Description,
}

impl Question {
    /// What a path asks for; `None` where there is nothing.
    pub(crate) fn of_path(path: &str) -> Option<Question> {
        match path {
            "/v1/leads/route" => Some(Question::Route),
            "/v1/leads/explain" => Some(Question::Explain),
            "/openapi.json" => Some(Question::Description),
            _ => None,
        }
    }

    /// True for a method by which it can be asked.
    pub(crate) fn allows(self, method: &Method) -> bool {
        match self {
            Question::Description => method == Method::GET || method == Method::HEAD,
            Question::Route | Question::Explain => method == Method::POST,
        }
    }

    /// What logs and metrics call it; `None` for what is not about a lead.
    pub(crate) fn method(self) -> Option<metrics::Method> {
        match self {
            Question::Route => Some(method::JSON_ROUTE),
            Question::Explain => Some(method::JSON_EXPLAIN),
            Question::Description => None,
        }
    }
}

/// An answer, with what a log line may say about it.
pub(crate) type Answered = (Response<Body>, Code, Option<Outcome>);

/// The description of this door.
pub(crate) fn description() -> Response<Body> {
    json(OPENAPI.as_bytes().into())
}

/// Whose lead the request holds; with `explained` also why.
pub(crate) async fn answer(serving: &Serving, request: Request<Incoming>, explained: bool) -> Answered {
    let (head, body) = request.into_parts();
    // The body first, whatever its form: see READ_AWAY_BYTES_MAX.
    let bytes = whole(&head.headers, body).await;
    let form = match request::form_of(&head.headers) {
        Ok(form) => form,
        Err(status) => return problem::of_unread(StatusCode::UNSUPPORTED_MEDIA_TYPE, &status),
    };
    let read = bytes.and_then(|bytes| request::read(&bytes, form));
    let answered = read.and_then(|read| match explained {
        false => {
            let answer = route_lead(serving, Some(read.fields)).map_err(|status| read.unread.hint(status))?;
            Ok((answer::route(&answer, &read.unread), answer.outcome()))
        }
        true => {
            let (answer, outcome) =
                explained_lead(serving, read.fields).map_err(|status| read.unread.hint(status))?;
            Ok((explanation(&answer).to_string().into_bytes(), outcome))
        }
    });
    match answered {
        Ok((bytes, outcome)) => (json(bytes.into()), Code::Ok, Some(outcome)),
        Err(status) => (of_status(&status), status.code(), None),
    }
}

fn json(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The bytes of a body, if there are not too many.
async fn whole(headers: &HeaderMap, mut body: Incoming) -> Result<Vec<u8>, Status> {
    let announced: Option<usize> =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let too_large = || from_transport(Status::out_of_range(""));
    if announced.is_some_and(|length| length > READ_AWAY_BYTES_MAX) {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(announced.unwrap_or_default().min(MESSAGE_BYTES_MAX));
    let mut length = 0;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| malformed(None, "the body ended too early: send it whole".into()))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length > READ_AWAY_BYTES_MAX {
            break;
        }
        if length <= MESSAGE_BYTES_MAX {
            bytes.extend_from_slice(&data);
        }
    }
    if length > MESSAGE_BYTES_MAX { Err(too_large()) } else { Ok(bytes) }
}
