//! What the doors for leads have in common: one limit on calls, one place in the figures, one log line a call.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Code, Status};

use crate::grpc::{Outcome, method, overloaded};
use crate::metrics::{Inside, Method};
use crate::serving::Serving;

/// What the connections of a door have in common, with what is the door's own.
#[derive(Clone, Debug)]
pub(super) struct Shared<R> {
    pub(super) routes: R,
    pub(super) serving: Arc<Serving>,
    pub(super) request_timeout: Duration,
    requests: Arc<Semaphore>,
    requests_max: usize,
}

impl<R> Shared<R> {
    pub(super) fn new(
        routes: R,
        serving: Arc<Serving>,
        requests_max: usize,
        request_timeout: Duration,
    ) -> Shared<R> {
        let requests = Arc::new(Semaphore::new(requests_max.min(Semaphore::MAX_PERMITS)));
        Shared { routes, serving, request_timeout, requests, requests_max }
    }

    /// The same for another door: the calls of both count against one limit.
    pub(super) fn with<S>(&self, routes: S) -> Shared<S> {
        Shared {
            routes,
            serving: Arc::clone(&self.serving),
            request_timeout: self.request_timeout,
            requests: Arc::clone(&self.requests),
            requests_max: self.requests_max,
        }
    }

    /// Lets a call in, or says that there are too many.
    pub(super) fn admit(&self) -> Result<OwnedSemaphorePermit, Status> {
        Arc::clone(&self.requests).try_acquire_owned().map_err(|_| {
            self.serving.metrics().requests.in_flight.refuse();
            overloaded("requests", self.requests_max)
        })
    }
}

/// A call from its admission to its end. Dropped before that, the caller has gone.
pub(super) struct Call<R> {
    pub(super) own: Arc<Shared<R>>,
    method: Method,
    code: Option<Code>,
    _inside: Inside,
}

impl<R> Call<R> {
    pub(super) fn begin(own: Arc<Shared<R>>, method: Method) -> Call<R> {
        let _inside = own.serving.metrics().requests.in_flight.enter();
        Call { own, method, code: Some(Code::Cancelled), _inside }
    }

    /// Counts and logs the answer. A stream that was opened is counted at its own end.
    pub(super) fn end(&mut self, began: Instant, code: Code, outcome: Option<Outcome>) {
        self.code = Some(code).filter(|code| self.method != method::STREAM || *code != Code::Ok);
        log(self.method.1, code, began, outcome);
    }
}

impl<R> Drop for Call<R> {
    fn drop(&mut self) {
        if let Some(code) = self.code {
            self.own.serving.metrics().requests.ended(self.method, code);
        }
    }
}

fn log(method: &'static str, code: Code, began: Instant, outcome: Option<Outcome>) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    match outcome {
        Some(Outcome { route, tier, revision }) => {
            tracing::debug!(method, ?code, micros, route, tier, revision, "request");
        }
        None => tracing::debug!(method, ?code, micros, "request"),
    }
}
