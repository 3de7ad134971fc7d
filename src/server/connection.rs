//! One gRPC connection, from the first byte to the last.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;

use super::guard::{Guard, IMPORT_TIMEOUT};
use super::limits;

/// Length of what every HTTP/2 client sends first. RFC 9113, section 3.4.
const PREFACE_BYTES: usize = 24;

/// How long we wait for a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Until it begins HTTP/2.
    preface: Duration,
    /// Until it is asked to go.
    age: Duration,
    /// For something to move on one that was asked to go; `None` for ever.
    leave: Option<Duration>,
}

impl Patience {
    pub(super) fn of(settings: &limits::Settings) -> Patience {
        // Twice, so that a stream without leads is ended with a reason before it is cut with its connection; and no call
        // is cut that has time left, since a unary one moves only when it begins.
        let longest_call = IMPORT_TIMEOUT.max(settings.request_timeout);
        let leave = settings.stream_idle_timeout.map(|idle| (idle * 2).max(longest_call));
        Patience { preface: settings.preface_timeout, age: jittered(limits::CONNECTION_AGE), leave }
    }
}

/// Serves one connection until it ends, is too long silent, or `closing` is true and its calls are done.
///
/// One that was asked to go for its age may take its time as long as its calls go on. A caller that reads no answers keeps
/// them from ending, and no timer of a call sees it: so it is cut once no call began and no stream moved between two looks.
pub(super) async fn serve(
    stream: TcpStream,
    service: Guard,
    patience: Patience,
    mut closing: watch::Receiver<bool>,
) {
    let read_bytes = Arc::new(AtomicUsize::new(0));
    let begun = || read_bytes.load(Ordering::Relaxed) >= PREFACE_BYTES;
    let io = TokioIo::new(Counted { stream, read_bytes: Arc::clone(&read_bytes) });
    let mut connection = pin!(builder().serve_connection(io, service.clone()));

    let mut preface = pin!(tokio::time::sleep(patience.preface));
    let mut preface_checked = false;
    // First the age, then the looks at one that shall go.
    let mut age = pin!(tokio::time::sleep(patience.age));
    let mut aged = false;
    let mut beats = 0;
    let mut closed = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::trace!(%error, "connection failed");
                }
                return;
            }
            () = &mut preface, if !preface_checked => {
                preface_checked = true;
                if !begun() {
                    tracing::debug!("connection closed: it began no HTTP/2");
                    return;
                }
            }
            () = &mut age, if !aged || patience.leave.is_some() => {
                let beats_before = std::mem::replace(&mut beats, service.pulse().count());
                if !aged {
                    aged = true;
                    connection.as_mut().graceful_shutdown();
                } else if beats == beats_before {
                    tracing::debug!("connection cut: it was asked to go and nothing moved on it");
                    service.cut();
                    return;
                }
                if let Some(leave) = patience.leave {
                    age.as_mut().reset(Instant::now() + leave);
                }
            }
            _ = closing.wait_for(|closing| *closing), if !closed => {
                closed = true;
                // hyper waits for the preface even when asked to shut down (hyper #4170).
                if !begun() {
                    return;
                }
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

fn builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        // gRPC knows no Date: 37 bytes of every answer.
        .auto_date_header(false)
        .max_concurrent_streams(limits::CONNECTION_CALLS_MAX)
        .max_local_error_reset_streams(limits::LOCAL_RESETS_MAX)
        .max_pending_accept_reset_streams(limits::PENDING_RESETS_MAX)
        .max_header_list_size(limits::HEADER_LIST_BYTES_MAX)
        .keep_alive_interval(limits::PING_INTERVAL)
        .keep_alive_timeout(limits::PING_TIMEOUT);
    builder
}

/// `age`, up to a tenth more or less: clients that came together do not go together.
pub(super) fn jittered(age: Duration) -> Duration {
    let percent = RandomState::new().hash_one(()) % 21;
    age * (90 + u32::try_from(percent).expect("a remainder of 21 fits")) / 100
}

/// A stream that counts the bytes it has read.
struct Counted {
    stream: TcpStream,
    read_bytes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read_bytes.fetch_add(buf.filled().len() - before, Ordering::Relaxed);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use tokio::net::TcpListener;
    use tonic::service::Routes;

    use super::*;
    use crate::account::Registry;
    use crate::matching::{Index, Revision};
    use crate::policy::Policy;
    use crate::server::admission::Shared;
    use crate::serving::{Freshness, Serving};

    const SHORT: Duration = Duration::from_millis(50);
    /// Longer than anything here takes on a busy machine.
    const LONG: Duration = Duration::from_secs(20);

    /// Serves a connection on which a call was begun that does not end; gives its task once the call is known.
    async fn held(leave: Option<Duration>) -> (Guard, tokio::task::JoinHandle<()>) {
        let serving = Arc::new(Serving::new(Policy::default()));
        serving.publish(Index::build(Registry::default(), Revision(1)), Freshness::at(Timestamp::UNIX_EPOCH));
        let shared = Shared::new(Routes::default().prepare(), serving, 1, Duration::from_secs(3_600));
        let guard = Guard::new(shared).of_connection();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let (closing, patience) = (watch::Sender::new(false), Patience { preface: LONG, age: SHORT, leave });
        let service = guard.clone();
        let served = tokio::spawn(async move { serve(stream, service, patience, closing.subscribe()).await });
        let (mut calls, connection) = h2::client::handshake(client).await.unwrap();
        tokio::spawn(connection);
        let request = http::Request::post("http://localhost/namesake.v1.RoutingService/RouteLead");
        let (response, message) = calls.send_request(request.body(()).unwrap(), false).unwrap();
        tokio::spawn(async move {
            let _ = response.await;
            drop((calls, message));
        });
        while guard.pulse().count() == 0 {
            tokio::task::yield_now().await;
        }
        (guard, served)
    }

    #[tokio::test]
    async fn a_connection_that_shall_go_is_cut_once_nothing_moves_on_it() {
        let (_, served) = held(Some(SHORT)).await;
        tokio::time::timeout(LONG, served).await.expect("it is cut").unwrap();
    }

    #[tokio::test]
    async fn a_connection_that_shall_go_stays_while_a_stream_moves() {
        let (guard, served) = held(Some(SHORT)).await;
        let begin = Instant::now();
        while begin.elapsed() < 6 * SHORT {
            guard.pulse().beat();
            tokio::task::yield_now().await;
        }
        assert!(!served.is_finished(), "cut though it moved");
        tokio::time::timeout(LONG, served).await.expect("it is cut once it does not").unwrap();
    }

    #[test]
    fn no_call_that_has_time_left_is_cut_with_its_connection() {
        let leave = |idle, request_timeout| {
            let stream_idle_timeout = Some(Duration::from_secs(idle));
            Patience::of(&limits::Settings { stream_idle_timeout, request_timeout, ..Default::default() })
                .leave
        };
        let second = Duration::from_secs(1);
        assert_eq!(leave(600, second), Some(1_200 * second));
        assert_eq!(leave(2, second), Some(IMPORT_TIMEOUT));
        assert_eq!(leave(2, 300 * second), Some(300 * second));
    }

    #[test]
    fn the_age_varies_by_a_tenth_at_most() {
        for _ in 0..1_000 {
            let age = jittered(Duration::from_secs(100));
            assert!((90..=110).contains(&age.as_secs()), "{age:?}");
        }
    }
}
