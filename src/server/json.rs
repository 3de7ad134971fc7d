//! The door for leads over HTTP/JSON: what a request passes, and its connection, from the first byte to the last.
//!
//! A call here and one over gRPC are alike: the same limit, the same time, a place in the same figures.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time;

use super::admission::{Call, Shared};
use super::limits;
use crate::grpc::{deadline_exceeded, method};
use crate::http::leads::{self, Answered, Question};

/// What stands before the answers.
#[derive(Clone, Debug)]
pub(super) struct JsonGuard {
    /// One for each connection, as gRPC's.
    own: Arc<Shared<()>>,
}

impl JsonGuard {
    pub(super) fn new(shared: Shared<()>) -> JsonGuard {
        JsonGuard { own: Arc::new(shared) }
    }

    /// The guard of one connection.
    pub(super) fn of_connection(&self) -> JsonGuard {
        JsonGuard { own: Arc::new(Shared::clone(&self.own)) }
    }
}

/// Ready always: who is over the limit gets an answer, not a queue.
impl Service<Request<Incoming>> for JsonGuard {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let began = Instant::now();
        let question = Question::of_path(request.uri().path());
        let refused = match question {
            None => Some(leads::no_such_path()),
            Some(question) if !question.allows(request.method()) => Some(leads::not_this_method(question)),
            Some(Question::Description) => {
                return Box::pin(std::future::ready(Ok(leads::description())));
            }
            Some(_) => None,
        };
        let method = question.and_then(Question::method).unwrap_or(method::UNKNOWN);
        let mut call = Call::begin(Arc::clone(&self.own), method);
        if let Some((response, code, _)) = refused {
            call.end(began, code, None);
            return Box::pin(std::future::ready(Ok(response)));
        }
        let permit = match self.own.admit() {
            Ok(permit) => permit,
            Err(refusal) => {
                call.end(began, refusal.code(), None);
                return Box::pin(std::future::ready(Ok(leads::of_status(&refusal))));
            }
        };
        Box::pin(async move {
            let _permit = permit;
            let limit = call.own.request_timeout;
            let explained = question == Some(Question::Explain);
            let answering = leads::answer(&call.own.serving, request, explained);
            let (response, code, outcome): Answered = match tokio::time::timeout(limit, answering).await {
                Ok(answered) => answered,
                Err(_) => {
                    let late = deadline_exceeded(Some(limit));
                    (leads::of_status(&late), late.code(), None)
                }
            };
            call.end(began, code, outcome);
            Ok(response)
        })
    }
}

/// Serves one connection until it ends, is too long silent, or `closing` is true and its request is answered. After `age` it
/// is asked to go, and cut where it has not gone after `leave`.
pub(super) async fn serve(
    stream: TcpStream,
    service: JsonGuard,
    (age, leave): (Duration, Duration),
    mut closing: watch::Receiver<bool>,
) {
    let cut = service.own.serving.metrics().requests.connections_cut.clone();
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HTTP_REQUEST_WAIT)
        .max_header_size(limits::HEADER_LIST_BYTES_MAX as usize)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut age = pin!(time::sleep(age));
    let (mut aged, mut closed) = (false, false);
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "HTTP connection failed");
                }
                return;
            }
            () = &mut age => {
                if aged {
                    tracing::debug!("HTTP connection cut: it was asked to go and does not read its answer");
                    cut.inc();
                    return;
                }
                aged = true;
                connection.as_mut().graceful_shutdown();
                age.as_mut().reset(time::Instant::now() + leave);
            }
            _ = closing.wait_for(|closing| *closing), if !closed => {
                closed = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;
    use crate::policy::Policy;
    use crate::serving::Serving;

    #[tokio::test]
    async fn a_caller_who_never_reads_is_cut_once_it_was_asked_to_go() {
        const SHORT: Duration = Duration::from_millis(100);
        let serving = Arc::new(Serving::new(Policy::default()));
        let shared = Shared::new((), Arc::clone(&serving), 1, SHORT);
        let guard = JsonGuard::new(shared).of_connection();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let closing = watch::Sender::new(false);
        let mut served = pin!(serve(stream, guard, (SHORT, SHORT), closing.subscribe()));
        // More answers than any buffer on the way holds.
        let asking = async {
            loop {
                client.write_all(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            }
        };
        tokio::select! {
            () = &mut served => {}
            () = asking => {}
            () = time::sleep(Duration::from_secs(20)) => panic!("still there"),
        }
        assert_eq!(serving.metrics().requests.connections_cut.get(), 1);
    }
}
