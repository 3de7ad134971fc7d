//! What every gRPC request passes on its way in and out: admission, deadline, the contract's errors, one log line.
//!
//! Health and reflection are let through: a busy server is alive, and must be able to say so.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use hyper::service::Service;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::Service as _;

use super::admission::{Call, Shared};
use crate::grpc::{Deadline, Outcome, Pulse, deadline_exceeded, from_transport, method, single};

/// How long an import may take: 100,000 records take seconds. No call of the registry has longer.
pub(super) const IMPORT_TIMEOUT: Duration = Duration::from_secs(120);
/// How long a report may take: a million accounts take a quarter of it.
const CHECK_TIMEOUT: Duration = Duration::from_secs(60);

/// The routes behind the guard.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    /// One for each connection, so that threads do not count the same references at every call.
    own: Arc<Shared<Routes>>,
    pulse: Pulse,
}

impl Guard {
    pub(super) fn new(shared: Shared<Routes>) -> Guard {
        Guard { own: Arc::new(shared), pulse: Pulse::default() }
    }

    /// The guard of one connection.
    pub(super) fn of_connection(&self) -> Guard {
        Guard { own: Arc::new(Shared::clone(&self.own)), pulse: Pulse::default() }
    }

    /// Moves with the calls of the connection.
    pub(super) fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Counts a connection that was cut.
    pub(super) fn cut(&self) {
        self.own.serving.metrics().requests.connections_cut.inc();
    }
}

/// Ready always: who is over the limit gets an answer, not a queue.
impl Service<Request<Incoming>> for Guard {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let began = Instant::now();
        let own = &self.own;
        self.pulse.beat();
        let Some(method) = method::of_path(request.uri().path()) else {
            let passed = own.routes.clone().call(request);
            return Box::pin(async move { Ok(explained(passed.await?, &[Code::Unimplemented])) });
        };
        let mut call = Call::begin(Arc::clone(own), method);
        let permit = match own.admit() {
            Ok(permit) => permit,
            Err(refusal) => {
                call.end(began, refusal.code(), None);
                return Box::pin(std::future::ready(Ok(refusal.into_http())));
            }
        };

        let callers = grpc_timeout(request.headers());
        if let Some(at) = callers.and_then(|callers| began.checked_add(callers)) {
            request.extensions_mut().insert(Deadline(at));
        }
        if method == method::STREAM {
            request.extensions_mut().insert(self.pulse.clone());
        }
        let ours = match method.1 {
            method::IMPORT => IMPORT_TIMEOUT,
            method::CHECK => CHECK_TIMEOUT,
            _ => own.request_timeout,
        };
        let limit = callers.map_or(ours, |callers| callers.min(ours));
        Box::pin(async move {
            let _permit = permit;
            let (response, outcome) = match tokio::time::timeout(limit, answer(&call.own, request)).await {
                Ok(answered) => answered,
                Err(_) => (deadline_exceeded((limit == ours).then_some(ours)).into_http(), None),
            };
            call.end(began, code_of(&response), outcome);
            Ok(response)
        })
    }
}

/// The answer of one call, with what a log line may say about it.
async fn answer(own: &Shared<Routes>, request: Request<Incoming>) -> (Response<Body>, Option<Outcome>) {
    let Ok(response) = if single::is_for(&request) {
        match single::read(request).await {
            Ok(lead) => return single::answer(&own.serving, lead),
            Err(request) => own.routes.clone().call(request).await,
        }
    } else {
        own.routes.clone().call(request).await
    };
    let outcome = response.extensions().get::<Outcome>().copied();
    (explained(response, &[Code::OutOfRange, Code::Internal, Code::Unimplemented]), outcome)
}

/// tonic's own failures with one of `codes` in the contract's words; anything else as it is.
fn explained(response: Response<Body>, codes: &[Code]) -> Response<Body> {
    // An answer has its status in the trailers; only a failure before any answer has it in the headers.
    match Status::from_header_map(response.headers()) {
        Some(status) if status.details().is_empty() && codes.contains(&status.code()) => {
            from_transport(status).into_http()
        }
        _ => response,
    }
}

/// The code in the headers of a failure; an answer has its own in the trailers.
fn code_of(response: &Response<Body>) -> Code {
    Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code())
}

/// The time that the caller gives, from the `grpc-timeout` header: at most eight digits and a unit, as the
/// gRPC protocol has it (`PROTOCOL-HTTP2.md`, Timeout). One that cannot be read counts as none.
fn grpc_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let unit = text.chars().next_back()?;
    let digits = text.strip_suffix(unit)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    Some(match unit {
        'H' => Duration::from_secs(amount * 3_600),
        'M' => Duration::from_secs(amount * 60),
        'S' => Duration::from_secs(amount),
        'm' => Duration::from_millis(amount),
        'u' => Duration::from_micros(amount),
        'n' => Duration::from_nanos(amount),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: Option<Duration>) {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", header.parse().unwrap());
        assert_eq!(grpc_timeout(&headers), expected, "{header}");
    }

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        check("300m", Some(Duration::from_millis(300)));
        check("99999999H", Some(Duration::from_secs(99_999_999 * 3_600)));
        check("0n", Some(Duration::ZERO));
    }

    #[test]
    fn a_timeout_that_cannot_be_read_counts_as_none() {
        for header in ["", "m", "300", "123456789m", "-5m", "+5m", "5x", "5 m"] {
            check(header, None);
        }
    }
}
